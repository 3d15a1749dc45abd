namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>The options of DHCPv4 and the sub-options of its relay agents: number, IANA's name, format (<see cref="DhcpFormatText"/>).</summary>
internal static class Dhcp4Table
{
    // RFC 2132 and the documents that its registry names. What has several meanings in the registry (128 to 135, 150, 175 to 177) is left as octets.
    public const string Text =
        """
        0|Pad|none
        1|Subnet Mask|ip4
        2|Time Offset|i32
        3|Router|ip4+
        4|Time Server|ip4+
        5|Name Server|ip4+
        6|Domain Server|ip4+
        7|Log Server|ip4+
        8|Quotes Server|ip4+
        9|LPR Server|ip4+
        10|Impress Server|ip4+
        11|RLP Server|ip4+
        12|Hostname|line
        13|Boot File Size|u16
        14|Merit Dump File|line
        15|Domain Name|line
        16|Swap Server|ip4
        17|Root Path|line
        18|Extension File|line
        19|Forward On/Off|bool
        20|SrcRte On/Off|bool
        21|Policy Filter|(address:ip4 mask:ip4)+
        22|Max DG Assembly|u16
        23|Default IP TTL|u8
        24|MTU Timeout|u32
        25|MTU Plateau|u16+
        26|MTU Interface|u16
        27|MTU Subnet|bool
        28|Broadcast Address|ip4
        29|Mask Discovery|bool
        30|Mask Supplier|bool
        31|Router Discovery|bool
        32|Router Request|ip4
        33|Static Route|(destination:ip4 router:ip4)+
        34|Trailers|bool
        35|ARP Timeout|u32
        36|Ethernet|bool
        37|Default TCP TTL|u8
        38|Keepalive Time|u32
        39|Keepalive Data|bool
        40|NIS Domain|line
        41|NIS Servers|ip4+
        42|NTP Servers|ip4+
        43|Vendor Specific|padded=vendor43|octets
        44|NETBIOS Name Srv|ip4+
        45|NETBIOS Dist Srv|ip4+
        46|NETBIOS Node Type|u8=netbios
        47|NETBIOS Scope|line
        48|X Window Font|ip4+
        49|X Window Manager|ip4+
        50|Address Request|ip4
        51|Address Time|u32
        52|Overload|u8=overload
        53|DHCP Msg Type|u8=message4
        54|DHCP Server Id|ip4
        55|Parameter List|u8=dhcp4+
        56|DHCP Message|line
        57|DHCP Max Msg Size|u16
        58|Renewal Time|u32
        59|Rebinding Time|u32
        60|Class Id|line
        61|Client Id|type:u8=client-id {0: identifier:opaque; 255: iaid:u32 duid:duid; else: identifier:link}|type:u8=client-id identifier:octets
        62|NetWare/IP Domain|line
        63|NetWare/IP Option|short=netware|octets
        64|NIS-Domain-Name|line
        65|NIS-Server-Addr|ip4+
        66|Server-Name|line
        67|Bootfile-Name|line
        68|Home-Agent-Addrs|ip4*
        69|SMTP-Server|ip4+
        70|POP3-Server|ip4+
        71|NNTP-Server|ip4+
        72|WWW-Server|ip4+
        73|Finger-Server|ip4+
        74|IRC-Server|ip4+
        75|StreetTalk-Server|ip4+
        76|STDA-Server|ip4+
        77|User-Class|opaque/1+|opaque
        78|Directory Agent|mandatory:bool addresses:ip4*
        79|Service Scope|mandatory:bool scopes:text
        80|Rapid Commit|none
        81|Client FQDN|[reserved:4 no-server-update:1 encoded:1 server-override:1 server-update:1] rcode1:u8 rcode2:u8 domain-name:(host|text)
        82|Relay Agent Information|short=agent
        83|iSNS|octets
        85|NDS Servers|ip4+
        86|NDS Tree Name|line
        87|NDS Context|line
        88|BCMCS Controller Domain Name list|name+
        89|BCMCS Controller IPv4 address option|ip4+
        90|Authentication|protocol:u8=authentication algorithm:u8 rdm:u8=replay replay-detection:octets8 information:octets
        91|client-last-transaction-time option|u32
        92|associated-ip option|ip4+
        93|Client System|u16=architecture+
        94|Client NDI|type:u8 major:u8 minor:u8
        95|LDAP|line
        97|UUID/GUID|type:u8 {0: uuid:uuid; else: identifier:octets}|type:u8 identifier:octets
        98|User-Auth|line
        99|GEOCONF_CIVIC|what:u8=civic-what country-code:opaque2 elements:short=civic
        100|PCode|line
        101|TCode|line
        108|IPv6-Only Preferred|u32
        109|OPTION_DHCP4O6_S46_SADDR|ip6
        112|Netinfo Address|ip4+
        113|Netinfo Tag|line
        114|DHCP Captive-Portal|line
        116|Auto-Config|u8=auto-config
        117|Name Service Search|u16=dhcp4+
        118|Subnet Selection Option|ip4
        119|Domain Search|names
        120|SIP Servers DHCP Option|encoding:u8 {0: names:names; 1: addresses:ip4+}
        121|Classless Static Route Option|(destination:prefix4short router:ip4)+
        122|CCC|short=cablelabs
        123|GeoConf Option|octets
        124|V-I Vendor Class|(enterprise-number:u32 data:opaque/1*/1)+
        125|V-I Vendor-Specific Information|(enterprise-number:u32 options:(short=vendor|octets)/1)+
        128|PXE - undefined (vendor specific)|octets
        129|PXE - undefined (vendor specific)|octets
        130|PXE - undefined (vendor specific)|octets
        131|PXE - undefined (vendor specific)|octets
        132|PXE - undefined (vendor specific)|octets
        133|PXE - undefined (vendor specific)|octets
        134|PXE - undefined (vendor specific)|octets
        135|PXE - undefined (vendor specific)|octets
        136|OPTION_PANA_AGENT|ip4+
        137|OPTION_V4_LOST|name
        138|OPTION_CAPWAP_AC_V4|ip4+
        139|OPTION-IPv4_Address-MoS|short=mos-address4
        140|OPTION-IPv4_FQDN-MoS|short=mos-name4
        141|SIP UA Configuration Service Domains|name+
        142|OPTION-IPv4_Address-ANDSF|ip4+
        143|OPTION_V4_SZTP_REDIRECT|text/2+
        144|GeoLoc|octets
        145|FORCERENEW_NONCE_CAPABLE|u8+
        146|RDNSS Selection|[reserved:6 preference:2=preference] primary:ip4 secondary:ip4 domains:name*
        147|OPTION_V4_DOTS_RI|name
        148|OPTION_V4_DOTS_ADDRESS|ip4+
        150|TFTP server address|ip4+|opaque
        151|status-code|status-code:u8=status4 status-message:text
        152|base-time|u32=time1970
        153|start-time-of-state|u32
        154|query-start-time|u32=time1970
        155|query-end-time|u32=time1970
        156|dhcp-state|u8=state4
        157|data-source|[reserved:7 remote:1]
        158|OPTION_V4_PCP_SERVER|(ip4+/1)+
        159|OPTION_V4_PORTPARAMS|offset:u8 psid-length:u8 psid:u16
        161|OPTION_MUD_URL_V4|line
        162|OPTION_V4_DNR|(service-priority:u16 authentication-domain-name:name/1 addresses:ip4*/1? service-parameters:octets)/2+
        175|Etherboot (Tentatively Assigned - 2005-06-23)|octets
        176|IP Telephone (Tentatively Assigned - 2005-06-23)|octets
        177|Etherboot (Tentatively Assigned - 2005-06-23)|octets
        208|PXELINUX Magic|octets4
        209|Configuration File|line
        210|Path Prefix|line
        211|Reboot Time|u32
        212|OPTION_6RD|ipv4-mask-length:u8 prefix:prefix6 border-relays:ip4+
        213|OPTION_V4_ACCESS_DOMAIN|name
        220|Subnet Allocation Option|flags:u8 suboptions:octets
        221|Virtual Subnet Selection (VSS) Option|type:u8=vss information:octets
        255|End|none
        """;

