using FsCheck.Fluent;
using Tsunagi.Protocols.Net.Dns;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Net.Dns;

public class Dns_names
{
    [Theory]
    [InlineData("example.com", "example.com.", "076578616D706C6503636F6D00")]
    [InlineData("Example.COM.", "Example.COM.", "074578616D706C6503434F4D00")]
    [InlineData(".", ".", "00")]
    [InlineData("a\\.b.c", "a\\.b.c.", "03612E62016300")]
    [InlineData("\\000\\255x", "\\000\\255x.", "0300FF7800")]
    [InlineData("_25._tcp.mx", "_25._tcp.mx.", "035F3235045F746370026D7800")]
    public void Are_read_and_written(string text, string written, string wire)
    {
        DnsName name = DnsName.Parse(text);
        Assert.Equal((written, wire), (name.ToString(), Convert.ToHexString(name.Wire)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData(".a")]
    [InlineData("a..b")]
    [InlineData("a b")]
    [InlineData("例え.テスト")]
    [InlineData("a\\")]
    [InlineData("a\\25")]
    [InlineData("a\\256")]
    public void That_are_none_are_refused(string text)
    {
        Assert.False(DnsName.TryParse(text, out _));
        Assert.Throws<FormatException>(() => DnsName.Parse(text));
    }

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void Have_labels_of_63_octets_and_no_more(int octets, bool read) => Assert.Equal(read, DnsName.TryParse(new string('a', octets) + ".example", out _));

    [Theory]
    [InlineData(61, true)] // 3 x 64 + 62 + the root's zero are 255
    [InlineData(62, false)]
    public void Have_255_octets_and_no_more(int lastLabel, bool read)
    {
        string label = new string('a', 63) + ".";
        Assert.Equal(read, DnsName.TryParse(label + label + label + new string('b', lastLabel), out DnsName? name));
        Assert.True(!read || name!.Wire.Length == 255);
        byte[] wire = [.. Enumerable.Repeat((byte[])[63, .. Enumerable.Repeat((byte)'a', 63)], 3).SelectMany(l => l), (byte)lastLabel, .. Enumerable.Repeat((byte)'b', lastLabel), 0];
        int at = 0;
        Assert.Equal(read, DnsName.TryRead(wire, ref at, out _));
    }

    [Fact]
    public void Are_equal_without_regard_to_case()
    {
        Assert.Equal(DnsName.Parse("Example.COM"), DnsName.Parse("eXAMPLE.com."));
        Assert.Equal(DnsName.Parse("Example.COM").GetHashCode(), DnsName.Parse("eXAMPLE.com.").GetHashCode());
        Assert.False(DnsName.Parse("Example.COM").EqualsExactly(DnsName.Parse("example.com")));
        Assert.NotEqual(DnsName.Parse("a\\.b"), DnsName.Parse("a.b"));
        Assert.NotEqual(DnsName.Parse("\\091"), DnsName.Parse("{")); // '[' and '{' differ in the bit of case only
    }

    [Theory]
    [InlineData("mail.example.com", "example.com", true)]
    [InlineData("example.com", "EXAMPLE.com", true)]
    [InlineData("badexample.com", "example.com", false)]
    [InlineData("com", "example.com", false)]
    [InlineData("x.example.com", ".", true)]
    public void Stand_within_others(string name, string ancestor, bool within) => Assert.Equal(within, DnsName.Parse(name).IsWithin(DnsName.Parse(ancestor)));

    [Fact]
    public void Of_compressed_messages_are_read_as_in_rfc_1035()
    {
        // Section 4.1.4: F.ISI.ARPA at 20, FOO.F.ISI.ARPA at 40, ARPA at 64, the root at 92.
        byte[] message = new byte[93];
        "\u0001F\u0003ISI\u0004ARPA\0"u8.CopyTo(message.AsSpan(20));
        ((byte[])[3, (byte)'F', (byte)'O', (byte)'O', 0xC0, 20]).CopyTo(message, 40);
        ((byte[])[0xC0, 26]).CopyTo(message, 64);
        Assert.Equal([("F.ISI.ARPA.", 32), ("FOO.F.ISI.ARPA.", 46), ("ARPA.", 66), (".", 93)], ((int[])[20, 40, 64, 92]).Select(place =>
        {
            int at = place;
            Assert.True(DnsName.TryRead(message, ref at, out DnsName? name));
            return (name!.ToString(), at);
        }));
    }

    [Fact]
    public void Read_back_as_they_were_written()
    {
        Properties.Holds(Properties.Bytes("ab.\\\"; \0\u00ff", 63).Where(label => label.Length > 0), label =>
        {
            int at = 0;
            Assert.True(DnsName.TryRead([(byte)label.Length, .. label, 1, (byte)'x', 0], ref at, out DnsName? name));
            Assert.True(DnsName.TryParse(name!.ToString(), out DnsName? again), name.ToString());
            Assert.True(name.EqualsExactly(again!));
            Assert.Equal("x.", name.Parent.ToString());
        });
    }
}
