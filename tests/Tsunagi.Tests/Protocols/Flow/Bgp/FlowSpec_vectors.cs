using System.Text.Json.Nodes;
using Tsunagi.Protocols.Flow.Bgp;
using Tsunagi.Protocols.Flow.Packet;
using Tsunagi.Protocols.Flow.Pcap;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Flow.Bgp;

/// <summary>The octets of another speaker's test suite, read and written the same, and made from our own rule text.</summary>
public class FlowSpec_vectors
{
    // ExaBGP sends the whole prefix where an offset is given.
    private static readonly BgpEncoding ExaBgp = new() { FlowSpecOffset = FlowSpecOffset.WholePrefix };

    // The texts of its commands in our words.
    public static TheoryData<string, string> Commands() => new()
    {
        { "source-ipv4 10.0.0.1/32 rd 65535:65536", "src 10.0.0.1/32 rd 65535:65536 then discard" },
        { "source-ipv4 10.0.0.2/32 next-hop 1.2.3.4", "src 10.0.0.2/32 then copy-to-nexthop 1.2.3.4" },
        { "destination-ipv4 10.0.0.2/32 source-ipv4 10.0.0.1/32 protocol =tcp destination-port =3128 extended-community [rate-limit:0] community", "dst 10.0.0.2/32 src 10.0.0.1/32 proto tcp dport 3128 then discard community 30740:0 community 30740:30740" },
        { "fragment last-fragment", "fragment last-fragment then sample-terminal" },
        { "source-ipv4 10.0.0.0/24 protocol =tcp", "src 10.0.0.0/24 proto tcp dport 3128 then rate 9600" },
        { "source-ipv4 10.0.1.0/24 protocol =tcp", "src 10.0.1.0/24 proto tcp dport 3128 then rate-packets 1000" },
        { "destination-ipv6 2a02:b80:15:0:7aca:39ff:feae:a87a/128/0", "dst 2a02:b80:15:0:7aca:39ff:feae:a87a/128 src ::1/128 offset 120 proto udp dscp 101 flow-label 2013 then discard" },
        { "packet-length", "len >200&<300,>400&<500 then mark 10" },
        { "source-ipv4 10.0.0.3/32 rd 65535:65536", "src 10.0.0.3/32 rd 65535:65536 then redirect-to-nexthop 5.6.7.8" },
        { "destination-ipv4 192.168.0.1/32 next-hop 1.2.3.4", "dst 192.168.0.1/32 then redirect-to-nexthop 1.2.3.4" },
        { "destination-ipv4 192.168.0.1/32 source-ipv4 10.0.0.2/32 protocol", "dst 192.168.0.1/32 src 10.0.0.2/32 proto udp,tcp port 80,8080 dport >8080&<8088,3128 sport >1024 then redirect 258:33756718" },
        { "destination-ipv4 192.168.0.1/32 source-ipv4 10.0.0.9/32 protocol", "dst 192.168.0.1/32 src 10.0.0.9/32 proto udp,tcp port 80,8080 dport >8080&<8088,3128 sport >1024 then redirect 65500:12345" },
        { "destination-ipv4 192.168.0.1/32 source-ipv4 10.0.0.10/32 protocol", "dst 192.168.0.1/32 src 10.0.0.10/32 proto !=tcp port !=0 dport !=443 sport !=80,!=8080 then discard" },
        { "destination-ipv4 10.0.0.2/32 source-ipv4 10.0.0.1/32 protocol =tcp destination-port =3128 tcp-flags", "dst 10.0.0.2/32 src 10.0.0.1/32 proto tcp dport 3128 tcp-flags syn,rst&fin&!=psh then discard" },
        { "destination-ipv4 0.0.0.0/32 source-ipv4 0.0.0.0/32", "dst 0.0.0.0/32 src 0.0.0.0/32 proto tcp dport 3128 then discard" },
        { "destination-ipv4 255.255.255.255/32", "dst 255.255.255.255/32 src 255.255.255.255/32 then rate 65535" },
    };

