using System.Globalization;
using System.Text.Json.Nodes;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Packet;
using Tsunagi.Protocols.Flow.Pcap;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Flow;

/// <summary>Captures and datagrams of real routers decode to the facts stated beside them. They do not ship with the project.</summary>
public class Flow_data_of_vendors
{
    // The names that the facts use, which are those of an older decoder, and the elements that mean the same.
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["ipv4_src_addr"] = "sourceIPv4Address", ["ipv4_dst_addr"] = "destinationIPv4Address", ["l4_src_port"] = "sourceTransportPort", ["l4_dst_port"] = "destinationTransportPort",
        ["tcp_flags"] = "tcpControlBits", ["in_src_mac"] = "sourceMacAddress", ["in_dst_mac"] = "destinationMacAddress", ["ipv4_next_hop"] = "ipNextHopIPv4Address",
        ["input_snmp"] = "ingressInterface", ["output_snmp"] = "egressInterface", ["in_pkts"] = "packetDeltaCount", ["in_bytes"] = "octetDeltaCount",
        ["protocol"] = "protocolIdentifier", ["src_tos"] = "ipClassOfService", ["src_as"] = "bgpSourceAsNumber", ["dst_as"] = "bgpDestinationAsNumber",
        ["src_mask"] = "sourceIPv4PrefixLength", ["dst_mask"] = "destinationIPv4PrefixLength", ["ip_protocol_version"] = "ipVersion", ["src_vlan"] = "vlanId",
        ["direction"] = "flowDirection", ["conn_id"] = "flowId", ["icmp_type"] = "icmpTypeIPv4", ["icmp_code"] = "icmpCodeIPv4", ["xlate_src_addr_ipv4"] = "postNATSourceIPv4Address",
        ["xlate_dst_addr_ipv4"] = "postNATDestinationIPv4Address", ["xlate_src_port"] = "postNAPTSourceTransportPort", ["xlate_dst_port"] = "postNAPTDestinationTransportPort",
        ["fw_event"] = "firewallEvent", ["fw_ext_event"] = "firewallExtendedEvent", ["event_time_msec"] = "observationTimeMilliseconds", ["in_permanent_bytes"] = "octetTotalCount",
        ["flow_start_msec"] = "flowStartMilliseconds", ["username"] = "userName", ["total_flows_exp"] = "exportedFlowRecordTotalCount", ["total_pkts_exp"] = "exportedMessageTotalCount",
        ["fwd_flow_delta_bytes"] = "initiatorOctets", ["rev_flow_delta_bytes"] = "responderOctets", ["flow_sampler_id"] = "samplerId", ["nprobe_proto"] = "nprobeProtocol",
    };

    // Told by the header, as time of day by a clock of their own, or in a form of their own.
    private static readonly HashSet<string> OtherForm = new(StringComparer.Ordinal)
    {
        "version", "flow_seq_num", "flowset_id", "engine_type", "engine_id", "sampling_algorithm", "sampling_interval", "flow_records", "first_switched", "last_switched",
        "ingress_acl_id", "egress_acl_id", "application_id", "application_name", "nprobe_proto_name", "scope_system",
    };

    public static TheoryData<string> LogstashCases() => Cases("data/flows/logstash/expected.json", file => file.AsArray());

    public static TheoryData<string> NetFlowCases() => Cases("data/flows/akvorado/netflow/expected.json", file => file["cases"]!.AsArray());

    public static TheoryData<string> SflowCases() => Cases("data/flows/akvorado/sflow/expected.json", file => file["cases"]!.AsArray());

    public static TheoryData<string> PmacctCases() =>
        new("100-IPFIXv10-CISCO", "101-NFv9-CISCO-cust_primitives", "102-NFv9-CISCO-f2rd-pretag-sampling-reload", "104-IPFIXv10-IPv6-CISCO-sampling_option");

    [Theory]
    [MemberData(nameof(LogstashCases))]
    public void Raw_datagrams_decode_to_their_facts(string name)
    {
        string folder = Folder("data/flows/logstash");
        JsonNode one = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")))!.AsArray().Single(c => (string)c!["case"]! == name)!;
        var keeper = new FlowKeeper();
        foreach (JsonNode? file in one["datagrams_in_order"]!.AsArray())
        {
            keeper.Decode(File.ReadAllBytes(Path.Combine(folder, (string)file!)));
        }

        if (one["expected_record_count"] is { } count)
        {
            Assert.Equal((int)count, keeper.Objects.Count);
        }

        foreach (JsonNode? fact in one["field_facts"]!.AsArray())
        {
            Holds(keeper, (int)fact!["record"]!, (string)fact["field"]!, fact["value"]!);
        }

        foreach (JsonNode? record in one["record_facts"]!.AsArray())
        {
            foreach ((string field, JsonNode? value) in record!["fields"]!["netflow"]!.AsObject())
            {
                Holds(keeper, (int)record["record"]!, field, value!);
            }
        }
    }

    [Theory]
    [MemberData(nameof(NetFlowCases))]
    public void Netflow_captures_decode_to_their_facts(string name) => CheckCapture("data/flows/akvorado/netflow", name, sflow: false);

    [Theory]
    [MemberData(nameof(SflowCases))]
    public void Sflow_captures_decode_to_their_facts(string name) => CheckCapture("data/flows/akvorado/sflow", name, sflow: true);

    [Theory]
    [MemberData(nameof(PmacctCases))]
    public void Router_captures_add_up_to_their_table(string name)
    {
        string folder = Folder($"data/flows/pmacct/{name}");
        string[] lines = File.ReadAllLines(Path.Combine(folder, "expected-flows.csv"));
        string[] columns = Cells(lines[0]);
        int At(string column) => Array.IndexOf(columns, column);
        Dictionary<string, (ulong Octets, ulong Packets)> expected = lines.Skip(1).Select(Cells)
            .GroupBy(c => $"{c[At("ip_src")]} {c[At("ip_dst")]} {c[At("port_src")]} {c[At("port_dst")]} {c[At("iface_in")]} {c[At("iface_out")]} {c[At("tos")]}", StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => (Sum(g, At("bytes")), Sum(g, At("packets"))), StringComparer.Ordinal);

        var keeper = new FlowKeeper();
        keeper.DecodeCapture(Path.Combine(folder, "traffic-00.pcap"));
        Dictionary<string, (ulong Octets, ulong Packets)> actual = keeper.Flows
            .GroupBy(f => $"{f.Source} {f.Destination} {f.SourcePort} {f.DestinationPort} {f.InputInterface} {f.OutputInterface} {f.Tos}", StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => (Total(g, f => f.Octets), Total(g, f => f.Packets)), StringComparer.Ordinal);

        Assert.Empty(keeper.Problems);
        bool scaled = name.StartsWith("104", StringComparison.Ordinal);
        foreach ((string key, (ulong octets, ulong packets)) in expected)
        {
            (ulong Octets, ulong Packets) found = actual[key];
            FlowRecord first = keeper.Flows.First(f => key.StartsWith($"{f.Source} {f.Destination} ", StringComparison.Ordinal));
            uint rate = scaled ? first.SamplingRate : 1; // that table was made with renormalisation
            Assert.Equal((key, octets, packets), (key, found.Octets * rate, found.Packets * rate));
        }

        Assert.Equal(expected.Count, actual.Count);
    }

    [Fact]
    public void Pmacct_samplers_are_found_by_their_options()
    {
        var keeper = new FlowKeeper();
        keeper.DecodeCapture(Path.Combine(Folder("data/flows/pmacct/104-IPFIXv10-IPv6-CISCO-sampling_option"), "traffic-00.pcap"));
        Assert.All(keeper.Flows, flow => Assert.NotEqual(SamplingSource.Unknown, flow.SamplingSource));
        Assert.All(keeper.Flows, flow => Assert.Equal(256u, flow.SamplingRate));
    }

    [Fact]
    public void Netflow_facts_of_another_decoder_agree()
    {
        JsonObject facts = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder("data/flows"), "tshark-facts.json")))!.AsObject();
        int compared = 0;
        foreach ((string file, JsonNode? frames) in facts)
        {
            if (frames is not JsonArray list || file.Contains("sflow", StringComparison.Ordinal))
            {
                continue;
            }

            var keeper = new FlowKeeper();
            int frame = 0;
            foreach ((_, byte[] payload) in FlowKeeper.Datagrams(Path.Combine(Folder("data/flows"), file)))
            {
                int before = keeper.Flows.Count;
                keeper.Decode(payload);
                JsonNode? fact = list.ElementAtOrDefault(frame++);
                if ((string?)fact?["octets"] is { Length: > 0 } octets)
                {
                    Assert.Equal(octets, string.Join('|', keeper.Flows.Skip(before).Select(f => f.Octets)));
                    compared++;
                }

                if ((string?)fact?["srcaddr"] is { Length: > 0 } sources)
                {
                    Assert.Equal(sources, string.Join('|', keeper.Flows.Skip(before).Select(f => f.Source)));
                    compared++;
                }
            }
        }

        Assert.True(compared > 20, $"only {compared} frames compared");
    }

    [Fact]
    public void Go_fixtures_decode_to_their_facts()
    {
        string folder = Folder("data/flows/goflow2");
        var keeper = new FlowKeeper();
        keeper.Decode(File.ReadAllBytes(Path.Combine(folder, "TestDecodeNetFlowV9-01.bin")));
        Assert.Equal((260, 23), (Assert.Single(keeper.Templates).Template.Id, keeper.Templates[0].Template.Fields.Length));
        FlowDecodeResult cut = keeper.Decode(File.ReadAllBytes(Path.Combine(folder, "TestDecodeNetFlowV9-02.bin")));
        Assert.True(cut.Flows > 10, $"{cut.Flows} of 21 flows"); // the file holds a part of the datagram only
        Assert.Equal(256u, keeper.Flows[0].ObservationDomain);

        foreach (string drop in Directory.EnumerateFiles(folder, "TestSFlowDecodeDrop*.bin"))
        {
            keeper = new FlowKeeper();
            FlowDecodeResult result = keeper.Decode(File.ReadAllBytes(drop));
            Assert.Equal((FlowOrigin.Sflow, 1, 0), (result.Origin, result.Flows, result.Problems));
            Assert.True(keeper.FlowObjects[0].ContainsKey("dropReason"));
        }

        keeper = new FlowKeeper();
        Assert.True(keeper.Decode(File.ReadAllBytes(Path.Combine(folder, "TestExpandedSFlowDecode-01.bin"))).Flows > 1);
        Assert.True(keeper.Decode(File.ReadAllBytes(Path.Combine(folder, "TestSFlowDecode-01.bin"))).Flows > 0);
        Assert.Equal(6, keeper.Decode(File.ReadAllBytes(Path.Combine(folder, "TestDecodeNetFlowV5-01.bin"))).Flows);
    }

    [Fact]
    public void Malformed_captures_do_no_harm()
    {
        int files = 0;
        foreach (string path in Directory.EnumerateFiles(Folder("data/flows"), "*.*", SearchOption.AllDirectories).Where(p => p.EndsWith(".pcap", StringComparison.Ordinal) || p.EndsWith(".pcapng", StringComparison.Ordinal)))
        {
            using FileStream file = File.OpenRead(path);
            var reader = new PcapReader(file);
            var keeper = new FlowKeeper();
            PcapStatus status;
            int packets = 0;
            while ((status = reader.Read(out PcapPacket packet)) == PcapStatus.Packet && packets++ < 20_000)
            {
                FlowRecord record = default;
                PacketReader.TryRead(packet.Octets, PacketLinks.FromLinkType(packet.LinkType), 24, PacketTunnels.All, ref record);
                if (PacketReader.TryReadTransport(packet.Octets, PacketLinks.FromLinkType(packet.LinkType), out _, out _, out ReadOnlySpan<byte> payload))
                {
                    keeper.Decode(payload.ToArray());
                }
            }

            Assert.True(status is PcapStatus.End or PcapStatus.Packet, $"{path}: {status}");
            files++;
        }

        Assert.True(files > 60, $"only {files} captures");
    }

    [Fact]
    public void Attack_and_benign_captures_count_as_another_program_counts()
    {
        JsonObject facts = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder("data/flows"), "tshark-facts.json")))!.AsObject();
        int compared = 0;
        foreach ((string file, JsonNode? fact) in facts.Where(f => f.Value is JsonObject))
        {
            using FileStream stream = File.OpenRead(Path.Combine(Folder("data/flows"), file));
            var reader = new PcapReader(stream);
            long first = 0, last = 0, packets = 0;
            while (reader.Read(out PcapPacket packet) == PcapStatus.Packet)
            {
                first = packets == 0 ? packet.TimestampNanoseconds : first;
                first = Math.Min(first, packet.TimestampNanoseconds);
                last = Math.Max(last, packet.TimestampNanoseconds);
                packets++;
            }

            Assert.Equal(long.Parse((string)fact!["packets"]!, CultureInfo.InvariantCulture), packets);
            double seconds = double.Parse(((string)fact["seconds"]!).Split(' ')[0], CultureInfo.InvariantCulture);
            Assert.True(Math.Abs(seconds - (last - first) / 1e9) < 0.001, $"{file}: {(last - first) / 1e9} s, stated {seconds} s");
            compared++;
        }

        Assert.True(compared > 15);
    }

    private static void CheckCapture(string folderName, string name, bool sflow)
    {
        string folder = Folder(folderName);
        JsonNode one = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")))!["cases"]!.AsArray().First(c => (string)c!["case"]! == name)!;
        var keeper = new FlowKeeper();
        foreach (JsonNode? file in one["pcaps_in_order"]!.AsArray())
        {
            keeper.DecodeCapture(Path.Combine(folder, (string)file!));
        }

        JsonArray expected = one["expected_flows"]!.AsArray();
        Assert.True(keeper.Flows.Count >= expected.Count, $"{keeper.Flows.Count} flows\n{keeper.ToText()}");
        foreach ((JsonNode? facts, int index) in expected.Select((f, i) => (f, i)))
        {
            FlowRecord flow = keeper.Flows[index];
            foreach ((string field, JsonNode? value) in facts!.AsObject())
            {
                string actual = field switch
                {
                    "SamplingRate" => flow.SamplingRate.ToString(CultureInfo.InvariantCulture),
                    "SrcAddr" => flow.Source.ToString(),
                    "DstAddr" => flow.Destination.ToString(),
                    "NextHop" => flow.NextHop.ToString(),
                    "InIf" => flow.InputInterface.ToString(CultureInfo.InvariantCulture),
                    "OutIf" => flow.OutputInterface.ToString(CultureInfo.InvariantCulture),
                    "SrcVlan" => flow.SourceVlan.ToString(CultureInfo.InvariantCulture),
                    "DstVlan" => flow.DestinationVlan.ToString(CultureInfo.InvariantCulture),
                    "SrcNetMask" => flow.SourcePrefixLength.ToString(CultureInfo.InvariantCulture),
                    "DstNetMask" => flow.DestinationPrefixLength.ToString(CultureInfo.InvariantCulture),
                    "SrcAS" => flow.SourceAs.ToString(CultureInfo.InvariantCulture),
                    "DstAS" => flow.DestinationAs.ToString(CultureInfo.InvariantCulture),
                    "ExporterAddress" when sflow => (string)keeper.FlowObjects[index]["export"]!["exporter"]!,
                    _ => value!.ToString(), // the address that the test itself sends from, and when
                };
                Assert.Equal($"{index} {field} {value}", $"{index} {field} {actual}");
            }
        }
    }

    private static void Holds(FlowKeeper keeper, int record, string field, JsonNode value)
    {
        JsonObject one = keeper.Objects[record];
        switch (field)
        {
            case "version":
                Assert.Equal((int)value, (int)one["export"]!["version"]!);
                return;
            case "flow_seq_num":
                Assert.Equal((long)value, (long)one["export"]!["sequence"]!);
                return;
            case "flowset_id":
                Assert.Equal((int)value, (int)one["export"]!["template"]!);
                return;
            case "ingress_acl_id":
                Assert.Equal(((string)value!).Replace("-", "", StringComparison.Ordinal), (string)one["ingressAclId"]!);
                return;
            case "sampling_interval":
                Assert.Equal(Math.Max(1, (int)value), (int)one["sampling"]!["rate"]!);
                return;
        }

        if (OtherForm.Contains(field))
        {
            return;
        }

        string name = Names.GetValueOrDefault(field, field);
        JsonNode? actual = one[name];
        Assert.True(actual is not null, $"record {record} has no {name}: {one.ToJsonString()}");
        string expected = value.ToString();
        if (field is "flowStartSeconds" or "flowEndSeconds" && DateTimeOffset.TryParse(expected, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
        {
            expected = time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        }

        Assert.Equal($"{record} {name} {expected}", $"{record} {name} {actual}");
    }

    private static ulong Sum(IEnumerable<string[]> rows, int column) => Total(rows, row => ulong.Parse(row[column], CultureInfo.InvariantCulture));

    private static ulong Total<T>(IEnumerable<T> values, Func<T, ulong> of) => values.Aggregate(0UL, (sum, value) => sum + of(value));

    // Cells with commas stand in quotes, quotes in them are doubled.
    private static string[] Cells(string line)
    {
        var cells = new List<string>();
        var cell = new System.Text.StringBuilder();
        bool quoted = false;
        foreach (char c in line)
        {
            if (c == '"')
            {
                quoted = !quoted;
            }
            else if (c == ',' && !quoted)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else
            {
                cell.Append(c);
            }
        }

        cells.Add(cell.ToString());
        return [.. cells];
    }

    private static string Folder(string relative)
    {
        string? path = SharedFiles.Find(relative);
        Assert.SkipWhen(path is null, $"the published data {relative} is not on this machine");
        return path!;
    }

    private static TheoryData<string> Cases(string relative, Func<JsonNode, JsonArray> list) => SharedFiles.Find(relative) is { } path
        ? new TheoryData<string>(list(JsonNode.Parse(File.ReadAllText(path))!).Select(c => (string)c!["case"]!).Distinct(StringComparer.Ordinal))
        : new TheoryData<string>("absent");
}
