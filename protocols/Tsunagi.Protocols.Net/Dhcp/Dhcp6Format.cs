using System.Buffers;

namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>Messages of DHCPv6: a client's or a server's, a relay's around another, DHCPv4 carried in DHCPv6, or one between two servers.</summary>
internal sealed class Dhcp6Format : DhcpFormat
{
    // RFC 8415 section 8.
    private static readonly DhcpFormat _client = DhcpFormatText.Read("message-type:u8=message6 transaction-id:octets3 options:options");

    // RFC 8415 section 9.
    private static readonly DhcpFormat _relay = DhcpFormatText.Read("message-type:u8=message6 hop-count:u8 link-address:ip6 peer-address:ip6 options:options");

    // RFC 7341 section 6.2.
    private static readonly DhcpFormat _carrier = DhcpFormatText.Read("message-type:u8=message6 [unicast:1 reserved:23] options:options");

    // RFC 8156 section 6.1.
    private static readonly DhcpFormat _partner = DhcpFormatText.Read("message-type:u8=message6 transaction-id:octets3 sent-time:u32=time2000 options:options");

    public static DhcpFormat Message { get; } = new Dhcp6Format();

    public static DhcpFormat Options { get; } = new OptionsFormat(DhcpRegistry.Dhcp6, DhcpFraming.Long, isStrict: false);

    public override bool TryRead(ref DhcpInput input, out DhcpValue value)
    {
        value = new DhcpFlag(false);
        DhcpReading reading = input.Reading;
        if (input.Left == 0 || input.Rest[0] == 0) // type 0 is reserved (RFC 8415 section 24)
        {
            return false;
        }

        if (reading.Relays > reading.Limits.Relays)
        {
            reading.IsTooDeep = true;
            return false;
        }

        // Options of a relayed message begin their own depth: relays are counted by themselves.
        int depth = reading.Depth;
        reading.Depth = 0;
        reading.Relays++;
        bool read = Of(input.Rest[0]).TryRead(ref input, out value);
        reading.Relays--;
        reading.Depth = depth;
        return read;
    }

    public override bool TryWrite(DhcpValue value, ArrayBufferWriter<byte> output) =>
        value is DhcpFields fields && fields["message-type"] is DhcpNumber { Value: > 0 and < 256 } type && Of((byte)type.Value).TryWrite(value, output);

    private static DhcpFormat Of(byte type) => type switch
    {
        12 or 13 => _relay,
        20 or 21 => _carrier,
        >= 24 and <= 35 => _partner,
        _ => _client,
    };
}
