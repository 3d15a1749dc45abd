using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Ddos.Collect;

/// <summary>
/// Protected addresses of which a datagram spoke lately that may be forged (<see cref="ExporterDoubt"/>): no rule for them goes out without a person. Bounded: with more of them than are kept,
/// it is all addresses for a while. On the collector's turn only.
/// </summary>
internal sealed class DoubtedTargets
{
    public const int Most = 4_096;

    private readonly Dictionary<FlowAddress, (long Until, string Why)> _targets = [];
    private (long Until, string Why) _all = (long.MinValue, "");

    public int Count => _targets.Count;

    /// <param name="isPart">There were more than these.</param>
    /// <param name="until">So long they are doubted.</param>
    public void Note(ReadOnlySpan<FlowAddress> destinations, bool isPart, string why, long milliseconds, long until)
    {
        foreach (var destination in destinations)
        {
            if (_targets.Count >= Most && !_targets.ContainsKey(destination))
            {
                Forget(milliseconds);
                isPart |= _targets.Count >= Most;
            }

            if (_targets.Count < Most || _targets.ContainsKey(destination))
            {
                _targets[destination] = (until, why);
            }
        }

        if (isPart)
        {
            _all = (until, why);
        }
    }

    /// <summary>Why what is told of a target is doubted; empty when it is not.</summary>
    public string Why(in BgpPrefix target, long milliseconds)
    {
        if (_targets.Count == 0 || milliseconds < _all.Until)
        {
            return milliseconds < _all.Until ? _all.Why : "";
        }

        Forget(milliseconds);
        foreach (var (address, (_, why)) in _targets)
        {
            if (address.IsIPv4 != target.IsIPv6 && address.Prefix(target.Length) == target.Address)
            {
                return why;
            }
        }

        return "";
    }

    private void Forget(long milliseconds)
    {
        foreach (var (address, (until, _)) in _targets)
        {
            if (until <= milliseconds)
            {
                _targets.Remove(address);
            }
        }
    }
}
