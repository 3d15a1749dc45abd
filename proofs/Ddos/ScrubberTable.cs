using System.Collections.Concurrent;
using Tsunagi.Core.Time;

namespace Tsunagi.Proofs.Ddos;

/// <summary>What the kernel says of the scrubber's table as it changes (<c>nft monitor</c> in its namespace): for each destination when its first rule came. Asked of the kernel, not of us.</summary>
internal sealed class ScrubberTable
{
    private const string Added = "add element inet tsunagi_scrub ";

    private readonly ConcurrentDictionary<string, long> _firstMicros = new(StringComparer.Ordinal);

    public ScrubberTable(AttackNetwork network) => network.StartAtRouter(Hear, "/usr/sbin/nft", "monitor");

    /// <summary>µs UTC; 0 while there was none.</summary>
    public long FirstMicros(string target) => _firstMicros.GetValueOrDefault(target);

    // add element inet tsunagi_scrub r_mg_01… { 192.0.2.10 timeout 4m59s999ms expires … }; told when the whole transaction is done.
    private void Hear(string line)
    {
        if (line.StartsWith(Added, StringComparison.Ordinal) && line.IndexOf("{ ", StringComparison.Ordinal) is > 0 and var at)
        {
            _firstMicros.TryAdd(line[(at + 2)..].Split(' ', '/')[0], TimeProvider.System.NowMicros());
        }
    }
}