    [Fact]
    public void Are_written_as_they_were_read()
    {
        int count = 0;
        foreach ((_, byte[] raw) in Vectors())
        {
            BgpReadResult read = BgpMessageReader.Read(raw, ExaBgp);
            bool withoutPath = read.Handling == BgpErrorHandling.TreatAsWithdraw; // none of them: RFC 4760 asks for ORIGIN and AS_PATH with MP_REACH
            Assert.True(read.Message is not null && !withoutPath, $"{Convert.ToHexString(raw)}: {read.Reason}");
            Assert.Equal(Convert.ToHexString(raw), Convert.ToHexString(BgpMessageWriter.Write(read.Message, ExaBgp)));
            count++;
        }

        Assert.True(count >= 25, $"only {count} vectors");
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Are_made_from_the_text_of_a_rule(string command, string text)
    {
        bool flowLabel = text.Contains("dscp 101", StringComparison.Ordinal);
        Assert.Equal(!flowLabel, FlowSpecText.TryParse(text, out FlowSpecStatement? statement, out string error));
        if (flowLabel)
        {
            // ExaBGP writes a traffic class of eight bits where RFC 8956 has a DSCP of six.
            Assert.Contains("dscp", error, StringComparison.Ordinal);
            Assert.True(FlowSpecText.TryParse(text.Replace("dscp 101 ", "dscp 37 ", StringComparison.Ordinal), out statement, out _));
            FlowSpecRule rule = statement!.Rule;
            statement = statement with { Rule = rule with { Components = [.. rule.Components.Select(c => c.Type == FlowSpecType.Dscp ? c with { Terms = [FlowSpecTerm.Of(FlowSpecTerm.Equal, 101)] } : c)] } };
        }

        byte[] raw = Vectors().First(v => v.Command.StartsWith("announce ", StringComparison.Ordinal) && v.Command.Contains($" flow {command}", StringComparison.Ordinal)).Raw;

        // Its order: the well-known attributes, communities, extended communities, and the route last.
        BgpUpdate ours = statement!.Announce(BgpAsPath.Of(), 100);
        BgpUpdate ordered = ours with { Attributes = [.. ours.Attributes.OrderBy(a => a.Type == 14 ? 255 : a.Type)] };
        Assert.Equal(Convert.ToHexString(raw), Convert.ToHexString(BgpMessageWriter.Write(ordered, ExaBgp)));
    }

    [Fact]
    public void Withdraw_what_they_announce()
    {
        byte[] raw = Vectors().First(v => v.Command.StartsWith("withdraw", StringComparison.Ordinal)).Raw;
        Assert.True(FlowSpecText.TryParse("dst 0.0.0.0/32 src 0.0.0.0/32 proto tcp dport 3128 then discard", out FlowSpecStatement? statement, out _));
        var theirs = (BgpUpdate)BgpMessageReader.Read(raw, ExaBgp).Message!;
        Assert.Equal(statement!.Rule, theirs.Find<BgpMpUnreach>()!.FlowSpecs.Single());
        Assert.Equal(statement.Rule, statement.Withdraw().Find<BgpMpUnreach>()!.FlowSpecs.Single());
    }

    [Fact]
    public void Say_the_end_of_the_routes_of_a_family()
    {
        foreach ((string command, byte[] raw) in Vectors().Where(v => v.Command.Contains("eor", StringComparison.Ordinal)))
        {
            BgpFamily family = command switch
            {
                "announce eor ipv4 flow" => BgpFamily.IPv4FlowSpec,
                "announce eor ipv6 flow" => BgpFamily.IPv6FlowSpec,
                _ => BgpFamily.IPv4FlowSpecVpn,
            };
            Assert.Equal(family, ((BgpUpdate)BgpMessageReader.Read(raw).Message!).EndOfRib());
            BgpUpdate ours = BgpUpdate.EndOf(family);
            BgpAttribute unreach = ours.Attributes[0] with { Flags = 0x90 };
            Assert.Equal(Convert.ToHexString(raw), Convert.ToHexString(BgpMessageWriter.Write(ours with { Attributes = [unreach] })));
        }
    }

    [Fact]
    public void Of_its_decoder_mean_what_it_says()
    {
        string folder = Folder();
        var meant = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["bgp-flow-1"] = "dst 2a02:29b8:1925::2e69/128 src beef:f00e::/64 proto tcp fragment first-fragment,is-fragment,last-fragment",
            ["bgp-flow-2"] = "tcp-flags =rst,=fin+psh",
            ["bgp-flow-3"] = "tcp-flags ack,cwr&!fin&!ece",
        };
        foreach ((string file, string text) in meant)
        {
            string[] lines = File.ReadAllLines(Path.Combine(folder, file));
            byte[] raw = Convert.FromHexString(lines[1].Replace(":", "", StringComparison.Ordinal));
            FlowSpecRule rule = ((BgpUpdate)BgpMessageReader.Read(raw).Message!).Find<BgpMpReach>()!.FlowSpecs.Single();
            JsonNode json = JsonNode.Parse(string.Concat(lines.Skip(2)))!;
            string theirs = (string)json["message"]?["update"]?["announce"]?.AsObject().First().Value!["no-nexthop"]![0]!["string"]!
                ?? (string)json["neighbor"]!["message"]!["update"]!["announce"]!.AsObject().First().Value!["no-nexthop"]![0]!["string"]!;
            TestContext.Current.TestOutputHelper?.WriteLine($"{rule} | {theirs}");
            Assert.Equal(Loose(text), Loose(rule.ToString()));
        }
    }

