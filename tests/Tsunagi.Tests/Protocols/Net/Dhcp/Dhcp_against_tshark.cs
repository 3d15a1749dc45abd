using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Packet;
using Tsunagi.Protocols.Flow.Pcap;
using Tsunagi.Protocols.Net.Dhcp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Net.Dhcp;

/// <summary>tshark's own reading of the same captures, the shared ones and one of every option here, message by message.</summary>
public sealed class Dhcp_against_tshark : IDisposable
{
    // tshark 4.0 shows what lies in these options as octets.
    private static readonly HashSet<int> Closed6 = [47, 50, 66, 69, 70, 84, 87, 94, 95, 96, 97, 116, 138, 139];

    // And it shows the ends of fields that are lent to options as options.
    private static readonly HashSet<int> Closed4 = [52];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void DHCPv6_is_read_alike()
    {
        var compared = 0;
        foreach (string file in Files("dhcp6-options", DhcpProtocol.Dhcp6))
        {
            string[] fields = ["dhcpv6.msgtype", "dhcpv6.xid", "dhcpv6.hopcount", "dhcpv6.peeraddr", "dhcpv6.option.type", "dhcpv6.iaid", "dhcpv6.iaid.t1", "dhcpv6.iaaddr.ip", "dhcpv6.iaprefix.pref_addr", "dhcpv6.iaprefix.pref_len", "dhcpv6.dns_server", "dhcpv6.aftr_name", "dhcpv6.duidll.link_layer_addr", "dhcpv6.s46_br.address"];
            compared += Compare(file, "dhcpv6", fields, DhcpProtocol.Dhcp6, static message => Six(message));
        }

        Assert.True(compared > 140, $"{compared} messages compared");
    }

    [Fact]
    public void DHCPv4_is_read_alike()
    {
        var compared = 0;
        foreach (string file in Files("dhcp4-options", DhcpProtocol.Dhcp4))
        {
            string[] fields = ["dhcp.type", "dhcp.id", "dhcp.ip.client", "dhcp.ip.your", "dhcp.ip.relay", "dhcp.option.dhcp", "dhcp.option.type", "dhcp.option.domain_name_server", "dhcp.option.requested_ip_address", "dhcp.option.dhcp_dns_domain_search_list_fqdn", "dhcp.option.agent_information_option.suboption"];
            compared += Compare(file, "dhcp && !dhcpv6", fields, DhcpProtocol.Dhcp4, static message => Four(message));
        }

        Assert.True(compared > 180, $"{compared} messages compared");
    }

    [Fact]
    public void Neighbor_discovery_is_read_alike()
    {
        var compared = 0;
        foreach (string file in Files("neighbor-options", DhcpProtocol.Neighbor))
        {
            string[] fields = ["icmpv6.type", "icmpv6.opt.type", "icmpv6.opt.prefix.length", "icmpv6.opt.prefix.flag.l", "icmpv6.opt.prefix.valid_lifetime", "icmpv6.opt.route_lifetime", "icmpv6.opt.mtu", "icmpv6.opt.rdnss", "icmpv6.opt.pref64.scaled_lifetime", "icmpv6.opt.pref64.plc"];
            compared += Compare(file, "icmpv6.type >= 133 && icmpv6.type <= 137", fields, DhcpProtocol.Neighbor, static message => Neighbor(message));
        }

        Assert.True(compared > 35, $"{compared} messages compared");
    }

    private static int Compare(string file, string filter, string[] fields, DhcpProtocol protocol, Func<DhcpMessage, IReadOnlyList<string>> tell)
    {
        int compared = 0;
        var different = new List<string>();
        var theirs = Tshark(file, filter, fields).ToDictionary(static row => int.Parse(row[0], CultureInfo.InvariantCulture));
        foreach ((int number, byte[] octets) in Messages(file, protocol))
        {
            if (!theirs.TryGetValue(number, out string[]? row) || !DhcpDecoder.TryDecode(protocol, octets, null, out DhcpMessage? message, out _) || message!.Problems.Any() || message.Options.Any(option => Closed(protocol).Contains(option.Code)))
            {
                continue;
            }

            IReadOnlyList<string> ours = tell(message);
            for (int i = 0; i < fields.Length; i++)
            {
                if (ours[i] != row[i + 1])
                {
                    different.Add($"{Path.GetFileName(file)} frame {number}, {fields[i]}: {ours[i]} here, {row[i + 1]} there");
                }
            }

            compared++;
        }

        Assert.True(different.Count == 0, string.Join('\n', different));
        return compared;
    }

