using System.Net;
using Tsunagi.Mail.Conformance;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Protocols.Mail.Spf;

namespace Tsunagi.Tests.Protocols.Mail.Spf;

public class Spf_check
{
    private static readonly CancellationToken None = CancellationToken.None;

    internal static Task<SpfResult> Check(string zone, string from, string ip = "192.0.2.1", string helo = "mx.client.example", SpfLimits? limits = null) =>
        SpfCheck.RunAsync(
            new SpfQuery { ClientAddress = IPAddress.Parse(ip), Sender = from, HeloName = helo, ReceiverName = "mx.example.org", Time = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000) },
            ZoneFile.Read("zonedata:\n" + zone),
            limits,
            None).AsTask();

    // RFC 7208 section 7.4
    [Theory]
    [InlineData("%{s}", "strong-bad@email.example.com")]
    [InlineData("%{o}", "email.example.com")]
    [InlineData("%{d}", "email.example.com")]
    [InlineData("%{d4}", "email.example.com")]
    [InlineData("%{d3}", "email.example.com")]
    [InlineData("%{d2}", "example.com")]
    [InlineData("%{d1}", "com")]
    [InlineData("%{dr}", "com.example.email")]
    [InlineData("%{d2r}", "example.email")]
    [InlineData("%{l}", "strong-bad")]
    [InlineData("%{l-}", "strong.bad")]
    [InlineData("%{lr}", "strong-bad")]
    [InlineData("%{lr-}", "bad.strong")]
    [InlineData("%{l1r-}", "strong")]
    [InlineData("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com")]
    [InlineData("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com")]
    [InlineData("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com")]
    [InlineData("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com")]
    [InlineData("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net")]
    [InlineData("%{c} %{r} %{t} %{h} %{p} %%%_%-", "192.0.2.3 mx.example.org 1700000000 mx.client.example unknown % %20")]
    [InlineData("%{S}", "strong-bad%40email.example.com")]
    [InlineData("%{l127}", "strong-bad")]
    public async Task Expands_macros_as_the_RFC_shows(string macro, string expanded)
    {
        var result = await Check($"  email.example.com:\n    - TXT: v=spf1 -all exp=e.example.com\n  e.example.com:\n    - TXT: \"{macro}\"\n", "strong-bad@email.example.com", "192.0.2.3");
        Assert.Equal(expanded, result.Explanation);
    }

    [Fact]
    public async Task Expands_an_IPv6_address_into_nibbles()
    {
        var result = await Check("  email.example.com:\n    - TXT: v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all\n"
            + "  1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com:\n    - A: 127.0.0.2\n", "strong-bad@email.example.com", "2001:db8::cb01");
        Assert.Equal(SpfVerdict.Pass, result.Verdict);
    }

    [Theory]
    [InlineData(10, SpfVerdict.Pass)]
    [InlineData(9, SpfVerdict.PermError)]
    public async Task Makes_as_many_lookups_as_the_limit_and_no_more(int limit, SpfVerdict verdict)
    {
        var terms = string.Join(' ', Enumerable.Repeat("a:other.example.com", 10));
        var result = await Check($"  example.com:\n    - TXT: v=spf1 {terms} ip4:192.0.2.1 -all\n  other.example.com:\n    - A: 192.0.2.9\n", "a@example.com", limits: new SpfLimits { Lookups = limit });
        Assert.Equal(verdict, result.Verdict);
    }

    [Theory]
    [InlineData(3, SpfVerdict.Pass)]
    [InlineData(2, SpfVerdict.PermError)]
    public async Task Makes_as_many_void_lookups_as_the_limit_and_no_more(int limit, SpfVerdict verdict)
    {
        var result = await Check("  example.com:\n    - TXT: v=spf1 a:no1.example.com mx:no2.example.com exists:no3.example.com ip4:192.0.2.1 -all\n", "a@example.com", limits: new SpfLimits { VoidLookups = limit });
        Assert.Equal(verdict, result.Verdict);
    }

    [Fact]
    public async Task Counts_a_mail_domain_once_however_many_of_its_hosts_lack_the_clients_family()
    {
        var result = await Check("  example.com:\n    - TXT: v=spf1 mx ip6:2001:db8::1 -all\n    - MX: [1, a.example.com]\n    - MX: [2, b.example.com]\n    - MX: [3, c.example.com]\n"
            + "  a.example.com:\n    - A: 192.0.2.1\n  b.example.com:\n    - A: 192.0.2.1\n  c.example.com:\n    - A: 192.0.2.1\n", "a@example.com", "2001:db8::1");
        Assert.Equal((SpfVerdict.Pass, 1), (result.Verdict, result.VoidLookups));
    }

    // RFC 7505: a null MX names no host, so nothing was asked in vain.
    [Fact]
    public async Task Counts_no_void_lookup_for_a_domain_that_takes_no_mail()
    {
        var result = await Check("  example.com:\n    - TXT: v=spf1 mx ip4:192.0.2.1 -all\n    - MX: [0, '']\n", "a@example.com");
        Assert.Equal((SpfVerdict.Pass, 0), (result.Verdict, result.VoidLookups));
    }

    [Theory]
    [InlineData(3, SpfVerdict.Pass)]
    [InlineData(2, SpfVerdict.PermError)]
    public async Task Asks_for_as_many_mail_hosts_as_the_limit_and_no_more(int limit, SpfVerdict verdict)
    {
        var result = await Check("  example.com:\n    - TXT: v=spf1 mx -all\n    - MX: [3, c.example.com]\n    - MX: [1, a.example.com]\n    - MX: [2, a.example.com]\n"
            + "  a.example.com:\n    - A: 192.0.2.9\n  c.example.com:\n    - A: 192.0.2.1\n", "a@example.com", limits: new SpfLimits { ExchangesPerTerm = limit });
        Assert.Equal(verdict, result.Verdict);
    }

    [Theory]
    [InlineData(2, SpfVerdict.Pass)]
    [InlineData(1, SpfVerdict.Fail)]
    public async Task Passes_over_names_of_the_client_beyond_the_limit(int limit, SpfVerdict verdict)
    {
        var result = await Check("  example.com:\n    - TXT: v=spf1 ptr -all\n  1.2.0.192.in-addr.arpa:\n    - PTR: other.example.net\n    - PTR: mx.example.com\n"
            + "  mx.example.com:\n    - A: 192.0.2.1\n  other.example.net:\n    - A: 192.0.2.1\n", "a@example.com", limits: new SpfLimits { ClientNames = limit });
        Assert.Equal(verdict, result.Verdict);
    }

    [Theory]
    [InlineData(11, SpfVerdict.Fail)]
    [InlineData(10, SpfVerdict.PermError)]
    public async Task Reads_a_record_as_long_as_the_limit_and_no_longer(int limit, SpfVerdict verdict) =>
        Assert.Equal(verdict, (await Check("  example.com:\n    - TXT: v=spf1 -all\n", "a@example.com", limits: new SpfLimits { RecordCharacters = limit })).Verdict);

    [Theory]
    [InlineData(2, 2)]
    [InlineData(1, 1)]
    public async Task Keeps_as_many_steps_as_the_limit(int limit, int steps) =>
        Assert.Equal(steps, (await Check("  example.com:\n    - TXT: v=spf1 -all\n", "a@example.com", limits: new SpfLimits { Steps = limit })).Steps.Length);

    [Theory]
    [InlineData(40, true)]
    [InlineData(39, false)]
    public async Task Lets_macros_grow_to_the_limit_and_no_further(int limit, bool explained)
    {
        // Twice the sender's twenty characters.
        var result = await Check("  long.example.com:\n    - TXT: v=spf1 -all exp=e.example.com\n  e.example.com:\n    - TXT: \"%{s}%{s}\"\n", "joe@long.example.com", limits: new SpfLimits { ExpandedCharacters = limit });
        Assert.Equal((SpfVerdict.Fail, explained ? "joe@long.example.comjoe@long.example.com" : null), (result.Verdict, result.Explanation));
        result = await Check("  long.example.com:\n    - TXT: v=spf1 exists:%{d}.%{d}.example -all\n  long.example.com.long.example.com.example:\n    - A: 127.0.0.2\n", "joe@long.example.com", limits: new SpfLimits { ExpandedCharacters = limit + 1 });
        Assert.Equal(explained ? SpfVerdict.Pass : SpfVerdict.Fail, result.Verdict);
    }

    [Fact]
    public async Task Tells_every_step()
    {
        var result = await Check("  example.com:\n    - TXT: v=spf1 ip4:198.51.100.0/24 include:_spf.example.net -all\n"
            + "  _spf.example.net:\n    - TXT: v=spf1 mx ~all\n    - MX: [10, mx.example.net]\n  mx.example.net:\n    - A: 192.0.2.1\n", "joe@example.com");
        Assert.Equal((SpfVerdict.Pass, "include:_spf.example.net", "example.com", 2), (result.Verdict, result.Term, result.TermDomain, result.Lookups));
        Assert.Equal(
            ["0 example.com Record: TXT example.com", "0 example.com NoMatch: ", "1 _spf.example.net Record: TXT _spf.example.net", "1 _spf.example.net Match: MX _spf.example.net, A mx.example.net", "0 example.com Match: "],
            result.Steps.Select(step => $"{step.Depth} {step.Domain} {step.Outcome}: {string.Join(", ", step.Lookups.Select(l => $"{l.Type} {l.Name}"))}"));
        Assert.Equal("mx.example.net is 192.0.2.1", result.Steps[3].Detail);
    }

    [Fact]
    public async Task Checks_postmaster_of_the_HELO_name_for_the_null_path()
    {
        var result = await Check("  mx.client.example:\n    - TXT: v=spf1 exists:%{l}.ok.example ~all\n  postmaster.ok.example:\n    - A: 127.0.0.1\n", "");
        Assert.Equal((SpfVerdict.Pass, SpfIdentity.Helo, "mx.client.example", "postmaster@mx.client.example"), (result.Verdict, result.Identity, result.Domain, result.Sender));
    }

    [Theory]
    [InlineData("a@localhost")]
    [InlineData("a@[192.0.2.1]")]
    [InlineData("a@nowhere.example.org")]
    [InlineData("a@")]
    public async Task Finds_none_for_what_publishes_nothing(string from) =>
        Assert.Equal(SpfVerdict.None, (await Check("  example.com:\n    - TXT: v=spf1 -all\n", from)).Verdict);

    // RFC 8616 section 4
    [Fact]
    public async Task Asks_for_a_domain_outside_ASCII_by_its_A_label()
    {
        var result = await Check("  xn--eckwd4c7cu47r2wf.jp:\n    - TXT: v=spf1 ip4:192.0.2.1 -all\n", "山田@ドメイン名例.jp");
        Assert.Equal((SpfVerdict.Pass, "xn--eckwd4c7cu47r2wf.jp"), (result.Verdict, result.Domain));
    }

    [Fact]
    public async Task Matches_nothing_by_a_local_part_outside_ASCII()
    {
        var result = await Check("  example.com:\n    - TXT: v=spf1 exists:%{l}.example.com ~all\n", "山田@example.com");
        Assert.Equal((SpfVerdict.SoftFail, 0), (result.Verdict, result.VoidLookups));
    }

    [Fact]
    public async Task Gives_no_explanation_outside_ASCII() =>
        Assert.Null((await Check("  example.com:\n    - TXT: v=spf1 -all exp=e.example.com\n  e.example.com:\n    - TXT: \"%{l}\"\n", "山田@example.com")).Explanation);

    [Fact]
    public async Task Stops_when_the_caller_does()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SpfCheck.RunAsync(
            new SpfQuery { ClientAddress = IPAddress.Loopback, Sender = "a@example.com" }, new Slow(), null, stop.Token).AsTask());
    }

    private sealed class Slow : IMailDns
    {
        public ValueTask<MailDnsAnswer<string>> TxtAsync(string name, CancellationToken cancellationToken) => ValueTask.FromCanceled<MailDnsAnswer<string>>(cancellationToken);

        public ValueTask<MailDnsAnswer<IPAddress>> AddressesAsync(string name, System.Net.Sockets.AddressFamily family, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<MailDnsAnswer<MailExchange>> ExchangesAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<MailDnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
