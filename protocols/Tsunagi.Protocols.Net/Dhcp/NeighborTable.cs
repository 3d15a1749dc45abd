namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>The options of neighbor discovery: number, IANA's name, format (<see cref="DhcpFormatText"/>); an option is filled up to eight octets.</summary>
internal static class NeighborTable
{
    // RFC 4861 section 4.6, RFC 2491, RFC 3122, RFC 6275 section 7, RFC 3971 section 5, RFC 4191 section 2.3, RFC 8106 section 5, RFC 5175, RFC 8910, RFC 8781, RFC 9463.
    public const string Text =
        """
        1|Source Link-layer Address|link
        2|Target Link-layer Address|link
        3|Prefix Information|prefix-length:u8 [on-link:1 autonomous:1 router-address:1 reserved1:5] valid-lifetime:u32 preferred-lifetime:u32 reserved2:u32 prefix:ip6
        4|Redirected Header|reserved:octets6 packet:octets
        5|MTU|reserved:u16 mtu:u32
        6|NBMA Shortcut Limit Option|shortcut-limit:u8 reserved:u8 reserved2:u32
        7|Advertisement Interval Option|reserved:u16 interval-milliseconds:u32
        8|Home Agent Information Option|reserved:u16 preference:u16 lifetime:u16
        9|Source Address List|reserved:octets6 addresses:ip6+
        10|Target Address List|reserved:octets6 addresses:ip6+
        11|CGA option|octets
        12|RSA Signature option|octets
        13|Timestamp option|reserved:octets6 timestamp:u64
        14|Nonce option|octets
        15|Trust Anchor option|octets
        16|Certificate option|octets
        17|IP Address/Prefix Option|octets
        18|New Router Prefix Information Option|octets
        19|Link-layer Address Option|octets
        20|Neighbor Advertisement Acknowledgment Option|octets
        23|MAP Option|octets
        24|Route Information Option|prefix-length:u8 [reserved1:3 preference:2=preference reserved2:3] route-lifetime:u32 prefix:ip6part
        25|Recursive DNS Server Option|reserved:u16 lifetime:u32 addresses:ip6+
        26|RA Flags Extension Option|octets6
        27|Handover Key Request Option|octets
        28|Handover Key Reply Option|octets
        29|Handover Assist Information Option|octets
        30|Mobile Node Identifier Option|octets
        31|DNS Search List Option|reserved:u16 lifetime:u32 domains:label~ reserved2:fill
        32|Proxy Signature (PS)|octets
        33|Address Registration Option|octets
        34|6LoWPAN Context Option|octets
        35|Authoritative Border Router Option|octets
        36|6LoWPAN Capability Indication Option (6CIO)|octets
        37|DHCP Captive-Portal|line
        38|PREF64 option|[scaled-lifetime:13 prefix-length:3=pref64] prefix:ip6part
        39|Crypto-ID Parameters Option (CIPO)|octets
        40|NDP Signature Option (NDPSO)|octets
        41|Resource Directory Address Option|octets
        42|Consistent Uptime Option|octets
        138|CARD Request option|octets
        139|CARD Reply option|octets
        144|Encrypted DNS Option|service-priority:u16 lifetime:u32 authentication-domain-name:name/2 addresses:ip6*/2 service-parameters:octets/2 reserved:fill|service-priority:u16 lifetime:u32 authentication-domain-name:name/2 reserved:fill
        253|RFC3692-style Experiment 1|octets
        254|RFC3692-style Experiment 2|octets
        """;
}
