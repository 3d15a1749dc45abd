namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>
/// Takes messages apart for people and for tools. It reads as much as there is: an option that does not follow its format, or options that end in the middle of one, are kept and
/// marked. A server that must not answer such messages asks <see cref="Dhcp4Message"/>, <see cref="Dhcp6Message"/> or <see cref="NeighborMessage"/> first.
/// </summary>
public static class DhcpDecoder
{
    /// <summary>Reads one message that fills <paramref name="octets"/>; what is kept of them is copied.</summary>
    /// <returns>False where not even the header can be read, or a limit is passed. Never throws on what a peer can send.</returns>
    public static bool TryDecode(DhcpProtocol protocol, ReadOnlySpan<byte> octets, DhcpLimits? limits, out DhcpMessage? message, out DhcpError error)
    {
        limits ??= DhcpLimits.Default;
        message = null;
        error = default;
        if (octets.Length > limits.MessageOctets)
        {
            error = new DhcpError("message: longer than the limit", limits.MessageOctets);
            return false;
        }

        var reading = new DhcpReading(limits);
        var input = new DhcpInput(octets, reading);
        if (!Format(protocol).TryRead(ref input, out DhcpValue value))
        {
            error = new DhcpError(reading.IsTooMany ? "options: more than the limit" : octets.Length > 0 && IsOther(protocol, octets[0]) ? "message: no type of this protocol" : "message: shorter than its header", input.At);
            return false;
        }

        message = new DhcpMessage(protocol, (DhcpFields)value);
        return true;
    }

    /// <summary>Which protocol a message without its packet belongs to, by its first octets.</summary>
    public static DhcpProtocol Guess(ReadOnlySpan<byte> octets) =>
        octets.Length >= Dhcp4Format.FixedOctets + 4 && octets.Slice(Dhcp4Format.FixedOctets, 4).SequenceEqual((ReadOnlySpan<byte>)[0x63, 0x82, 0x53, 0x63]) ? DhcpProtocol.Dhcp4
        : octets.Length > 0 && octets[0] is (>= 133 and <= 137) or 141 or 142 ? DhcpProtocol.Neighbor
        : DhcpProtocol.Dhcp6;

    internal static DhcpFormat Format(DhcpProtocol protocol) => protocol switch
    {
        DhcpProtocol.Dhcp4 => Dhcp4Format.Message,
        DhcpProtocol.Dhcp6 => Dhcp6Format.Message,
        _ => NeighborFormat.Message,
    };

    private static bool IsOther(DhcpProtocol protocol, byte type) => protocol switch
    {
        DhcpProtocol.Dhcp6 => type == 0,
        DhcpProtocol.Neighbor => type is not ((>= 133 and <= 137) or 141 or 142),
        _ => false,
    };
}
