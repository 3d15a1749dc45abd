namespace Tsunagi.Protocols.Net.Dns;

/// <summary>How much of a message is read.</summary>
public sealed record DnsLimits
{
    /// <summary>The defaults.</summary>
    public static DnsLimits Default { get; } = new();

    /// <summary>Octets of a message; the length field of TCP allows no more than the default (RFC 1035 section 4.2.2).</summary>
    public int MessageOctets { get; init; } = 65535;

    /// <summary>Questions, and records of all sections together.</summary>
    public int Records { get; init; } = 4096;
}
