using System.Text;
using System.Text.RegularExpressions;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Cpe.Arms;

public class Arms_messages
{
    [Theory]
    [InlineData("session-simple.txt", 9)]
    [InlineData("session-tunnel.txt", 40)]
    public void Of_recorded_sessions_are_written_as_they_were_said_octet_by_octet(string file, int least)
    {
        string? path = SharedFiles.Find("data/routers/arms/" + file);
        Assert.SkipWhen(path is null, "the recorded sessions are not here (TSUNAGI_SHARED)");
        int read = 0;
        foreach (Match match in Regex.Matches(File.ReadAllText(path!), "<arms-message>.*?</arms-message>", RegexOptions.Singleline, TimeSpan.FromSeconds(5)))
        {
            Assert.True(ArmsReader.TryRead(Encoding.ASCII.GetBytes(match.Value), null, out ArmsMessage? message, out ArmsError error), $"{error.Reason}: {match.Value}");
            Assert.Equal(match.Value, Encoding.ASCII.GetString(ArmsWriter.Write(message!, declared: false)));
            read++;
        }

        Assert.True(read >= least, $"{read} messages");
    }

    [Fact]
    public void Tell_modules_before_their_configurations()
    {
        string? path = SharedFiles.Find("data/routers/arms/session-simple.txt");
        Assert.SkipWhen(path is null, "the recorded sessions are not here (TSUNAGI_SHARED)");
        string answer = Regex.Match(File.ReadAllText(path!), "<arms-message><arms-response type=\"config-solicitation\">.*?</arms-message>", RegexOptions.Singleline, TimeSpan.FromSeconds(5)).Value;
        Assert.True(ArmsReader.TryRead(Encoding.ASCII.GetBytes(answer), null, out ArmsMessage? message, out _));
        ArmsField[] configurations = [.. message!.Body!.Where(f => f.Name == "md-config")];
        Assert.Equal(["0", "7"], configurations.Select(c => c.Attribute("id")));
        Assert.True(configurations[1].TryGetContent(out byte[] content));
        Assert.Equal("table inet f {}", Encoding.ASCII.GetString(content));
        Assert.False((configurations[1] with { Text = "%" }).TryGetContent(out _));
        Assert.Equal("hbpass", message.Body!.First(f => f.Name == "heartbeat-info").Fields.First(f => f.Name == "passphrase").Text);
    }

    [Theory]
    [InlineData("<arms-message/>", 201)]
    [InlineData("<arms-message><arms-request/></arms-message>", 202)]
    [InlineData("<arms-message><arms-request type=\"a b\"/></arms-message>", 202)]
    [InlineData("<arms-message><arms-request type=\"ping\"><distribution-id>1</distribution-id></arms-request></arms-message>", 203)]
    [InlineData("<arms-message><arms-request type=\"ping\"><other-request/></arms-request></arms-message>", 203)]
    [InlineData("<arms-message><arms-request type=\"ping\">", 201)]
    [InlineData("<!DOCTYPE a>", 201)]
    [InlineData("", 201)]
    public void That_are_none_are_refused_with_the_code_of_the_protocol(string text, int code)
    {
        Assert.False(ArmsReader.TryRead(Octets.Of(text), null, out _, out ArmsError error));
        Assert.Equal(code, error.Code);
        Assert.NotEmpty(error.Reason);
    }

    [Fact]
    public void At_a_limit_are_read_and_one_past_it_refused()
    {
        byte[] octets = ArmsWriter.Write(new ArmsMessage { Type = "ping", Body = [new ArmsField("address", new string('x', 100)), new ArmsField("count", "1")] }, declared: true);
        Assert.True(ArmsReader.TryRead(octets, new ArmsLimits { MessageOctets = octets.Length, TextOctets = 100, Elements = 5, Depth = 4 }, out _, out _));
        Assert.False(ArmsReader.TryRead(octets, new ArmsLimits { MessageOctets = octets.Length - 1 }, out _, out _));
        Assert.False(ArmsReader.TryRead(octets, new ArmsLimits { TextOctets = 99 }, out _, out _));
        Assert.False(ArmsReader.TryRead(octets, new ArmsLimits { Elements = 4 }, out _, out _));
        Assert.False(ArmsReader.TryRead(octets, new ArmsLimits { Depth = 3 }, out _, out _));
    }

    [Fact]
    public void Hold_ascii_alone()
    {
        byte[] octets = ArmsWriter.Write(new ArmsMessage { Type = "configure-start", Body = [new ArmsField("md-config", "ホスト <1> & \"2\"\r\n") { Attributes = [KeyValuePair.Create("id", "0")] }] }, declared: true);
        Assert.All(octets, octet => Assert.True(octet < 128));
        Assert.True(ArmsReader.TryRead(octets, null, out ArmsMessage? read, out _));
        Assert.Equal("ホスト <1> & \"2\"\r\n", read!["md-config"]);
    }

    [Fact]
    public void Results_have_names_and_say_whether_the_adaptor_tries_again()
    {
        Assert.Equal("Success", ArmsResult.NameOf(ArmsResult.Success));
        Assert.Equal("", ArmsResult.NameOf(999));
        Assert.True(ArmsResult.IsTriedAgain(301));
        Assert.False(ArmsResult.IsTriedAgain(ArmsResult.OutOfService));
    }

    [Theory]
    [InlineData("0001-0000-0101-0000-0000-0000-DEAD-BEEF", true)]
    [InlineData("0001-0000-0101-0000-0000-0000-dead-beef", true)]
    [InlineData("0001-0000-0101-0000-0000-0000-DEAD-BEE", false)]
    [InlineData("0001 0000-0101-0000-0000-0000-DEAD-BEEF", false)]
    [InlineData("000x-0000-0101-0000-0000-0000-DEAD-BEEF", false)]
    public void Distribution_ids_are_eight_groups(string text, bool known)
    {
        Assert.Equal(known, DistributionId.TryParse(text, out DistributionId id));
        Assert.True(!known || (id.ToString() == text.ToUpperInvariant() && id.Version == 1 && id.Vendor == 0x0101 && id.SaCode == 0xDEADBEEF && id.SaType == 0));
    }

    [Fact]
    public void A_recorded_heartbeat_verifies_and_is_written_as_it_was()
    {
        string? path = SharedFiles.Find("data/routers/arms/heartbeat-1.bin");
        Assert.SkipWhen(path is null, "the recorded heartbeat is not here (TSUNAGI_SHARED)");
        byte[] datagram = File.ReadAllBytes(path!);
        Assert.True(Heartbeat.TryRead(datagram, "hbpass"u8, out Heartbeat? heartbeat));
        Assert.Equal("0001-0000-0101-0000-0000-0000-DEAD-BEEF", heartbeat!.DistributionId.ToString());
        Assert.Equal(19, heartbeat.Records.Count);
        Assert.Equal(datagram, heartbeat.Write("hbpass"u8));
        Assert.False(Heartbeat.TryRead(datagram, "hbpasS"u8, out _));
        for (int i = 0; i < datagram.Length; i += 7)
        {
            byte[] changed = [.. datagram];
            changed[i] ^= 1;
            Assert.False(Heartbeat.TryRead(changed, "hbpass"u8, out _));
        }

        Assert.False(Heartbeat.TryRead(datagram.AsSpan(0, 43), "hbpass"u8, out _));
        Heartbeat cut = heartbeat with { Records = [new HeartbeatRecord(0x33, new byte[] { 0, 0, 5 })] };
        Assert.True(Heartbeat.TryRead(cut.Write("p"u8), "p"u8, out _));
    }
}
