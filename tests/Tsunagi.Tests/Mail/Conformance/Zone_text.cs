using System.Net;
using System.Net.Sockets;
using Tsunagi.Mail.Conformance;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Conformance;

public sealed class Zone_text
{
    private const string Text = """
        ; <<>> DiG 9.18 <<>> example.com ANY
        example.com.            300   IN  TXT  "v=spf1 " "mx -all"   ; joined
                                          MX   10 mx.example.com.
        mx.example.com          A     192.0.2.1
        mx.example.com          AAAA  2001:db8::1 # not IPv4
        _dmarc.example.com      TXT   v=DMARC1; p=reject
        s._domainkey.example.com TXT ( "v=DKIM1; k=ed25519; "
                                       "p=AAAA" )
        www.example.com         CNAME mx.example.com
        null.example            MX    0 .
        192.0.2.1               PTR   mx.example.com
        slow.example            TXT   TIMEOUT
        slow.example            A     192.0.2.9
        broken.example          SERVFAIL
        empty.example           NODATA
        octets.example          TXT   "é\255\"\\"
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_dig_prints_is_answered()
    {
        var zone = ZoneFile.Read(Text);
        Assert.Equal(["v=spf1 mx -all"], (await zone.TxtAsync("EXAMPLE.com", Cancel)).Values);
        Assert.Equal(["v=DMARC1; p=reject"], (await zone.TxtAsync("_dmarc.example.com", Cancel)).Values);
        Assert.Equal(["v=DKIM1; k=ed25519; p=AAAA"], (await zone.TxtAsync("s._domainkey.example.com", Cancel)).Values);
        Assert.Equal([new MailExchange(10, "mx.example.com")], (await zone.ExchangesAsync("example.com", Cancel)).Values);
        Assert.Equal([new MailExchange(0, "")], (await zone.ExchangesAsync("null.example", Cancel)).Values);
        Assert.Equal([IPAddress.Parse("192.0.2.1")], (await zone.AddressesAsync("www.example.com", AddressFamily.InterNetwork, Cancel)).Values);
        Assert.Equal([IPAddress.Parse("2001:db8::1")], (await zone.AddressesAsync("mx.example.com", AddressFamily.InterNetworkV6, Cancel)).Values);
        Assert.Equal(["mx.example.com"], (await zone.NamesAsync(IPAddress.Parse("192.0.2.1"), Cancel)).Values);
        Assert.Equal(["\u00C3\u00A9\u00FF\"\\"], (await zone.TxtAsync("octets.example", Cancel)).Values);
    }

    [Fact]
    public async Task No_answer_no_data_and_no_such_name_are_three_things()
    {
        var zone = ZoneFile.Read(Text);
        Assert.Equal(MailDnsStatus.TempError, (await zone.TxtAsync("slow.example", Cancel)).Status);
        Assert.Equal(MailDnsStatus.Found, (await zone.AddressesAsync("slow.example", AddressFamily.InterNetwork, Cancel)).Status);
        Assert.Equal(MailDnsStatus.TempError, (await zone.ExchangesAsync("broken.example", Cancel)).Status);
        Assert.Equal(MailDnsStatus.NoData, (await zone.TxtAsync("empty.example", Cancel)).Status);
        Assert.Equal(MailDnsStatus.NameError, (await zone.TxtAsync("nowhere.example", Cancel)).Status);
    }

    [Theory]
    [InlineData("a.example TXTT x", "line 1, column 11: 'TXTT' is no type", "AAAA, CNAME")]
    [InlineData("a.example", "line 1, column 10: behind 'a.example' there is no type", "MX")]
    [InlineData("; x\na.example A 192.0.2.256", "line 2, column 13: '192.0.2.256' is no address of type A", "IPv4")]
    [InlineData("a.example AAAA 192.0.2.1", "line 1, column 16: '192.0.2.1' is no address of type AAAA", "IPv6")]
    [InlineData("a.example MX mx.example", "line 1, column 14: 'mx.example' is no preference", "0 to 65535")]
    [InlineData("a.example MX 10 a..b", "line 1, column 17: 'a..b' is no name", "1 to 63")]
    [InlineData("a.example A 192.0.2.1 192.0.2.2", "line 1, column 23: something stands behind the A record", "one record a line")]
    [InlineData("a.example TXT \"x", "line 1, column 15: a quote is not closed", "the same line")]
    [InlineData("a.example TXT ( \"x\"\n", "a parenthesis is not closed", "')'")]
    [InlineData("a.example TXT \"x\" y", "line 1, column 19: 'y' is no beginning of a string", "in quotes")]
    [InlineData(" A 192.0.2.1", "line 1, column 2: this line goes on", "a name at the beginning")]
    [InlineData("$ORIGIN example.", "line 1, column 1: '$ORIGIN' is a directive", "labels")]
    [InlineData("zonedata:\n  a.example:\n    - A: nowhere\n", "line 3, column 10: 'nowhere' is no A record", "IPv4")]
    [InlineData("zonedata:\n  a.example:\n    - MX: [x, mx]\n", "line 3, column 11: 'x mx' is no MX record", "[10, mx.example.com]")]
    [InlineData("zonedata: [\n", "column 1: this is not YAML", "")]
    public void What_is_wrong_is_told_with_its_place_and_what_is_allowed(string text, string expected, string allowed)
    {
        var wrong = Assert.Throws<FormatException>(() => ZoneFile.Read(text));
        Assert.Contains(expected, wrong.Message, StringComparison.Ordinal);
        Assert.Contains(allowed, wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ZoneText.MaxText, true)]
    [InlineData(ZoneText.MaxText + 1, false)]
    public void A_text_has_a_limit(int octets, bool taken)
    {
        var quoted = string.Join(' ', new string('x', octets).Chunk(250).Select(static piece => $"\"{new string(piece)}\""));
        Assert.Equal(taken, Record.Exception(() => ZoneText.Read("a.example TXT " + quoted)) is null);
        Assert.Equal(taken, Record.Exception(() => ZoneText.Read("a.example TXT " + new string('x', octets))) is null);
    }

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void A_label_has_a_limit(int octets, bool taken) => Assert.Equal(taken, Record.Exception(() => ZoneText.Read(new string('x', octets) + " A 192.0.2.1")) is null);

    [Fact]
    public void A_file_has_a_limit()
    {
        Assert.Empty(ZoneText.Read(new string(' ', ZoneText.MaxCharacters)));
        Assert.Throws<FormatException>(() => ZoneText.Read(new string(' ', ZoneText.MaxCharacters + 1)));
    }

    [Fact]
    public void Whatever_stands_in_a_file_it_is_read_or_refused()
    {
        var random = new Random(20_261_126);
        for (var i = 0; i < 2_000; i++)
        {
            var text = Text.ToCharArray();
            for (var change = 0; change < 6; change++)
            {
                text[random.Next(text.Length)] = "\"()\\;# \tAX1.\n$\u00E9"[random.Next(15)];
            }

            Assert.True(Record.Exception(() => ZoneFile.Read(new string(text))) is null or FormatException);
        }
    }
}
