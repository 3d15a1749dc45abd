using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Packet;
using Tsunagi.Protocols.Flow.Pcap;
using Tsunagi.Protocols.Net.Radius;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Net.Radius;

public partial class Radius_attributes
{
    private static readonly byte[] Authenticator = Convert.FromHexString("000102030405060708090a0b0c0d0e0f");
    private static readonly RadiusSecret Secret = new("testing123"u8);

    [Theory]
    [InlineData("0105626f62", "User-Name = \"bob\"")]
    [InlineData("0404abcd", "NAS-IP-Address = 0xabcd")]
    [InlineData("0102", "User-Name = \"\"")]
    [InlineData("01050a2200", "User-Name = \"\\x0a\\\"\\x00\"")]
    [InlineData("c805010203", "Attr-200 = 0x010203")]
    [InlineData("400600000001", "Tunnel-Type:0 = PPTP")]
    [InlineData("400601000001 410602000001", "Tunnel-Type:1 = PPTP; Tunnel-Medium-Type:2 = IPv4")]
    [InlineData("400620000001", "Tunnel-Type = 0x20000001")]
    [InlineData("4205666f6f", "Tunnel-Client-Endpoint = \"foo\"")]
    [InlineData("420600010203", "Tunnel-Client-Endpoint:0 = \"\\x01\\x02\\x03\"")]
    [InlineData("1a0b000000090105666f6f", "Cisco = { Cisco-AVPair = \"foo\" }")]
    [InlineData("1a10000000090105666f6f0105626172", "Cisco = { Cisco-AVPair = \"foo\", Cisco-AVPair = \"bar\" }")]
    [InlineData("1a1500004e20010f6c6974686961737072696e6773", "Vendor-20000 = { Attr-26.20000.1 = 0x6c6974686961737072696e6773 }")]
    [InlineData("1a0900000009abcdef", "Vendor-Specific = 0x00000009abcdef")]
    [InlineData("1a05abcdef", "Vendor-Specific = 0xabcdef")]
    [InlineData("f109050106 00000001", "IP-Port-Limit-Info = { IP-Port-Limit-Info-Type = 1 }")]
    [InlineData("f10e1a00002c500161626364", null)]
    [InlineData("ad0b 0206 00202001 0db8", null)]
    [InlineData("610c 0040 20010db8 00010002", "Framed-IPv6-Prefix = 2001:db8:1:2::/64")]
    [InlineData("610e 0040 20010db8 00010002 0000", "Framed-IPv6-Prefix = 2001:db8:1:2::/64")]
    [InlineData("6104 0081", "Framed-IPv6-Prefix = 0x0081")]
    public void Are_shown_and_written_as_they_came(string hex, string? shown)
    {
        byte[] attributes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        if (!RadiusDecoder.TryDecodeAttributes(attributes, RadiusDictionary.Standard, null, default, out ImmutableArray<RadiusPair> pairs, out RadiusError error))
        {
            Assert.Null(shown);
            Assert.NotEmpty(error.Reason);
            return;
        }

        if (shown is not null)
        {
            Assert.Equal(shown, string.Join("; ", pairs));
        }

        Assert.True(RadiusEncoder.TryEncode(pairs, RadiusDictionary.Standard, null, null, out byte[] written, out string reason), reason);
        Assert.Equal(Convert.ToHexString(attributes), Convert.ToHexString(written));
    }

