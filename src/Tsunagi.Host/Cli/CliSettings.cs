using System.Text.Json;
using Tsunagi.Core.Configuration;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Host.Cli;

/// <summary>
/// Where the program is and who the CLI is to it. The first that says so wins: the option, the environment (TSUNAGI_URL, TSUNAGI_TOKEN), the person's
/// file (~/.config/tsunagi/cli.yaml), and, for a program on this machine, the file in its data directory that only its owner can read.
/// </summary>
internal sealed record CliSettings(string Url, string? Token, VerbHome Home)
{
    public const string DefaultUrl = "http://127.0.0.1:8480";

    /// <summary>What the running program leaves in its data directory for the CLI on the same machine.</summary>
    public const string LocalFile = "cli.json";

    /// <exception cref="WrongInputException">The file cannot be read, or the address is none.</exception>
    public static CliSettings Find(CliEnvironment environment, string? url, string? token, string? data)
    {
        var configRoot = environment.Variable("XDG_CONFIG_HOME") is { Length: > 0 } xdg ? xdg : Path.Combine(environment.HomeDirectory, ".config");
        var configFile = Path.Combine(configRoot, "tsunagi", "cli.yaml");
        var file = ReadFile(configFile);
        var named = data ?? environment.Variable("TSUNAGI_DATA") ?? file.Data ?? "data";
        if (named.Length == 0 || named.Contains('\0', StringComparison.Ordinal))
        {
            throw new WrongInputException("--data: this is no name of a directory");
        }

        var directory = Path.GetFullPath(named, environment.CurrentDirectory);
        var chosen = url ?? environment.Variable("TSUNAGI_URL") ?? (data is null ? file.Url : null);
        var own = token ?? environment.Variable("TSUNAGI_TOKEN");
        var local = ReadLocal(Path.Combine(directory, LocalFile));
        if (local is not null && (chosen is null || SameProgram(chosen, local.Url)) && own is null && file.Token is null)
        {
            own = local.Token;
        }

        chosen ??= local?.Url ?? DefaultUrl;
        if (!Uri.TryCreate(chosen, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new WrongInputException($"\"{chosen}\" is not the address of a program: write http://HOST:PORT or https://HOST");
        }

        return new CliSettings(chosen.TrimEnd('/'), own ?? file.Token, new VerbHome(configFile, directory, environment.CurrentDirectory));
    }

    private static bool SameProgram(string left, string right) => string.Equals(left.TrimEnd('/'), right.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);

    private static CliFile ReadFile(string path)
    {
        if (!File.Exists(path))
        {
            return new CliFile();
        }

        var problems = new List<ConfigProblem>();
        var file = YamlFile.Read(path, File.ReadAllText(path), out var problem);
        var bound = file is null ? null : StrictBinder.Bind<CliFile>(file, file.Root, "$", problems);
        return bound ?? throw new WrongInputException((problem ?? problems[0]).ToString());
    }

    private static LocalAccess? ReadLocal(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<LocalAccess>(File.ReadAllText(path), JsonSerializerOptions.Web) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // Not ours to read: then it is not ours to use.
            return null;
        }
    }

    private sealed record LocalAccess(string Url, string Token);
}

/// <summary>~/.config/tsunagi/cli.yaml.</summary>
internal sealed record CliFile
{
    public string? Url { get; init; }

    public string? Token { get; init; }

    /// <summary>The data directory of a program on this machine.</summary>
    public string? Data { get; init; }
}
