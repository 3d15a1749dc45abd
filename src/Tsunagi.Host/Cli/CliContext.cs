using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Host.Cli;

/// <summary>A verb's context over parsed parameters. The connection is made when the verb first asks for it.</summary>
internal sealed class CliContext(
    CliEnvironment environment, Func<CliSettings> settings, bool json, IReadOnlyDictionary<string, IReadOnlyList<string>> values, IReadOnlySet<string> flags)
    : VerbContext, IDisposable
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private CliSettings? _settings;
    private HttpClient? _api;

    public override bool Json => json;

    public override string? this[string parameter] => values.TryGetValue(parameter, out var given) && given.Count > 0 ? given[^1] : null;

    public override IReadOnlyList<string> Values(string parameter) => values.GetValueOrDefault(parameter) ?? [];

    public override bool Flag(string parameter) => flags.Contains(parameter);

    public override HttpClient Api => _api ??= ApiConnection.Open(environment, Settings);

    public override TextWriter Out => environment.Out;

    public override TextWriter Error => environment.Error;

    public override T? Service<T>()
        where T : class => environment.Service(typeof(T)) as T;

    public override VerbHome Home => Settings.Home;

    private CliSettings Settings => _settings ??= settings();

    public override void Print(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows, JsonNode? node)
    {
        if (json)
        {
            var document = node ?? new JsonArray([.. rows.Select(row => (JsonNode)new JsonObject(columns.Zip(row, static (name, value) => KeyValuePair.Create(name, (JsonNode?)value))))]);
            environment.Out.WriteLine(document.ToJsonString(Indented));
            return;
        }

        TextTable.Print(environment, columns, [.. rows]);
    }

    public override void Say(string text, VerbTone tone = VerbTone.Plain)
    {
        if (json)
        {
            return;
        }

        text = TextTable.Safe(text);
        var colour = tone switch
        {
            VerbTone.Title => "bold",
            VerbTone.Added => "green",
            VerbTone.Changed or VerbTone.Warning => "yellow",
            VerbTone.Removed => "red",
            VerbTone.Muted => "grey",
            _ => null,
        };
        if (colour is null || !environment.IsTerminal)
        {
            environment.Out.WriteLine(text);
            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(environment.Out), Interactive = InteractionSupport.No });
        console.Profile.Width = int.MaxValue / 2;
        console.MarkupLine($"[{colour}]{Markup.Escape(text)}[/]");
    }

    public override string? Ask(string question, bool secret = false)
    {
        if (!environment.CanAsk)
        {
            return null;
        }

        environment.Error.Write(question + " ");
        environment.Error.Flush();
        return secret && ReferenceEquals(environment.In, System.Console.In) ? ReadSecret() : environment.In.ReadLine();
    }

    public void Dispose() => _api?.Dispose();

    private string ReadSecret()
    {
        var typed = new StringBuilder();
        while (true)
        {
            var key = System.Console.ReadKey(intercept: true);
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    environment.Error.WriteLine();
                    return typed.ToString();
                case ConsoleKey.Backspace:
                    typed.Length = Math.Max(0, typed.Length - 1);
                    break;
                default:
                    typed.Append(key.KeyChar);
                    break;
            }
        }
    }
}
