using System.Collections.Frozen;
using System.Globalization;

namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>Names of numbers in options, as the registries of IANA have them, and the small registries within single options.</summary>
internal static class DhcpNames
{
    // A block is a name in brackets and lines of number|name.
    private const string Text =
        """
        [message6]
        1|SOLICIT
        2|ADVERTISE
        3|REQUEST
        4|CONFIRM
        5|RENEW
        6|REBIND
        7|REPLY
        8|RELEASE
        9|DECLINE
        10|RECONFIGURE
        11|INFORMATION-REQUEST
        12|RELAY-FORW
        13|RELAY-REPL
        14|LEASEQUERY
        15|LEASEQUERY-REPLY
        16|LEASEQUERY-DONE
        17|LEASEQUERY-DATA
        18|RECONFIGURE-REQUEST
        19|RECONFIGURE-REPLY
        20|DHCPV4-QUERY
        21|DHCPV4-RESPONSE
        22|ACTIVELEASEQUERY
        23|STARTTLS
        24|BNDUPD
        25|BNDREPLY
        26|POOLREQ
        27|POOLRESP
        28|UPDREQ
        29|UPDREQALL
        30|UPDDONE
        31|CONNECT
        32|CONNECTREPLY
        33|DISCONNECT
        34|STATE
        35|CONTACT
        36|ADDR-REG-INFORM
        37|ADDR-REG-REPLY
        [status6]
        0|Success
        1|UnspecFail
        2|NoAddrsAvail
        3|NoBinding
        4|NotOnLink
        5|UseMulticast
        6|NoPrefixAvail
        7|UnknownQueryType
        8|MalformedQuery
        9|NotConfigured
        10|NotAllowed
        11|QueryTerminated
        12|DataMissing
        13|CatchUpComplete
        14|NotSupported
        15|TLSConnectionRefused
        16|AddressInUse
        17|ConfigurationConflict
        18|MissingBindingInformation
        19|OutdatedBindingInformation
        20|ServerShuttingDown
        21|DNSUpdateNotSupported
        22|ExcessiveTimeSkew
        [duid]
        1|DUID-LLT
        2|DUID-EN
        3|DUID-LL
        4|DUID-UUID
        [hardware]
        1|Ethernet
        2|Experimental Ethernet
        3|Amateur Radio AX.25
        4|Proteon ProNET Token Ring
        5|Chaos
        6|IEEE 802
        7|ARCNET
        8|Hyperchannel
        9|Lanstar
        10|Autonet Short Address
        11|LocalTalk
        12|LocalNet
        13|Ultra link
        14|SMDS
        15|Frame Relay
        16|ATM
        17|HDLC
        18|Fibre Channel
        19|ATM
        20|Serial Line
        21|ATM
        22|MIL-STD-188-220
        23|Metricom
        24|IEEE 1394.1995
        25|MAPOS
        26|Twinaxial
        27|EUI-64
        28|HIPARP
        29|IP and ARP over ISO 7816-3
        30|ARPSec
        31|IPsec tunnel
        32|InfiniBand
        33|TIA-102 Project 25 Common Air Interface
        34|Wiegand Interface
        35|Pure IP
        36|HW_EXP1
        37|HFI
        38|Unified Bus
        256|HW_EXP2
        257|AEthernet
        [authentication]
        0|configuration token
        1|delayed authentication
        2|Delayed Authentication (Obsolete)
        3|Reconfigure Key
        4|Split-horizon DNS
        [replay]
        0|monotonically increasing
        [civic-what]
        0|DHCP server
        1|network element
        2|client
        [lq-query]
        1|QUERY_BY_ADDRESS
        2|QUERY_BY_CLIENTID
        3|QUERY_BY_RELAY_ID
        4|QUERY_BY_LINK_ADDRESS
        5|QUERY_BY_REMOTE_ID
        [architecture]
        0|x86 BIOS
        1|NEC/PC98 (DEPRECATED)
        2|Itanium
        3|DEC Alpha (DEPRECATED)
        4|Arc x86 (DEPRECATED)
        5|Intel Lean Client (DEPRECATED)
        6|x86 UEFI
        7|x64 UEFI
        8|EFI Xscale (DEPRECATED)
        9|EBC
        10|ARM 32-bit UEFI
        11|ARM 64-bit UEFI
        12|PowerPC Open Firmware
        13|PowerPC ePAPR
        14|POWER OPAL v3
        15|x86 uefi boot from http
        16|x64 uefi boot from http
        17|ebc boot from http
        18|arm uefi 32 boot from http
        19|arm uefi 64 boot from http
        20|pc/at bios boot from http
        21|arm 32 uboot
        22|arm 64 uboot
        23|arm uboot 32 boot from http
        24|arm uboot 64 boot from http
        25|RISC-V 32-bit UEFI
        26|RISC-V 32-bit UEFI boot from http
        27|RISC-V 64-bit UEFI
        28|RISC-V 64-bit UEFI boot from http
        29|RISC-V 128-bit UEFI
        30|RISC-V 128-bit UEFI boot from http
        31|s390 Basic
        32|s390 Extended
        33|MIPS 32-bit UEFI
        34|MIPS 64-bit UEFI
        35|Sunway 32-bit UEFI
        36|Sunway 64-bit UEFI
        37|LoongArch 32-bit UEFI
        38|LoongArch 32-bit UEFI boot from http
        39|LoongArch 64-bit UEFI
        40|LoongArch 64-bit UEFI boot from http
        41|arm rpiboot
        [preference]
        0|Medium
        1|High
        2|Reserved
        3|Low
        [vss]
        0|NVT ASCII VPN identifier
        1|RFC 2685 VPN-ID
        255|Global, default VPN
        [transport]
        6|TCP
        17|UDP
        [binding]
        1|ACTIVE
        2|EXPIRED
        3|RELEASED
        4|PENDING-FREE
        5|FREE
        6|FREE-BACKUP
        7|ABANDONED
        8|RESET
        [access]
        1|Virtual
        2|PPP
        3|IEEE 802.3
        4|IEEE 802.11a/b/g
        5|IEEE 802.16e
        6|3GPP GERAN
        7|3GPP UTRAN
        8|3GPP E-UTRAN
        9|3GPP2 eHRPD
        10|3GPP2 HRPD
        11|3GPP2 1xRTT
        12|3GPP2 UMB
        13|3GPP NB-IOT
        [op4]
        1|BOOTREQUEST
        2|BOOTREPLY
        [message4]
        1|DHCPDISCOVER
        2|DHCPOFFER
        3|DHCPREQUEST
        4|DHCPDECLINE
        5|DHCPACK
        6|DHCPNAK
        7|DHCPRELEASE
        8|DHCPINFORM
        9|DHCPFORCERENEW
        10|DHCPLEASEQUERY
        11|DHCPLEASEUNASSIGNED
        12|DHCPLEASEUNKNOWN
        13|DHCPLEASEACTIVE
        14|DHCPBULKLEASEQUERY
        15|DHCPLEASEQUERYDONE
        16|DHCPACTIVELEASEQUERY
        17|DHCPLEASEQUERYSTATUS
        18|DHCPTLS
        [overload]
        1|file
        2|sname
        3|file and sname
        [netbios]
        1|B-node
        2|P-node
        4|M-node
        8|H-node
        [status4]
        0|Success
        1|UnspecFail
        2|QueryTerminated
        3|MalformedQuery
        4|NotAllowed
        5|DataMissing
        6|ConnectionActive
        7|CatchUpComplete
        8|TLSConnectionRefused
        [state4]
        1|AVAILABLE
        2|ACTIVE
        3|EXPIRED
        4|RELEASED
        5|ABANDONED
        6|RESET
        7|REMOTE
        8|TRANSITIONING
        [auto-config]
        0|DoNotAutoConfigure
        1|AutoConfigure
        [icmp6]
        133|Router Solicitation
        134|Router Advertisement
        135|Neighbor Solicitation
        136|Neighbor Advertisement
        137|Redirect Message
        141|Inverse Neighbor Discovery Solicitation Message
        142|Inverse Neighbor Discovery Advertisement Message
        [pref64]
        0|96
        1|64
        2|56
        3|48
        4|40
        5|32
        """;

