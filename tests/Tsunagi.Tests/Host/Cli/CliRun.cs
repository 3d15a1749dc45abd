using System.Net;
using Tsunagi.Core.Verbs;
using Tsunagi.Host.Cli;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Host.Cli;

/// <summary>Runs the command line as a person or a program would, in a home of the test's own.</summary>
internal sealed class CliRun : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public Dictionary<string, string> Variables { get; } = [];

    public string Home => _directory.Path;

    public string Typed { get; set; } = "";

    public bool Terminal { get; set; }

    public HttpMessageHandler? Connection { get; set; }

    public static IReadOnlyList<Verb> Verbs { get; } = VerbTable.All([.. RunVerbs.All, .. CliVerbs.All], Tsunagi.Host.Modules.All);

    // Made once: it says what can be typed, and keeps nothing of what was.
    private static readonly CommandTree Tree = new(Verbs);

    public async Task<(int Exit, string Out, string Error)> RunAsync(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var environment = new CliEnvironment
        {
            Out = output, Error = error, In = new StringReader(Typed), Variable = name => Variables.GetValueOrDefault(name), HomeDirectory = Home, CurrentDirectory = Home,
            CanAsk = Typed.Length > 0, IsTerminal = Terminal, Width = 100,
        };
        if (Connection is not null)
        {
            environment = environment with { Connect = () => new Lent(Connection) };
        }

        var exit = await CommandLine.RunAsync(arguments, Tree, environment, TestContext.Current.CancellationToken);
        return (exit, output.ToString(), error.ToString());
    }

    public void Dispose() => _directory.Dispose();

    /// <summary>The connection outlives the client of one run.</summary>
    private sealed class Lent(HttpMessageHandler inner) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _invoker = new(inner, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => _invoker.SendAsync(request, cancellationToken);
    }
}

/// <summary>Answers every call alike and remembers it.</summary>
internal sealed class RecordingApi(HttpStatusCode status, string answer) : HttpMessageHandler
{
    public List<(string Method, string Path, string? Authorization, string? Body)> Calls { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
        Calls.Add((request.Method.Method, request.RequestUri!.PathAndQuery, request.Headers.Authorization?.ToString(), body));
        return new HttpResponseMessage(status) { Content = new StringContent(answer) };
    }
}
