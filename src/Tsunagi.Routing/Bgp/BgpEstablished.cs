using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Routing.Bgp;

/// <summary>
/// What one established session has told its router (Adj-RIB-Out), held against what is wanted: at once when that changes, and once a second, since wishes end by
/// themselves. Withdrawals go first and are never held back; announcements are paced. After the first round each family gets its End-of-RIB (RFC 4724 section 2).
/// </summary>
internal sealed class BgpEstablished(
    Stream stream, BgpEncoding encoding, IReadOnlyList<BgpFamily> families, TimeSpan hold, RouteCompiler compiler, Func<IReadOnlyList<WantedRoute>> wanted, CoalescedSignal signal, int pace,
    TimeProvider time)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PacePause = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, OutRoute> _out = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Lock _gate = new();
    private readonly HashSet<BgpFamily> _again = [];

    /// <summary>The router wants to hear the routes of a family again (RFC 2918).</summary>
    public void Refresh(BgpFamily family)
    {
        lock (_gate)
        {
            _again.Add(family);
        }
    }

    public async Task KeepAliveAsync(CancellationToken cancellationToken)
    {
        // RFC 4271 section 10: a third of the hold time.
        var every = TimeSpan.FromTicks(hold.Ticks / 3);
        var keepalive = BgpMessageWriter.Write(new BgpKeepalive(), encoding);
        while (true)
        {
            await Task.Delay(every, time, cancellationToken);
            await WriteAsync(keepalive, cancellationToken);
        }
    }

    /// <param name="tell">Told how many are announced and how many cannot be, after each round.</param>
    public async Task AnnounceAsync(Action<int, int> tell, CancellationToken cancellationToken)
    {
        var first = true;
        while (true)
        {
            var unsent = await RoundAsync(tell, cancellationToken);
            tell(_out.Count, unsent);
            if (first)
            {
                first = false;
                foreach (var family in families)
                {
                    await WriteAsync(BgpMessageWriter.Write(BgpUpdate.EndOf(family), encoding), cancellationToken);
                }
            }

            await signal.WaitAsync(Every, time, cancellationToken);
        }
    }

    private async Task<int> RoundAsync(Action<int, int> tell, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var (target, unsent) = (new Dictionary<string, OutRoute>(StringComparer.Ordinal), 0);
        foreach (var wish in wanted())
        {
            if (compiler.Compile(wish, encoding, now, out _) is { } route && families.Contains(route.Family))
            {
                target[route.Nlri] = route;
            }
            else
            {
                unsent++;
            }
        }

        foreach (var gone in _out.Values.Where(route => !target.ContainsKey(route.Nlri)).ToList())
        {
            await WriteAsync(BgpMessageWriter.Write(gone.Withdraw, encoding), cancellationToken);
            _out.Remove(gone.Nlri);
        }

        tell(_out.Count, unsent);
        HashSet<BgpFamily> again;
        lock (_gate)
        {
            again = [.. _again];
            _again.Clear();
        }

        var sent = 0;
        foreach (var route in target.Values)
        {
            if (_out.TryGetValue(route.Nlri, out var told) && told.Octets.AsSpan().SequenceEqual(route.Octets) && !again.Contains(route.Family))
            {
                continue;
            }

            if (++sent % pace == 0)
            {
                await Task.Delay(PacePause, time, cancellationToken);
            }

            // What was withdrawn meanwhile goes out in the next round, at once.
            _out[route.Nlri] = route;
            await WriteAsync(route.Octets, cancellationToken);
        }

        return unsent;
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await stream.WriteAsync(octets, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }
}
