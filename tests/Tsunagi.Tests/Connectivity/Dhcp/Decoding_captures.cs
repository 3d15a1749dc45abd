using System.Buffers;
using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using Tsunagi.Protocols.Flow.Pcap;
using Tsunagi.Protocols.Net.Dhcp;
using Tsunagi.Tests.Host.Cli;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary><c>tsunagi dhcp decode</c>, and <c>radius decode</c> where both read files by the same means.</summary>
public sealed class Decoding_captures
{
    private static readonly byte[] Source4 = [192, 0, 2, 1], Destination4 = [255, 255, 255, 255];
    private static readonly byte[] Source6 = IPAddress.Parse("fe80::1").GetAddressBytes(), Destination6 = IPAddress.Parse("ff02::1:2").GetAddressBytes();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Prints_one_object_for_each_message_by_the_names_of_IANA()
    {
        using var cli = new CliRun();
        var (exit, output, error) = await cli.RunAsync("dhcp", "decode", Shared("dhcpv6-AFTR-Name-RFC6334.pcap"), "--json");
        Assert.Equal((0, ""), (exit, error));
        var messages = JsonNode.Parse(output)!.AsArray();
        Assert.Equal(["SOLICIT", "ADVERTISE", "REQUEST", "REPLY"], messages.Select(static message => (string)message!["type"]!));
        var reply = messages[3]!;
        Assert.Equal(4, (int)reply["packet"]!);
        Assert.Equal("[fe80::211:22ff:fe33:4455]:547", (string)reply["from"]!);
        Assert.Equal("DHCPv6", (string)reply["protocol"]!);
        Assert.Equal(7, (int)reply["number"]!);
        Assert.Equal("0x1e291d", (string)reply["transactionId"]!);
        Assert.Null(reply["problems"]);
        Assert.Null(reply["error"]);
        Assert.Equal(
            """{"name":"OPTION_IA_PD","number":25,"value":{"iaid":33752069,"t1":150,"t2":250,"options":[{"name":"OPTION_IAPREFIX","number":26,"value":{"preferredLifetime":250,"validLifetime":300,"prefix":"2a00:1:1:100::/56","options":[]}}]}}""",
            reply["options"]![0]!.ToJsonString());
        Assert.Equal("""{"name":"OPTION_DNS_SERVERS","number":23,"value":["2a01::1"]}""", reply["options"]!.AsArray().Single(static option => (int)option!["number"]! == 23)!.ToJsonString());
        Assert.Equal("""{"name":"OPTION_AFTR_NAME","number":64,"value":"aftr-name.mydomain.net."}""", reply["options"]!.AsArray().Single(static option => (int)option!["number"]! == 64)!.ToJsonString());
        Assert.Equal("""["OPTION_DNS_SERVERS","OPTION_AFTR_NAME"]""", messages[0]!["options"]![1]!["value"]!.ToJsonString());
    }

    [Fact]
    public async Task Tells_people_the_same_and_what_is_malformed()
    {
        using var cli = new CliRun();
        var (exit, output, error) = await cli.RunAsync("dhcp", "decode", Shared("dhcp-option-33.pcap"), Shared("dhcp-rfc3004.pcap"));
        Assert.Equal((0, ""), (exit, error));
        Assert.Contains("192.168.1.1:67 > 255.255.255.255:68 DHCPv4 DHCPOFFER, 266 octets\n", output, StringComparison.Ordinal);
        Assert.Contains("  Static Route = destination=10.0.0.1 router=10.0.0.2, destination=10.0.0.3 router=10.0.0.4\n", output, StringComparison.Ordinal);
        Assert.Contains("  Static Route (not in its format) = 0x0a0000\n", output, StringComparison.Ordinal);
        Assert.Contains("  User-Class = subopt1, subopt2-123456789, subopt3-12\n", output, StringComparison.Ordinal);
        Assert.Contains("9 messages, 2 not understood", output, StringComparison.Ordinal);
    }

