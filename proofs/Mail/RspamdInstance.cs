using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Proofs.Mail;

/// <summary>
/// An Rspamd of the proof's own on loopback: the distribution's configuration without what asks others (lists, fuzzy hashes, DMARC, other filters), its statistics in files, a resolver
/// that knows no name. Ended by its process id.
/// </summary>
internal sealed class RspamdInstance : IAsyncDisposable
{
    public const string Configuration = "rspamd: Debian's configuration; rbl, fuzzy_check, asn, dmarc, phishing, greylist, mx_check, antivirus, reputation, replies, neural, history, ratelimit off; Bayes (OSB) in files; a resolver that answers NXDOMAIN; caught = reject or add header";

    private const string Program = "/usr/bin/rspamd", Client = "/usr/bin/rspamc", Original = "/etc/rspamd";
    private static readonly string[] Off = ["rbl", "fuzzy_check", "asn", "dmarc", "phishing", "greylist", "mx_check", "antivirus", "reputation", "replies", "neural", "history_redis", "ratelimit"];
    private readonly Process _process;
    private readonly NoNames _resolver;
    private readonly int _scanPort;
    private readonly int _controlPort;

    /// <summary>The master's process.</summary>
    public int Id => _process.Id;

    /// <summary>Where it answers /checkv2.</summary>
    public int ScanPort => _scanPort;

    /// <summary>Where the resolver answers that knows no name.</summary>
    public int ResolverPort => _resolver.Port;

    private RspamdInstance(Process process, NoNames resolver, int scanPort, int controlPort) => (_process, _resolver, _scanPort, _controlPort) = (process, resolver, scanPort, controlPort);

    /// <summary>Why it cannot run here, or null.</summary>
    public static string? WhyNot() => !File.Exists(Program) || !File.Exists(Client) || !Directory.Exists(Original) ? "rspamd is not installed (./tsunagi setup)" : Environment.UserName != "root" ? "rspamd needs root" : null;

    /// <summary>Starts one that has learned nothing; what it compiled before in the same directory is used again.</summary>
    public static async Task<RspamdInstance> StartAsync(string directory, CancellationToken cancellationToken)
    {
        string config = Path.Combine(directory, "etc"), database = Path.Combine(directory, "db"), run = Path.Combine(directory, "run");
        Directory.CreateDirectory(database);
        Directory.CreateDirectory(run);
        foreach (var old in Directory.EnumerateFiles(database, "*.sqlite*"))
        {
            File.Delete(old);
        }

        var (scan, control, resolver) = (FreePorts.Udp(), FreePorts.Udp(), new NoNames());
        await RunAsync("/bin/rm", ["-rf", config], cancellationToken);
        await RunAsync("/bin/cp", ["-r", Original, config], cancellationToken);
        Write(config, database, run, scan, control, resolver.Port);
        await RunAsync("/bin/chown", ["-R", "_rspamd:_rspamd", directory], cancellationToken);
        var process = Process.Start(new ProcessStartInfo(
            Program,
            ["-c", Path.Combine(config, "rspamd.conf"), $"--var=CONFDIR={config}", $"--var=LOCAL_CONFDIR={config}", $"--var=DBDIR={database}", $"--var=RUNDIR={run}", $"--var=LOGDIR={run}", "-u", "_rspamd", "-g", "_rspamd", "-f"])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var instance = new RspamdInstance(process, resolver, scan, control);
        for (var attempt = 0; attempt < 240; attempt++)
        {
            if ((await RunAsync(Client, ["-h", $"127.0.0.1:{control}", "stat"], cancellationToken)).ExitCode == 0)
            {
                return instance;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System, cancellationToken);
        }

        await instance.DisposeAsync();
        throw new InvalidOperationException("rspamd did not answer within a minute");
    }

    /// <summary>Learns the messages of a directory; tells how many it took.</summary>
    public async Task<int> LearnAsync(string directory, bool isSpam, CancellationToken cancellationToken)
    {
        var (_, output) = await RunAsync(Client, ["-h", $"127.0.0.1:{_controlPort}", "-n", "2", isSpam ? "learn_spam" : "learn_ham", directory], cancellationToken);
        return output.Split('\n').Count(static line => line.Contains("success = true", StringComparison.Ordinal));
    }

    /// <summary>Scans the messages of a directory; the names of those it would reject or mark.</summary>
    public async Task<IReadOnlyCollection<string>> CaughtAsync(string directory, CancellationToken cancellationToken)
    {
        var (_, output) = await RunAsync(Client, ["-h", $"127.0.0.1:{_scanPort}", "-n", "2", "symbols", directory], cancellationToken);
        HashSet<string> caught = [];
        var file = "";
        foreach (var line in output.Split('\n'))
        {
            if (line.StartsWith("Results for file: ", StringComparison.Ordinal))
            {
                var path = line["Results for file: ".Length..];
                file = Path.GetFileName(path[..path.LastIndexOf(" (", StringComparison.Ordinal)]);
            }
            else if (line is "Action: reject" or "Action: add header")
            {
                caught.Add(file);
            }
        }

        return caught;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
        _resolver.Dispose();
    }

    private static void Write(string config, string database, string run, int scan, int control, int resolver)
    {
        var local = Directory.CreateDirectory(Path.Combine(config, "local.d")).FullName;
        void Put(string name, string text) => File.WriteAllText(Path.Combine(local, name), text);
        Put("worker-normal.inc", string.Create(CultureInfo.InvariantCulture, $"bind_socket = \"127.0.0.1:{scan}\"; count = 1;"));
        Put("worker-controller.inc", string.Create(CultureInfo.InvariantCulture, $"bind_socket = \"127.0.0.1:{control}\"; secure_ip = \"127.0.0.1\"; count = 1;"));
        foreach (var worker in (ReadOnlySpan<string>)["proxy", "fuzzy"])
        {
            Put($"worker-{worker}.inc", string.Create(CultureInfo.InvariantCulture, $"enabled = false; count = 0; bind_socket = \"127.0.0.1:{FreePorts.Udp()}\";"));
        }

        foreach (var module in Off)
        {
            Put(module + ".conf", "enabled = false;");
        }

        Put("options.inc", string.Create(CultureInfo.InvariantCulture, $"dns {{ nameserver = [\"127.0.0.1:{resolver}:1\"]; timeout = 0.5s; retransmits = 1; }}"));
        Put("logging.inc", $"type = \"file\"; filename = \"{run}/log\"; level = \"error\";");
        File.WriteAllText(Path.Combine(config, "statistic.conf"), $$"""
            classifier "bayes" {
              tokenizer { name = "osb"; }
              backend = "sqlite3";
              min_tokens = 11;
              min_learns = 200;
              statfile { symbol = "BAYES_HAM"; path = "{{database}}/ham.sqlite"; spam = false; }
              statfile { symbol = "BAYES_SPAM"; path = "{{database}}/spam.sqlite"; spam = true; }
            }
            """);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        await errors;
        return (process.ExitCode, output);
    }
}
