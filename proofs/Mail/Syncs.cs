using System.Diagnostics;
using System.Globalization;

namespace Tsunagi.Proofs.Mail;

/// <summary>
/// How often programs call fsync and fdatasync while something runs, counted by strace from outside, so that both sides of a comparison are counted by the
/// same means. It slows what it watches: never in a measured round.
/// </summary>
internal static class Syncs
{
    private const string Strace = "/usr/bin/strace";

    /// <summary>Null when strace is not there or may not attach.</summary>
    public static async Task<long?> CountAsync(IReadOnlyList<int> processes, Func<Task> run, CancellationToken cancellationToken)
    {
        if (!File.Exists(Strace))
        {
            return null;
        }

        var table = Path.GetTempFileName();
        try
        {
            var arguments = new List<string> { "-f", "-c", "-q", "-e", "trace=fsync,fdatasync", "-o", table };
            foreach (var process in processes)
            {
                arguments.AddRange(["-p", process.ToString(CultureInfo.InvariantCulture)]);
            }

            using var strace = Process.Start(new ProcessStartInfo(Strace, arguments) { RedirectStandardError = true })!;
            if (!await IsAttachedAsync(processes[0], strace, cancellationToken))
            {
                return null;
            }

            await run();
            using var interrupt = Process.Start("kill", ["-INT", strace.Id.ToString(CultureInfo.InvariantCulture)]);
            await strace.WaitForExitAsync(cancellationToken);
            return Read(await File.ReadAllLinesAsync(table, cancellationToken));
        }
        finally
        {
            File.Delete(table);
        }
    }

    public static Figure Show(long? ours, long? theirs, int messages) => ours is { } our && theirs is { } their
        ? new Figure(
            $"fsync and fdatasync for {messages:n0} messages, ours / Postfix", $"{our:n0} / {their:n0}",
            Peer: string.Create(CultureInfo.InvariantCulture, $"{(double)our / messages:n2} and {(double)their / messages:n2} a message, counted by strace in a round that is not measured"))
        : new Figure("fsync and fdatasync, ours / Postfix", "not counted", Peer: "strace is not installed, or may not attach here");

    private static async Task<bool> IsAttachedAsync(int process, Process strace, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < 100 && !strace.HasExited; attempt++)
        {
            var status = await File.ReadAllLinesAsync($"/proc/{process}/status", cancellationToken);
            if (status.Any(static line => line.StartsWith("TracerPid:", StringComparison.Ordinal) && line["TracerPid:".Length..].Trim() != "0"))
            {
                // The threads and processes after the first follow at once.
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
                return true;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }

        return false;
    }

    // % time     seconds  usecs/call     calls    errors syscall
    private static long Read(IEnumerable<string> table) => table
        .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(static cells => cells.Length >= 5 && cells[^1] is "fsync" or "fdatasync")
        .Sum(static cells => long.Parse(cells[3], CultureInfo.InvariantCulture));
}