    private static HashSet<int> Closed(DhcpProtocol protocol) => protocol switch { DhcpProtocol.Dhcp6 => Closed6, DhcpProtocol.Dhcp4 => Closed4, _ => [] };

    private static List<string> Six(DhcpMessage message)
    {
        var walk = new Walk(message.Fields);
        return
        [
            walk.Of("message-type", static value => Text(((DhcpNumber)value).Value)), walk.Of("transaction-id"), walk.Of("hop-count"), walk.Of("peer-address"), string.Join(',', walk.Codes),
            walk.Of("OPTION_IA_NA.iaid,OPTION_IA_PD.iaid", static value => ((DhcpNumber)value).Value.ToString("x8", CultureInfo.InvariantCulture)), walk.Of("t1"), walk.Of("OPTION_IAADDR.address"),
            walk.Of("OPTION_IAPREFIX.prefix", static value => ((DhcpPrefix)value).Address.ToString()), walk.Of("OPTION_IAPREFIX.prefix", static value => Text((ulong)((DhcpPrefix)value).Length)), walk.Of("OPTION_DNS_SERVERS"),
            walk.Of("OPTION_AFTR_NAME"), walk.Links(3), walk.Of("OPTION_S46_BR"),
        ];
    }

    private static List<string> Four(DhcpMessage message)
    {
        var walk = new Walk(message.Fields);
        string codes = message.Fields["vend"] is not null ? "" : string.Join(',', message.Options.Where(static option => !option.IsFill).Select(static option => Text((ulong)option.Code)).Append("0")); // End, as tshark shows it
        return
        [
            walk.Of("op", static value => Text(((DhcpNumber)value).Value)), walk.Of("xid"), walk.Of("ciaddr"), walk.Of("yiaddr"), walk.Of("giaddr"), walk.Of("DHCP Msg Type", static value => Text(((DhcpNumber)value).Value)), codes,
            walk.Of("Domain Server"), walk.Of("Address Request"), string.Join(',', walk.Of("Domain Search").Split(',').Select(static name => name.TrimEnd('.'))),
            string.Join(',', message.Options.Where(static option => option.Code == 82).SelectMany(static option => ((DhcpOptionList)option.Value).Options).Select(static option => Text((ulong)option.Code))),
        ];
    }

    private static List<string> Neighbor(DhcpMessage message)
    {
        var walk = new Walk(message.Fields);
        return
        [
            Text((ulong)message.Type), string.Join(',', message.Options.Select(static option => Text((ulong)option.Code))),
            string.Join(',', message.Options.Where(static option => option.Code is 3 or 24).Select(static option => Text(((DhcpNumber)((DhcpFields)option.Value)["prefix-length"]!).Value))),
            walk.Of("on-link", static value => ((DhcpFlag)value).Value ? "1" : "0"), walk.Of("valid-lifetime"), walk.Of("route-lifetime"), walk.Of("mtu"), walk.Of("Recursive DNS Server Option.addresses"), walk.Of("scaled-lifetime"),
            string.Join(',', message.Options.Where(static option => option.Code == 38).Select(static option => string.Create(CultureInfo.InvariantCulture, $"0x{((DhcpNumber)((DhcpFields)option.Value)["prefix-length"]!).Value:x4}"))),
        ];
    }

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Captures: the shared ones of the protocol, and one of the samples.</summary>
    private List<string> Files(string samples, DhcpProtocol protocol)
    {
        Assert.SkipWhen(Program() is null, "tshark is not installed");
        string? folder = SharedFiles.Find("data/connectivity/pcap");
        List<string> files = folder is null ? [] : [.. Directory.EnumerateFiles(folder, protocol switch { DhcpProtocol.Dhcp6 => "dhcpv6*.pcap", DhcpProtocol.Dhcp4 => "dhcp-*.pcap", _ => "icmp6*.pcap" }).Order(StringComparer.Ordinal)];
        var capture = new ArrayBufferWriter<byte>();
        PcapWriter.WriteHeader(capture, linkType: 101);
        byte[] source = IPAddress.Parse("fe80::1").GetAddressBytes(), destination = IPAddress.Parse("ff02::1").GetAddressBytes();
        foreach ((int code, byte[] value) in Dhcp_options.Samples(samples))
        {
            byte[] message = Dhcp_options.Message(protocol, code, value);
            int port = protocol == DhcpProtocol.Dhcp6 ? 546 : 68, udp = message.Length + 8;
            byte[] payload = protocol == DhcpProtocol.Neighbor ? message : [(byte)(port >> 8), (byte)port, 2, 0x23, (byte)(udp >> 8), (byte)udp, 0, 0, .. message];
            if (protocol == DhcpProtocol.Dhcp4)
            {
                (payload[2], payload[3]) = (0, 67);
            }

            byte[] packet = [0x60, 0, 0, 0, (byte)(payload.Length >> 8), (byte)payload.Length, (byte)(protocol == DhcpProtocol.Neighbor ? 58 : 17), 255, .. source, .. destination, .. payload];
            PcapWriter.WritePacket(capture, new PcapPacket(0, 101, packet.Length, packet));
        }

        string path = Path.Combine(_directory.Path, samples + ".pcap");
        File.WriteAllBytes(path, capture.WrittenSpan);
        return [.. files, path];
    }

