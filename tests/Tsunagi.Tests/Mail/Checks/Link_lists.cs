using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Client;
using Tsunagi.Mail.Checks.Links;
using Tsunagi.Protocols.Mail.Dnsbl;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Mail.Checks.Client;

namespace Tsunagi.Tests.Mail.Checks;

/// <summary>Lists of names that links are looked up in: what is asked, what counts, and who is believed.</summary>
public sealed class Link_lists
{
    private const string Zone = "uri.list.example";

    private static readonly LinkListOptions Domains = new() { Name = "Bad names", Zone = Zone, Codes = [new() { Code = "127.0.1.2", Means = "spam" }, new() { Bit = 8, Means = "phishing" }] };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("https://www.bad.co.jp/ https://a.bad.co.jp/", "bad.co.jp", "127.0.1.2", "url.listed www.bad.co.jp Bad names spam 127.0.1.2")]
    [InlineData("https://bad.example/", "bad.example", "127.0.0.10", "url.listed bad.example Bad names phishing 127.0.0.10")]
    [InlineData("https://bad.example/", "bad.example", "127.0.0.8", "url.listed bad.example Bad names phishing 127.0.0.8")]
    // Exact codes, and bits of 127.0.0.x alone.
    [InlineData("https://bad.example/", "bad.example", "127.0.1.8", "")]
    [InlineData("https://bad.example/", "bad.example", "127.0.1.3", "")]
    [InlineData("https://bad.example/", "bad.example", "127.0.0.4", "")]
    // How lists refuse, and what is no list's answer.
    [InlineData("https://bad.example/", "bad.example", "127.255.255.254", "url.no-answer Bad names")]
    [InlineData("https://bad.example/", "bad.example", "127.0.0.1", "url.no-answer Bad names")]
    [InlineData("https://bad.example/", "bad.example", "203.0.113.8", "url.no-answer Bad names")]
    // Nested in a redirector's parameters; passed over; seen but not clickable.
    [InlineData("https://good.example/?u=https%3A%2F%2Fbad.example", "bad.example", "127.0.1.2", "url.listed bad.example Bad names spam 127.0.1.2")]
    [InlineData("https://x.over.example/ hxxps://bad.example/", "bad.example", "127.0.1.2", "")]
    public async Task Count_by_exact_code_or_bit(string text, string listed, string code, string expected)
    {
        var dns = new ListsDns();
        dns.Addresses[$"{listed}.{Zone}"] = [code];
        Assert.Equal(expected, Say(await LookAsync(dns, new FilterOptions { LinkLists = [Domains], LinkSkip = ["over.example"] }, text)));
        Assert.DoesNotContain(dns.Asked, static name => name.Contains("over", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Are_asked_for_what_they_hold_and_no_more_often_than_allowed()
    {
        var dns = new ListsDns();
        var host = Domains with { Zone = "host.list.example", Asks = LinkListKey.Host, Addresses = true };
        const string Text = "https://www.one.example/ http://192.0.2.9/ http://10.0.0.1/ https://[2001:db8::1]/ https://two.example/ https://b.two.example/";
        await LookAsync(dns, new FilterOptions { LinkLists = [Domains, host] }, Text);
        Assert.Equal(
            ["one.example." + Zone, "www.one.example.host.list.example", "9.2.0.192.host.list.example", DnsList.NameOf(System.Net.IPAddress.Parse("2001:db8::1"), "host.list.example"), "two.example." + Zone, "two.example.host.list.example", "b.two.example.host.list.example"],
            dns.Asked);

        dns.Asked.Clear();
        await LookAsync(dns, new FilterOptions { LinkLists = [Domains, host], LinkLookups = 3 }, Text);
        Assert.Equal(3, dns.Asked.Count);
        dns.Asked.Clear();
        await LookAsync(dns, new FilterOptions(), Text);
        Assert.Empty(dns.Asked);
    }

    [Fact]
    public async Task That_are_silent_hold_nothing_against_a_message_and_are_told_once()
    {
        var dns = new ListsDns();
        dns.Silent[Zone] = true;
        Assert.Equal("url.no-answer Bad names", Say(await LookAsync(dns, new FilterOptions { LinkLists = [Domains], ListDeadline = TimeSpan.FromMilliseconds(50) }, "https://a.example https://b.example")));
    }

    [Theory]
    [InlineData("good", "")]
    [InlineData("empty", "it does not have its test point 'test': it is empty or was given up")]
    [InlineData("everything", "it has 'invalid', which no list has: it answers everything")]
    [InlineData("refuses", "it refuses to answer us (127.0.0.1)")]
    public async Task Are_believed_when_their_test_points_answer(string fault, string why)
    {
        var dns = new ListsDns();
        string[]? test = fault switch { "empty" => null, "refuses" => ["127.0.0.1"], _ => ["127.0.1.2"] };
        if (test is not null)
        {
            dns.Addresses["test." + Zone] = test;
        }

        if (fault == "everything")
        {
            dns.Addresses["invalid." + Zone] = ["127.0.1.2"];
        }

        await using var node = await MailNode.StartAsync(options => options with { Filter = options.Filter with { LinkLists = [Domains] } }, dns: dns);
        node.Sign("s_one", "t_root/t_one/", "one.example", 9);
        var health = node.Services.GetRequiredService<DnsListHealth>();
        Assert.Equal(why, await node.SoonAsync(() => health.WhyOut(LinkLists.KeyOf(Domains)), static said => said is not null));
        Assert.Equal(why.Length == 0, health.MayAsk(LinkLists.KeyOf(Domains), System.Net.Sockets.AddressFamily.InterNetwork));
        if (why.Length > 0)
        {
            // Whose it is is known since the contract is: the provider's.
            await health.LookAsync(Cancel);
            var told = await node.Stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT event FROM outbox WHERE event LIKE '%mail.list.out%'"), Cancel);
            Assert.NotEmpty(told);
            Assert.All(told, static one => Assert.Contains($"\"{Zone}\"", one, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("127.0.0.2", 0, true)]
    [InlineData(null, 2, true)]
    [InlineData(null, 128, true)]
    [InlineData(null, 1, false)]
    [InlineData(null, 6, false)]
    [InlineData(null, 0, false)]
    [InlineData("127.0.0.2", 2, false)]
    [InlineData("127.0.0.1", 0, false)]
    [InlineData("127.255.255.2", 0, false)]
    [InlineData("192.0.2.1", 0, false)]
    public void Have_codes_that_can_be_meant(string? code, int bit, bool isGood) => Assert.Equal(isGood, (Domains with { Codes = [new() { Code = code, Bit = bit }] }).Check() is null);

    [Fact]
    public void Name_each_zone_once()
    {
        var other = Domains with { Zone = "other.list.example" };
        Assert.Null(new FilterOptions { LinkLists = [Domains, other] }.Check());
        var refusal = new FilterOptions { LinkLists = [Domains, other, Domains with { Name = "Again", Asks = LinkListKey.Host }] }.Check();
        Assert.Equal(("mail.filter.link-list-twice", "settings.linkLists"), (refusal?.Code, refusal?.Field));
        Assert.Contains(Zone, refusal!.Message, StringComparison.Ordinal);
    }

    private static async Task<List<Evidence>> LookAsync(ListsDns dns, FilterOptions options, string text)
    {
        var evidence = new List<Evidence>();
        var message = new MessageUnderCheck
        {
            Id = "m_1", ClientAddress = null, Helo = "h", IsTls = false, ReversePath = ReversePath.Null, Recipients = 1, ForgedFields = 0, Time = default,
            Content = System.Text.Encoding.UTF8.GetBytes($"From: a@news.example\r\n\r\n{text}\r\n"),
        };
        await new LinkCheck(options, lists: new LinkLists(dns, new AllMayBeAsked(), options, TimeProvider.System)).RunAsync(message, evidence, Cancel);
        evidence.RemoveAll(static one => one.Code == LinkCheck.Address);
        return evidence;
    }

    private static string Say(IEnumerable<Evidence> evidence) => string.Join('|', evidence.Select(static one => $"{one.Code} {string.Join(' ', one.Values.Select(static value => value.Text))}"));

    private sealed class AllMayBeAsked : IDnsListHealth
    {
        public bool MayAsk(string zone, System.Net.Sockets.AddressFamily family) => true;

        public void Answered(string zone, DnsListStatus status)
        {
            // Nothing follows from it here.
        }
    }
}
