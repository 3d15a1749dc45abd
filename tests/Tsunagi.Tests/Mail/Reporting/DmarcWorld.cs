using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Reporting.Daily;
using Tsunagi.Mail.Reporting.Dmarc;
using Tsunagi.Mail.Signing;
using Tsunagi.Protocols.Mail.Feedback;
using Tsunagi.Tests.Mail.Signing;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Reporting;

/// <summary>A gateway that tells others by DMARC reports: a proxy on loopback brings strangers' mail (XCLIENT) for the customer one.example, whose keys sign the reports; they leave by a smarthost of the test.</summary>
internal sealed class DmarcWorld : IAsyncDisposable
{
    public const string Tenant = "t_root/t_one/";
    public const string Client = "198.51.100.7";

    public static readonly DmarcReportOptions On = new()
    {
        Organization = "Provider", Contact = "dmarc@provider.example", From = "dmarc@one.example", SendAfter = TimeSpan.Zero, LookEvery = TimeSpan.FromHours(24), WriteEvery = TimeSpan.FromMinutes(10),
    };

    private readonly TemporaryDirectory _directory = new();
    private readonly DmarcReportOptions _options;

    private DmarcWorld(DmarcReportOptions options) => _options = options;

    public MailNode Node { get; private set; } = null!;

    public SettableDns Dns { get; } = new();

    public CustomerServer Customer { get; } = new();

    public CustomerServer Smarthost { get; } = new();

    public DmarcCounts Counts => Node.Services.GetRequiredService<DmarcCounts>();

    public DmarcReportRun Run => Node.Services.GetRequiredService<DmarcReportRun>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<DmarcWorld> StartAsync(DmarcReportOptions? options = null, Func<GatewaySettings, GatewaySettings>? settings = null)
    {
        var world = new DmarcWorld(options ?? On);
        world.Domain("good.example", "rua=mailto:dmarc@good.example");
        await world.BeginAsync(settings);
        var keeper = world.Node.Services.GetRequiredService<SigningKeeper>();
        await keeper.KeepAsync(Tenant, "one.example", isAsked: false, Cancel);
        foreach (var key in await world.Node.Stores.Control.ReadAsync(static reader => reader.QueryAsync<SigningKey>($"SELECT {SigningKey.Columns} FROM mail_dkim_key ORDER BY generation, algorithm"), Cancel))
        {
            world.Dns.Texts[key.Name] = [key.Record];
        }

        await keeper.KeepAsync(Tenant, "one.example", isAsked: false, Cancel);
        await world.Node.Services.GetRequiredService<SigningKeys>().LoadAsync(Cancel);
        return world;
    }

    /// <summary>The program ends and starts again over the same data.</summary>
    public async Task RestartAsync()
    {
        await Node.DisposeAsync();
        await BeginAsync(null);
        await Node.Services.GetRequiredService<SigningKeys>().LoadAsync(Cancel);
    }

    /// <summary>A domain whose servers are 198.51.100.0/24.</summary>
    public void Domain(string domain, string rua, string policy = "p=reject")
    {
        Dns.Texts[domain] = ["v=spf1 ip4:198.51.100.0/24 -all"];
        Dns.Texts["_dmarc." + domain] = [$"v=DMARC1; {policy}; {rua}"];
    }

    /// <summary>A stranger's message; the last reply.</summary>
    public async Task<string> BringAsync(string client = Client, string sender = "news@good.example", string from = "news@good.example", string subject = "hello", string fields = "", params string[] to)
    {
        await using var proxy = await Dialogue.GreetedAsync(Node.Port);
        await proxy.SayAsync($"XCLIENT ADDR={client} NAME=mx.good.example");
        await proxy.SayAsync("EHLO mx.good.example");
        await proxy.SayAsync($"MAIL FROM:<{sender}>");
        foreach (var one in to.Length > 0 ? to : ["bob@one.example"])
        {
            Assert.StartsWith("250", await proxy.SayAsync($"RCPT TO:<{one}>"), StringComparison.Ordinal);
        }

        await proxy.SayAsync("DATA");
        await proxy.SendAsync($"From: <{from}>\r\nTo: <bob@one.example>\r\nSubject: {subject}\r\nDate: Thu, 26 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{Guid.NewGuid():N}@good.example>\r\n{fields}\r\nhello Bob, see you at noon\r\n.\r\n");
        return await proxy.ReadAsync();
    }

    /// <summary>What was counted today becomes yesterday's.</summary>
    public async Task YesterdayAsync()
    {
        await Counts.WriteAsync(Cancel);
        foreach (var table in (string[])["mail_dmarc_seen", "mail_dmarc_domain"])
        {
            await Node.Stores.Control.WriteAsync(transaction => transaction.ExecuteAsync($"UPDATE {table} SET day_at = day_at - @Day", new { Day = ReportDays.DayMicros }), Cancel);
        }
    }

    /// <summary>What was seen, one line a kind.</summary>
    public async Task<IReadOnlyList<string>> SeenAsync()
    {
        await Counts.WriteAsync(Cancel);
        return [.. (await Node.Stores.Control.ReadAsync(
            static reader => reader.QueryAsync<string>(
                "SELECT domain || ' ' || source || ' ' || header_from || ' ' || envelope_to || ' ' || disposition || '/' || reason || ' ' || dkim || spf || ' ' || messages FROM mail_dmarc_seen ORDER BY 1"), Cancel))];
    }

    public async Task<string> StatesAsync() => string.Join(' ', await Node.Stores.Control.ReadAsync(
        static reader => reader.QueryAsync<string>("SELECT domain || '=' || state || CASE WHEN sent_to = '' THEN '' ELSE ':' || sent_to END FROM mail_dmarc_report ORDER BY domain"), Cancel));

    /// <summary>Letters that reached the smarthost, with the report in each.</summary>
    public async Task<IReadOnlyList<(string To, string Text, AggregateReport Report)>> LettersAsync(int count) =>
        [.. (await Smarthost.GotAsync(count)).Select(static message => (message.Recipients[0], Encoding.ASCII.GetString(message.Content.Span), Assert.Single(FeedbackReader.ReadMessage(message.Content.ToArray()).Reports).Aggregate!))];

    /// <summary>One kind of message, as if it had come.</summary>
    public DmarcSighting Sighting(string domain, string source = Client, bool isGood = true, bool passes = true) =>
        new(Counts.Day, domain, source, domain, domain, "one.example", passes ? ReportedDisposition.Pass : ReportedDisposition.None, null, passes, false, "", $"{domain} MailFrom Pass") { Published = "v=DMARC1; p=none", IsGood = isGood };

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await Customer.DisposeAsync();
        await Smarthost.DisposeAsync();
        _directory.Dispose();
    }

    private async Task BeginAsync(Func<GatewaySettings, GatewaySettings>? settings)
    {
        Node = await MailNode.StartAsync(
            options => options with
            {
                Smarthost = $"127.0.0.1:{Smarthost.Port}", DmarcReports = _options, Inbound = options.Inbound with { XclientFrom = [IPNetwork.Parse("127.0.0.0/8")] },
                Reports = options.Reports with { Address = "reports@elsewhere.example" },
                Delivery = options.Delivery with { FirstRetry = TimeSpan.FromMilliseconds(100), LongestRetry = TimeSpan.FromMilliseconds(200) },
            },
            directory: _directory.Path, dns: Dns);
        Node.Sign("s_one", Tenant, "one.example", Customer.Port, settings);
    }
}