    // Registries within one option; a line is number|name|format.
    private static readonly Dictionary<string, string> _registries = new(StringComparer.Ordinal)
    {
        ["vendor"] = "",
        ["vendor43"] = "",
        ["civic"] = "",
        ["ntp6"] =
            """
            1|NTP_SUBOPTION_SRV_ADDR|ip6
            2|NTP_SUBOPTION_MC_ADDR|ip6
            3|NTP_SUBOPTION_SRV_FQDN|name
            """,
        ["mos-address6"] =
            """
            1|IS|ip6+
            2|CS|ip6+
            3|ES|ip6+
            """,
        ["mos-name6"] =
            """
            1|IS|name+
            2|CS|name+
            3|ES|name+
            """,
        ["mos-address4"] =
            """
            1|IS|ip4+
            2|CS|ip4+
            3|ES|ip4+
            """,
        ["mos-name4"] =
            """
            1|IS|name+
            2|CS|name+
            3|ES|name+
            """,
        ["cablelabs"] =
            """
            1|TSP's Primary DHCP Server Address|ip4
            2|TSP's Secondary DHCP Server Address|ip4
            3|TSP's Provisioning Server Address|type:u8 {0: name:name; 1: address:ip4}
            4|TSP's AS-REQ/AS-REP Backoff and Retry|nominal-timeout:u32 maximum-timeout:u32 maximum-retries:u32
            5|TSP's AP-REQ/AP-REP Backoff and Retry|nominal-timeout:u32 maximum-timeout:u32 maximum-retries:u32
            6|TSP's Kerberos Realm Name|name
            7|TSP's Ticket Granting Server Utilization|bool
            8|TSP's Provisioning Timer Value|u8
            9|Security Ticket Control|u16
            10|KDC Server Address|ip4+
            """,
        ["netware"] =
            """
            1|NWIP_DOES_NOT_EXIST|none
            2|NWIP_EXIST_IN_OPTIONS_AREA|none
            3|NWIP_EXIST_IN_SNAME_FILE|none
            4|NWIP_EXIST_BUT_TOO_BIG|none
            5|NSQ_BROADCAST|bool
            6|PREFERRED_DSS|ip4+
            7|NEAREST_NWIP_SERVER|ip4+
            8|AUTORETRIES|u8
            9|AUTORETRY_SECS|u8
            10|NWIP_1_1|bool
            11|PRIMARY_DSS|ip4
            """,
    };

