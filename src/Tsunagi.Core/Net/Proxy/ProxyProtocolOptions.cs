using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Tsunagi.Core.Net.Proxy;

/// <summary>
/// Who may name the true peer of a connection by PROXY protocol version 2. Off while <see cref="From"/> is empty. A listed sender must send the
/// header on every connection; from any other address a header is just bad input to the protocol behind.
/// </summary>
public sealed record ProxyProtocolOptions
{
    public IReadOnlyList<IPNetwork> From { get; init; } = [];

    /// <summary>How long a listed sender may take for the whole header.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan HeaderDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest accepted header in bytes, TLVs included (the format allows 65,551).</summary>
    [Range(52, 65_551)]
    public int MaxHeaderBytes { get; init; } = 2_048;
}
