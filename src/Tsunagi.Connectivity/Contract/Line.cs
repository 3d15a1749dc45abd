using System.Net;

namespace Tsunagi.Connectivity.Contract;

/// <summary>
/// One line as a node serves it: who may connect by it, with what, and what the NAS is told. Immutable; made from the store by the line book and found in a
/// <see cref="LineSnapshot"/>. Nothing in it needs the store any more.
/// </summary>
public sealed record Line
{
    /// <summary>Id of the line ("ln_…").</summary>
    public required string LineId { get; init; }

    public required string TenantId { get; init; }

    /// <summary>The tenant's path in the tree, for rows that are read by tenant.</summary>
    public required string TenantPath { get; init; }

    /// <summary>Whose usage it is; null for a line that is not sold (a test line, a shared one).</summary>
    public string? SubscriptionId { get; init; }

    /// <summary>User-Name as it is kept, with its realm when the realm is part of the name. Empty for a line known only by its circuit.</summary>
    public string UserName { get; init; } = "";

    public LinePassword Password { get; init; } = LinePassword.None;

    /// <summary>Agent-Circuit-Id (Broadband Forum attribute 1, DHCP option 82 suboption 1).</summary>
    public string? CircuitId { get; init; }

    /// <summary>Agent-Remote-Id (Broadband Forum attribute 2).</summary>
    public string? RemoteId { get; init; }

    /// <summary>True when the circuit alone proves the line (IPoE): no password is asked when circuit and remote id are right.</summary>
    public bool CircuitProves { get; init; }

    public LinePlan Plan { get; init; } = LinePlan.Unlimited;

    public LineAddresses Addresses { get; init; } = LineAddresses.FromNas;

    /// <summary>Why the line may not be used ("non-payment", "abuse"); null when it may.</summary>
    public string? SuspendedFor { get; init; }

    /// <summary>Further attributes of the Access-Accept by their dictionary names ("Mikrotik-Address-List"), in order.</summary>
    public IReadOnlyList<LineReply> Replies { get; init; } = [];

    private LineReplyCache? _ready;

    /// <summary>The ready bytes of the reply by dialect, made at the first use of this record by the authenticator; never part of what the line is, and not of a changed copy.</summary>
    internal LineReplyCache Ready => _ready is { } ready && ReferenceEquals(ready.Line, this) ? ready : _ready = new LineReplyCache(this);

    /// <summary>Two records of the same line with the same terms are equal; what was made ready from them does not count.</summary>
    public bool Equals(Line? other) =>
        other is not null && LineId == other.LineId && TenantId == other.TenantId && TenantPath == other.TenantPath && SubscriptionId == other.SubscriptionId && UserName == other.UserName &&
        Password.Equals(other.Password) && CircuitId == other.CircuitId && RemoteId == other.RemoteId && CircuitProves == other.CircuitProves && Plan == other.Plan &&
        Addresses.Equals(other.Addresses) && SuspendedFor == other.SuspendedFor && Replies.SequenceEqual(other.Replies);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(LineId);

    /// <summary>Never the password.</summary>
    public override string ToString() => UserName.Length > 0 ? $"{LineId} ({UserName})" : LineId;
}

/// <summary>One more attribute of the answer, as text: the dictionary says how it is encoded.</summary>
public sealed record LineReply(string Name, string Value);

/// <summary>What a plan lets a line do. Null is "not limited" (or the NAS's own default).</summary>
public sealed record LinePlan
{
    public static readonly LinePlan Unlimited = new();

    /// <summary>To the customer, bits a second.</summary>
    public long? DownBps { get; init; }

    /// <summary>From the customer, bits a second.</summary>
    public long? UpBps { get; init; }

    /// <summary>Sessions at the same time; 0 is as many as come.</summary>
    public int SimultaneousUse { get; init; } = 1;

    /// <summary>Session-Timeout.</summary>
    public TimeSpan? SessionTimeout { get; init; }

    /// <summary>Idle-Timeout.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>Acct-Interim-Interval; null leaves it to the server's own setting.</summary>
    public TimeSpan? InterimInterval { get; init; }
}

/// <summary>The addresses of a line: fixed ones, or names of pools.</summary>
public sealed record LineAddresses
{
    /// <summary>The NAS gives what it likes.</summary>
    public static readonly LineAddresses FromNas = new();

    /// <summary>Framed-IP-Address.</summary>
    public IPAddress? V4 { get; init; }

    /// <summary>Framed-IP-Netmask; null leaves it out.</summary>
    public IPAddress? V4Netmask { get; init; }

    /// <summary>Framed-IPv6-Address (RFC 6911).</summary>
    public IPAddress? V6 { get; init; }

    /// <summary>Framed-IPv6-Prefix: the prefix of the link itself (RFC 3162).</summary>
    public IPNetwork? LinkPrefix { get; init; }

    /// <summary>Delegated-IPv6-Prefix (RFC 4818).</summary>
    public IPNetwork? DelegatedPrefix { get; init; }

    /// <summary>Name of the IPv4 pool when <see cref="V4"/> is null: ours when the allocator knows it, else told to the NAS as Framed-Pool.</summary>
    public string? V4Pool { get; init; }

    /// <summary>Name of the pool of link prefixes (Framed-IPv6-Pool).</summary>
    public string? V6Pool { get; init; }

    /// <summary>Name of the pool of delegated prefixes (Delegated-IPv6-Prefix-Pool, RFC 6911).</summary>
    public string? DelegatedPool { get; init; }

    /// <summary>Framed-Route and Framed-IPv6-Route texts.</summary>
    public IReadOnlyList<string> Routes { get; init; } = [];

    public bool Equals(LineAddresses? other) =>
        other is not null && Equals(V4, other.V4) && Equals(V4Netmask, other.V4Netmask) && Equals(V6, other.V6) && Equals(LinkPrefix, other.LinkPrefix) &&
        Equals(DelegatedPrefix, other.DelegatedPrefix) && V4Pool == other.V4Pool && V6Pool == other.V6Pool && DelegatedPool == other.DelegatedPool && Routes.SequenceEqual(other.Routes);

    public override int GetHashCode() => HashCode.Combine(V4, V6, LinkPrefix, DelegatedPrefix, V4Pool, V6Pool, DelegatedPool);
}
