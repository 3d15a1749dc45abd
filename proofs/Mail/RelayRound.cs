using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Proofs.Mail;

/// <summary>One round of a relay: smtp-source sends a number of messages over 10 sessions that stay open, and the round ends when all are handed on (by the gateway: and traced).</summary>
/// <param name="CpuMs">Of the relay's own processes, user and system, per message.</param>
/// <param name="Rate">Relayed, and for the gateway traced, per second.</param>
/// <param name="Accepted">Acknowledged per second.</param>
/// <param name="ClientCpu">The client's share of a core while it sent.</param>
internal sealed record RelayRound(double CpuMs, double Rate, double Accepted, double ClientCpu)
{
    public const string Domain = "dst.test.invalid";
    private const double TickMilliseconds = 10;

    /// <param name="content">A file with the message; null for 4,096 octets of nothing in particular.</param>
    public static async Task<RelayRound> OfGatewayAsync(GatewayProcess gateway, string directory, int port, int messages, string? content, CancellationToken cancellationToken)
    {
        var before = await TracedAsync(directory, cancellationToken);
        return await RunAsync(
            port, messages, content, () => gateway.Cpu.TotalMilliseconds, async () => await TracedAsync(directory, cancellationToken) - before >= messages, cancellationToken);
    }

    public static Task<RelayRound> OfPostfixAsync(PostfixInstance postfix, int messages, string? content, CancellationToken cancellationToken) =>
        RunAsync(postfix.Port, messages, content, () => ProcessFamily.CpuMs(postfix.MasterPid), () => Task.FromResult(postfix.Queued() == 0), cancellationToken);

    private static async Task<RelayRound> RunAsync(int port, int messages, string? content, Func<double> cpuMs, Func<Task<bool>> done, CancellationToken cancellationToken)
    {
        var cpu = cpuMs();
        var ended = EndedChildrenCpuMs();
        var started = Stopwatch.GetTimestamp();
        string[] what = content is null ? ["-l", "4096"] : ["-F", content];
        using var source = Process.Start(new ProcessStartInfo(
            "/usr/sbin/smtp-source",
            ["-d", "-s", "10", .. what, "-m", messages.ToString(CultureInfo.InvariantCulture), "-f", "a@src.test.invalid", "-t", "b@" + Domain, $"127.0.0.1:{port}"]))!;
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
        return new RelayRound((cpuMs() - cpu) / messages, messages / relayed, messages / accepted, client / accepted);
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
}
