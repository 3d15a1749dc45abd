using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Tsunagi.Protocols.Net.Dhcp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Net.Dhcp;

public partial class Dhcp_messages
{
    public static TheoryData<string> Captures() => SharedFiles.Find("data/connectivity/pcap") is { } folder
        ? new TheoryData<string>(Directory.EnumerateFiles(folder, "dhcp*.pcap").Select(Path.GetFileName).Order(StringComparer.Ordinal)!) : ["absent"];

    [Theory]
    [Trait("Golden", "true")]
    [MemberData(nameof(Captures))]
    public void Of_captures_are_told_and_written_as_they_came(string file)
    {
        var text = new StringBuilder();
        foreach ((DhcpProtocol protocol, byte[] octets) in DhcpCaptures.Read(file))
        {
            Assert.True(DhcpDecoder.TryDecode(protocol, octets, null, out DhcpMessage? message, out DhcpError error), error.Reason);
            Assert.True(DhcpEncoder.TryEncode(message!, out byte[] written));
            Assert.Equal(Convert.ToHexString(octets), Convert.ToHexString(written));
            Assert.True(DhcpDecoder.Guess(octets) == protocol || message!.Fields["vend"] is not null, file); // BOOTP does not show itself
            text.Append(CultureInfo.InvariantCulture, $"{message!.TypeName} {message.Fields}\n");
        }

        Golden.Compare(Path.Combine(Dhcp_options.Folder, file + ".out"), Encoding.UTF8.GetBytes(text.ToString()));
    }

    // FreeRADIUS states octets and what they mean, in names of its own; the addresses, prefixes, names and large numbers that it states must be told by us.
    [Fact]
    public void Of_the_vectors_of_freeradius_are_kept_and_mean_the_same()
    {
        string? folder = SharedFiles.Find("data/connectivity/vectors/freeradius");
        Assert.SkipWhen(folder is null, "connectivity/vectors is not there");
        int messages = 0, stated = 0;
        var missing = new List<string>();
        foreach ((string file, byte[] octets, string meaning) in Directory.EnumerateFiles(folder, "dhcpv6_*.txt").Order(StringComparer.Ordinal).SelectMany(Vectors))
        {
            messages++;
            Assert.True(DhcpDecoder.TryDecode(DhcpProtocol.Dhcp6, octets, null, out DhcpMessage? message, out DhcpError error), error.Reason);
            Assert.True(DhcpEncoder.TryEncode(message!, out byte[] written));
            Assert.Equal(Convert.ToHexString(octets), Convert.ToHexString(written));
            string told = message!.Fields.ToString();
            foreach (Match match in Stated().Matches(meaning))
            {
                stated++;
                string value = match.Groups["value"].Value.Trim('"');
                value = Number().IsMatch(value) ? value[2..] : value; // ::173 is the number of an enumeration there
                if (!told.Contains(value, StringComparison.Ordinal))
                {
                    missing.Add($"{file}: {value} in {told}");
                }
            }
        }

        Assert.True(messages > 100 && stated > 150, $"{messages} messages, {stated} values");
        Assert.True(missing.Count == 0, string.Join('\n', missing));
    }

    [Fact]
    public void Cut_anywhere_or_read_as_another_protocol_do_no_harm()
    {
        foreach ((_, byte[] octets) in DhcpCaptures.ReadAll())
        {
            for (int length = 0; length <= octets.Length; length += length < 64 || octets.Length - length < 64 ? 1 : 7)
            {
                foreach (DhcpProtocol protocol in Enum.GetValues<DhcpProtocol>())
                {
                    if (DhcpDecoder.TryDecode(protocol, octets.AsSpan(0, length), null, out DhcpMessage? message, out DhcpError error))
                    {
                        Assert.True(DhcpEncoder.TryEncode(message!, out byte[] written));
                        Assert.Equal(octets[..length], written);
                    }
                    else
                    {
                        Assert.NotEmpty(error.Reason);
                        Assert.InRange(error.Offset, 0, length);
                    }
                }
            }
        }
    }

