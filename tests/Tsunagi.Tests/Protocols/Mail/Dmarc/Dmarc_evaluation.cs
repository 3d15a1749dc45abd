using System.Collections.Immutable;
using Tsunagi.Mail.Conformance;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Dmarc;
using Tsunagi.Protocols.Mail.Spf;

namespace Tsunagi.Tests.Protocols.Mail.Dmarc;

public class Dmarc_evaluation
{
    private static async Task<DmarcResult> Check(string zone, string author, string? spf = null, string? dkim = null, DmarcOptions? options = null, SpfVerdict spfVerdict = SpfVerdict.Pass, DkimVerdict dkimVerdict = DkimVerdict.Pass) =>
        await DmarcCheck.RunAsync(
            new DmarcQuery
            {
                AuthorDomain = author,
                Spf = spf is null ? null : new SpfResult { Verdict = spfVerdict, Domain = spf },
                Dkim = dkim is null ? [] : [.. dkim.Split(' ').Select(d => new DkimResult { Verdict = dkimVerdict, Reason = "", Signature = new DkimSignature { Domain = d } })],
            },
            ZoneFile.Read(zone),
            options,
            CancellationToken.None);

    private static string Zone(params string[] records) =>
        "zonedata:\n  other.example: []\n" + string.Concat(records.Select(record => $"  {(record.Split(' ', 2)[1].StartsWith('v') ? "_dmarc." : "")}{record.Split(' ', 2)[0]}:\n    - {(record.Split(' ', 2)[1].StartsWith('v') ? "TXT: \"" + record.Split(' ', 2)[1] + "\"" : record.Split(' ', 2)[1])}\n"));

    // RFC 9989 section 4.10: eight questions at most, from a long name straight to its last seven labels.
    [Theory]
    [InlineData("a.mail.example.com", "a.mail.example.com mail.example.com example.com com")]
    [InlineData("a.b.c.d.e.f.g.h.i.j.mail.example.com", "a.b.c.d.e.f.g.h.i.j.mail.example.com g.h.i.j.mail.example.com h.i.j.mail.example.com i.j.mail.example.com j.mail.example.com mail.example.com example.com com")]
    [InlineData("a.b.c.d.e.mail.example.com", "a.b.c.d.e.mail.example.com b.c.d.e.mail.example.com c.d.e.mail.example.com d.e.mail.example.com e.mail.example.com mail.example.com example.com com")]
    [InlineData("b.c.d.e.mail.example.com", "b.c.d.e.mail.example.com c.d.e.mail.example.com d.e.mail.example.com e.mail.example.com mail.example.com example.com com")]
    public async Task Walks_the_tree_as_the_RFC_does(string author, string asked)
    {
        DmarcResult result = await Check(Zone(), author);
        Assert.Equal((DmarcVerdict.None, asked), (result.Verdict, string.Join(' ', result.Lookups.Select(l => l.Domain))));
    }

    [Theory]
    [InlineData(4, 4)]
    [InlineData(3, 3)]
    public async Task Asks_no_more_than_the_limit(int limit, int asked) =>
        Assert.Equal(asked, (await Check(Zone(), "a.b.c.d.e.example.com", options: new DmarcOptions { QueriesPerWalk = limit })).Lookups.Length);

    [Theory]
    [InlineData(DmarcRecord.MostAddresses, DmarcRecord.MostAddresses)]
    [InlineData(DmarcRecord.MostAddresses + 1, DmarcRecord.MostAddresses)]
    public void Reads_as_many_report_addresses_as_the_limit(int published, int read)
    {
        Assert.True(DmarcRecord.TryParse("v=DMARC1; rua=" + string.Join(',', Enumerable.Range(0, published).Select(i => $"mailto:r{i}@example.com")), out DmarcRecord? record));
        Assert.Equal(read, record!.AggregateReports.Length);
    }

