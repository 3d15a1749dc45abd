using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Host.Cli;

/// <summary>Verbs of the command line itself: signing in, and completion.</summary>
internal static class CliVerbs
{
    private const int MaxPermissions = 200;

    public static readonly IReadOnlyList<Verb> All =
    [
        new("sign-in", "Sign in once: makes an API token and keeps it in ~/.config/tsunagi/cli.yaml",
            [new("--email", "the address you sign in with; asked for without it"), new("--days", "how long the token lives (90)", Value: VerbValue.Whole, Least: 1, Most: 366)], SignInAsync),
        new("completion", "Print the completion script of a shell: source <(tsunagi completion bash)",
            [new("SHELL", "which shell", Required: true, Allowed: ["bash", "zsh", "fish"])], CompletionAsync),
        new("version", "Print the version", [], VersionAsync),
    ];

    private static async Task<int> SignInAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var email = context["--email"] ?? context.Ask("e-mail:");
        var password = email is null ? null : context.Ask("password:", secret: true);
        if (password is null)
        {
            throw new WrongInputException("sign-in asks for a password and needs a terminal; a program uses --token or TSUNAGI_TOKEN");
        }

        var cookie = await CookieAsync(context, email!, password, cancellationToken);
        var who = await AsAsync(context, HttpMethod.Get, "/api/v1/session", null, cookie, cancellationToken);
        var wanted = new JsonObject
        {
            ["name"] = "cli on " + Environment.MachineName,
            ["permissions"] = new JsonArray([.. (who["permissions"] as JsonArray ?? []).Take(MaxPermissions).Select(static p => p!.DeepClone())]),
            ["days"] = int.Parse(context["--days"] ?? "90", System.Globalization.CultureInfo.InvariantCulture),
        };
        var made = await AsAsync(context, HttpMethod.Post, "/api/v1/tokens", wanted, cookie, cancellationToken);
        await AsAsync(context, HttpMethod.Delete, "/api/v1/session", null, cookie, cancellationToken);
        Keep(context, made.Text("secret"));
        context.Say($"signed in as {email}; the token is in {context.Home.ConfigFile} until {made.Text("token.expiresAt")}");
        return 0;
    }

    private static async Task<string> CookieAsync(VerbContext context, string email, string password, CancellationToken cancellationToken)
    {
        var (answer, cookie) = await PostAsync(context, "/api/v1/session", new JsonObject { ["email"] = email, ["password"] = password }, cancellationToken);
        if (answer.Text("state") == "code-wanted")
        {
            var code = context.Ask("one-time code:") ?? "";
            (_, cookie) = await PostAsync(context, "/api/v1/session/code", new JsonObject { ["codeToken"] = answer.Text("codeToken"), ["code"] = code }, cancellationToken);
        }

        return cookie ?? throw new WrongInputException("the program signed nobody in");
    }

    private static async Task<(JsonNode Answer, string? Cookie)> PostAsync(VerbContext context, string path, JsonObject body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.TryAddWithoutValidation("Cookie", "none=1");
        using var response = await context.Api.SendAsync(request, cancellationToken);
        var cookie = response.Headers.TryGetValues("Set-Cookie", out var set) ? string.Join("; ", set.Select(static c => c.Split(';')[0])) : null;
        return (await context.ReadAsync(response, cancellationToken) ?? new JsonObject(), cookie);
    }

    private static async Task<JsonObject> AsAsync(VerbContext context, HttpMethod method, string path, JsonNode? body, string cookie, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.TryAddWithoutValidation("Cookie", cookie);
        using var response = await context.Api.SendAsync(request, cancellationToken);
        return await context.ReadAsync(response, cancellationToken) as JsonObject ?? [];
    }

    /// <summary>Only the person himself may read the file.</summary>
    private static void Keep(VerbContext context, string token)
    {
        var file = context.Home.ConfigFile;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var text = $"# Written by tsunagi sign-in.\nurl: {context.Api.BaseAddress!.ToString().TrimEnd('/')}\ntoken: {token}\n";
        var next = file + ".new";
        File.Delete(next);
        using (var stream = new FileStream(next, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
        }

        File.Move(next, file, overwrite: true);
    }

    private static async Task<int> CompletionAsync(VerbContext context, CancellationToken cancellationToken)
    {
        await context.Out.WriteLineAsync(Completion.Script(context["SHELL"]!));
        return 0;
    }

    private static Task<int> VersionAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var version = typeof(CliVerbs).Assembly.GetName().Version!.ToString(3);
        context.Print([], [], new JsonObject { ["version"] = version });
        context.Say("tsunagi " + version);
        return Task.FromResult(0);
    }
}
