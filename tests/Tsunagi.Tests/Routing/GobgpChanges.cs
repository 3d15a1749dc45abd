using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Tsunagi.Tests.Routing;

/// <summary>What gobgpd says of its tables as they change (<c>gobgp monitor</c>): which destinations came and went.</summary>
internal sealed class GobgpChanges : IDisposable
{
    private readonly List<Process> _monitors = [];
    private readonly ConcurrentQueue<string> _lines = new();

    public GobgpChanges(LiveRouter router)
    {
        foreach (var family in (string[])["ipv4-flowspec", "ipv4"])
        {
            var monitor = Process.Start(new ProcessStartInfo(
                "/usr/bin/gobgp", ["-u", "127.0.0.1", "-p", router.ToolPort.ToString(CultureInfo.InvariantCulture), "monitor", "global", "rib", "-a", family]) { RedirectStandardOutput = true })!;
            monitor.OutputDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
            monitor.BeginOutputReadLine();
            _monitors.Add(monitor);
        }
    }

    /// <summary>Lines that tell of a route that is gone.</summary>
    public IReadOnlyList<string> Withdrawn => [.. _lines.Where(static line => line.Contains("[DELROUTE]", StringComparison.Ordinal))];

    public IReadOnlyList<string> Announced => [.. _lines.Where(static line => line.Contains("[ROUTE]", StringComparison.Ordinal))];

    public void Dispose()
    {
        foreach (var monitor in _monitors)
        {
            if (!monitor.HasExited)
            {
                monitor.Kill();
            }

            monitor.Dispose();
        }
    }
}