    // RFC 9989 section 4.10.2
    [Theory]
    [InlineData("example.com", "mail.example.com v=DMARC1; p=none", "example.com v=DMARC1; p=none")]
    [InlineData("example.com", "com v=DMARC1; p=none; psd=y")]
    [InlineData("mail.example.com", "mail.example.com v=DMARC1; p=none; psd=n", "example.com v=DMARC1; p=none")]
    [InlineData("mail.example.com", "example.com v=DMARC1; p=none; psd=y")]
    [InlineData("a.mail.example.com", "a.mail.example.com v=DMARC1; p=none")]
    [InlineData("a.mail.example.com", "a.mail.example.com v=DMARC1; p=none; psd=y", "example.com v=DMARC1; p=none")]
    [InlineData("a.mail.example.com")]
    [InlineData("com", "a.mail.example.com v=DMARC1; p=none", "com v=DMARC1; p=none")]
    public async Task Finds_the_organizational_domain(string organization, params string[] records) =>
        Assert.Equal(organization, (await Check(Zone(records), "a.mail.example.com")).OrganizationalDomain);

    // RFC 9989 sections 4.7 and 4.10.1
    [Theory]
    [InlineData("example.com", "p", DmarcPolicy.Reject, "example.com v=DMARC1; p=reject; sp=quarantine; np=none")]
    [InlineData("sub.example.com", "sp", DmarcPolicy.Quarantine, "example.com v=DMARC1; p=reject; sp=quarantine; np=none", "sub.example.com A: 192.0.2.1")]
    [InlineData("sub.example.com", "np", DmarcPolicy.None, "example.com v=DMARC1; p=reject; sp=quarantine; np=none")]
    [InlineData("sub.example.com", "sp", DmarcPolicy.Quarantine, "example.com v=DMARC1; p=reject; sp=quarantine")]
    [InlineData("sub.example.com", "p", DmarcPolicy.Reject, "example.com v=DMARC1; p=reject")]
    [InlineData("sub.example.com", "p", DmarcPolicy.Quarantine, "sub.example.com v=DMARC1; p=quarantine; sp=none", "example.com v=DMARC1; p=reject")]
    [InlineData("example.com", "np", DmarcPolicy.Reject, "com v=DMARC1; p=none; np=reject; psd=y")]
    [InlineData("example.com", "p", DmarcPolicy.None, "com v=DMARC1; p=none; np=reject; psd=y", "example.com A: 192.0.2.1")]
    [InlineData("example.com", "p", DmarcPolicy.None, "example.com v=DMARC1; p=maybe; rua=mailto:d@example.com")]
    [InlineData("example.com", "p", DmarcPolicy.None, "example.com v=DMARC1; p=reject; sp=maybe; rua=mailto:d@example.com")]
    [InlineData("example.com", "p", DmarcPolicy.None, "example.com v=DMARC1; rua=mailto:d@example.com")]
    [InlineData("sub.example.com", "p", DmarcPolicy.None, "example.com v=DMARC1; sp=reject; rua=mailto:d@example.com")]
    public async Task Chooses_the_policy(string author, string tag, DmarcPolicy policy, params string[] records)
    {
        DmarcResult result = await Check(Zone(records), author);
        Assert.Equal((DmarcVerdict.Fail, tag, policy, policy), (result.Verdict, result.PolicyTag, result.Policy, result.Disposition));
    }

    [Theory]
    [InlineData("example.com v=DMARC1; p=maybe")]
    [InlineData("example.com v=DMARC1")]
    [InlineData("example.com v=DMARC1; sp=reject; np=reject")]
    [InlineData("example.com v=DMARC1; p=reject; np=maybe; rua=nowhere")]
    [InlineData("example.com v=spf1 -all")]
    [InlineData("mail.example.org v=DMARC1; p=reject")]
    public async Task Applies_no_policy_where_there_is_none(params string[] records) => Assert.Equal(DmarcVerdict.None, (await Check(Zone(records), "example.com")).Verdict);

