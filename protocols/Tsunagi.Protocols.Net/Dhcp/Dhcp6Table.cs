namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>The options of DHCPv6: number, IANA's name, format (<see cref="DhcpFormatText"/>).</summary>
internal static class Dhcp6Table
{
    // RFC 8415 section 21 and the documents that its registry names; obsolete ones are still seen.
    public const string Text =
        """
        1|OPTION_CLIENTID|duid
        2|OPTION_SERVERID|duid
        3|OPTION_IA_NA|iaid:u32 t1:u32 t2:u32 options:options
        4|OPTION_IA_TA|iaid:u32 options:options
        5|OPTION_IAADDR|address:ip6 preferred-lifetime:u32 valid-lifetime:u32 options:options
        6|OPTION_ORO|u16=dhcp6*
        7|OPTION_PREFERENCE|u8
        8|OPTION_ELAPSED_TIME|u16
        9|OPTION_RELAY_MSG|message6
        11|OPTION_AUTH|protocol:u8=authentication algorithm:u8 rdm:u8=replay replay-detection:octets8 information:octets
        12|OPTION_UNICAST|ip6
        13|OPTION_STATUS_CODE|status-code:u16=status6 status-message:text
        14|OPTION_RAPID_COMMIT|none
        15|OPTION_USER_CLASS|opaque/2+
        16|OPTION_VENDOR_CLASS|enterprise-number:u32 data:opaque/2*
        17|OPTION_VENDOR_OPTS|enterprise-number:u32 options:long=vendor|enterprise-number:u32 data:octets
        18|OPTION_INTERFACE_ID|opaque
        19|OPTION_RECONF_MSG|u8=message6
        20|OPTION_RECONF_ACCEPT|none
        21|OPTION_SIP_SERVER_D|name*
        22|OPTION_SIP_SERVER_A|ip6*
        23|OPTION_DNS_SERVERS|ip6*
        24|OPTION_DOMAIN_LIST|name*
        25|OPTION_IA_PD|iaid:u32 t1:u32 t2:u32 options:options
        26|OPTION_IAPREFIX|preferred-lifetime:u32 valid-lifetime:u32 prefix:prefix6 options:options
        27|OPTION_NIS_SERVERS|ip6*
        28|OPTION_NISP_SERVERS|ip6*
        29|OPTION_NIS_DOMAIN_NAME|name*
        30|OPTION_NISP_DOMAIN_NAME|name*
        31|OPTION_SNTP_SERVERS|ip6*
        32|OPTION_INFORMATION_REFRESH_TIME|u32
        33|OPTION_BCMCS_SERVER_D|name*
        34|OPTION_BCMCS_SERVER_A|ip6*
        36|OPTION_GEOCONF_CIVIC|what:u8=civic-what country-code:opaque2 elements:short=civic
        37|OPTION_REMOTE_ID|enterprise-number:u32 remote-id:opaque
        38|OPTION_SUBSCRIBER_ID|opaque
        39|OPTION_CLIENT_FQDN|[reserved:5 no-server-update:1 server-override:1 server-update:1] domain-name:host
        40|OPTION_PANA_AGENT|ip6*
        41|OPTION_NEW_POSIX_TIMEZONE|text
        42|OPTION_NEW_TZDB_TIMEZONE|text
        43|OPTION_ERO|u16=dhcp6*
        44|OPTION_LQ_QUERY|query-type:u8=lq-query link-address:ip6 options:options
        45|OPTION_CLIENT_DATA|options
        46|OPTION_CLT_TIME|u32
        47|OPTION_LQ_RELAY_DATA|peer-address:ip6 message:message6
        48|OPTION_LQ_CLIENT_LINK|ip6*
        49|OPTION_MIP6_HNIDF|name
        50|OPTION_MIP6_VDINF|options
        51|OPTION_V6_LOST|name
        52|OPTION_CAPWAP_AC_V6|ip6*
        53|OPTION_RELAY_ID|duid
        54|OPTION-IPv6_Address-MoS|long=mos-address6
        55|OPTION-IPv6_FQDN-MoS|long=mos-name6
        56|OPTION_NTP_SERVER|long=ntp6
        57|OPTION_V6_ACCESS_DOMAIN|name
        58|OPTION_SIP_UA_CS_LIST|name*
        59|OPT_BOOTFILE_URL|text
        60|OPT_BOOTFILE_PARAM|text/2+
        61|OPTION_CLIENT_ARCH_TYPE|u16=architecture+
        62|OPTION_NII|type:u8 major:u8 minor:u8
        63|OPTION_GEOLOCATION|octets
        64|OPTION_AFTR_NAME|name
        65|OPTION_ERP_LOCAL_DOMAIN_NAME|name
        66|OPTION_RSOO|options
        67|OPTION_PD_EXCLUDE|prefix-length:u8 subnet-id:octets
        68|OPTION_VSS|type:u8=vss information:octets
        69|OPTION_MIP6_IDINF|options
        70|OPTION_MIP6_UDINF|options
        71|OPTION_MIP6_HNP|prefix6
        72|OPTION_MIP6_HAA|ip6
        73|OPTION_MIP6_HAF|name
        74|OPTION_RDNSS_SELECTION|address:ip6 [reserved:6 preference:2=preference] domains:name*
        75|OPTION_KRB_PRINCIPAL_NAME|octets
        76|OPTION_KRB_REALM_NAME|text
        77|OPTION_KRB_DEFAULT_REALM_NAME|text
        78|OPTION_KRB_KDC|priority:u16 weight:u16 transport-type:u8 port-number:u16 address:ip6 realm-name:text
        79|OPTION_CLIENT_LINKLAYER_ADDR|hardware-type:u16=hardware link-layer-address:link
        80|OPTION_LINK_ADDRESS|ip6
        81|OPTION_RADIUS|radius
        82|OPTION_SOL_MAX_RT|u32
        83|OPTION_INF_MAX_RT|u32
        84|OPTION_ADDRSEL|[reserved:6 automatic-row-additions:1 privacy-preference:1] options:options
        85|OPTION_ADDRSEL_TABLE|label:u8 precedence:u8 prefix:prefix6short
        86|OPTION_V6_PCP_SERVER|ip6+
        87|OPTION_DHCPV4_MSG|message4
        88|OPTION_DHCP4_O_DHCP6_SERVER|ip6*
        89|OPTION_S46_RULE|[reserved:7 forwarding-mapping-rule:1] ea-length:u8 ipv4-prefix:prefix4 ipv6-prefix:prefix6short options:options
        90|OPTION_S46_BR|ip6
        91|OPTION_S46_DMR|prefix6short
        92|OPTION_S46_V4V6BIND|ipv4-address:ip4 bind-ipv6-prefix:prefix6short options:options
        93|OPTION_S46_PORTPARAMS|offset:u8 psid-length:u8 psid:u16
        94|OPTION_S46_CONT_MAPE|options
        95|OPTION_S46_CONT_MAPT|options
        96|OPTION_S46_CONT_LW|options
        97|OPTION_4RD|options
        98|OPTION_4RD_MAP_RULE|prefix4-length:u8 prefix6-length:u8 ea-length:u8 [well-known-ports:1 reserved:7] ipv4-prefix:ip4 ipv6-prefix:ip6
        99|OPTION_4RD_NON_MAP_RULE|[hub-and-spoke:1 reserved:6 traffic-class-present:1] traffic-class:u8 domain-pmtu:u16
        100|OPTION_LQ_BASE_TIME|u32=time2000
        101|OPTION_LQ_START_TIME|u32=time2000
        102|OPTION_LQ_END_TIME|u32=time2000
        103|DHCP Captive-Portal|text
        104|OPTION_MPL_PARAMETERS|octets
        105|OPTION_ANI_ATT|reserved:u8 access-technology-type:u8=access
        106|OPTION_ANI_NETWORK_NAME|opaque
        107|OPTION_ANI_AP_NAME|opaque
        108|OPTION_ANI_AP_BSSID|link
        109|OPTION_ANI_OPERATOR_ID|u32
        110|OPTION_ANI_OPERATOR_REALM|opaque
        111|OPTION_S46_PRIORITY|u16=dhcp6+
        112|OPTION_MUD_URL_V6|text
        113|OPTION_V6_PREFIX64|octets
        114|OPTION_F_BINDING_STATUS|u8=binding
        115|OPTION_F_CONNECT_FLAGS|u16
        116|OPTION_F_DNS_REMOVAL_INFO|options
        117|OPTION_F_DNS_HOST_NAME|host
        118|OPTION_F_DNS_ZONE_NAME|host
        119|OPTION_F_DNS_FLAGS|u16
        120|OPTION_F_EXPIRATION_TIME|u32=time2000
        121|OPTION_F_MAX_UNACKED_BNDUPD|u32
        122|OPTION_F_MCLT|u32
        123|OPTION_F_PARTNER_LIFETIME|u32=time2000
        124|OPTION_F_PARTNER_LIFETIME_SENT|u32=time2000
        125|OPTION_F_PARTNER_DOWN_TIME|u32=time2000
        126|OPTION_F_PARTNER_RAW_CLT_TIME|u32=time2000
        127|OPTION_F_PROTOCOL_VERSION|major:u16 minor:u16
        128|OPTION_F_KEEPALIVE_TIME|u32
        129|OPTION_F_RECONFIGURE_DATA|reconfigure-time:u32=time2000 key:octets
        130|OPTION_F_RELATIONSHIP_NAME|opaque
        131|OPTION_F_SERVER_FLAGS|u8
        132|OPTION_F_SERVER_STATE|u8
        133|OPTION_F_START_TIME_OF_STATE|u32=time2000
        134|OPTION_F_STATE_EXPIRATION_TIME|u32=time2000
        135|OPTION_RELAY_PORT|u16
        136|OPTION_V6_SZTP_REDIRECT|text/2+
        137|OPTION_S46_BIND_IPV6_PREFIX|prefix6short
        138|OPTION_IA_LL|iaid:u32 t1:u32 t2:u32 options:options
        139|OPTION_LLADDR|link-layer-type:u16=hardware link-layer-address:link/2 extra-addresses:u32 valid-lifetime:u32 options:options
        140|OPTION_SLAP_QUAD|(quadrant:u8 preference:u8)+
        141|OPTION_V6_DOTS_RI|name
        142|OPTION_V6_DOTS_ADDRESS|ip6+
        143|OPTION-IPv6_Address-ANDSF|ip6+
        144|OPTION_V6_DNR|service-priority:u16 authentication-domain-name:name/2 addresses:ip6*/2? service-parameters:octets
        145|OPTION_REGISTERED_DOMAIN|name
        146|OPTION_FORWARD_DIST_MANAGER|transports:u16 name:name
        147|OPTION_REVERSE_DIST_MANAGER|transports:u16 name:name
        148|OPTION_ADDR_REG_ENABLE|none
        """;
}