    [Fact]
    public void Are_read_where_they_lie_as_they_are_taken_apart()
    {
        int read = 0;
        foreach ((DhcpProtocol protocol, byte[] octets) in DhcpCaptures.ReadAll())
        {
            Assert.True(DhcpDecoder.TryDecode(protocol, octets, null, out DhcpMessage? message, out _));
            if (protocol == DhcpProtocol.Dhcp6)
            {
                Assert.True(Dhcp6Message.TryParse(octets, null, out Dhcp6Message six, out _));
                var codes = new List<int>();
                foreach (Dhcp6Option option in six.Options)
                {
                    codes.Add(option.Code);
                }

                Assert.Equal(message!.Options.Select(static option => option.Code), codes);
                Assert.Equal(message.Type, (int)six.Type);
                Assert.Equal(message.Fields["transaction-id"]!.ToString(), string.Create(CultureInfo.InvariantCulture, $"0x{six.TransactionId:x6}"));
                read++;
            }
            else if (protocol == DhcpProtocol.Dhcp4 && message!.Fields["vend"] is null)
            {
                Assert.True(Dhcp4Message.TryParse(octets, null, out Dhcp4Message four, out _));
                Assert.Equal(message!.Type, (int)four.Type);
                Assert.Equal(message.Fields["xid"]!.ToString(), string.Create(CultureInfo.InvariantCulture, $"0x{four.TransactionId:x8}"));
                Assert.Equal(message.Fields["yiaddr"]!.ToString(), new IPAddress(four.YourAddress).ToString());
                read++;
            }
        }

        Assert.True(read > 40, $"{read} read");
    }