    private static readonly FrozenDictionary<string, FrozenDictionary<ulong, string>> _names = ReadNames();

    /// <summary>The tables of the small registries.</summary>
    public static IReadOnlyDictionary<string, string> Registries => _registries;

    /// <summary>RFC 8415 section 11; RFC 6355 section 4.</summary>
    public static DhcpFormat Duid { get; } = DhcpFormatText.Read(
        "type:u16=duid {1: hardware-type:u16=hardware time:u32=time2000 link-layer-address:link; 2: enterprise-number:u32 identifier:octets; 3: hardware-type:u16=hardware link-layer-address:link; 4: uuid:uuid; else: identifier:octets}");

    /// <summary>What a number is called.</summary>
    /// <exception cref="FormatException">There is no such set of names.</exception>
    public static Func<ulong, string?> Of(string set) => set switch
    {
        "dhcp6" => static number => DhcpRegistry.Dhcp6.Name((int)Math.Min(number, int.MaxValue)),
        "dhcp4" => static number => DhcpRegistry.Dhcp4.Name((int)Math.Min(number, int.MaxValue)),
        "client-id" => static number => number switch { 0 => null, 255 => "IAID+DUID", _ => _names["hardware"].GetValueOrDefault(number) }, // RFC 2132 section 9.14, RFC 4361 section 6.1
        "time2000" => DhcpEpoch.Since2000,
        "time1970" => DhcpEpoch.Since1970,
        _ when _names.TryGetValue(set, out FrozenDictionary<ulong, string>? names) => number => names.GetValueOrDefault(number),
        _ => throw new FormatException($"there are no names '{set}'"),
    };

    private static FrozenDictionary<string, FrozenDictionary<ulong, string>> ReadNames()
    {
        var sets = new Dictionary<string, Dictionary<ulong, string>>(StringComparer.Ordinal);
        Dictionary<ulong, string> set = [];
        foreach (string line in Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (line[0] == '[')
            {
                sets.Add(line[1..^1], set = []);
                continue;
            }

            int bar = line.IndexOf('|', StringComparison.Ordinal);
            set.Add(ulong.Parse(line.AsSpan(0, bar), CultureInfo.InvariantCulture), line[(bar + 1)..]);
        }

        return sets.ToFrozenDictionary(static pair => pair.Key, static pair => pair.Value.ToFrozenDictionary(), StringComparer.Ordinal);
    }
}
