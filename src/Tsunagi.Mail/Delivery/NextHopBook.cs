using System.Collections.Concurrent;
using Tsunagi.Mail.Contract;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Delivery;

/// <summary>
/// What each next hop offered when it was last spoken to. Sessions read it, so that what the next hop cannot take is refused while the sender
/// is still there to hear it, instead of being bounced.
/// </summary>
internal sealed class NextHopBook
{
    private readonly ConcurrentDictionary<NextHop, SmtpCapabilities> _known = new();

    /// <summary>Null for a next hop not spoken to since the start.</summary>
    public SmtpCapabilities? Of(NextHop nextHop) => _known.GetValueOrDefault(nextHop);

    public void Remember(NextHop nextHop, SmtpCapabilities capabilities) => _known[nextHop] = capabilities;

    /// <summary>Forgets next hops that no contract names any more.</summary>
    public void Keep(IReadOnlySet<NextHop> wanted)
    {
        foreach (var nextHop in _known.Keys)
        {
            if (!wanted.Contains(nextHop))
            {
                _known.TryRemove(nextHop, out _);
            }
        }
    }
}
