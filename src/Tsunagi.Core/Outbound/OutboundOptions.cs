using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Tsunagi.Core.Outbound;

/// <summary>
/// Where the program may connect to when the address comes from somebody else (a webhook, a next hop, a call-ahead), and for how long.
/// </summary>
public sealed record OutboundOptions
{
    /// <summary>
    /// Networks that are reachable although they are not public: the provider's own mail hosts, say. Empty by default, so that no tenant can make the
    /// program talk to the loopback interface, to the provider's own network, or to a cloud's metadata service.
    /// </summary>
    public IReadOnlyList<IPNetwork> Allow { get; init; } = [];

    /// <summary>For the name and each of its addresses.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan ConnectDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For a whole HTTP request with its answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan RequestDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest HTTP answer that is read.</summary>
    [Range(1_024, 104_857_600)]
    public int MaxResponseBytes { get; init; } = 1_048_576;

    /// <summary>At most so many of a name's addresses are tried.</summary>
    [Range(1, 32)]
    public int MaxAddresses { get; init; } = 8;
}
