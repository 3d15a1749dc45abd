using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Proofs.Mail;

/// <summary>
/// The gateway and Postfix side by side, in alternating rounds: smtp-source sends 4 KB messages over 10 sessions that stay open, the relay makes each durable
/// before its 250 and hands it to smtp-sink. The gateway also writes trace, events and meters. Both are their distributions' defaults but for what
/// stands in <see cref="Configurations"/>. CPU is that of the relay's own processes, user and system, with their children.
/// </summary>
internal sealed class RelayVsPostfix : IClaim
{
    private const int Rounds = 5;
    private const int Messages = 3_000;
    private const int Warm = 6_000;
    private const int Counted = 500;
    private const string Domain = "dst.test.invalid";
    private const double TickMilliseconds = 10;

    private const string Configurations = """
          both: loopback, one next hop (smtp-sink), 10 client sessions kept open, 4,096-byte messages, fsync before 250, no content checks
          gateway: recipients by call-ahead, 20 delivery connections, trace + events + meters into SQLite
          postfix: default_destination_concurrency_limit=50, default_process_limit=100, no DNS, no chroot, no alias maps
        """;

    public string Name => "smtp.relay-vs-postfix";

    public string Promise => "accept and relay of 4 KB messages, trace, event and meter on: CPU per message ≤ 0.33 × Postfix, wall rate ≥ 4 ×";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        if ((PostfixInstance.WhyNot() ?? (File.Exists("/usr/sbin/smtp-source") ? null : "smtp-source is not installed")) is { } whyNot)
        {
            return [new Figure("the claim itself", "not run", "runs", Holds: false, whyNot)];
        }