    private static List<(int Number, byte[] Octets)> Messages(string file, DhcpProtocol protocol)
    {
        using FileStream stream = File.OpenRead(file);
        var reader = new PcapReader(stream);
        var messages = new List<(int, byte[])>();
        for (int number = 1; reader.Read(out PcapPacket packet) == PcapStatus.Packet; number++)
        {
            if (PacketReader.TryReadPayload(packet.Octets, PacketLinks.FromLinkType(packet.LinkType), out FlowRecord record, out ReadOnlySpan<byte> payload) && record.Protocol == (protocol == DhcpProtocol.Neighbor ? 58 : 17))
            {
                messages.Add((number, payload[(protocol == DhcpProtocol.Neighbor ? 0 : 8)..].ToArray()));
            }
        }

        return messages;
    }

    private static string? Program() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(static folder => Path.Combine(folder, "tshark")).FirstOrDefault(File.Exists);

    private static List<string[]> Tshark(string file, string filter, string[] fields)
    {
        var start = new ProcessStartInfo(Program()!) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        string[] arguments = ["-n", "-r", file, "-Y", $"({filter}) && !_ws.malformed", "-T", "fields", "-E", "occurrence=a", "-e", "frame.number", .. fields.SelectMany(static field => (string[])["-e", field])];
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        List<string[]> rows = [.. process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split('\t'))];
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return rows;
    }

    /// <summary>Everything of a message in its order, by the name of its field, of its option, and of both.</summary>
    private sealed class Walk
    {
        private readonly List<(string Name, DhcpValue Value)> _values = [];
        private readonly List<(int Type, string Link)> _links = [];

        public Walk(DhcpFields fields) => Add("", fields);

        public List<string> Codes { get; } = [];

        public string Of(string name, Func<DhcpValue, string>? tell = null) => string.Join(',', _values.Where(value => name.Split(',').Contains(value.Name)).SelectMany(static value => value.Value is DhcpList list ? list.Values : [value.Value])
            .Select(tell ?? (static value => value is DhcpNumber number ? Text(number.Value) : value.ToString()!)));

        public string Links(int type) => string.Join(',', _links.Where(link => link.Type == type).Select(static link => link.Link));

        private void Add(string option, DhcpValue value)
        {
            switch (value)
            {
                case DhcpFields fields:
                    if (fields["type"] is DhcpNumber type && fields["link-layer-address"] is { } link)
                    {
                        _links.Add(((int)type.Value, link.ToString()!));
                    }

                    foreach (DhcpField field in fields.Fields)
                    {
                        _values.Add((field.Name, field.Value));
                        _values.Add((option + "." + field.Name, field.Value));
                        Add(option, field.Value);
                    }

                    break;
                case DhcpList list:
                    list.Values.ToList().ForEach(one => Add(option, one));
                    break;
                case DhcpOptionList options:
                    foreach (DhcpOption one in options.Options.Where(static one => !one.IsFill))
                    {
                        if (one.Name.StartsWith("OPT", StringComparison.Ordinal) && !one.Name.StartsWith("Option-", StringComparison.Ordinal))
                        {
                            Codes.Add(Text((ulong)one.Code));
                        }
                        else if (one.Code >= 0 && (one.Name == "DHCP Captive-Portal" || (option.Length == 0 && one.Name.StartsWith("Option-", StringComparison.Ordinal))))
                        {
                            Codes.Add(Text((ulong)one.Code));
                        }

                        _values.Add((one.Name, one.Value));
                        Add(one.Name, one.Value);
                    }

                    break;
            }
        }
    }
}