    // The octets are those of the captures: what we write is what others wrote.
    [Fact]
    public void Of_a_server_are_written_as_a_captured_server_wrote_them()
    {
        (_, byte[] request) = DhcpCaptures.Read("dhcpv6-ia-pd.pcap").ElementAt(2);
        (_, byte[] reply) = DhcpCaptures.Read("dhcpv6-ia-pd.pcap").ElementAt(3);
        Assert.True(Dhcp6Message.TryParse(request, null, out Dhcp6Message asked, out _));
        byte[] buffer = new byte[256];
        var writer = new Dhcp6Writer(buffer, Dhcp6Type.Reply, asked.TransactionId);
        int association = writer.BeginAssociation(Dhcp6Code.IaPd, 33752069, 3600, 5400);
        writer.End(writer.BeginPrefix(IPNetwork.Parse("2a00:1:1:100::/56"), 4500, 7200));
        writer.End(association);
        foreach (ushort code in (ushort[])[Dhcp6Code.ClientId, Dhcp6Code.ServerId])
        {
            Assert.True(asked.Options.TryFind(code, out ReadOnlySpan<byte> identifier));
            writer.Add(code, identifier);
        }

        Assert.True(writer.TryFinish(out int length));
        Assert.Equal(Convert.ToHexString(reply), Convert.ToHexString(buffer.AsSpan(0, length)));

        byte[] small = new byte[length - 1];
        var tight = new Dhcp6Writer(small, Dhcp6Type.Reply, asked.TransactionId);
        tight.Add(Dhcp6Code.ClientId, new byte[small.Length]);
        Assert.False(tight.TryFinish(out _));

        (_, byte[] discover) = DhcpCaptures.Read("dhcp-rfc3004.pcap").ElementAt(0);
        (_, byte[] offer) = DhcpCaptures.Read("dhcp-rfc3004.pcap").ElementAt(1);
        Assert.True(Dhcp4Message.TryParse(discover, null, out Dhcp4Message four, out _));
        byte[] answer = new byte[576];
        var offering = new Dhcp4Writer(answer, Dhcp4Type.Offer, four);
        offering.SetYourAddress([192, 168, 1, 4]);
        offering.Add(54, [192, 168, 1, 1]);
        offering.Add(51, [0, 1, 0x51, 0x80]);
        offering.Add(1, [255, 255, 255, 0]);
        offering.Add(3, [192, 168, 1, 1]);
        offering.Add(6, [192, 168, 1, 1]);
        offering.Add(15, "Home"u8);
        Assert.True(offering.TryFinish(out length));
        Assert.Equal(Dhcp4Writer.LeastOctets, length);
        Assert.Equal(Convert.ToHexString(offer), Convert.ToHexString(answer.AsSpan(0, offer.Length)));
        Assert.False(answer.AsSpan(offer.Length, length - offer.Length).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void Of_relays_lie_in_each_other_as_deep_as_the_limit_and_no_deeper()
    {
        var limits = new DhcpLimits { Relays = 3 };
        byte[] three = Relayed(3), four = Relayed(4);
        Assert.True(DhcpDecoder.TryDecode(DhcpProtocol.Dhcp6, three, limits, out DhcpMessage? message, out _));
        Assert.Empty(message!.Problems);
        Assert.Contains("OPTION_ELAPSED_TIME = 7", message.Fields.ToString(), StringComparison.Ordinal);
        Assert.True(Dhcp6Message.TryParse(three, limits, out Dhcp6Message whole, out _));
        Assert.True(whole.TryClient(limits, out Dhcp6Message client));
        Assert.Equal(Dhcp6Type.Solicit, client.Type);
        Assert.Equal(0x010203, client.TransactionId);
        Assert.Equal(2, whole.HopCount);
        Assert.Equal("2001:db8::1", new IPAddress(whole.LinkAddress).ToString());
        Assert.Equal("fe80::1", new IPAddress(whole.PeerAddress).ToString());

        Assert.True(DhcpDecoder.TryDecode(DhcpProtocol.Dhcp6, four, limits, out message, out _));
        Assert.Equal(DhcpForm.TooDeep, Assert.Single(message!.Problems).Form);
        Assert.True(DhcpEncoder.TryEncode(message, out byte[] written) && written.AsSpan().SequenceEqual(four));
        Assert.True(Dhcp6Message.TryParse(four, limits, out whole, out _));
        Assert.False(whole.TryClient(limits, out _));

        // The relays of RFC 8415 stop at a hop count of 8: all of that is read without being asked for.
        Assert.True(DhcpDecoder.TryDecode(DhcpProtocol.Dhcp6, Relayed(9), null, out message, out _) && !message!.Problems.Any());
    }

    [Fact]
    public void Hold_options_in_options_as_deep_as_the_limit_and_no_deeper()
    {
        var limits = new DhcpLimits { Depth = 3 };
        foreach (int depth in (int[])[3, 4])
        {
            byte[] inner = [];
            for (int level = 0; level < depth; level++)
            {
                inner = [0, 94, 0, (byte)inner.Length, .. inner];
            }

            byte[] octets = [1, 0, 0, 1, .. inner];
            Assert.True(DhcpDecoder.TryDecode(DhcpProtocol.Dhcp6, octets, limits, out DhcpMessage? message, out _));
            Assert.Equal(depth > 3 ? [DhcpForm.TooDeep] : [], message!.Problems.Select(static option => option.Form));
            Assert.True(DhcpEncoder.TryEncode(message, out byte[] written) && written.AsSpan().SequenceEqual(octets));
        }
    }

    [Fact]
    public void Have_as_many_options_and_octets_as_the_limits_and_no_more()
    {
        byte[] six = [1, 0, 0, 1, 0, 14, 0, 0, 0, 3, 0, 16, .. new byte[12], 0, 14, 0, 0];
        var limits = new DhcpLimits { Options = 3, MessageOctets = six.Length };
        Assert.True(DhcpDecoder.TryDecode(DhcpProtocol.Dhcp6, six, limits, out _, out _));
        Assert.False(DhcpDecoder.TryDecode(DhcpProtocol.Dhcp6, six, limits with { Options = 2 }, out _, out DhcpError error));
        Assert.Equal("options: more than the limit", error.Reason);
        Assert.False(DhcpDecoder.TryDecode(DhcpProtocol.Dhcp6, six, limits with { MessageOctets = six.Length - 1 }, out _, out error));
        Assert.Equal("message: longer than the limit", error.Reason);
        Assert.True(Dhcp6Message.TryParse(six, limits with { Options = 2 }, out _, out _)); // two at the top
        Assert.False(Dhcp6Message.TryParse(six, limits with { Options = 1 }, out _, out error));
        Assert.Equal("options: more than the limit", error.Reason);
        Assert.False(Dhcp6Message.TryParse(six, limits with { MessageOctets = six.Length - 1 }, out _, out _));

        byte[] four = [.. Dhcp_options.Message(DhcpProtocol.Dhcp4, 53, [1])[..^1], 12, 1, 65, 12, 1, 66, 255];
        limits = new DhcpLimits { Options = 3, MessageOctets = four.Length };
        Assert.True(DhcpDecoder.TryDecode(DhcpProtocol.Dhcp4, four, limits, out _, out _) && Dhcp4Message.TryParse(four, limits, out _, out _));
        Assert.False(DhcpDecoder.TryDecode(DhcpProtocol.Dhcp4, four, limits with { Options = 2 }, out _, out _));
        Assert.False(Dhcp4Message.TryParse(four, limits with { Options = 2 }, out _, out error));
        Assert.Equal("options: more than the limit", error.Reason);
        Assert.False(Dhcp4Message.TryParse(four, limits with { MessageOctets = four.Length - 1 }, out _, out _));

        byte[] neighbor = [133, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 3, 4, 5, 6, 14, 1, 1, 2, 3, 4, 5, 6];
        limits = new DhcpLimits { Options = 2, MessageOctets = neighbor.Length };
        Assert.True(DhcpDecoder.TryDecode(DhcpProtocol.Neighbor, neighbor, limits, out _, out _) && NeighborMessage.TryParse(neighbor, limits, out _, out _));
        Assert.False(DhcpDecoder.TryDecode(DhcpProtocol.Neighbor, neighbor, limits with { Options = 1 }, out _, out _));
        Assert.False(NeighborMessage.TryParse(neighbor, limits with { Options = 1 }, out _, out error));
        Assert.Equal("options: more than the limit", error.Reason);
        Assert.False(NeighborMessage.TryParse(neighbor, limits with { MessageOctets = neighbor.Length - 1 }, out _, out _));
    }

    // RFC 3396: the parts lie in the options, in file and in sname, which option 52 lends; together they are one list of routes.
    [Fact]
    public void Of_DHCPv4_put_parts_of_an_option_together_and_write_them_where_they_lay()
    {
        byte[] octets = new byte[240];
        octets[0] = 2;
        octets[1] = 1;
        octets[2] = 6;
        (octets[236], octets[237], octets[238], octets[239]) = (0x63, 0x82, 0x53, 0x63);
        octets = [.. octets, 53, 1, 5, 52, 1, 3, 121, 3, 8, 10, 192, 0, 121, 0, 255];
        ((byte[])[121, 4, 0, 2, 1, 24, 12, 2, 65, 66, 255]).CopyTo(octets, 108);
        ((byte[])[0, 0, 121, 7, 198, 51, 100, 192, 0, 2, 2, 255]).CopyTo(octets, 44);

        Assert.True(DhcpDecoder.TryDecode(DhcpProtocol.Dhcp4, octets, null, out DhcpMessage? message, out _));
        Assert.Empty(message!.Problems);
        Assert.Equal(
            ["DHCP Msg Type = DHCPACK (5)", "Overload = file and sname (3)", "Classless Static Route Option = destination=10.0.0.0/8 router=192.0.2.1, destination=198.51.100.0/24 router=192.0.2.2", "Hostname = \"AB\""],
            message.Options.Where(static option => !option.IsFill).Select(static option => option.ToString()));
        Assert.True(DhcpEncoder.TryEncode(message, out byte[] written));
        Assert.Equal(Convert.ToHexString(octets), Convert.ToHexString(written));

        Assert.True(Dhcp4Message.TryParse(octets, null, out Dhcp4Message four, out _));
        Assert.Equal(3, four.Overload);
        byte[] scratch = new byte[14];
        Assert.False(four.TryFind(121, scratch.AsSpan(0, 13), out _));
        Assert.True(four.TryFind(121, scratch, out ReadOnlySpan<byte> routes));
        Assert.Equal("080AC000020118C63364C0000202", Convert.ToHexString(routes));
        Assert.True(four.TryFind(12, [], out ReadOnlySpan<byte> name) && name.SequenceEqual("AB"u8));
        Assert.False(four.TryFind(99, scratch, out _));

        // Without being lent the fields are text, and the option ends short.
        octets[245] = 0;
        Assert.True(DhcpDecoder.TryDecode(DhcpProtocol.Dhcp4, octets, null, out message, out _));
        Assert.Equal(["Overload = 0", "Classless Static Route Option = 0x080ac0 (Malformed)"], message!.Options.Where(static option => !option.IsFill).Skip(1).Select(static option => option.ToString()));
    }

    [Fact]
    public void Of_DHCPv4_cut_a_long_option_into_parts()
    {
        byte[] request = Dhcp_options.Message(DhcpProtocol.Dhcp4, 53, [1]);
        Assert.True(Dhcp4Message.TryParse(request, null, out Dhcp4Message asked, out _));
        byte[] long121 = [.. Enumerable.Repeat((byte[])[8, 10, 192, 0, 2, 1], 60).SelectMany(static route => route)];
        byte[] buffer = new byte[1024];
        var writer = new Dhcp4Writer(buffer, Dhcp4Type.Ack, asked);
        writer.Add(121, long121);
        Assert.True(writer.TryFinish(out int length));
        Assert.True(DhcpDecoder.TryDecode(DhcpProtocol.Dhcp4, buffer.AsSpan(0, length), null, out DhcpMessage? message, out _));
        DhcpOption routes = message!.Options.First(static option => option.Code == 121);
        Assert.Equal(60, ((DhcpList)routes.Value).Values.Length);
        Assert.True(DhcpEncoder.TryEncode(message, out byte[] written) && written.AsSpan().SequenceEqual(buffer.AsSpan(0, length)));

        // One that was put together of values is cut by the encoder.
        Assert.True(DhcpRegistry.Dhcp4.TryMake(121, routes.Value, out DhcpOption? made));
        var fields = new DhcpFields([.. message.Fields.Fields.Select(field => field.Name == "options" ? field with { Value = new DhcpOptionList([made!]) } : field)]);
        Assert.True(DhcpEncoder.TryEncode(new DhcpMessage(DhcpProtocol.Dhcp4, fields), out written));
        Assert.Equal(240 + long121.Length + 4, written.Length);
        Assert.Equal(255, written[241]);

        var tight = new Dhcp4Writer(buffer.AsSpan(0, 400), Dhcp4Type.Ack, asked);
        tight.Add(121, long121);
        Assert.False(tight.TryFinish(out _));
        Assert.False(new Dhcp4Writer(buffer.AsSpan(0, 299), Dhcp4Type.Ack, asked).TryFinish(out _));
        Assert.False(new Dhcp4Writer(buffer.AsSpan(0, 100), Dhcp4Type.Ack, asked).TryFinish(out _));
    }

    [Fact]
    public void Of_BOOTP_are_told_and_refused_by_a_server()
    {
        byte[] octets = new byte[300];
        (octets[0], octets[1], octets[2]) = (1, 1, 6);
        "boot.img"u8.CopyTo(octets.AsSpan(108));
        Assert.True(DhcpDecoder.TryDecode(DhcpProtocol.Dhcp4, octets, null, out DhcpMessage? message, out _));
        Assert.Equal("BOOTREQUEST", message!.TypeName);
        Assert.Equal("\"boot.img\"", message.Fields["file"]!.ToString());
        Assert.True(DhcpEncoder.TryEncode(message, out byte[] written) && written.AsSpan().SequenceEqual(octets));
        Assert.False(Dhcp4Message.TryParse(octets, null, out _, out DhcpError error));
        Assert.Equal("message: without the cookie of DHCP", error.Reason);
    }

    [Theory]
    [InlineData("", "message: shorter than its header")]
    [InlineData("0c0000", "message: shorter than its header")]
    [InlineData("0c000000", "message: shorter than its header")]
    [InlineData("00010203", "message: its type is 0")]
    [InlineData("18f31c3b", "message: shorter than its header")] // found by the fuzzer: a message between servers has a longer header
    [InlineData("010102030001", "options: end in the middle of one")]
    [InlineData("0101020300010002aa", "options: end in the middle of one")]
    public void That_a_server_drops_are_dropped_with_a_reason(string hex, string reason)
    {
        Assert.False(Dhcp6Message.TryParse(Convert.FromHexString(hex), null, out _, out DhcpError error));
        Assert.Equal(reason, error.Reason);
    }

    private static byte[] Relayed(int relays)
    {
        byte[] inner = [1, 1, 2, 3, 0, 8, 0, 2, 0, 7];
        for (int relay = 0; relay < relays; relay++)
        {
            byte[] buffer = new byte[1024];
            var writer = new Dhcp6Writer(buffer, Dhcp6Type.RelayForward, (byte)relay, IPAddress.Parse("2001:db8::1").GetAddressBytes(), IPAddress.Parse("fe80::1").GetAddressBytes());
            writer.Add(Dhcp6Code.InterfaceId, "eth0"u8);
            writer.Add(Dhcp6Code.RelayMessage, inner);
            Assert.True(writer.TryFinish(out int length));
            inner = buffer[..length];
        }

        return inner;
    }

    // decode-pair and decode-proto with what they match; "-" repeats the octets of the line before.
    private static IEnumerable<(string File, byte[] Octets, string Meaning)> Vectors(string path)
    {
        string[] lines = [.. File.ReadAllLines(path).Where(static line => line.Length > 0 && line[0] != '#')];
        string last = "";
        for (int i = 0; i + 1 < lines.Length; i++)
        {
            string[] words = lines[i].Split(' ', 2);
            string next = lines[i + 1].StartsWith("match ", StringComparison.Ordinal) ? lines[i + 1][6..].Trim() : "";
            bool isHex = next.Length > 0 && Hex().IsMatch(next);
            if (words[0] is "encode-pair" or "encode-proto")
            {
                last = isHex ? (words[0] == "encode-pair" ? "01000001" : "") + next.Replace(" ", "", StringComparison.Ordinal) : "";
            }
            else if (words.Length == 2 && words[0] is "decode-pair" or "decode-proto")
            {
                string given = words[1].Trim();
                string hex = given == "-" ? last : (words[0] == "decode-pair" ? "01000001" : "") + given.Replace(" ", "", StringComparison.Ordinal);
                if (hex.Length > 8 && hex.Length % 2 == 0 && Hex().IsMatch(hex) && !hex.StartsWith("00", StringComparison.Ordinal))
                {
                    yield return (Path.GetFileName(path), Convert.FromHexString(hex), next);
                }
            }
        }
    }

    [GeneratedRegex("^[0-9a-fA-F ]+$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Hex();

    [GeneratedRegex("^::[0-9]+$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Number();

    // Addresses and prefixes of IPv6, link-layer addresses, names in quotation marks, numbers of three digits and more.
    [GeneratedRegex("= (?<value>[0-9a-f]*:[0-9a-f:/]+|\"[^\"\\\\]+\"|[1-9][0-9]{2,9})(?=[,} ]|$)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Stated();
}
