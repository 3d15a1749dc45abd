namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>What a reader takes from a peer.</summary>
public sealed record DhcpLimits
{
    /// <summary>The limits used where none are given.</summary>
    public static readonly DhcpLimits Default = new();

    /// <summary>The longest message; the default is what a datagram can carry.</summary>
    public int MessageOctets { get; init; } = 65_535;

    /// <summary>The most options of a message, those within options and within relayed messages counted in.</summary>
    public int Options { get; init; } = 1_024;

    /// <summary>How deep options may lie in options; deeper ones are left as octets.</summary>
    public int Depth { get; init; } = 16;

    /// <summary>
    /// How many relay messages may lie around a client's message. Today's relays stop at a hop count of 8 (RFC 8415 section 7.6), older ones at 32
    /// (RFC 3315 section 5.5); what lies deeper is left as octets.
    /// </summary>
    public int Relays { get; init; } = 32;
}
