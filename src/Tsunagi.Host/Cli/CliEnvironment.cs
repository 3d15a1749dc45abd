using Tsunagi.Host.Resolver;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Host.Cli;

/// <summary>What the command line stands in: streams, variables, places. Tests give their own.</summary>
internal sealed record CliEnvironment
{
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public required TextReader In { get; init; }

    public required Func<string, string?> Variable { get; init; }

    public required string HomeDirectory { get; init; }

    public required string CurrentDirectory { get; init; }

    /// <summary>Somebody reads the output: tables with lines and colours, notices of slow calls.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>Somebody can be asked.</summary>
    public bool CanAsk { get; init; }

    public int Width { get; init; } = 120;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Makes the connection to the program; tests put their own in.</summary>
    public Func<HttpMessageHandler> Connect { get; init; } = static () => new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5), UseCookies = false };

    /// <summary>What verbs in place ask for by its type; tests put their own in.</summary>
    public Func<Type, object?> Service { get; init; } = static type =>
        type == typeof(IMailDns) ? new DnsMailLookup(new StubResolver(SystemDnsServers.Read(), TimeProvider.System)) : null;

    public static CliEnvironment OfProcess() => new()
    {
        Out = System.Console.Out,
        Error = System.Console.Error,
        In = System.Console.In,
        Variable = Environment.GetEnvironmentVariable,
        HomeDirectory = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
        CurrentDirectory = Environment.CurrentDirectory,
        IsTerminal = !System.Console.IsOutputRedirected,
        CanAsk = !System.Console.IsInputRedirected && !System.Console.IsErrorRedirected,
        Width = System.Console.IsOutputRedirected ? 120 : Math.Max(40, System.Console.WindowWidth),
    };
}
