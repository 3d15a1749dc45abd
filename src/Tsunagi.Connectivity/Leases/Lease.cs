using Tsunagi.Connectivity.Addresses;

namespace Tsunagi.Connectivity.Leases;

/// <summary>What a lease is of.</summary>
internal enum LeaseKind : byte
{
    /// <summary>An address (IA_NA).</summary>
    Address = 1,

    /// <summary>A delegated prefix (IA_PD).</summary>
    Prefix = 2,

    /// <summary>An IPv4 address of DHCPv4.</summary>
    Address4 = 3,
}

/// <summary>What became of a lease.</summary>
internal enum LeaseState : byte
{
    /// <summary>The client may use it until its time is over.</summary>
    Bound = 1,

    /// <summary>The client gave it back.</summary>
    Released = 2,

    /// <summary>Its time was over.</summary>
    Expired = 3,

    /// <summary>The client found somebody else using it.</summary>
    Declined = 4,

    /// <summary>The line may not have it any more: suspended, or its plan names other addresses.</summary>
    Withdrawn = 5,
}

/// <summary>
/// One address or prefix that a client of a line has, had, or may not use any more. Immutable: what changes it makes another, with a later <see cref="ChangedAt"/>; of two that two nodes know, the later
/// one counts.
/// </summary>
internal sealed record Lease
{
    /// <summary>"dl_…": for as long as the line holds it, also when another client of the line takes it over.</summary>
    public required string Id { get; init; }

    public required string LineId { get; init; }

    public required string TenantId { get; init; }

    public required string TenantPath { get; init; }

    public required string SubscriptionId { get; init; }

    /// <summary>The client's DUID in hexadecimal digits; its client id, for DHCPv4.</summary>
    public required string Duid { get; init; }

    /// <summary>0 for DHCPv4.</summary>
    public required uint Iaid { get; init; }

    public required LeaseKind Kind { get; init; }

    /// <summary>What the client was given: an address (/128 or /32) or a prefix.</summary>
    public required AddressBlock Prefix { get; init; }

    /// <summary>What the pool gave: the same, or the prefix of the link that the address lies in.</summary>
    public required AddressBlock Part { get; init; }

    /// <summary>The pool's name; empty for what is the line's own.</summary>
    public required string Pool { get; init; }

    public required string VrfId { get; init; }

    /// <summary>The node whose share of the pool it is of; empty for what is the line's own.</summary>
    public required string Owner { get; init; }

    /// <summary>The node that answered last, which also sees when its time is over.</summary>
    public required string Node { get; init; }

    /// <summary>µs since 1970, as all times here.</summary>
    public required long SinceAt { get; init; }

    /// <summary>When the client was last answered.</summary>
    public required long HeardAt { get; init; }

    public required long ValidUntil { get; init; }

    public required long ChangedAt { get; init; }

    public LeaseState State { get; init; } = LeaseState.Bound;

    public long? EndedAt { get; init; }

    /// <summary>When it may be given again, once it has ended; 0 while it is bound.</summary>
    public long FreeAt { get; init; }

    /// <summary>Where the client was heard: the relay's address and its names for the place.</summary>
    public string Relay { get; init; } = "";

    /// <summary>Through whom the client is reached: "fe80::1%eth1" on a link, the relay's address behind one; empty where that is not known.</summary>
    public string NextHop { get; init; } = "";

    /// <summary>The client's hardware address, where its relay told it.</summary>
    public string Hardware { get; init; } = "";

    public bool IsBound => State == LeaseState.Bound;

    /// <summary>The same lease, ended.</summary>
    public Lease End(LeaseState state, long at, long freeAt, string node, long now) =>
        this with { State = state, EndedAt = Math.Max(at, SinceAt), FreeAt = freeAt, Node = node, ChangedAt = Math.Max(now, ChangedAt + 1) };
}
