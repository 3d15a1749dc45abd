using System.Collections.Immutable;

namespace Tsunagi.Protocols.Flow.Bgp;

/// <summary>A rule with what is done to the traffic that matches it.</summary>
/// <param name="Rule">Which traffic.</param>
/// <param name="Actions">What is done to it; none lets it pass.</param>
public sealed record FlowSpecStatement(FlowSpecRule Rule, ImmutableArray<BgpExtendedCommunity> Actions)
{
    /// <summary>Communities that go with it.</summary>
    public ImmutableArray<uint> Communities { get; init; } = [];

    /// <summary>The next hop that a redirection goes to; the default value for none.</summary>
    public FlowAddress NextHop { get; init; }

    /// <summary>The announcement. MP_REACH_NLRI comes first (RFC 7606 section 5.1).</summary>
    /// <param name="path">AS path: empty within the AS.</param>
    /// <param name="localPreference">Within the AS; null to a peer of another.</param>
    public BgpUpdate Announce(BgpAsPath path, uint? localPreference)
    {
        ReadOnlyMemory<byte> hop = NextHop.IsUnspecified ? ReadOnlyMemory<byte>.Empty : BgpMpReach.OctetsOf(NextHop, !NextHop.IsIPv4);
        var attributes = ImmutableArray.CreateBuilder<BgpAttribute>();
        attributes.Add(new BgpMpReach(Rule.Family) { NextHop = hop, FlowSpecs = [Rule] });
        attributes.Add(new BgpOrigin(0));
        attributes.Add(path);
        if (localPreference is { } preference)
        {
            attributes.Add(new BgpLocalPreference(preference));
        }

        if (Communities.Length > 0)
        {
            attributes.Add(new BgpCommunities(Communities));
        }

        if (Actions.Length > 0)
        {
            attributes.Add(new BgpExtendedCommunities(Actions));
        }

        return new BgpUpdate([], attributes.ToImmutable(), []);
    }

    /// <summary>The withdrawal.</summary>
    public BgpUpdate Withdraw() => new([], [new BgpMpUnreach(Rule.Family) { FlowSpecs = [Rule] }], []);

    /// <inheritdoc/>
    public bool Equals(FlowSpecStatement? other) => other is not null && Rule.Equals(other.Rule) && Actions.AsSpan().SequenceEqual(other.Actions.AsSpan())
        && Communities.AsSpan().SequenceEqual(other.Communities.AsSpan()) && NextHop == other.NextHop;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Rule, Actions.Length, NextHop);

    /// <summary>Its text, see <see cref="FlowSpecText"/>.</summary>
    public override string ToString() => FlowSpecText.Print(this);
}
