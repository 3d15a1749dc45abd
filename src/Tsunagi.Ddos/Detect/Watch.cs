using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Ddos.Detect;

/// <summary>An address or prefix that is looked at closely: what its traffic looks like, which of the last looks were above a limit, and its incident.</summary>
internal sealed class Watch(BgpPrefix target, Protection protection)
{
    public BgpPrefix Target => target;

    /// <summary>Whose it is, as the contract said when it was last heard of.</summary>
    public Protection Protection { get; private set; } = protection;

    public TrafficPicture Picture { get; private set; } = new();

    public TrafficShape Shape { get; private set; } = new();

    /// <summary>What the last look found in it.</summary>
    public IReadOnlyList<Finding> Findings { get; set; } = [];

    /// <summary>When rules were last made for its incident.</summary>
    public int ProposedSlot { get; set; }

    /// <summary>When its incident opened.</summary>
    public int OpenedSlot { get; set; }

    /// <summary>One bit a look, the newest lowest: above a limit or not.</summary>
    public uint Above { get; set; }

    /// <summary>When it last had traffic that was worth a close look.</summary>
    public int HotSlot { get; set; }

    public int FadedSlot { get; set; }

    public Incident? Incident { get; set; }

    /// <summary>Since when every figure is below the release; only with an incident.</summary>
    public int QuietSince { get; set; }

    /// <summary>Its incident tells who the attack comes from, by samples of the attack alone.</summary>
    public bool AreTalkersTold { get; set; }

    public bool IsHost => target.Length == (target.IsIPv6 ? 128 : 32);

    public Limits Limits => IsHost ? Protection.Host : Protection.Prefix;

    /// <summary>The prefix may have gone to another subscription, or come back.</summary>
    public void Belongs(Protection protection)
    {
        if (ReferenceEquals(Protection, protection))
        {
            return;
        }

        Protection.Watched.Count--;
        protection.Watched.Count++;
        Protection = protection;
    }

    public void Renew() => (Picture, Shape, Findings, AreTalkersTold) = (new TrafficPicture(), new TrafficShape(), [], false);
}