    [Theory]
    [InlineData("User-Password", "hello")]
    [InlineData("Tunnel-Password:3", "hello")]
    [InlineData("MS-MPPE-Send-Key", "0x000102030405060708090a0b0c0d0e0f")]
    public void That_are_hidden_open_with_the_secret_and_hide_again_alike(string name, string value)
    {
        Assert.True(RadiusEncoder.TryMake(RadiusDictionary.Standard, name, value, out RadiusPair? pair, out string reason), reason);
        Assert.False(RadiusEncoder.TryEncode([pair!], RadiusDictionary.Standard, null, null, out _, out _));
        Assert.True(RadiusEncoder.TryEncode([pair!], RadiusDictionary.Standard, Secret, Authenticator, out byte[] hidden, out reason), reason);
        Assert.DoesNotContain("hello", Encoding.Latin1.GetString(hidden), StringComparison.Ordinal);
        Assert.True(RadiusDecoder.TryDecodeAttributes(hidden, RadiusDictionary.Standard, Secret, Authenticator, out ImmutableArray<RadiusPair> opened, out _));
        RadiusPair leaf = Assert.Single(opened.SelectMany(static each => each.Leaves()));
        Assert.Equal((RadiusPairForm.Typed, value), (leaf.Form, leaf.Text));
        Assert.Equal(pair!.Tag, leaf.Tag);
        Assert.True(RadiusEncoder.TryEncode(opened, RadiusDictionary.Standard, Secret, Authenticator, out byte[] again, out _));
        Assert.Equal(hidden, again);
        Assert.True(RadiusDecoder.TryDecodeAttributes(hidden, RadiusDictionary.Standard, null, default, out opened, out _));
        Assert.Equal(RadiusPairForm.Hidden, opened.SelectMany(static each => each.Leaves()).Single().Form);
    }

    [Theory]
    [InlineData("79", 253 * 2 + 1, 3)]
    [InlineData("245.5", 251 * 2 + 1, 3)]
    public void Longer_than_one_go_on_in_the_next(string oid, int octets, int attributes)
    {
        var reader = new RadiusDictionaryReader();
        reader.Add("own", StandardDictionary.Text + "\nATTRIBUTE Long 245.5 octets");
        RadiusDictionary dictionary = reader.Build();
        var pair = new RadiusPair { Name = "x", Oid = oid, Definition = dictionary.ByOid(oid), Value = new byte[octets] };
        Assert.True(RadiusEncoder.TryEncode([pair], dictionary, null, null, out byte[] written, out _));
        int count = 0;
        for (int at = 0; at < written.Length; at += written[at + 1])
        {
            count++;
        }

        Assert.Equal(attributes, count);
        Assert.True(RadiusDecoder.TryDecodeAttributes(written, dictionary, null, default, out ImmutableArray<RadiusPair> pairs, out _));
        Assert.Equal(octets, Assert.Single(pairs).Value.Length);
    }

    [Fact]
    public void In_tlvs_deeper_than_allowed_stay_raw()
    {
        var reader = new RadiusDictionaryReader();
        string text = "VENDOR Deep 99\nBEGIN-VENDOR Deep\n";
        string oid = "1";
        for (int level = 1; level <= 4; level++)
        {
            text += $"ATTRIBUTE Deep-{level.ToString(CultureInfo.InvariantCulture)} {oid} tlv\n";
            oid += ".1";
        }

        reader.Add("deep", text + $"ATTRIBUTE Deep-End {oid} byte\nEND-VENDOR Deep\n");
        RadiusDictionary dictionary = reader.Build();
        Assert.True(RadiusEncoder.TryMake(dictionary, "Deep-End", "7", out RadiusPair? pair, out _));
        Assert.True(RadiusEncoder.TryEncode([pair!], dictionary, null, null, out byte[] attributes, out _));
        byte[] packet = new byte[20 + attributes.Length];
        packet[0] = 1;
        packet[3] = (byte)packet.Length;
        attributes.CopyTo(packet, 20);
        Assert.True(RadiusPacket.TryParse(packet, null, out RadiusPacket parsed, out _));
        Assert.Equal("Deep-End = 7", RadiusDecoder.Decode(parsed, dictionary, limits: new RadiusLimits { Depth = 4 })[0].Leaves().Single().ToString());
        Assert.Equal("Deep-4 = 0x010307", RadiusDecoder.Decode(parsed, dictionary, limits: new RadiusLimits { Depth = 3 })[0].Leaves().Single().ToString());
    }

