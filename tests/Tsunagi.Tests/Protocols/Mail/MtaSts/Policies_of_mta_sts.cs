using System.Text;
using Tsunagi.Protocols.Mail.MtaSts;

namespace Tsunagi.Tests.Protocols.Mail.MtaSts;

public class Policies_of_mta_sts
{
    /// <summary>The example of RFC 8461 section 3.2.</summary>
    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    public void Of_the_rfc_are_read(string end)
    {
        var policy = Read(string.Join(end, "version: STSv1", "mode: enforce", "mx: mail.example.com", "mx: *.example.net", "mx: backupmx.example.com", "max_age: 604800", ""));
        Assert.Equal((StsMode.Enforce, TimeSpan.FromDays(7)), (policy.Mode, policy.MaxAge));
        Assert.Equal(["mail.example.com", "*.example.net", "backupmx.example.com"], policy.Patterns);
        Assert.Equal(policy, Read(policy.ToString()));
    }

    [Theory]
    [InlineData("mail.example.com", true)]
    [InlineData("MAIL.example.com.", true)]
    [InlineData("mx.example.net", true)]
    [InlineData("example.net", false)]
    [InlineData("a.mx.example.net", false)]
    [InlineData("mx.notexample.net", false)]
    [InlineData("xmail.example.com", false)]
    public void Name_servers_by_name_or_one_star_for_one_label(string host, bool isNamed) =>
        Assert.Equal(isNamed, Read("version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.example.net\nmax_age: 1\n").Names(host));

    [Theory]
    [InlineData("mode: enforce\nmx: a.example\nmax_age: 1\n", "no version")]
    [InlineData("version: STSv2\nmode: enforce\nmx: a.example\nmax_age: 1\n", "not STSv1")]
    [InlineData("version: STSv1\nmx: a.example\nmax_age: 1\n", "no mode")]
    [InlineData("version: STSv1\nmode: Enforce\nmx: a.example\nmax_age: 1\n", "not enforce, testing or none")]
    [InlineData("version: STSv1\nmode: enforce\nmax_age: 1\n", "names no server")]
    [InlineData("version: STSv1\nmode: enforce\nmx: a.example\n", "max_age")]
    [InlineData("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: -1\n", "max_age")]
    [InlineData("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 12345678901\n", "max_age")]
    [InlineData("version: STSv1\nmode: enforce\nmx: *.*.example\nmax_age: 1\n", "no pattern")]
    [InlineData("version: STSv1\nmode: enforce\nmx: a$.example\nmax_age: 1\n", "no pattern")]
    [InlineData("<html>", "no version")]
    [InlineData("", "no version")]
    public void That_cannot_be_kept_to_are_refused(string file, string why)
    {
        Assert.False(StsPolicy.TryRead(Encoding.UTF8.GetBytes(file), out _, out var said));
        Assert.Contains(why, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Hold_a_year_at_most_and_take_the_first_of_a_field_twice()
    {
        var policy = Read("version: STSv1\nmode: testing\nmode: none\nunknown: x\nmx: a.example\nmax_age: 9999999999\nmax_age: 1\n");
        Assert.Equal((StsMode.Testing, TimeSpan.FromSeconds(StsPolicy.MostSeconds)), (policy.Mode, policy.MaxAge));
        Assert.Equal(StsMode.None, Read("version: STSv1\nmode: none\nmax_age: 1\n").Mode);
    }

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void Name_a_limited_number_of_servers(int servers, bool isRead) => Assert.Equal(
        isRead, StsPolicy.TryRead(Encoding.UTF8.GetBytes("version: STSv1\nmode: enforce\nmax_age: 1\n" + string.Concat(Enumerable.Range(0, servers).Select(static i => $"mx: m{i}.example\n"))), out _, out _));

    [Theory]
    [InlineData(StsPolicy.MostOctets, true)]
    [InlineData(StsPolicy.MostOctets + 1, false)]
    public void Are_limited_in_size(int octets, bool isRead)
    {
        var file = Encoding.UTF8.GetBytes("version: STSv1\nmode: none\nmax_age: 1\n".PadRight(octets, ' '));
        Assert.Equal(isRead, StsPolicy.TryRead(file, out _, out _));
    }

    [Theory]
    [InlineData("v=STSv1; id=20160831085700Z;", "20160831085700Z")]
    [InlineData("v=STSv1;id=a", "a")]
    [InlineData("v=STSv1; other=x; id=b1 ;", "b1")]
    [InlineData("v=STSv1; id=", "")]
    [InlineData("v=STSv1; id=a-b", "")]
    [InlineData("v=STSv1; id=123456789012345678901234567890123", "")]
    [InlineData("v=STSv10; id=a", "")]
    [InlineData("V=STSv1; id=a", "")]
    [InlineData("v=spf1 -all|v=STSv1; id=c", "c")]
    [InlineData("v=STSv1; id=a|v=STSv1; id=b", "")]
    [InlineData("", "")]
    public void Are_announced_by_one_record(string texts, string id)
    {
        Assert.Equal(id.Length > 0, StsRecord.TryRead(texts.Split('|'), out var read, out var why));
        Assert.Equal(id, read);
        Assert.Equal(id.Length == 0, why.Length > 0);
    }

    [Theory]
    [InlineData("text/plain", true)]
    [InlineData("TEXT/plain; charset=utf-8", true)]
    [InlineData("text/html", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Are_plain_text(string? type, bool isPolicy) => Assert.Equal(isPolicy, StsLocation.IsPolicyType(type));

    private static StsPolicy Read(string file)
    {
        Assert.True(StsPolicy.TryRead(Encoding.UTF8.GetBytes(file), out var policy, out var why), why);
        return policy!;
    }
}