    // What tcpdump prints of the same captures has as many messages.
    [Fact]
    public async Task Every_shared_capture_is_read_to_its_end_and_none_does_harm()
    {
        var folder = SharedFiles.Find("data/connectivity/pcap");
        Assert.SkipWhen(folder is null, "connectivity/pcap is not there");
        foreach (var file in Directory.EnumerateFiles(folder).Where(static file => file.Contains(".pcap", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            foreach (var verb in (string[])["dhcp", "radius"])
            {
                using var cli = new CliRun();
                var (exit, output, error) = await cli.RunAsync(verb, "decode", file, "--json");
                Assert.InRange(exit, 0, 1);
                Assert.DoesNotContain("Exception", error, StringComparison.Ordinal);
                var messages = JsonNode.Parse(output)!.AsArray();
                if (Path.GetFileName(file).StartsWith("dhcp", StringComparison.Ordinal) && verb == "dhcp")
                {
                    Assert.Equal((0, ""), (exit, error));
                    Assert.True(messages.Count > 0 && messages.All(static message => message!["error"] is null), file);
                    Assert.Equal(Path.GetFileName(file) == "dhcp-option-33.pcap" ? 2 : 0, messages.Count(static message => message!["problems"] is not null));
                }
                else if (Path.GetFileName(file) is var name && name.StartsWith("RADIUS", StringComparison.Ordinal) && verb == "radius")
                {
                    Assert.Equal((0, ""), (exit, error));
                    Assert.True(messages.Count > 0 && messages.All(static message => message!["error"] is null), file);
                }
            }
        }
    }

    public static TheoryData<uint, string> Links() => new()
    {
        { 1, "ffffffffffff0011223344550800" }, // Ethernet
        { 1, "ffffffffffff00112233445581000064" + "0800" }, // IEEE 802.1Q
        { 1, "ffffffffffff00112233445588a80064" + "810000c8" + "0800" }, // IEEE 802.1ad
        { 113, "00000001000600112233445500000800" }, // Linux cooked
        { 276, "0800000000000001000104060011223344550000" }, // Linux cooked, second version
        { 101, "" }, // IP
        { 228, "" }, // IPv4
        { 0, "02000000" }, // BSD loopback
        { 108, "00000002" }, // OpenBSD loopback
    };

    [Theory]
    [MemberData(nameof(Links))]
    public async Task Reads_links_of_every_kind(uint link, string header)
    {
        foreach (var isNg in (bool[])[false, true])
        {
            using var cli = new CliRun();
            byte[] packet = [.. Convert.FromHexString(header), .. IPv4(Udp(68, 67, Discover()))];
            await WriteAsync(cli, "link.pcap", link, isNg, packet);
            var (exit, output, _) = await cli.RunAsync("dhcp", "decode", "link.pcap", "--json");
            Assert.Equal(0, exit);
            var message = Assert.Single(JsonNode.Parse(output)!.AsArray())!;
            Assert.Equal("DHCPDISCOVER", (string)message["type"]!);
            Assert.Equal("192.0.2.1:68", (string)message["from"]!);
            Assert.Equal("00:11:22:33:44:55", (string)message["chaddr"]!);
        }
    }

    [Fact]
    public async Task Says_what_it_left_out_and_why()
    {
        using var cli = new CliRun();
        byte[] whole = IPv4(Udp(68, 67, Discover()));
        byte[] first = IPv4(Udp(68, 67, Discover()), fragment: 0x2000), second = IPv4([1, 2, 3, 4, 5, 6, 7, 8], fragment: 0x0020);
        byte[] other = IPv4(Udp(53, 53, [1, 2, 3]), fragment: 0x2000);
        var capture = new ArrayBufferWriter<byte>();
        PcapWriter.WriteHeader(capture, linkType: 101);
        foreach (var packet in (byte[][])[whole, first, second, other])
        {
            PcapWriter.WritePacket(capture, new PcapPacket(0, 101, packet.Length, packet));
        }

        PcapWriter.WritePacket(capture, new PcapPacket(0, 101, whole.Length, whole.AsSpan(0, 275)));
        await File.WriteAllBytesAsync(Path.Combine(cli.Home, "mixed.pcap"), capture.WrittenSpan.ToArray(), Cancel);
        await WriteAsync(cli, "strange.pcap", 147, isNg: false, whole);
        await File.WriteAllBytesAsync(Path.Combine(cli.Home, "short.pcap"), capture.WrittenSpan[..^1].ToArray(), Cancel);

        var (exit, output, error) = await cli.RunAsync("dhcp", "decode", "mixed.pcap", "--json");
        Assert.Equal(0, exit);
        var messages = JsonNode.Parse(output)!.AsArray();
        Assert.Equal([1, 5], messages.Select(static message => (int)message!["packet"]!));
        Assert.True((bool)messages[1]!["cutByCapture"]!);
        Assert.Equal("options: end in the middle of one", (string)messages[1]!["error"]!);
        Assert.Contains("reading mixed.pcap: 2 fragments of datagrams were left out", error, StringComparison.Ordinal);
        Assert.Contains("reading mixed.pcap: 1 messages are cut off", error, StringComparison.Ordinal);

        (exit, output, error) = await cli.RunAsync("dhcp", "decode", "strange.pcap", "--json");
        Assert.Equal((1, "[]\n"), (exit, output));
        Assert.Contains("1 packets were left out: link type 147 is not read", error, StringComparison.Ordinal);

        (exit, output, error) = await cli.RunAsync("dhcp", "decode", "short.pcap", "--json");
        Assert.Equal(1, exit);
        Assert.Single(JsonNode.Parse(output)!.AsArray());
        Assert.Contains("the capture is truncated; all before that was read", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reads_neighbor_discovery_and_what_a_host_would_not_believe()
    {
        byte[] good = [133, 0, 0x72, 0x66, 0, 0, 0, 0, 5, 1, 0, 0, 0, 0, 0x05, 0xC8];
        byte[] damaged = [.. good[..2], 0, 0, .. good[4..]];
        byte[] allNodes = IPAddress.Parse("ff02::1").GetAddressBytes();
        using var cli = new CliRun();
        await WriteAsync(cli, "nd.pcap", 101, isNg: true, IPv6(58, 255, good, allNodes), IPv6(58, 255, damaged, allNodes), IPv6(58, 64, good, allNodes), IPv6(58, 255, [128, 0, 0, 0, 0, 0, 0, 0], allNodes));
        var (exit, output, _) = await cli.RunAsync("dhcp", "decode", "nd.pcap", "--json");
        Assert.Equal(0, exit);
        var messages = JsonNode.Parse(output)!.AsArray();
        Assert.Equal([null, "message: its checksum should be 0x7266", "packet: its hop limit is 64, not 255"], messages.Select(static message => (string?)message!["error"]));
        Assert.All(messages, static message => Assert.Equal(("ICMPv6", "Router Solicitation", "fe80::1"), ((string)message!["protocol"]!, (string)message["type"]!, (string)message["from"]!)));
        Assert.Equal("""[{"name":"MTU","number":5,"value":{"mtu":1480}}]""", messages[0]!["options"]!.ToJsonString());
    }

    [Fact]
    public async Task Reads_relays_around_relays_over_IPv6()
    {
        var buffer = new byte[512];
        var writer = new Dhcp6Writer(buffer, Dhcp6Type.Solicit, 0xabcdef);
        writer.AddFlag(Dhcp6Code.RapidCommit);
        writer.TryFinish(out var length);
        var inner = buffer[..length];
        for (byte hop = 0; hop < 2; hop++)
        {
            var relay = new Dhcp6Writer(buffer, Dhcp6Type.RelayForward, hop, Destination6, Source6);
            relay.Add(Dhcp6Code.InterfaceId, "Eth 1/2"u8);
            relay.Add(Dhcp6Code.RelayMessage, inner);
            relay.TryFinish(out length);
            inner = buffer[..length];
        }

        using var cli = new CliRun();
        await WriteAsync(cli, "relay.pcap", 101, isNg: false, IPv6(17, 64, Udp(547, 547, inner), Destination6));
        var (_, output, _) = await cli.RunAsync("dhcp", "decode", "relay.pcap", "--json");
        var message = Assert.Single(JsonNode.Parse(output)!.AsArray())!;
        Assert.Equal(("RELAY-FORW", 1), ((string)message["type"]!, (int)message["hopCount"]!));
        var client = message["options"]![1]!["value"]!["options"]![1]!["value"]!;
        Assert.Equal("""{"messageType":"SOLICIT","transactionId":"0xabcdef","options":[{"name":"OPTION_RAPID_COMMIT","number":14,"value":true}]}""", client.ToJsonString());
        var (_, text, _) = await cli.RunAsync("dhcp", "decode", "relay.pcap");
        Assert.Contains("  OPTION_RELAY_MSG\n    message-type=RELAY-FORW (12) hop-count=0 link-address=ff02::1:2 peer-address=fe80::1\n    OPTION_INTERFACE_ID = Eth 1/2\n    OPTION_RELAY_MSG\n      message-type=SOLICIT (1) transaction-id=0xabcdef\n      OPTION_RAPID_COMMIT = yes\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reads_a_file_that_is_one_message_as_octets_or_in_hexadecimal()
    {
        using var cli = new CliRun();
        await File.WriteAllBytesAsync(Path.Combine(cli.Home, "four.bin"), Discover(), Cancel);
        await File.WriteAllTextAsync(Path.Combine(cli.Home, "six.hex"), "01 ab cd ef\n00 0e 00 00\n", Cancel);
        await File.WriteAllTextAsync(Path.Combine(cli.Home, "nd.hex"), "8500000000000000", Cancel);
        await File.WriteAllTextAsync(Path.Combine(cli.Home, "empty"), "", Cancel);
        var (exit, output, _) = await cli.RunAsync("dhcp", "decode", "four.bin", "six.hex", "nd.hex", "--json");
        Assert.Equal(0, exit);
        Assert.Equal(["DHCPDISCOVER", "SOLICIT", "Router Solicitation"], JsonNode.Parse(output)!.AsArray().Select(static message => (string)message!["type"]!));
        (exit, output, _) = await cli.RunAsync("dhcp", "decode", "nd.hex", "--protocol", "dhcpv6", "--json");
        Assert.Equal((0, "Message-133"), (exit, (string)JsonNode.Parse(output)![0]!["type"]!));
        (exit, _, var error) = await cli.RunAsync("dhcp", "decode", "empty");
        Assert.Equal(1, exit);
        Assert.Contains("it is no capture, and 0 octets are no packet", error, StringComparison.Ordinal);
        (exit, _, error) = await cli.RunAsync("dhcp", "decode", "nowhere.pcap");
        Assert.Equal(2, exit);
        Assert.Contains("the file nowhere.pcap cannot be read", error, StringComparison.Ordinal);
        (exit, output, _) = await cli.RunAsync("dhcp", "decode", "six.hex", "--protocol", "dhcpv4", "--json");
        Assert.Equal(0, exit);
        Assert.Equal("message: shorter than its header", (string)JsonNode.Parse(output)![0]!["error"]!);
    }

    [Fact]
    public async Task Reads_captures_in_gzip_of_both_kinds()
    {
        using var cli = new CliRun();
        await WriteAsync(cli, "plain.pcap", 101, isNg: false, IPv4(Udp(68, 67, Discover())), IPv4(Udp(1812, 1812, [1, 7, 0, 20, .. new byte[16]])));
        await using (var file = File.Create(Path.Combine(cli.Home, "packed.pcap.gz")))
        await using (var packing = new GZipStream(file, CompressionLevel.Fastest))
        {
            await packing.WriteAsync(await File.ReadAllBytesAsync(Path.Combine(cli.Home, "plain.pcap"), Cancel), Cancel);
        }

        var (exit, output, _) = await cli.RunAsync("dhcp", "decode", "packed.pcap.gz", "--json");
        Assert.Equal((0, "DHCPDISCOVER"), (exit, (string)JsonNode.Parse(output)![0]!["type"]!));
        (exit, output, _) = await cli.RunAsync("radius", "decode", "packed.pcap.gz", "--json");
        Assert.Equal((0, "AccessRequest"), (exit, (string)JsonNode.Parse(output)![0]!["code"]!));
        await File.WriteAllBytesAsync(Path.Combine(cli.Home, "torn.gz"), [0x1F, 0x8B, 1, 2, 3], Cancel);
        (exit, _, var error) = await cli.RunAsync("dhcp", "decode", "torn.gz");
        Assert.Equal(2, exit);
        Assert.Contains("the file torn.gz cannot be read", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_peer_sends_does_not_steer_the_terminal()
    {
        var message = Discover();
        message = [.. message[..^1], 12, 5, (byte)'a', 0x1B, (byte)'[', (byte)'3', (byte)'m', 255];
        using var cli = new CliRun();
        await File.WriteAllBytesAsync(Path.Combine(cli.Home, "host.bin"), message, Cancel);
        var (_, output, _) = await cli.RunAsync("dhcp", "decode", "host.bin");
        Assert.Contains("Hostname = \"a\\u001b[3m\"", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
    }

    private static string Shared(string file)
    {
        var path = SharedFiles.Find("data/connectivity/pcap/" + file);
        Assert.SkipWhen(path is null, $"connectivity/pcap/{file} is not there");
        return path;
    }

    private static byte[] Discover()
    {
        var octets = new byte[240];
        (octets[0], octets[1], octets[2]) = (1, 1, 6);
        ((byte[])[0x00, 0x11, 0x22, 0x33, 0x44, 0x55]).CopyTo(octets, 28);
        ((byte[])[0x63, 0x82, 0x53, 0x63]).CopyTo(octets, 236);
        return [.. octets, 53, 1, 1, 55, 3, 1, 3, 6, 255];
    }

    private static byte[] Udp(int source, int destination, byte[] payload)
    {
        var length = payload.Length + 8;
        return [(byte)(source >> 8), (byte)source, (byte)(destination >> 8), (byte)destination, (byte)(length >> 8), (byte)length, 0, 0, .. payload];
    }

    private static byte[] IPv4(byte[] payload, int fragment = 0)
    {
        var length = payload.Length + 20;
        return [0x45, 0, (byte)(length >> 8), (byte)length, 0, 1, (byte)(fragment >> 8), (byte)fragment, 64, 17, 0, 0, .. Source4, .. Destination4, .. payload];
    }

    private static byte[] IPv6(byte protocol, byte hopLimit, byte[] payload, byte[] destination) =>
        [0x60, 0, 0, 0, (byte)(payload.Length >> 8), (byte)payload.Length, protocol, hopLimit, .. Source6, .. destination, .. payload];

    private static async Task WriteAsync(CliRun cli, string name, uint link, bool isNg, params byte[][] packets)
    {
        var capture = new ArrayBufferWriter<byte>();
        if (isNg)
        {
            PcapngWriter.WriteSection(capture);
            PcapngWriter.WriteInterface(capture, (ushort)link);
        }
        else
        {
            PcapWriter.WriteHeader(capture, link);
        }

        foreach (var packet in packets)
        {
            if (isNg)
            {
                PcapngWriter.WritePacket(capture, 0, new PcapPacket(0, link, packet.Length, packet));
            }
            else
            {
                PcapWriter.WritePacket(capture, new PcapPacket(0, link, packet.Length, packet));
            }
        }

        await File.WriteAllBytesAsync(Path.Combine(cli.Home, name), capture.WrittenSpan.ToArray(), Cancel);
    }
}
