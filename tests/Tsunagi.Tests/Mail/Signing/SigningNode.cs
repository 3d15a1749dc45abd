using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Events;
using Tsunagi.Core.Store;
using Tsunagi.Mail;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Signing;
using Tsunagi.Mail.Try;

namespace Tsunagi.Tests.Mail.Signing;

/// <summary>A gateway whose customer one.example sends from loopback to others: a smarthost, a DNS that the test writes, keys looked after when the test says so.</summary>
internal sealed class SigningNode : IAsyncDisposable
{
    public const string Tenant = "t_root/t_one/";
    public const string Domain = "one.example";

    private SigningNode(MailNode node, CustomerServer smarthost, SettableDns dns, TimeProvider? time)
    {
        // A clock that a test moves by months moves the keeper's alone: everything else on the node looks many times a second.
        Keeper = time is null ? node.Services.GetRequiredService<SigningKeeper>() : ActivatorUtilities.CreateInstance<SigningKeeper>(node.Services, time);
        Node = node;
        Smarthost = smarthost;
        Dns = dns;
    }

    public MailNode Node { get; }

    /// <summary>Where mail for others leaves.</summary>
    public CustomerServer Smarthost { get; }

    public SettableDns Dns { get; }

    public SigningKeeper Keeper { get; }

    public SigningKeys Keys => Node.Services.GetRequiredService<SigningKeys>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<SigningNode> StartAsync(Func<GatewaySettings, GatewaySettings>? settings = null, TimeProvider? time = null)
    {
        var (smarthost, dns) = (new CustomerServer(), new SettableDns());
        var node = await MailNode.StartAsync(
            options => options with
            {
                Smarthost = $"127.0.0.1:{smarthost.Port}",
                Filter = options.Filter with { Enabled = false },
                Delivery = options.Delivery with { FirstRetry = TimeSpan.FromMilliseconds(100), LongestRetry = TimeSpan.FromMilliseconds(200) },
            },
            dns: dns);
        node.Sign("s_one", Tenant, Domain, smarthost.Port, given => (settings ?? (static own => own))(given with { Relays = ["127.0.0.1"] }));
        return new SigningNode(node, smarthost, dns, time);
    }

    /// <summary>The keys' records stand in the DNS, and the keys sign.</summary>
    public async Task PublishAsync(string tenant = Tenant, string domain = Domain)
    {
        await Keeper.KeepAsync(tenant, domain, isAsked: false, Cancel);
        foreach (var key in await ReadAsync(domain))
        {
            if (key.State == SigningKeyState.Next)
            {
                Dns.Texts[key.Name] = [key.Record];
            }
        }

        await Keeper.KeepAsync(tenant, domain, isAsked: false, Cancel);
        await Keys.LoadAsync(Cancel);
    }

    public ValueTask<IReadOnlyList<SigningKey>> ReadAsync(string domain = Domain) => Node.Stores.Control.ReadAsync(
        reader => reader.QueryAsync<SigningKey>($"SELECT {SigningKey.Columns} FROM mail_dkim_key WHERE domain = @Domain ORDER BY generation, algorithm", new { Domain = domain }), Cancel);

    /// <summary>What was told of the domain, in order, without the module and the version.</summary>
    public async ValueTask<string> ToldAsync(string domain = Domain)
    {
        var events = await Node.Stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT event FROM outbox ORDER BY position"), Cancel);
        return string.Join(' ', events.Select(static text => JsonSerializer.Deserialize<Event>(text, JsonSerializerOptions.Web)!).Where(told => told.Subject == domain)
            .Select(static told => told.Type["mail.dkim.".Length..^2]));
    }

    /// <summary>The smarthost's or the gateway's answer.</summary>
    public async Task<string> SendAsync(string sender, string to, string message)
    {
        await using var client = await SmtpSender.ConnectAsync("127.0.0.1", Node.Port, "server.one.example", NextHopTls.Never, TimeProvider.System, Cancel);
        var sent = await client.SendAsync(sender, [to], System.Text.Encoding.UTF8.GetBytes(message));
        return sent.Replies[0].ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await Smarthost.DisposeAsync();
    }
}