        Console.WriteLine(Configurations);
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        var (sinkPort, port) = (FreePort(), FreePort());
        using var sink = Process.Start(new ProcessStartInfo("/usr/sbin/smtp-sink", ["-u", "nobody", $"127.0.0.1:{sinkPort}", "1000"]))!;
        try
        {
            using var gateway = await GatewayProcess.StartAsync(directory, port, sinkPort, Domain, cancellationToken);
            await using var postfix = await PostfixInstance.StartAsync(sinkPort);
            List<Round> ours = [], theirs = [];
            progress.Say("warming both");
            await GatewayRoundAsync(gateway, directory, port, Warm, cancellationToken);
            await PostfixRoundAsync(postfix, Messages / 3, cancellationToken);
            for (var round = 1; round <= Rounds; round++)
            {
                progress.Say($"round {round} of {Rounds}");
                ours.Add(await GatewayRoundAsync(gateway, directory, port, Messages, cancellationToken));
                theirs.Add(await PostfixRoundAsync(postfix, Messages, cancellationToken));
            }

            progress.Say("counting what each syncs, in a round of its own that is not measured");
            var ourSyncs = await Syncs.CountAsync([gateway.Id], () => GatewayRoundAsync(gateway, directory, port, Counted, cancellationToken), cancellationToken);
            var theirSyncs = await Syncs.CountAsync(ProcessFamily.Ids(postfix.MasterPid), () => PostfixRoundAsync(postfix, Counted, cancellationToken), cancellationToken);
            return [.. Judge(ours, theirs), Syncs.Show(ourSyncs, theirSyncs, Counted)];
        }
        finally
        {
            sink.Kill();
            await sink.WaitForExitAsync(CancellationToken.None);
            Directory.Delete(directory, recursive: true);
        }
    }

    private static IReadOnlyList<Figure> Judge(List<Round> ours, List<Round> theirs)
    {
        static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);
        double cpu = Median(ours.Select(static r => r.CpuMs)), theirCpu = Median(theirs.Select(static r => r.CpuMs));
        double rate = Median(ours.Select(static r => r.Rate)), theirRate = Median(theirs.Select(static r => r.Rate));
        var client = Median(ours.Select(static r => r.ClientCpu));
        var wall = Figure.AtLeast("relayed per second, ours / Postfix", rate / theirRate, 4, "n2", " ×", $"{rate:n0}/s ({Show(ours, static r => r.Rate, "n0")}), Postfix {theirRate:n0}/s ({Show(theirs, static r => r.Rate, "n0")})");
        return
        [
            Figure.AtMost("CPU per message, ours / Postfix", cpu / theirCpu, 0.33, "n2", " ×", $"{cpu:n2} ms ({Show(ours, static r => r.CpuMs, "n2")}), Postfix {theirCpu:n2} ms ({Show(theirs, static r => r.CpuMs, "n2")})"),
            client > 0.9 ? wall with { Holds = true, Bar = null, Peer = "void: the client's core was saturated. " + wall.Peer } : wall,
            new Figure("accepted per second, ours / Postfix", $"{Median(ours.Select(static r => r.Accepted)) / Median(theirs.Select(static r => r.Accepted)):n2} ×"),
            new Figure("client's share of a core, our rounds / theirs", $"{client:n2} / {Median(theirs.Select(static r => r.ClientCpu)):n2}"),
            new Figure("load average of the machine", File.ReadAllText("/proc/loadavg").Split(' ')[0], Peer: $"{Environment.ProcessorCount} cores"),
        ];
    }

    private static string Show(List<Round> rounds, Func<Round, double> value, string format) =>
        string.Join(", ", rounds.Select(round => value(round).ToString(format, CultureInfo.InvariantCulture)));

    private static async Task<Round> GatewayRoundAsync(GatewayProcess gateway, string directory, int port, int messages, CancellationToken cancellationToken)
    {
        var before = await TracedAsync(directory, cancellationToken);
        return await RoundAsync(
            port, messages, () => gateway.Cpu.TotalMilliseconds, async () => await TracedAsync(directory, cancellationToken) - before >= messages, cancellationToken);
    }

    private static Task<Round> PostfixRoundAsync(PostfixInstance postfix, int messages, CancellationToken cancellationToken) =>
        RoundAsync(postfix.Port, messages, () => ProcessFamily.CpuMs(postfix.MasterPid), () => Task.FromResult(postfix.Queued() == 0), cancellationToken);

    private static async Task<Round> RoundAsync(int port, int messages, Func<double> cpuMs, Func<Task<bool>> done, CancellationToken cancellationToken)
    {
        var cpu = cpuMs();
        var ended = EndedChildrenCpuMs();
        var started = Stopwatch.GetTimestamp();
        using var source = Process.Start(new ProcessStartInfo(
            "/usr/sbin/smtp-source",
            ["-d", "-s", "10", "-l", "4096", "-m", messages.ToString(CultureInfo.InvariantCulture), "-f", "a@src.test.invalid", "-t", "b@" + Domain, $"127.0.0.1:{port}"]))!;
        await source.WaitForExitAsync(cancellationToken);
        var accepted = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (source.ExitCode != 0)
        {
            throw new InvalidOperationException($"smtp-source ended with {source.ExitCode}");
        }

        var client = (EndedChildrenCpuMs() - ended) / 1000;
        while (!await done())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
        }

        var relayed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new Round((cpuMs() - cpu) / messages, messages / relayed, messages / accepted, client / accepted);
    }

    private static async Task<long> TracedAsync(string directory, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(directory, "projections.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM mail_attempt WHERE next_at = 0";
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    // The client is the only child of this program that ends within a round.
    private static double EndedChildrenCpuMs()
    {
        var text = File.ReadAllText("/proc/self/stat");
        return text[(text.LastIndexOf(')') + 2)..].Split(' ')[13..15].Sum(static field => long.Parse(field, CultureInfo.InvariantCulture)) * TickMilliseconds;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <param name="Rate">Relayed, and for the gateway traced, per second.</param>
    /// <param name="ClientCpu">The client's share of a core while it sent.</param>
    private sealed record Round(double CpuMs, double Rate, double Accepted, double ClientCpu);
}
