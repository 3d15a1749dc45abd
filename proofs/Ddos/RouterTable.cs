using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Tsunagi.Core.Time;
using Tsunagi.Tests.Routing;

namespace Tsunagi.Proofs.Ddos;

/// <summary>What gobgpd says of its table of IPv4 FlowSpec rules as it changes (<c>gobgp monitor</c>): for each destination when its first rule came, and how many there are.</summary>
internal sealed class RouterTable : IDisposable
{
    private readonly Process _monitor;
    private readonly ConcurrentDictionary<string, long> _firstMicros = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _said = new();

    public RouterTable(LiveRouter router)
    {
        _monitor = Process.Start(new ProcessStartInfo(
            "/usr/bin/gobgp", ["-u", "127.0.0.1", "-p", router.ToolPort.ToString(CultureInfo.InvariantCulture), "monitor", "global", "rib", "-a", "ipv4-flowspec"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        _monitor.OutputDataReceived += (_, line) => Hear(line.Data);
        _monitor.ErrorDataReceived += (_, line) => _said.Enqueue(line.Data ?? "");
        _monitor.BeginOutputReadLine();
        _monitor.BeginErrorReadLine();
    }

    public string Said => string.Join('\n', _said.TakeLast(20));

    /// <summary>µs UTC; 0 while there was none.</summary>
    public long FirstMicros(string target) => _firstMicros.GetValueOrDefault(target);

    public void Dispose()
    {
        if (!_monitor.HasExited)
        {
            _monitor.Kill();
        }

        _monitor.Dispose();
    }

    // 2026-07-01T00:00:00Z [ROUTE] [destination: 192.0.2.10/32][protocol: ==udp]... via ...; [DELROUTE] when it goes.
    private void Hear(string? line)
    {
        const string Destination = "[destination: ";
        if (line is null)
        {
            return;
        }

        _said.Enqueue(line);
        if (line.Contains("[ROUTE]", StringComparison.Ordinal) && line.IndexOf(Destination, StringComparison.Ordinal) is >= 0 and var at)
        {
            var target = line[(at + Destination.Length)..];
            _firstMicros.TryAdd(target[..target.IndexOfAny([']', '/'])], TimeProvider.System.NowMicros());
        }
    }
}
