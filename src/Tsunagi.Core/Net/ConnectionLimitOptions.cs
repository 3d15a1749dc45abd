using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Core.Net;

/// <summary>How many connections one listener holds at a time. Kestrel's own cap is for the whole process; these are per listener.</summary>
public sealed record ConnectionLimitOptions
{
    /// <summary>Connections of the listener in all.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; init; } = 2_000;

    /// <summary>Connections of one IPv4 address or one IPv6 /64.</summary>
    [Range(1, 1_000_000)]
    public int MaxPerAddress { get; init; } = 50;

    /// <summary>Connections of one tenant, counted once the protocol knows whose the connection is.</summary>
    [Range(1, 1_000_000)]
    public int MaxPerTenant { get; init; } = 500;
}