    [Fact]
    public async Task Takes_several_records_as_none()
    {
        string zone = "zonedata:\n  _dmarc.sub.example.com:\n    - TXT: v=DMARC1; p=reject\n    - TXT: v=DMARC1; p=none\n  _dmarc.example.com:\n    - TXT: something else\n    - TXT: v=DMARC1; p=quarantine\n";
        DmarcResult result = await Check(zone, "sub.example.com");
        Assert.Equal(("example.com", DmarcPolicy.Quarantine), (result.PolicyDomain, result.Policy));
    }

    [Theory]
    [InlineData("reject", DmarcPolicy.Reject, DmarcPolicy.Quarantine)]
    [InlineData("quarantine", DmarcPolicy.Quarantine, DmarcPolicy.None)]
    [InlineData("none", DmarcPolicy.None, DmarcPolicy.None)]
    public async Task Applies_one_level_less_while_the_owner_is_testing(string published, DmarcPolicy policy, DmarcPolicy disposition)
    {
        DmarcResult result = await Check(Zone($"example.com v=DMARC1; p={published}; t=y"), "example.com");
        Assert.Equal((policy, disposition), (result.Policy, result.Disposition));
    }

    [Theory]
    [InlineData("", "example.com", null, DmarcVerdict.Pass)]
    [InlineData("", "bounce.example.com", null, DmarcVerdict.Pass)]
    [InlineData("; aspf=s", "bounce.example.com", null, DmarcVerdict.Fail)]
    [InlineData("; aspf=s", "example.com", null, DmarcVerdict.Pass)]
    [InlineData("", "example.org", null, DmarcVerdict.Fail)]
    [InlineData("", "notexample.com", null, DmarcVerdict.Fail)]
    [InlineData("", null, "example.com", DmarcVerdict.Pass)]
    [InlineData("", null, "example.net mail.example.com", DmarcVerdict.Pass)]
    [InlineData("; adkim=s", null, "mail.example.com", DmarcVerdict.Fail)]
    [InlineData("", null, "com", DmarcVerdict.Fail)]
    [InlineData("", null, "EXAMPLE.com", DmarcVerdict.Pass)]
    public async Task Passes_for_an_aligned_identifier(string tags, string? spf, string? dkim, DmarcVerdict verdict)
    {
        DmarcResult result = await Check(Zone("example.com v=DMARC1; p=reject" + tags), "example.com", spf, dkim);
        Assert.Equal(verdict, result.Verdict);
        Assert.Equal(verdict == DmarcVerdict.Pass ? DmarcPolicy.None : DmarcPolicy.Reject, result.Disposition);
    }

    [Fact]
    public async Task Aligns_siblings_below_one_organization_but_not_below_a_public_suffix()
    {
        Assert.Equal(DmarcVerdict.Pass, (await Check(Zone("example.com v=DMARC1; p=reject"), "a.example.com", dkim: "b.example.com")).Verdict);
        Assert.Equal(DmarcVerdict.Fail, (await Check(Zone("host.example v=DMARC1; p=reject; psd=y"), "a.host.example", dkim: "b.host.example")).Verdict);
        Assert.Equal(DmarcVerdict.Fail, (await Check(Zone("example.com v=DMARC1; p=reject", "unit.example.com v=DMARC1; p=reject; psd=n"), "a.example.com", dkim: "unit.example.com")).Verdict);
    }

    [Fact]
    public async Task Aligns_by_the_list_of_public_suffixes_where_the_caller_brings_one()
    {
        // Under RFC 9989 the record at the subdomain makes it an organization of its own.
        var list = PublicSuffixList.Parse("com\n");
        string zone = Zone("sub.example.com v=DMARC1; p=reject");
        Assert.Equal(DmarcVerdict.Fail, (await Check(zone, "sub.example.com", dkim: "example.com")).Verdict);
        Assert.Equal(DmarcVerdict.Pass, (await Check(zone, "sub.example.com", dkim: "example.com", options: new DmarcOptions { LegacyOrganizationalDomain = list.OrganizationalDomain })).Verdict);
        Assert.Equal(DmarcVerdict.Fail, (await Check(Zone("sub.example.com v=DMARC1; p=reject; psd=n"), "sub.example.com", dkim: "example.com", options: new DmarcOptions { LegacyOrganizationalDomain = list.OrganizationalDomain })).Verdict);
    }

