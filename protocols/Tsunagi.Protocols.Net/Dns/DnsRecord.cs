namespace Tsunagi.Protocols.Net.Dns;

/// <summary>A resource record (RFC 1035 section 4.1.3).</summary>
/// <param name="Name">The owner.</param>
/// <param name="TtlSeconds">How long it may be kept; a value with the top bit set was read as 0 (RFC 2181 section 8).</param>
/// <param name="Content">What it says.</param>
/// <param name="Class">1, the Internet.</param>
public sealed record DnsRecord(DnsName Name, uint TtlSeconds, DnsContent Content, ushort Class = 1)
{
    /// <summary>The type.</summary>
    public DnsType Type => Content.Type;
}
