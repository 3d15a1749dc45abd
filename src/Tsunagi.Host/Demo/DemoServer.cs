using System.Diagnostics;
using System.Globalization;

namespace Tsunagi.Host.Demo;

/// <summary>
/// The program under demonstration, in a process of its own, so that it can be killed and started again like a real one. Lines it prints are read
/// until "ready"; what it logs is kept in a file of the demo's directory.
/// </summary>
internal sealed class DemoServer(string dataDirectory, string logFile, DemoPorts ports, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(25);
    private Process? _process;

    public string Url => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports.Console}");

    public int SmtpPort => ports.Smtp;

    public int SubmissionPort => ports.Submission;

    public int AuthenticatePort => ports.Authenticate;

    public int AccountPort => ports.Account;

    public int AcsPort => ports.Acs;

    public int ArmsPort => ports.Arms;

    public int FlowPort => ports.Flows;

    public string DataDirectory => dataDirectory;

    public int ProcessId => _process?.Id ?? 0;

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>The path of the first operator's one-time link, from the first start.</summary>
    public string? SetUpPath { get; private set; }

    /// <exception cref="IOException">It did not become ready; the message ends with what it last logged.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in Arguments())
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start) ?? throw new IOException("the program cannot be started");
        var log = KeepLogAsync(_process);
        using var deadline = new CancellationTokenSource(StartDeadline, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            if (await IsReadyAsync(_process, linked.Token))
            {
                _ = DrainAsync(_process);
                return;
            }
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            await KillAsync(cancellationToken);
            throw new IOException($"the program was not ready within {StartDeadline.TotalSeconds:0} s:\n" + LastLog(), late);
        }

        await log;
        throw new IOException("the program ended before it was ready:\n" + LastLog());
    }

    /// <summary>SIGKILL: the page cache survives, the process gets no chance to write anything.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill();
            await process.WaitForExitAsync(cancellationToken);
        }
    }

    /// <summary>SIGTERM, and SIGKILL only when it does not follow.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is not { HasExited: false } process)
        {
            return;
        }

        using var term = Process.Start(new ProcessStartInfo("kill") { ArgumentList = { "-TERM", process.Id.ToString(CultureInfo.InvariantCulture) } });
        using var deadline = new CancellationTokenSource(StopDeadline, time);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }

    public string LastLog() => File.Exists(logFile) ? string.Join('\n', File.ReadLines(logFile).TakeLast(12)) : "";

    private IEnumerable<string> Arguments() =>
    [
        "run", "--data", dataDirectory,
        "--set", $"console.listen=127.0.0.1:{ports.Console}",
        "--set", $"mail.listen=[\"127.0.0.1:{ports.Smtp}\"]",
        "--set", "mail.hostName=mx.demo.example",
        "--set", $"mail.smarthost=127.0.0.1:{ports.Others}",
        "--set", $"mail.submission.listen=[\"127.0.0.1:{ports.Submission}\"]",
        "--set", $"connectivity.authenticate.listen=[\"127.0.0.1:{ports.Authenticate}\"]",
        "--set", $"connectivity.account.listen=[\"127.0.0.1:{ports.Account}\"]",
        "--set", $"routers.cwmp={{\"listen\":[\"127.0.0.1:{ports.Acs}\"],\"open\":true}}",
        "--set", $"routers.arms.listen=[\"127.0.0.1:{ports.Arms}\"]",
        "--set", $"routers.heartbeats={{\"listen\":[\"127.0.0.1:{ports.Heartbeats}\"],\"interval\":\"00:00:20\"}}",
        "--set", $"ddos.collect.listen=[\"127.0.0.1:{ports.Flows}\"]",
        "--set", """ddos.collect.exporters=[{"network":"127.0.0.1/32","name":"edge-1"}]""",
        "--set", $"routing.peers=[{{\"name\":\"edge-1\",\"address\":\"127.0.0.1\",\"port\":{ports.Router},\"as\":64512}}]",
        "--set", "outbound.allow=[\"127.0.0.0/8\"]",
        "--set", "provider.operator=operator@kaede.example",
        "--set", """backoffice.issuer={"name":"Kaede Networks KK","registrationNumber":"T7000012050002","postalCode":"100-0001","address":["東京都千代田区千代田1-1"],"phone":"+81-3-5550-0100","bankName":"Kaede Bank","bankBranch":"Marunouchi","bankAccount":"1234567","bankHolder":"カエデネツトワークス"}""",
        "--set", "log.level=warning",
    ];

    /// <summary>False when what it prints ends before "ready".</summary>
    private async Task<bool> IsReadyAsync(Process process, CancellationToken cancellationToken)
    {
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Contains("set up the first operator", StringComparison.Ordinal))
            {
                SetUpPath = new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..]).PathAndQuery;
            }

            if (line == "ready")
            {
                return true;
            }
        }

        return false;
    }

    private async Task KeepLogAsync(Process process)
    {
        await using var file = new StreamWriter(new FileStream(logFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        while (await process.StandardError.ReadLineAsync(CancellationToken.None) is { } line)
        {
            await file.WriteLineAsync(line);
        }
    }

    private static async Task DrainAsync(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync(CancellationToken.None) is not null)
        {
        }
    }
}

/// <summary>Where the program listens, and where its BGP peer does, all on loopback.</summary>
internal sealed record DemoPorts(int Console, int Smtp, int Authenticate, int Account, int Acs, int Arms, int Heartbeats, int Flows, int Router, int Submission, int Others);