    [Theory]
    [InlineData("zonedata:\n  _dmarc.example.com:\n    - TIMEOUT\n")]
    [InlineData("zonedata:\n  _dmarc.com:\n    - TIMEOUT\n")]
    public async Task Is_a_temporary_error_when_the_policy_can_not_be_looked_up(string zone) => Assert.Equal(DmarcVerdict.TempError, (await Check(zone, "example.com")).Verdict);

    [Theory]
    [InlineData("example.com", null, DmarcVerdict.TempError)]
    [InlineData("example.org", null, DmarcVerdict.Fail)]
    [InlineData(null, "mail.example.com", DmarcVerdict.TempError)]
    public async Task Is_a_temporary_error_when_an_aligned_check_was_one(string? spf, string? dkim, DmarcVerdict verdict) =>
        Assert.Equal(verdict, (await Check(Zone("example.com v=DMARC1; p=reject"), "example.com", spf, dkim, spfVerdict: SpfVerdict.TempError, dkimVerdict: DkimVerdict.TempError)).Verdict);

    [Theory]
    [InlineData(2, DmarcVerdict.Pass)]
    [InlineData(1, DmarcVerdict.Fail)]
    public async Task Walks_for_as_many_domains_as_the_limit(int limit, DmarcVerdict verdict) =>
        Assert.Equal(verdict, (await Check(Zone("example.com v=DMARC1; p=reject", "x.example.com v=DMARC1; psd=n"), "a.example.com", dkim: "x.example.com b.example.com", options: new DmarcOptions { Walks = limit })).Verdict);

    [Theory]
    [InlineData("")]
    [InlineData("a..example")]
    public async Task Is_a_permanent_error_for_an_author_without_a_domain(string author) => Assert.Equal(DmarcVerdict.PermError, (await Check(Zone(), author)).Verdict);

    [Fact]
    public async Task Asks_for_an_author_outside_ASCII_by_the_A_label() =>
        Assert.Equal("xn--eckwd4c7cu47r2wf.jp", (await Check(Zone(), "ドメイン名例.jp")).AuthorDomain);

    [Fact]
    public void Reads_every_tag_of_a_record()
    {
        Assert.True(DmarcRecord.TryParse("v = DMARC1 ;p=Quarantine; sp=reject;np=none ; adkim=s; aspf=r; psd=n; t=y; fo=1:d:s:x; pct=20; rua=mailto:a@example.com!10m , https://r.example/d,bad; ruf=mailto:f@example.com; p=none;", out DmarcRecord? record));
        Assert.Equal((DmarcPolicy.Quarantine, DmarcPolicy.Reject, DmarcPolicy.None), (record!.Policy!.Value, record.SubdomainPolicy!.Value, record.NonExistentPolicy!.Value));
        Assert.Equal((true, false, DmarcSuffix.No, true, false), (record.IsDkimStrict, record.IsSpfStrict, record.Suffix, record.IsTesting, record.HasBadPolicy));
        Assert.Equal(["mailto:a@example.com", "https://r.example/d"], record.AggregateReports);
        Assert.Equal((ImmutableArray<string>)["mailto:f@example.com"], record.FailureReports);
        Assert.Equal(["1", "d", "s"], record.FailureOptions);
    }

    [Theory]
    [InlineData("")]
    [InlineData("v=dmarc1; p=none")]
    [InlineData("p=none; v=DMARC1")]
    [InlineData("v=DMARC12; p=none")]
    [InlineData("v=DMARC1 p=none")]
    public void Reads_no_record_of_another_kind(string text) => Assert.False(DmarcRecord.TryParse(text, out _));
}
