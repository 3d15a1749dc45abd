using System.Buffers;

namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>Messages of neighbor discovery (RFC 4861 section 4, RFC 3122 section 3) with their ICMPv6 header.</summary>
internal sealed class NeighborFormat : DhcpFormat
{
    private const string Header = "type:u8=icmp6 code:u8 checksum:octets2 ";

    private static readonly DhcpFormat _routerSolicitation = DhcpFormatText.Read(Header + "reserved:u32 options:neighbor");

    // RFC 4861 section 4.2; RFC 6275 section 7.1 (home agent), RFC 4191 section 2.2 (preference), RFC 4389 (proxy), RFC 9762 (SNAC router).
    private static readonly DhcpFormat _routerAdvertisement = DhcpFormatText.Read(
        Header + "hop-limit:u8 [managed:1 other:1 home-agent:1 preference:2=preference proxy:1 snac-router:1 reserved:1] router-lifetime:u16 reachable-time:u32 retrans-timer:u32 options:neighbor");

    private static readonly DhcpFormat _neighborSolicitation = DhcpFormatText.Read(Header + "reserved:u32 target:ip6 options:neighbor");

    private static readonly DhcpFormat _neighborAdvertisement = DhcpFormatText.Read(Header + "[router:1 solicited:1 override:1 reserved:29] target:ip6 options:neighbor");

    private static readonly DhcpFormat _redirect = DhcpFormatText.Read(Header + "reserved:u32 target:ip6 destination:ip6 options:neighbor");

    public static DhcpFormat Message { get; } = new NeighborFormat();

    public static DhcpFormat Options { get; } = new OptionsFormat(DhcpRegistry.Neighbor, DhcpFraming.Eights, isStrict: false);

    public override bool TryRead(ref DhcpInput input, out DhcpValue value)
    {
        value = new DhcpFlag(false);
        return input.Left > 0 && Of(input.Rest[0]) is { } format && format.TryRead(ref input, out value);
    }

    public override bool TryWrite(DhcpValue value, ArrayBufferWriter<byte> output) =>
        value is DhcpFields fields && fields["type"] is DhcpNumber { Value: < 256 } type && Of((byte)type.Value) is { } format && format.TryWrite(value, output);

    private static DhcpFormat? Of(byte type) => type switch
    {
        133 or 141 or 142 => _routerSolicitation,
        134 => _routerAdvertisement,
        135 => _neighborSolicitation,
        136 => _neighborAdvertisement,
        137 => _redirect,
        _ => null,
    };
}