    public static TheoryData<string> Captures()
    {
        string? folder = SharedFiles.Find("data/connectivity/pcap");
        return folder is null ? ["absent"] : new TheoryData<string>(Directory.EnumerateFiles(folder, "*.pcap").Where(static file => Path.GetFileName(file).StartsWith("RADIUS", StringComparison.OrdinalIgnoreCase)).Select(Path.GetFileName).Order(StringComparer.Ordinal)!);
    }

    [Theory]
    [Trait("Golden", "true")]
    [MemberData(nameof(Captures))]
    public void Of_captures_are_written_as_they_came(string file)
    {
        RadiusDictionary dictionary = SharedDictionary.All;
        var text = new StringBuilder();
        foreach (byte[] datagram in Datagrams(SharedFiles.Find("data/connectivity/pcap/" + file)!))
        {
            if (!RadiusPacket.TryParse(datagram, null, out RadiusPacket packet, out RadiusError error))
            {
                text.Append(CultureInfo.InvariantCulture, $"not read at {error.Offset}: {error.Reason}\n");
                continue;
            }

            ImmutableArray<RadiusPair> pairs = RadiusDecoder.Decode(packet, dictionary);
            Assert.True(RadiusEncoder.TryEncode(pairs, dictionary, null, null, out byte[] written, out string reason), reason);
            Assert.Equal(Convert.ToHexString(packet.Attributes.Octets), Convert.ToHexString(written));
            text.Append(CultureInfo.InvariantCulture, $"{packet.Code} {packet.Identifier}\n");
            foreach (RadiusPair pair in pairs)
            {
                text.Append(CultureInfo.InvariantCulture, $"  {pair}\n");
            }
        }

        Golden.Compare(Path.Combine(Repository.Root, "tests/Tsunagi.Tests/Protocols/Net/Radius/golden", file + ".out"), Encoding.UTF8.GetBytes(text.ToString()));
    }

