using System.Net;
using System.Net.Sockets;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Client;
using Tsunagi.Protocols.Mail.Dnsbl;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Tests.Mail.Checks.Client;

public sealed class Client_of_a_message
{
    private readonly ListsDns _dns = new();
    private readonly Heard _health = new();

    [Theory]
    [InlineData("198.51.100.1", "", "client.no-name 198.51.100.1")]
    [InlineData("198.51.100.2", "", "client.named 198.51.100.2 mx.good.example")]
    [InlineData("198.51.100.3", "", "client.name-unconfirmed 198.51.100.3 mx.bad.example")]
    [InlineData("2001:db8::2", "", "client.named 2001:db8::2 mx.good.example")]
    [InlineData("::ffff:198.51.100.2", "", "client.named 198.51.100.2 mx.good.example")]
    [InlineData("198.51.100.2", "bl.one.example", "client.listed bl.one.example 198.51.100.2 127.0.0.4 127.0.0.9|client.named 198.51.100.2 mx.good.example")]
    [InlineData("2001:db8::2", "bl.one.example", "client.listed bl.one.example 2001:db8::2 127.0.0.2|client.named 2001:db8::2 mx.good.example")]
    [InlineData("198.51.100.2", "bl.two.example", "client.named 198.51.100.2 mx.good.example")]
    [InlineData("198.51.100.2", "refuses.example", "client.no-answer refuses.example|client.named 198.51.100.2 mx.good.example")]
    [InlineData("198.51.100.2", "wild.example", "client.no-answer wild.example|client.named 198.51.100.2 mx.good.example")]
    [InlineData("198.51.100.2", "out.example", "client.named 198.51.100.2 mx.good.example")]
    [InlineData("127.0.0.1", "bl.one.example", "")]
    [InlineData("10.1.2.3", "bl.one.example", "")]
    [InlineData("fd00::1", "bl.one.example", "")]
    public async Task What_is_known_of_who_brings_it(string client, string list, string expected)
    {
        _dns.Put("bl.one.example", "198.51.100.2", "127.0.0.4", "127.0.0.9");
        _dns.Put("bl.one.example", "2001:db8::2", "127.0.0.2");
        _dns.Put("refuses.example", "198.51.100.2", "127.255.255.254");
        _dns.Put("wild.example", "198.51.100.2", "203.0.113.7");
        _dns.Put("out.example", "198.51.100.2", "127.0.0.2");
        _health.Out.Add("out.example");
        (_dns.Names["198.51.100.2"], _dns.Names["2001:db8::2"], _dns.Names["198.51.100.3"]) = (["other.example", "mx.good.example"], ["mx.good.example"], ["mx.bad.example"]);
        _dns.Addresses["mx.good.example"] = ["198.51.100.2", "2001:db8::2"];
        _dns.Addresses["mx.bad.example"] = ["198.51.100.4"];
        Assert.Equal(expected, await CheckAsync(client, list));
    }

    [Fact]
    public async Task A_silent_list_and_a_silent_resolver_are_waited_for_together_and_held_against_nobody()
    {
        _dns.Silent["dead.example"] = true;
        _dns.Silent["arpa"] = true;
        var began = TimeProvider.System.GetTimestamp();
        Assert.Equal("client.no-answer dead.example|client.no-answer the DNS", await CheckAsync("198.51.100.2", "dead.example", new FilterOptions { ListDeadline = TimeSpan.FromMilliseconds(200) }));
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0.1, 5);
        Assert.Equal([("dead.example", DnsListStatus.NoAnswer)], _health.Answers);
    }

    [Fact]
    public async Task Who_speaks_before_the_greeting_is_told_though_there_is_no_resolver()
    {
        var found = new List<Evidence>();
        await new ClientCheck(null, _health, new FilterOptions(), TimeProvider.System).RunAsync(Message("198.51.100.2", "", early: true), found, CancellationToken.None);
        Assert.Equal("client.early-talker", Assert.Single(found).Code);
    }

    [Fact]
    public async Task Who_proved_itself_is_not_asked_about()
    {
        var found = new List<Evidence>();
        await new ClientCheck(_dns, _health, new FilterOptions(), TimeProvider.System).RunAsync(Message("198.51.100.1", "bl.one.example", submittedBy: "a@one.example"), found, CancellationToken.None);
        Assert.Empty(found);
        Assert.Empty(_dns.Asked);
    }

    private async Task<string> CheckAsync(string client, string list, FilterOptions? options = null)
    {
        var found = new List<Evidence>();
        await new ClientCheck(_dns, _health, options ?? new FilterOptions(), TimeProvider.System).RunAsync(Message(client, list), found, TestContext.Current.CancellationToken);
        return string.Join('|', found.Select(static one => $"{one.Code} {string.Join(' ', one.Values.Select(static value => value.Text))}"));
    }

    private static MessageUnderCheck Message(string client, string list, bool early = false, string submittedBy = "") => new()
    {
        Id = "m_1", ClientAddress = IPAddress.Parse(client), Helo = "h", IsTls = false, ReversePath = ReversePath.Null, Recipients = 1, Content = default, ForgedFields = 0, Time = default,
        SpokeEarly = early, SubmittedBy = submittedBy, Lists = list.Length == 0 ? [] : [list],
    };

    private sealed class Heard : IDnsListHealth
    {
        public HashSet<string> Out { get; } = [];

        public List<(string, DnsListStatus)> Answers { get; } = [];

        public bool MayAsk(string zone, AddressFamily family) => !Out.Contains(zone);

        public void Answered(string zone, DnsListStatus status) => Answers.Add((zone, status));
    }
}