    [Fact]
    public void And_the_sessions_of_captured_routers_are_read_and_written_the_same()
    {
        string? folder = SharedFiles.Find("data/flows");
        Assert.SkipWhen(folder is null, "the published captures are not on this machine");
        int messages = 0;
        foreach (string path in Directory.EnumerateFiles(folder!, "*.pcap", SearchOption.AllDirectories).Where(p => p.Contains("bgp", StringComparison.OrdinalIgnoreCase)))
        {
            foreach (byte[] message in Messages(path))
            {
                BgpReadResult read = BgpMessageReader.Read(message, BgpEncoding.Default);
                messages++;
                if (read is { Message: not null, Handling: BgpErrorHandling.None })
                {
                    Assert.Equal(Convert.ToHexString(message), Convert.ToHexString(BgpMessageWriter.Write(read.Message, new BgpEncoding { ExtendedMessages = true })));
                }
            }
        }

        Assert.True(messages > 20, $"only {messages} messages");
    }

    // One direction of one connection after the other, by sequence number; captures here lose nothing.
    private static IEnumerable<byte[]> Messages(string path)
    {
        using FileStream file = File.OpenRead(path);
        var reader = new PcapReader(file);
        var streams = new Dictionary<string, SortedDictionary<uint, byte[]>>(StringComparer.Ordinal);
        while (reader.Read(out PcapPacket packet) == PcapStatus.Packet)
        {
            if (PacketReader.TryReadTransport(packet.Octets, PacketLinks.FromLinkType(packet.LinkType), out var from, out uint sequence, out ReadOnlySpan<byte> payload)
                && from.Protocol == 6 && payload.Length > 0)
            {
                string key = $"{from.Source}:{from.SourcePort} {from.Destination}:{from.DestinationPort}";
                streams.TryAdd(key, []);
                streams[key][sequence] = payload.ToArray();
            }
        }

        var messages = new List<byte[]>();
        foreach (SortedDictionary<uint, byte[]> stream in streams.Values)
        {
            var input = new System.Buffers.ReadOnlySequence<byte>([.. stream.Values.SelectMany(p => p)]);
            while (BgpFrames.Read(ref input, new BgpEncoding { ExtendedMessages = true }, out var message, out _) == BgpFrameStatus.Message)
            {
                messages.Add(System.Buffers.BuffersExtensions.ToArray(message));
            }
        }

        return messages;
    }

    // Terms joined by OR have no order.
    private static string Loose(string text) => string.Join(' ', text.Split(' ').Select(w => string.Join(',', w.Split(',').Order(StringComparer.Ordinal))));

    private static List<(string Command, byte[] Raw)> Vectors()
    {
        var vectors = new List<(string, byte[])>();
        string folder = Folder();
        foreach (string file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            string command = "";
            foreach (string line in File.ReadLines(file))
            {
                if (line.StartsWith("1:cmd:", StringComparison.Ordinal))
                {
                    command = line[6..];
                }
                else if (line.StartsWith("1:raw:", StringComparison.Ordinal))
                {
                    vectors.Add((command, Convert.FromHexString(line[6..].Replace(":", "", StringComparison.Ordinal))));
                }
                else if (line.StartsWith("FFFFFFFF", StringComparison.Ordinal))
                {
                    vectors.Add(("", Convert.FromHexString(line.Replace(":", "", StringComparison.Ordinal))));
                }
            }
        }

        return vectors;
    }

    private static string Folder()
    {
        string? path = SharedFiles.Find("data/flows/flowspec-exabgp");
        Assert.SkipWhen(path is null, "ExaBGP's vectors are not on this machine");
        return path!;
    }
}