    // The vectors of FreeRADIUS state octets and what they mean, in the names of its next version. The octets are ours to keep; names that are the same in both dictionaries must say the same.
    [Fact]
    public void Of_the_vectors_of_freeradius_are_kept_and_mean_the_same()
    {
        RadiusDictionary dictionary = SharedDictionary.All;
        string? folder = SharedFiles.Find("data/connectivity/vectors/freeradius");
        Assert.SkipWhen(folder is null, "connectivity/vectors is not there");
        int kept = 0, same = 0;
        var wrong = new List<string>();
        foreach ((string file, string hex, bool isPacket, string? meaning) in Directory.EnumerateFiles(folder, "radius_*.txt").Order(StringComparer.Ordinal).SelectMany(Vectors))
        {
            byte[] octets = Convert.FromHexString(hex);
            bool isRead;
            ImmutableArray<RadiusPair> pairs = [];
            if (isPacket)
            {
                isRead = RadiusPacket.TryParse(octets, null, out RadiusPacket packet, out _);
                if (isRead)
                {
                    pairs = RadiusDecoder.Decode(packet, dictionary);
                    octets = packet.Attributes.Octets.ToArray();
                }
            }
            else
            {
                isRead = RadiusDecoder.TryDecodeAttributes(octets, dictionary, null, default, out pairs, out _);
            }

            // What FreeRADIUS refuses for other reasons than the octets of attributes is the server's to refuse.
            bool isRefused = meaning?.StartsWith("ERROR", StringComparison.Ordinal) == true && !meaning.Contains("is required", StringComparison.Ordinal) && !meaning.Contains("unknown packet code", StringComparison.Ordinal);
            if (isRefused || !isRead)
            {
                if (isRefused == isRead && isRefused)
                {
                    wrong.Add($"{file}: {hex} was read, {meaning}");
                }

                continue;
            }

            Assert.True(RadiusEncoder.TryEncode(pairs, dictionary, null, null, out byte[] written, out string reason), $"{file}: {reason}");
            Assert.Equal(Convert.ToHexString(octets), Convert.ToHexString(written));
            kept++;
            foreach (Match stated in Stated().Matches(meaning is null || meaning.StartsWith("ERROR", StringComparison.Ordinal) ? "" : meaning))
            {
                string name = stated.Groups["name"].Value;
                string value = stated.Groups["value"].Value.Trim();
                value = value.StartsWith("::", StringComparison.Ordinal) && value.Length > 2 && char.IsLetter(value[2]) ? value[2..] : value;
                RadiusPair[] ours = [.. pairs.SelectMany(static pair => pair.Leaves()).Where(pair => pair.Name == name && pair.Form == RadiusPairForm.Typed)];
                if (ours.Length == 0 || stated.Groups["value"].Value.StartsWith("0x", StringComparison.Ordinal) != ours[0].Text.StartsWith("0x", StringComparison.Ordinal))
                {
                    continue;
                }

                if (ours.Any(pair => pair.Text == value || pair.Text == value.Trim('"') || pair.ToString().EndsWith("= " + value, StringComparison.Ordinal)))
                {
                    same++;
                }
                else
                {
                    wrong.Add($"{file}: {name} = {value} stated, {ours[0]} read");
                }
            }
        }

        Assert.True(kept > 150 && same > 150, $"{kept} kept, {same} same");
        wrong.RemoveAll(static each => Different().IsMatch(each));
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static IEnumerable<(string File, string Hex, bool IsPacket, string? Meaning)> Vectors(string path)
    {
        string[] lines = [.. File.ReadLines(path).Where(static line => !line.StartsWith('#'))];
        string? last = null;
        bool isPacket = false;
        for (int i = 0; i + 1 < lines.Length; i++)
        {
            string[] words = lines[i].Split(' ', 2);
            string next = lines[i + 1].StartsWith("match", StringComparison.Ordinal) ? lines[i + 1][5..].Trim() : "";
            if (words is ["encode-pair" or "encode-proto", _] && Hex().IsMatch(next))
            {
                last = next.Replace(" ", "", StringComparison.Ordinal);
                isPacket = words[0] == "encode-proto";
                yield return (Path.GetFileName(path), last, isPacket, null);
            }
            else if (words is ["decode-pair" or "decode-proto", var given] && lines[i + 1].StartsWith("match", StringComparison.Ordinal))
            {
                string hex = given.Trim() == "-" ? last ?? "" : given.Replace(" ", "", StringComparison.Ordinal);
                if (hex.Length % 2 == 0 && hex.Length > 0 && Hex().IsMatch(hex))
                {
                    yield return (Path.GetFileName(path), hex, given.Trim() == "-" ? isPacket : words[0] == "decode-proto", next);
                }
            }
        }
    }

    private static IEnumerable<byte[]> Datagrams(string path)
    {
        using FileStream stream = File.OpenRead(path);
        var reader = new PcapReader(stream);
        var datagrams = new List<byte[]>();
        while (reader.Read(out PcapPacket packet) == PcapStatus.Packet)
        {
            if (PacketReader.TryReadTransport(packet.Octets, PacketLinks.FromLinkType(packet.LinkType), out FlowRecord _, out _, out ReadOnlySpan<byte> payload))
            {
                datagrams.Add(payload.ToArray());
            }
        }

        return datagrams;
    }

    [GeneratedRegex("^[0-9a-fA-F ]+$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Hex();

    [GeneratedRegex("(?<![\\w.-])(?<name>[A-Z][A-Za-z0-9-]+) = (?<value>\"(?:\\\\.|[^\"\\\\])*\"|[^,{}]+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Stated();

    // The two dictionaries name a value differently, or the texts are written in another way.
    [GeneratedRegex("Event-Timestamp|NAS-Filter-Rule|a0b:12f0::1/128|\\\\\\d{3}|\\\\%", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Different();
}