    /// <summary>RFC 3046 section 2 and its registry.</summary>
    public const string RelayAgent =
        """
        1|Agent Circuit ID Sub-option|opaque
        2|Agent Remote ID Sub-option|opaque
        4|DOCSIS Device Class Suboption|u32
        5|Link selection Sub-option|ip4
        6|Subscriber-ID Suboption|opaque
        7|RADIUS Attributes Sub-option|radius
        8|Authentication Suboption|algorithm:u8 reserved:u8 rdm:u8=replay replay-detection:octets8 relay-identifier:octets4 information:octets
        9|Vendor-Specific Information Suboption|(enterprise-number:u32 data:(short=vendor|octets)/1)+
        10|Relay Agent Flags|[unicast:1 reserved:7]
        11|Server Identifier Override Suboption|ip4
        12|Relay Agent Identifier Sub-option|duid
        13|Access-Technology-Type Sub-option|reserved:u8 access-technology-type:u8=access
        14|Access-Network-Name Sub-option|opaque
        15|Access-Point-Name Sub-option|opaque
        16|Access-Point-BSSID Sub-option|link
        17|Operator-Identifier Sub-option|u32
        18|Operator-Realm Sub-option|opaque
        19|Relay Agent Source Port Sub-option|none|u16
        151|DHCPv4 Virtual Subnet Selection Sub-Option|type:u8=vss information:octets
        152|DHCPv4 Virtual Subnet Selection Control Sub-Option|none
        """;
}
