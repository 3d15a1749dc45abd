using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tsunagi.Mail;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Authentication;
using Tsunagi.Mail.Conformance;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Mail.Delivery;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Checks;

public sealed class Authentication_of_a_message
{
    private static readonly ZoneFile Zone = ZoneFile.From(new[]
    {
        ("strict.example", "TXT", "v=spf1 ip4:192.0.2.1 -all"), ("_dmarc.strict.example", "TXT", "v=DMARC1; p=reject"),
        ("careful.example", "TXT", "v=spf1 ip4:192.0.2.1 ~all"), ("_dmarc.careful.example", "TXT", "v=DMARC1; p=quarantine"),
        ("watching.example", "TXT", "v=spf1 ip4:192.0.2.1 ?all"), ("_dmarc.watching.example", "TXT", "v=DMARC1; p=none"),
    });

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("192.0.2.1", "a@strict.example", "a@strict.example", "auth.dmarc-pass strict.example", "spf=pass", "dmarc=pass")]
    [InlineData("192.0.2.9", "a@strict.example", "a@strict.example", "auth.spf-fail 192.0.2.9 strict.example|auth.dmarc-reject strict.example", "spf=fail", "dmarc=fail")]
    [InlineData("192.0.2.1", "a@careful.example", "a@strict.example", "auth.dmarc-reject strict.example", "spf=pass", "dmarc=fail")]
    [InlineData("192.0.2.9", "a@careful.example", "a@careful.example", "auth.spf-softfail 192.0.2.9 careful.example|auth.dmarc-quarantine careful.example", "spf=softfail", "dmarc=fail")]
    [InlineData("192.0.2.9", "a@watching.example", "a@watching.example", "auth.dmarc-fail watching.example", "spf=neutral", "dmarc=fail")]
    [InlineData("192.0.2.9", "a@silent.example", "a@silent.example", "", "spf=none", "dmarc=none")]
    public async Task What_spf_and_dmarc_find_is_evidence_and_stands_in_a_field_of_ours(string client, string sender, string from, string expected, params string[] results)
    {
        var (found, field) = await CheckAsync(Zone, client, sender, from);
        Assert.Equal(expected, found);
        Assert.StartsWith("Authentication-Results: gateway.test;", field, StringComparison.Ordinal);
        Assert.EndsWith("\r\n", field, StringComparison.Ordinal);
        Assert.All(results, result => Assert.Contains(result, field, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_signature_that_does_not_verify_is_told_and_held_against_nobody()
    {
        var (found, field) = await CheckAsync(Zone, "192.0.2.1", "a@strict.example", "a@strict.example", "DKIM-Signature: v=1; a=rsa-sha256; d=strict.example; s=x; h=from; bh=AAAA; b=AAAA\r\n");
        Assert.Contains("auth.dkim-fail strict.example", found, StringComparison.Ordinal);
        Assert.Contains("auth.dmarc-pass strict.example", found, StringComparison.Ordinal);
        Assert.Contains("dkim=", field, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_resolver_without_answers_is_temperror_and_no_hit()
    {
        var (found, field) = await CheckAsync(new Silent(false), "192.0.2.9", "a@strict.example", "a@strict.example");
        Assert.All(found.Split('|'), static one => Assert.StartsWith("auth.temperror ", one, StringComparison.Ordinal));
        Assert.Contains("spf=temperror", field, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_resolver_that_says_nothing_has_one_deadline_for_all_questions_of_a_message()
    {
        var silent = new Silent(true);
        var resolver = new MailResolver(silent, new FilterOptions { DnsDeadline = TimeSpan.FromMilliseconds(100) }, TimeProvider.System);
        var started = Stopwatch.GetTimestamp();
        var (found, _) = await CheckAsync(resolver, "192.0.2.9", "a@strict.example", "a@strict.example");
        Assert.Contains("auth.temperror", found, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromMilliseconds(90), TimeSpan.FromSeconds(5));
        Assert.Equal(1, silent.Asked);
    }

    [Fact]
    public async Task The_field_stands_before_everything_else_at_the_customer()
    {
        await using var customer = new CustomerServer();
        await using var node = await MailNode.StartAsync(dns: Zone);
        node.Sign("s_one", "t_root/t_one/", "one.example", customer.Port);
        await Delivery_of_mail.SendAsync(node, "b@one.example", "a@strict.example");
        var text = Encoding.ASCII.GetString((await customer.GotAsync(1))[0].Content.Span);
        Assert.StartsWith("Authentication-Results: gateway.test;", text, StringComparison.Ordinal);
        Assert.Contains("\r\nReceived: from client.example", text, StringComparison.Ordinal);
    }

    private static Task<(string Found, string Field)> CheckAsync(IMailDns dns, string client, string sender, string from, string more = "") =>
        CheckAsync(new MailResolver(dns, new FilterOptions(), TimeProvider.System), client, sender, from, more);

    private static async Task<(string Found, string Field)> CheckAsync(MailResolver resolver, string client, string sender, string from, string more = "")
    {
        var evidence = new List<Evidence>();
        var message = new MessageUnderCheck
        {
            Id = "m_1", ClientAddress = IPAddress.Parse(client), Helo = "h.example", IsTls = false, ReversePath = new ReversePath(Mailbox.TryParse(sender, out var mailbox) ? mailbox : null),
            Recipients = 1, Content = Octets.Of($"{more}From: {from}\r\n\r\nbody\r\n"), ForgedFields = 0, Time = DateTimeOffset.UnixEpoch.AddYears(56),
        };
        await new AuthenticationCheck(resolver, new MailOptions { HostName = "gateway.test" }).RunAsync(message, evidence, Cancel);
        return (string.Join('|', evidence.Select(static found => $"{found.Code} {string.Join(' ', found.Values.Take(2).Select(static value => value.Text))}")), message.AuthenticationResults);
    }

    /// <summary>Says that it cannot answer, or says nothing.</summary>
    private sealed class Silent(bool forEver) : IMailDns
    {
        public int Asked { get; private set; }

        public ValueTask<MailDnsAnswer<string>> TxtAsync(string name, CancellationToken cancellationToken) => NoneAsync<string>(cancellationToken);

        public ValueTask<MailDnsAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken) => NoneAsync<IPAddress>(cancellationToken);

        public ValueTask<MailDnsAnswer<MailExchange>> ExchangesAsync(string name, CancellationToken cancellationToken) => NoneAsync<MailExchange>(cancellationToken);

        public ValueTask<MailDnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken cancellationToken) => NoneAsync<string>(cancellationToken);

        private async ValueTask<MailDnsAnswer<T>> NoneAsync<T>(CancellationToken cancellationToken)
        {
            Asked++;
            if (forEver)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }

            return new MailDnsAnswer<T>(MailDnsStatus.TempError);
        }
    }
}
