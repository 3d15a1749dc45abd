namespace Tsunagi.Protocols.Net.Dns;

/// <summary>A question (RFC 1035 section 4.1.2).</summary>
/// <param name="Name">The name asked about.</param>
/// <param name="Type">The type asked for.</param>
/// <param name="Class">1, the Internet, unless something odd is meant.</param>
public sealed record DnsQuestion(DnsName Name, DnsType Type, ushort Class = 1);
