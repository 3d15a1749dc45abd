using Tsunagi.Protocols.Mail.Dmarc;
using Tsunagi.Protocols.Mail.Feedback;
using Tsunagi.Tests.Mail.Signing;

namespace Tsunagi.Tests.Protocols.Mail.Feedback;

/// <summary>RFC 9990 section 4: nobody has anybody else's mailbox filled.</summary>
public class Destinations_of_aggregate_reports
{
    private const string Own = "_dmarc.a.example v=DMARC1; p=none; rua=";

    [Theory]
    [InlineData("the domain's own", Own + "mailto:x@a.example", "x@a.example")]
    [InlineData("of its organization", "_dmarc.b.a.example v=DMARC1; p=none; rua=mailto:x@c.a.example | _dmarc.a.example v=DMARC1; p=none", "x@c.a.example", "b.a.example")]
    [InlineData("elsewhere without leave", Own + "mailto:x@b.example", "")]
    [InlineData("elsewhere with leave", Own + "mailto:x@b.example | a.example._report._dmarc.b.example v=DMARC1", "x@b.example")]
    [InlineData("elsewhere with leave for another", Own + "mailto:x@b.example | c.example._report._dmarc.b.example v=DMARC1", "")]
    [InlineData("elsewhere with another record", Own + "mailto:x@b.example | a.example._report._dmarc.b.example v=spf1 -all", "")]
    [InlineData("elsewhere, who names another", Own + "mailto:x@b.example!1k | a.example._report._dmarc.b.example v=DMARC1; rua=mailto:y@b.example", "y@b.example!1024")]
    [InlineData("elsewhere, who names one elsewhere", Own + "mailto:x@b.example | a.example._report._dmarc.b.example v=DMARC1; rua=mailto:x@victim.example", "")]
    [InlineData("a look-alike of its organization", Own + "mailto:x@nota.example", "")]
    [InlineData("sizes", Own + "mailto:x@a.example!10m,mailto:y@a.example!2,mailto:z@a.example!x", "x@a.example!10485760 y@a.example!2 z@a.example")]
    [InlineData("each once", Own + "mailto:x@a.example,mailto:X@A.example!5,mailto:y@a.example", "x@a.example y@a.example")]
    [InlineData("by mail alone", Own + "https://a.example/r,ftp://a.example/,mailto:nobody,mailto:x@a.example?cc=victim@b.example", "x@a.example")]
    [InlineData("as many as are looked for", Own + "mailto:1@a.example,mailto:2@a.example,mailto:3@a.example,mailto:4@a.example", "1@a.example 2@a.example 3@a.example")]
    [InlineData("a domain in letters of its own", Own + "mailto:x@bücher.example,mailto:X@xn--bcher-kva.example | a.example._report._dmarc.xn--bcher-kva.example v=DMARC1", "x@xn--bcher-kva.example")]
    [InlineData("a mailbox that only SMTPUTF8 reaches", Own + "mailto:bücher@a.example,mailto:b%C3%BCcher@a.example", "")]
    [InlineData("a name with an underscore", Own + "mailto:x@b_b.example | a.example._report._dmarc.b_b.example v=DMARC1", "x@b_b.example")]
    [InlineData("two records", Own + "mailto:x@a.example | _dmarc.a.example v=DMARC1; p=none; rua=mailto:y@a.example", "")]
    [InlineData("no record of its own", "_dmarc.example v=DMARC1; p=none; rua=mailto:x@example", "")]
    public async Task Are(string _, string zone, string expected, string domain = "a.example")
    {
        var dns = new SettableDns();
        foreach (var texts in zone.Split(" | ").Select(static line => line.Split(' ', 2)).GroupBy(static line => line[0], static line => line[1]))
        {
            dns.Texts[texts.Key] = [.. texts];
        }

        var found = await AggregateDestinations.FindAsync(domain, 3, dns, TestContext.Current.CancellationToken);
        Assert.Equal(expected, string.Join(' ', found.Addresses.Select(static address => address.Mailbox + (address.MostOctets is { } most ? "!" + most : ""))));
        Assert.False(found.IsUncertain);
    }

    [Fact]
    public async Task Are_uncertain_while_the_dns_is_silent()
    {
        var found = await AggregateDestinations.FindAsync("a.example", 3, new SettableDns { Silent = true }, TestContext.Current.CancellationToken);
        Assert.True(found.IsUncertain);
        Assert.Empty(found.Addresses);
    }

    /// <summary>What was not answered may set both apart, so it is the address's own record that counts, or nothing is known yet.</summary>
    [Theory]
    [InlineData("x@c.a.example", "", "", true)]
    [InlineData("x@c.a.example", "b.a.example._report._dmarc.c.a.example", "x@c.a.example", false)]
    [InlineData("x@elsewhere.example", "", "", true)]
    [InlineData("x@b.a.example", "", "x@b.a.example", false)]
    public async Task Are_not_of_one_organization_while_the_dns_is_silent_about_it(string address, string permission, string expected, bool uncertain)
    {
        var dns = new SettableDns();
        dns.SilentAbout.Add("_dmarc.example");
        dns.Texts["_dmarc.a.example"] = ["v=DMARC1; p=none"];
        dns.Texts["_dmarc.b.a.example"] = ["v=DMARC1; p=none; rua=mailto:" + address];
        dns.Texts[permission] = ["v=DMARC1"];
        var found = await AggregateDestinations.FindAsync("b.a.example", 3, dns, TestContext.Current.CancellationToken);
        Assert.Equal((expected, uncertain), (string.Join(' ', found.Addresses.Select(static one => one.Mailbox)), found.IsUncertain));
        Assert.Equal(permission.Length > 0, found.Addresses.Any(static one => one.HasPermission));
        Assert.Empty(found.Refused);
    }

    [Theory]
    [InlineData("_x.Good.example.", "_x.good.example")]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("[192.0.2.1]", null)]
    [InlineData("a b.example", null)]
    [InlineData("a..example", null)]
    [InlineData("", null)]
    public void Have_names_as_reports_write_them(string text, string? name) => Assert.Equal(name, ReportNames.Domain(text));

    [Fact]
    public async Task Whose_permission_has_no_name_get_none()
    {
        var (domain, host) = (string.Join('.', Enumerable.Repeat(new string('a', 60), 2)) + ".example", string.Join('.', Enumerable.Repeat(new string('b', 60), 2)) + ".example");
        var dns = new SettableDns();
        dns.Texts["_dmarc." + domain] = ["v=DMARC1; p=none; rua=mailto:x@" + host];
        Assert.Contains("too long", Assert.Single((await AggregateDestinations.FindAsync(domain, 3, dns, TestContext.Current.CancellationToken)).Refused), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mailto:a@b.example!10m", 10_485_760L)]
    [InlineData("mailto:a@b.example!3K", 3_072L)]
    [InlineData("mailto:a@b.example!9999999999t", long.MaxValue)]
    [InlineData("mailto:a@b.example!-1", null)]
    [InlineData("mailto:a@b.example!", null)]
    [InlineData("mailto:a@b.example", null)]
    public void Say_what_they_take(string text, long? octets)
    {
        Assert.True(DmarcReportUri.TryParse(text, out var address));
        Assert.Equal(new DmarcReportUri("mailto:a@b.example", octets), address);
    }
}
