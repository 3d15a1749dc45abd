namespace Tsunagi.Protocols.Net.Radius;

/// <summary>The dictionary that is always there: the attributes of the RFCs by IANA's registry, and of vendors what providers meet on their NASes.</summary>
internal static class StandardDictionary
{
    public const string Text =
        """
        # RFC 2865
        ATTRIBUTE User-Name 1 string
        ATTRIBUTE User-Password 2 string encrypt=1
        ATTRIBUTE CHAP-Password 3 octets
        ATTRIBUTE NAS-IP-Address 4 ipaddr
        ATTRIBUTE NAS-Port 5 integer
        ATTRIBUTE Service-Type 6 integer
        ATTRIBUTE Framed-Protocol 7 integer
        ATTRIBUTE Framed-IP-Address 8 ipaddr
        ATTRIBUTE Framed-IP-Netmask 9 ipaddr
        ATTRIBUTE Framed-Routing 10 integer
        ATTRIBUTE Filter-Id 11 string
        ATTRIBUTE Framed-MTU 12 integer
        ATTRIBUTE Framed-Compression 13 integer
        ATTRIBUTE Login-IP-Host 14 ipaddr
        ATTRIBUTE Login-Service 15 integer
        ATTRIBUTE Login-TCP-Port 16 integer
        ATTRIBUTE Reply-Message 18 string
        ATTRIBUTE Callback-Number 19 string
        ATTRIBUTE Callback-Id 20 string
        ATTRIBUTE Framed-Route 22 string
        ATTRIBUTE Framed-IPX-Network 23 ipaddr
        ATTRIBUTE State 24 octets
        ATTRIBUTE Class 25 octets
        ATTRIBUTE Vendor-Specific 26 vsa
        ATTRIBUTE Session-Timeout 27 integer
        ATTRIBUTE Idle-Timeout 28 integer
        ATTRIBUTE Termination-Action 29 integer
        ATTRIBUTE Called-Station-Id 30 string
        ATTRIBUTE Calling-Station-Id 31 string
        ATTRIBUTE NAS-Identifier 32 string
        ATTRIBUTE Proxy-State 33 octets
        ATTRIBUTE Login-LAT-Service 34 string
        ATTRIBUTE Login-LAT-Node 35 string
        ATTRIBUTE Login-LAT-Group 36 octets
        ATTRIBUTE Framed-AppleTalk-Link 37 integer
        ATTRIBUTE Framed-AppleTalk-Network 38 integer
        ATTRIBUTE Framed-AppleTalk-Zone 39 string
        ATTRIBUTE CHAP-Challenge 60 octets
        ATTRIBUTE NAS-Port-Type 61 integer
        ATTRIBUTE Port-Limit 62 integer
        ATTRIBUTE Login-LAT-Port 63 string
        VALUE Service-Type Login-User 1
        VALUE Service-Type Framed-User 2
        VALUE Service-Type Callback-Login-User 3
        VALUE Service-Type Callback-Framed-User 4
        VALUE Service-Type Outbound-User 5
        VALUE Service-Type Administrative-User 6
        VALUE Service-Type NAS-Prompt-User 7
        VALUE Service-Type Authenticate-Only 8
        VALUE Service-Type Callback-NAS-Prompt 9
        VALUE Service-Type Call-Check 10
        VALUE Service-Type Callback-Administrative 11
        VALUE Service-Type Authorize-Only 17
        VALUE Framed-Protocol PPP 1
        VALUE Framed-Protocol SLIP 2
        VALUE Framed-Protocol ARAP 3
        VALUE Framed-Protocol Gandalf-SLML 4
        VALUE Framed-Protocol Xylogics-IPX-SLIP 5
        VALUE Framed-Protocol X.75-Synchronous 6
        VALUE Framed-Protocol GPRS-PDP-Context 7
        VALUE Framed-Routing None 0
        VALUE Framed-Routing Broadcast 1
        VALUE Framed-Routing Listen 2
        VALUE Framed-Routing Broadcast-Listen 3
        VALUE Framed-Compression None 0
        VALUE Framed-Compression Van-Jacobson-TCP-IP 1
        VALUE Framed-Compression IPX-Header-Compression 2
        VALUE Framed-Compression Stac-LZS 3
        VALUE Login-Service Telnet 0
        VALUE Login-Service Rlogin 1
        VALUE Login-Service TCP-Clear 2
        VALUE Login-Service PortMaster 3
        VALUE Login-Service LAT 4
        VALUE Login-Service X25-PAD 5
        VALUE Login-Service X25-T3POS 6
        VALUE Login-Service TCP-Clear-Quiet 8
        VALUE Termination-Action Default 0
        VALUE Termination-Action RADIUS-Request 1
        VALUE NAS-Port-Type Async 0
        VALUE NAS-Port-Type Sync 1
        VALUE NAS-Port-Type ISDN 2
        VALUE NAS-Port-Type ISDN-V120 3
        VALUE NAS-Port-Type ISDN-V110 4
        VALUE NAS-Port-Type Virtual 5
        VALUE NAS-Port-Type PIAFS 6
        VALUE NAS-Port-Type HDLC-Clear-Channel 7
        VALUE NAS-Port-Type X.25 8
        VALUE NAS-Port-Type X.75 9
        VALUE NAS-Port-Type G.3-Fax 10
        VALUE NAS-Port-Type SDSL 11
        VALUE NAS-Port-Type ADSL-CAP 12
        VALUE NAS-Port-Type ADSL-DMT 13
        VALUE NAS-Port-Type IDSL 14
        VALUE NAS-Port-Type Ethernet 15
        VALUE NAS-Port-Type xDSL 16
        VALUE NAS-Port-Type Cable 17
        VALUE NAS-Port-Type Wireless-Other 18
        VALUE NAS-Port-Type Wireless-802.11 19
        VALUE NAS-Port-Type Token-Ring 20
        VALUE NAS-Port-Type FDDI 21
        VALUE NAS-Port-Type PPPoA 30
        VALUE NAS-Port-Type PPPoEoA 31
        VALUE NAS-Port-Type PPPoEoE 32
        VALUE NAS-Port-Type PPPoEoVLAN 33
        VALUE NAS-Port-Type PPPoEoQinQ 34

        # RFC 2866 and 2867
        ATTRIBUTE Acct-Status-Type 40 integer
        ATTRIBUTE Acct-Delay-Time 41 integer
        ATTRIBUTE Acct-Input-Octets 42 integer
        ATTRIBUTE Acct-Output-Octets 43 integer
        ATTRIBUTE Acct-Session-Id 44 string
        ATTRIBUTE Acct-Authentic 45 integer
        ATTRIBUTE Acct-Session-Time 46 integer
        ATTRIBUTE Acct-Input-Packets 47 integer
        ATTRIBUTE Acct-Output-Packets 48 integer
        ATTRIBUTE Acct-Terminate-Cause 49 integer
        ATTRIBUTE Acct-Multi-Session-Id 50 string
        ATTRIBUTE Acct-Link-Count 51 integer
        ATTRIBUTE Acct-Tunnel-Connection 68 string
        ATTRIBUTE Acct-Tunnel-Packets-Lost 86 integer
        VALUE Acct-Status-Type Start 1
        VALUE Acct-Status-Type Stop 2
        VALUE Acct-Status-Type Interim-Update 3
        VALUE Acct-Status-Type Accounting-On 7
        VALUE Acct-Status-Type Accounting-Off 8
        VALUE Acct-Status-Type Tunnel-Start 9
        VALUE Acct-Status-Type Tunnel-Stop 10
        VALUE Acct-Status-Type Tunnel-Reject 11
        VALUE Acct-Status-Type Tunnel-Link-Start 12
        VALUE Acct-Status-Type Tunnel-Link-Stop 13
        VALUE Acct-Status-Type Tunnel-Link-Reject 14
        VALUE Acct-Status-Type Failed 15
        VALUE Acct-Authentic RADIUS 1
        VALUE Acct-Authentic Local 2
        VALUE Acct-Authentic Remote 3
        VALUE Acct-Authentic Diameter 4
        VALUE Acct-Terminate-Cause User-Request 1
        VALUE Acct-Terminate-Cause Lost-Carrier 2
        VALUE Acct-Terminate-Cause Lost-Service 3
        VALUE Acct-Terminate-Cause Idle-Timeout 4
        VALUE Acct-Terminate-Cause Session-Timeout 5
        VALUE Acct-Terminate-Cause Admin-Reset 6
        VALUE Acct-Terminate-Cause Admin-Reboot 7
        VALUE Acct-Terminate-Cause Port-Error 8
        VALUE Acct-Terminate-Cause NAS-Error 9
        VALUE Acct-Terminate-Cause NAS-Request 10
        VALUE Acct-Terminate-Cause NAS-Reboot 11
        VALUE Acct-Terminate-Cause Port-Unneeded 12
        VALUE Acct-Terminate-Cause Port-Preempted 13
        VALUE Acct-Terminate-Cause Port-Suspended 14
        VALUE Acct-Terminate-Cause Service-Unavailable 15
        VALUE Acct-Terminate-Cause Callback 16
        VALUE Acct-Terminate-Cause User-Error 17
        VALUE Acct-Terminate-Cause Host-Request 18
        VALUE Acct-Terminate-Cause Supplicant-Restart 19
        VALUE Acct-Terminate-Cause Reauthentication-Failure 20
        VALUE Acct-Terminate-Cause Port-Reinitialized 21
        VALUE Acct-Terminate-Cause Port-Administratively-Disabled 22
        VALUE Acct-Terminate-Cause Lost-Power 23

        # RFC 2868
        ATTRIBUTE Tunnel-Type 64 integer has_tag
        ATTRIBUTE Tunnel-Medium-Type 65 integer has_tag
        ATTRIBUTE Tunnel-Client-Endpoint 66 string has_tag
        ATTRIBUTE Tunnel-Server-Endpoint 67 string has_tag
        ATTRIBUTE Tunnel-Password 69 string has_tag,encrypt=2
        ATTRIBUTE Tunnel-Private-Group-Id 81 string has_tag
        ATTRIBUTE Tunnel-Assignment-Id 82 string has_tag
        ATTRIBUTE Tunnel-Preference 83 integer has_tag
        ATTRIBUTE Tunnel-Client-Auth-Id 90 string has_tag
        ATTRIBUTE Tunnel-Server-Auth-Id 91 string has_tag
        VALUE Tunnel-Type PPTP 1
        VALUE Tunnel-Type L2F 2
        VALUE Tunnel-Type L2TP 3
        VALUE Tunnel-Type ATMP 4
        VALUE Tunnel-Type VTP 5
        VALUE Tunnel-Type AH 6
        VALUE Tunnel-Type IP 7
        VALUE Tunnel-Type MIN-IP 8
        VALUE Tunnel-Type ESP 9
        VALUE Tunnel-Type GRE 10
        VALUE Tunnel-Type DVS 11
        VALUE Tunnel-Type IP-in-IP 12
        VALUE Tunnel-Type VLAN 13
        VALUE Tunnel-Medium-Type IPv4 1
        VALUE Tunnel-Medium-Type IPv6 2
        VALUE Tunnel-Medium-Type NSAP 3
        VALUE Tunnel-Medium-Type HDLC 4
        VALUE Tunnel-Medium-Type IEEE-802 6

        # RFC 2869 and 3579
        ATTRIBUTE Acct-Input-Gigawords 52 integer
        ATTRIBUTE Acct-Output-Gigawords 53 integer
        ATTRIBUTE Event-Timestamp 55 date
        ATTRIBUTE ARAP-Password 70 octets
        ATTRIBUTE ARAP-Features 71 octets
        ATTRIBUTE ARAP-Zone-Access 72 integer
        ATTRIBUTE ARAP-Security 73 integer
        ATTRIBUTE ARAP-Security-Data 74 string
        ATTRIBUTE Password-Retry 75 integer
        ATTRIBUTE Prompt 76 integer
        ATTRIBUTE Connect-Info 77 string
        ATTRIBUTE Configuration-Token 78 string
        ATTRIBUTE EAP-Message 79 octets concat
        ATTRIBUTE Message-Authenticator 80 octets
        ATTRIBUTE ARAP-Challenge-Response 84 octets
        ATTRIBUTE Acct-Interim-Interval 85 integer
        ATTRIBUTE NAS-Port-Id 87 string
        ATTRIBUTE Framed-Pool 88 string
        VALUE Prompt No-Echo 0
        VALUE Prompt Echo 1

        # RFC 4675, 4372, 3162, 3580
        ATTRIBUTE Egress-VLANID 56 integer
        ATTRIBUTE Ingress-Filters 57 integer
        ATTRIBUTE Egress-VLAN-Name 58 string
        ATTRIBUTE User-Priority-Table 59 octets
        VALUE Ingress-Filters Enabled 1
        VALUE Ingress-Filters Disabled 2
        ATTRIBUTE Chargeable-User-Identity 89 octets
        ATTRIBUTE NAS-Filter-Rule 92 string
        ATTRIBUTE Originating-Line-Info 94 octets
        ATTRIBUTE NAS-IPv6-Address 95 ipv6addr
        ATTRIBUTE Framed-Interface-Id 96 ifid
        ATTRIBUTE Framed-IPv6-Prefix 97 ipv6prefix
        ATTRIBUTE Login-IPv6-Host 98 ipv6addr
        ATTRIBUTE Framed-IPv6-Route 99 string
        ATTRIBUTE Framed-IPv6-Pool 100 string
        ATTRIBUTE EAP-Key-Name 102 octets

        # RFC 5176
        ATTRIBUTE Error-Cause 101 integer
        VALUE Error-Cause Residual-Context-Removed 201
        VALUE Error-Cause Invalid-EAP-Packet 202
        VALUE Error-Cause Unsupported-Attribute 401
        VALUE Error-Cause Missing-Attribute 402
        VALUE Error-Cause NAS-Identification-Mismatch 403
        VALUE Error-Cause Invalid-Request 404
        VALUE Error-Cause Unsupported-Service 405
        VALUE Error-Cause Unsupported-Extension 406
        VALUE Error-Cause Invalid-Attribute-Value 407
        VALUE Error-Cause Administratively-Prohibited 501
        VALUE Error-Cause Proxy-Request-Not-Routable 502
        VALUE Error-Cause Session-Context-Not-Found 503
        VALUE Error-Cause Session-Context-Not-Removable 504
        VALUE Error-Cause Proxy-Processing-Error 505
        VALUE Error-Cause Resources-Unavailable 506
        VALUE Error-Cause Request-Initiated 507
        VALUE Error-Cause Multiple-Session-Selection-Unsupported 508
        VALUE Error-Cause Location-Info-Required 509

        # RFC 4818, 5090 (digest), 5447, 5580, 5607, 6519, 6572, 6911, 7155
        ATTRIBUTE Digest-Response 103 string
        ATTRIBUTE Digest-Realm 104 string
        ATTRIBUTE Digest-Nonce 105 string
        ATTRIBUTE Digest-Response-Auth 106 string
        ATTRIBUTE Digest-Nextnonce 107 string
        ATTRIBUTE Digest-Method 108 string
        ATTRIBUTE Digest-URI 109 string
        ATTRIBUTE Digest-Qop 110 string
        ATTRIBUTE Digest-Algorithm 111 string
        ATTRIBUTE Digest-Entity-Body-Hash 112 string
        ATTRIBUTE Digest-CNonce 113 string
        ATTRIBUTE Digest-Nonce-Count 114 string
        ATTRIBUTE Digest-Username 115 string
        ATTRIBUTE Digest-Opaque 116 string
        ATTRIBUTE Digest-Auth-Param 117 string
        ATTRIBUTE Digest-AKA-Auts 118 string
        ATTRIBUTE Digest-Domain 119 string
        ATTRIBUTE Digest-Stale 120 string
        ATTRIBUTE Digest-HA1 121 string
        ATTRIBUTE SIP-AOR 122 string
        ATTRIBUTE Delegated-IPv6-Prefix 123 ipv6prefix
        ATTRIBUTE MIP6-Feature-Vector 124 integer64
        ATTRIBUTE MIP6-Home-Link-Prefix 125 octets
        ATTRIBUTE Operator-Name 126 string
        ATTRIBUTE Location-Information 127 octets
        ATTRIBUTE Location-Data 128 octets
        ATTRIBUTE Basic-Location-Policy-Rules 129 octets
        ATTRIBUTE Extended-Location-Policy-Rules 130 octets
        ATTRIBUTE Location-Capable 131 integer
        ATTRIBUTE Requested-Location-Info 132 integer
        ATTRIBUTE Framed-Management 133 integer
        ATTRIBUTE Management-Transport-Protection 134 integer
        ATTRIBUTE Management-Policy-Id 135 string
        ATTRIBUTE Management-Privilege-Level 136 integer
        ATTRIBUTE PKM-SS-Cert 137 octets concat
        ATTRIBUTE PKM-CA-Cert 138 octets concat
        ATTRIBUTE PKM-Config-Settings 139 octets
        ATTRIBUTE PKM-Cryptosuite-List 140 octets
        ATTRIBUTE PKM-SAID 141 short
        ATTRIBUTE PKM-SA-Descriptor 142 octets
        ATTRIBUTE PKM-Auth-Key 143 octets
        ATTRIBUTE DS-Lite-Tunnel-Name 144 string
        ATTRIBUTE Mobile-Node-Identifier 145 octets
        ATTRIBUTE Service-Selection 146 string
        ATTRIBUTE PMIP6-Home-LMA-IPv6-Address 147 ipv6addr
        ATTRIBUTE PMIP6-Visited-LMA-IPv6-Address 148 ipv6addr
        ATTRIBUTE PMIP6-Home-LMA-IPv4-Address 149 ipaddr
        ATTRIBUTE PMIP6-Visited-LMA-IPv4-Address 150 ipaddr
        ATTRIBUTE PMIP6-Home-HN-Prefix 151 ipv6prefix
        ATTRIBUTE PMIP6-Visited-HN-Prefix 152 ipv6prefix
        ATTRIBUTE PMIP6-Home-Interface-ID 153 ifid
        ATTRIBUTE PMIP6-Visited-Interface-ID 154 ifid
        ATTRIBUTE PMIP6-Home-IPv4-HoA 155 ipv4prefix
        ATTRIBUTE PMIP6-Visited-IPv4-HoA 156 ipv4prefix
        ATTRIBUTE PMIP6-Home-DHCP4-Server-Address 157 ipaddr
        ATTRIBUTE PMIP6-Visited-DHCP4-Server-Address 158 ipaddr
        ATTRIBUTE PMIP6-Home-DHCP6-Server-Address 159 ipv6addr
        ATTRIBUTE PMIP6-Visited-DHCP6-Server-Address 160 ipv6addr
        ATTRIBUTE PMIP6-Home-IPv4-Gateway 161 ipaddr
        ATTRIBUTE PMIP6-Visited-IPv4-Gateway 162 ipaddr
        ATTRIBUTE EAP-Lower-Layer 163 integer
        ATTRIBUTE GSS-Acceptor-Service-Name 164 string
        ATTRIBUTE GSS-Acceptor-Host-Name 165 string
        ATTRIBUTE GSS-Acceptor-Service-Specifics 166 string
        ATTRIBUTE GSS-Acceptor-Realm-Name 167 string
        ATTRIBUTE Framed-IPv6-Address 168 ipv6addr
        ATTRIBUTE DNS-Server-IPv6-Address 169 ipv6addr
        ATTRIBUTE Route-IPv6-Information 170 ipv6prefix
        ATTRIBUTE Delegated-IPv6-Prefix-Pool 171 string
        ATTRIBUTE Stateful-IPv6-Address-Pool 172 string
        ATTRIBUTE IPv6-6rd-Configuration 173 tlv
        ATTRIBUTE IPv6-6rd-IPv4MaskLen 173.1 integer
        ATTRIBUTE IPv6-6rd-Prefix 173.2 ipv6prefix
        ATTRIBUTE IPv6-6rd-BR-IPv4-Address 173.3 ipaddr
        ATTRIBUTE Allowed-Called-Station-Id 174 string
        ATTRIBUTE EAP-Peer-Id 175 octets
        ATTRIBUTE EAP-Server-Id 176 octets
        ATTRIBUTE Mobility-Domain-Id 177 integer
        ATTRIBUTE Preauth-Timeout 178 integer
        ATTRIBUTE Network-Id-Name 179 octets
        ATTRIBUTE EAPoL-Announcement 180 octets concat
        ATTRIBUTE WLAN-HESSID 181 string
        ATTRIBUTE WLAN-Venue-Info 182 integer
        ATTRIBUTE WLAN-Venue-Language 183 octets
        ATTRIBUTE WLAN-Venue-Name 184 string
        ATTRIBUTE WLAN-Reason-Code 185 integer
        ATTRIBUTE WLAN-Pairwise-Cipher 186 integer
        ATTRIBUTE WLAN-Group-Cipher 187 integer
        ATTRIBUTE WLAN-AKM-Suite 188 integer
        ATTRIBUTE WLAN-Group-Mgmt-Cipher 189 integer
        ATTRIBUTE WLAN-RF-Band 190 integer

        # RFC 6929
        ATTRIBUTE Extended-Attribute-1 241 extended
        ATTRIBUTE Extended-Attribute-2 242 extended
        ATTRIBUTE Extended-Attribute-3 243 extended
        ATTRIBUTE Extended-Attribute-4 244 extended
        ATTRIBUTE Extended-Attribute-5 245 long-extended
        ATTRIBUTE Extended-Attribute-6 246 long-extended
        ATTRIBUTE Extended-Vendor-Specific-1 241.26 evs
        ATTRIBUTE Extended-Vendor-Specific-2 242.26 evs
        ATTRIBUTE Extended-Vendor-Specific-3 243.26 evs
        ATTRIBUTE Extended-Vendor-Specific-4 244.26 evs
        ATTRIBUTE Extended-Vendor-Specific-5 245.26 evs
        ATTRIBUTE Extended-Vendor-Specific-6 246.26 evs

        # RFC 6930 is attribute 173 above; RFC 7499, 7930, 8045, 8559
        ATTRIBUTE Frag-Status 241.1 integer
        ATTRIBUTE Proxy-State-Length 241.2 integer
        ATTRIBUTE Response-Length 241.3 integer
        ATTRIBUTE Original-Packet-Code 241.4 integer
        ATTRIBUTE IP-Port-Limit-Info 241.5 tlv
        ATTRIBUTE IP-Port-Limit-Info-Type 241.5.1 integer
        ATTRIBUTE IP-Port-Limit-Info-Limit 241.5.2 integer
        ATTRIBUTE IP-Port-Limit-Info-Ext-IPv4-Addr 241.5.3 ipaddr
        ATTRIBUTE IP-Port-Range 241.6 tlv
        ATTRIBUTE IP-Port-Range-Type 241.6.1 integer
        ATTRIBUTE IP-Port-Range-Limit 241.6.2 integer
        ATTRIBUTE IP-Port-Range-Ext-IPv4-Addr 241.6.3 ipaddr
        ATTRIBUTE IP-Port-Range-Port-Start 241.6.9 integer
        ATTRIBUTE IP-Port-Range-Port-End 241.6.10 integer
        ATTRIBUTE IP-Port-Range-Local-Id 241.6.11 string
        ATTRIBUTE IP-Port-Forwarding-Map 241.7 tlv
        ATTRIBUTE Operator-NAS-Identifier 241.8 octets

        # Microsoft, RFC 2548
        VENDOR Microsoft 311
        BEGIN-VENDOR Microsoft
        ATTRIBUTE MS-CHAP-Response 1 octets[50]
        ATTRIBUTE MS-CHAP-Error 2 string
        ATTRIBUTE MS-CHAP-CPW-1 3 octets[70]
        ATTRIBUTE MS-CHAP-CPW-2 4 octets[84]
        ATTRIBUTE MS-CHAP-LM-Enc-PW 5 octets
        ATTRIBUTE MS-CHAP-NT-Enc-PW 6 octets
        ATTRIBUTE MS-MPPE-Encryption-Policy 7 integer
        ATTRIBUTE MS-MPPE-Encryption-Types 8 integer
        ATTRIBUTE MS-RAS-Vendor 9 integer
        ATTRIBUTE MS-CHAP-Domain 10 string
        ATTRIBUTE MS-CHAP-Challenge 11 octets
        ATTRIBUTE MS-CHAP-MPPE-Keys 12 octets encrypt=1
        ATTRIBUTE MS-BAP-Usage 13 integer
        ATTRIBUTE MS-Link-Utilization-Threshold 14 integer
        ATTRIBUTE MS-Link-Drop-Time-Limit 15 integer
        ATTRIBUTE MS-MPPE-Send-Key 16 octets encrypt=2
        ATTRIBUTE MS-MPPE-Recv-Key 17 octets encrypt=2
        ATTRIBUTE MS-RAS-Version 18 string
        ATTRIBUTE MS-Old-ARAP-Password 19 octets
        ATTRIBUTE MS-New-ARAP-Password 20 octets
        ATTRIBUTE MS-ARAP-PW-Change-Reason 21 integer
        ATTRIBUTE MS-Filter 22 octets
        ATTRIBUTE MS-Acct-Auth-Type 23 integer
        ATTRIBUTE MS-Acct-EAP-Type 24 integer
        ATTRIBUTE MS-CHAP2-Response 25 octets[50]
        ATTRIBUTE MS-CHAP2-Success 26 octets
        ATTRIBUTE MS-CHAP2-CPW 27 octets[68]
        ATTRIBUTE MS-Primary-DNS-Server 28 ipaddr
        ATTRIBUTE MS-Secondary-DNS-Server 29 ipaddr
        ATTRIBUTE MS-Primary-NBNS-Server 30 ipaddr
        ATTRIBUTE MS-Secondary-NBNS-Server 31 ipaddr
        VALUE MS-MPPE-Encryption-Policy Encryption-Allowed 1
        VALUE MS-MPPE-Encryption-Policy Encryption-Required 2
        VALUE MS-MPPE-Encryption-Types RC4-40bit-Allowed 2
        VALUE MS-MPPE-Encryption-Types RC4-128bit-Allowed 4
        VALUE MS-MPPE-Encryption-Types RC4-40or128-bit-Allowed 6
        END-VENDOR Microsoft

        # Broadband Forum (formerly DSL Forum), RFC 4679
        VENDOR ADSL-Forum 3561
        BEGIN-VENDOR ADSL-Forum
        ATTRIBUTE ADSL-Agent-Circuit-Id 1 string
        ATTRIBUTE ADSL-Agent-Remote-Id 2 string
        ATTRIBUTE Actual-Data-Rate-Upstream 129 integer
        ATTRIBUTE Actual-Data-Rate-Downstream 130 integer
        ATTRIBUTE Minimum-Data-Rate-Upstream 131 integer
        ATTRIBUTE Minimum-Data-Rate-Downstream 132 integer
        ATTRIBUTE Attainable-Data-Rate-Upstream 133 integer
        ATTRIBUTE Attainable-Data-Rate-Downstream 134 integer
        ATTRIBUTE Maximum-Data-Rate-Upstream 135 integer
        ATTRIBUTE Maximum-Data-Rate-Downstream 136 integer
        ATTRIBUTE Access-Loop-Encapsulation 144 octets[3]
        ATTRIBUTE IWF-Session 254 octets
        END-VENDOR ADSL-Forum

        VENDOR Cisco 9
        BEGIN-VENDOR Cisco
        ATTRIBUTE Cisco-AVPair 1 string
        ATTRIBUTE Cisco-NAS-Port 2 string
        ATTRIBUTE Cisco-Policy-Up 37 string
        ATTRIBUTE Cisco-Policy-Down 38 string
        ATTRIBUTE Cisco-Account-Info 250 string
        ATTRIBUTE Cisco-Service-Info 251 string
        ATTRIBUTE Cisco-Command-Code 252 octets
        END-VENDOR Cisco

        VENDOR Mikrotik 14988
        BEGIN-VENDOR Mikrotik
        ATTRIBUTE Mikrotik-Recv-Limit 1 integer
        ATTRIBUTE Mikrotik-Xmit-Limit 2 integer
        ATTRIBUTE Mikrotik-Group 3 string
        ATTRIBUTE Mikrotik-Wireless-Forward 4 integer
        ATTRIBUTE Mikrotik-Wireless-Skip-Dot1x 5 integer
        ATTRIBUTE Mikrotik-Rate-Limit 8 string
        ATTRIBUTE Mikrotik-Realm 9 string
        ATTRIBUTE Mikrotik-Host-IP 10 ipaddr
        ATTRIBUTE Mikrotik-Mark-Id 11 string
        ATTRIBUTE Mikrotik-Advertise-URL 12 string
        ATTRIBUTE Mikrotik-Advertise-Interval 13 integer
        ATTRIBUTE Mikrotik-Recv-Limit-Gigawords 14 integer
        ATTRIBUTE Mikrotik-Xmit-Limit-Gigawords 15 integer
        ATTRIBUTE Mikrotik-Total-Limit 17 integer
        ATTRIBUTE Mikrotik-Total-Limit-Gigawords 18 integer
        ATTRIBUTE Mikrotik-Address-List 19 string
        ATTRIBUTE Mikrotik-Delegated-IPv6-Pool 22 string
        END-VENDOR Mikrotik

        VENDOR WISPr 14122
        BEGIN-VENDOR WISPr
        ATTRIBUTE WISPr-Location-ID 1 string
        ATTRIBUTE WISPr-Location-Name 2 string
        ATTRIBUTE WISPr-Logoff-URL 3 string
        ATTRIBUTE WISPr-Redirection-URL 4 string
        ATTRIBUTE WISPr-Bandwidth-Min-Up 5 integer
        ATTRIBUTE WISPr-Bandwidth-Min-Down 6 integer
        ATTRIBUTE WISPr-Bandwidth-Max-Up 7 integer
        ATTRIBUTE WISPr-Bandwidth-Max-Down 8 integer
        ATTRIBUTE WISPr-Session-Terminate-Time 9 string
        END-VENDOR WISPr

        VENDOR Huawei 2011
        BEGIN-VENDOR Huawei
        ATTRIBUTE Huawei-Input-Peak-Rate 1 integer
        ATTRIBUTE Huawei-Input-Average-Rate 2 integer
        ATTRIBUTE Huawei-Output-Peak-Rate 4 integer
        ATTRIBUTE Huawei-Output-Average-Rate 5 integer
        ATTRIBUTE Huawei-Policy-Name 95 string
        ATTRIBUTE Huawei-Domain-Name 138 string
        END-VENDOR Huawei

        # Juniper E series and MX subscriber management
        VENDOR ERX 4874
        BEGIN-VENDOR ERX
        ATTRIBUTE ERX-Virtual-Router-Name 1 string
        ATTRIBUTE ERX-Address-Pool-Name 2 string
        ATTRIBUTE ERX-Local-Loopback-Interface 3 string
        ATTRIBUTE ERX-Primary-Dns 4 ipaddr
        ATTRIBUTE ERX-Secondary-Dns 5 ipaddr
        ATTRIBUTE ERX-Ingress-Policy-Name 10 string
        ATTRIBUTE ERX-Egress-Policy-Name 11 string
        ATTRIBUTE ERX-Ingress-Statistics 12 integer
        ATTRIBUTE ERX-Egress-Statistics 13 integer
        ATTRIBUTE ERX-Qos-Profile-Name 26 string
        ATTRIBUTE ERX-Service-Activate 65 string has_tag
        ATTRIBUTE ERX-Service-Deactivate 66 string
        ATTRIBUTE ERX-Qos-Set-Name 130 string
        END-VENDOR ERX

        VENDOR Juniper 2636
        BEGIN-VENDOR Juniper
        ATTRIBUTE Juniper-Local-User-Name 1 string
        ATTRIBUTE Juniper-Switching-Filter 48 string
        END-VENDOR Juniper

        """;
}
