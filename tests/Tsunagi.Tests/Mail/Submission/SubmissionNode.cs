using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Submission;
using Tsunagi.Tests.Mail.Signing;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Submission;

/// <summary>A gateway whose customer one.example has devices: two submission listeners, a smarthost, the customer's own server, and one good credential.</summary>
internal sealed class SubmissionNode : IAsyncDisposable
{
    public const string Tenant = "t_root/t_one/";
    public const string User = "scanner@one.example";

    public static readonly Caller Owner = new("u_owner", "owner@one.example", new TenantScope("t_one", Tenant), new HashSet<string> { "*" }, false, "en");

    private SubmissionNode(MailNode node, CustomerServer smarthost, CustomerServer customer, CredentialMade made)
    {
        (Node, Smarthost, Customer, Made) = (node, smarthost, customer, made);
        Listener = node.Services.GetRequiredService<SubmissionListener>();
        Desk = node.Services.GetRequiredService<CredentialDesk>();
    }

    public MailNode Node { get; }

    /// <summary>Where mail for others leaves.</summary>
    public CustomerServer Smarthost { get; }

    public CustomerServer Customer { get; }

    public SubmissionListener Listener { get; }

    public CredentialDesk Desk { get; }

    /// <summary>May send as itself and as anybody of two.one.example's neighbour, "@one.example" not included.</summary>
    public CredentialMade Made { get; }

    public string Secret => Made.Secret!;

    public int Port => Listener.EndPoints[0].Port;

    public int TlsPort => Listener.TlsEndPoints[0].Port;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<SubmissionNode> StartAsync(Func<MailOptions, MailOptions>? options = null, Tsunagi.Protocols.Mail.Lookup.IMailDns? dns = null, TimeProvider? time = null, string? directory = null, bool hasSmarthost = true)
    {
        var (smarthost, customer) = (new CustomerServer(), new CustomerServer());
        var node = await MailNode.StartAsync(
            given => (options ?? (static same => same))(given with
            {
                Smarthost = hasSmarthost ? $"127.0.0.1:{smarthost.Port}" : "",
                Submission = new SubmissionOptions { Listen = ["127.0.0.1:0"], ListenTls = ["127.0.0.1:0"], Iterations = 4_096, NoteUseEvery = TimeSpan.FromSeconds(1) },
            }),
            tls: true, dns: dns ?? new SettableDns(), time: time, directory: directory);
        await node.Stores.Control.WriteAsync(
            static async transaction =>
            {
                await transaction.ExecuteAsync("""
                    INSERT INTO tenant (id, tenant_path, kind, name, locale, time_zone, currency, external_refs, version, created_at)
                    VALUES ('t_one', 't_root/t_one/', 'customer', 'One', 'en', 'UTC', 'JPY', '{}', 1, 0), ('t_two', 't_root/t_two/', 'customer', 'Two', 'en', 'UTC', 'JPY', '{}', 1, 0);
                    INSERT INTO plan (id, specification, code, name_en, name_ja, version, created_at) VALUES ('p_mail', 'mail.gateway', 'mail', 'Mail', 'メール', 1, 0);
                    INSERT INTO subscription (id, tenant_path, tenant_id, plan_id, name, external_refs, version, created_at)
                    VALUES ('s_one', 't_root/t_one/', 't_one', 'p_mail', 'Mail', '{}', 1, 0), ('s_two', 't_root/t_two/', 't_two', 'p_mail', 'Mail', '{}', 1, 0);
                    """);
                return true;
            },
            Cancel);
        node.Sign("s_one", Tenant, "one.example", customer.Port);
        node.Sign("s_two", "t_root/t_two/", "two.example", customer.Port);
        var made = await node.Services.GetRequiredService<CredentialDesk>().MakeAsync(Owner, new NewCredential("s_one", User, "3rd floor", null), null, Cancel);
        Assert.True(made.Ok, made.Refusal?.Message);
        return new SubmissionNode(node, smarthost, customer, made.Value);
    }

    /// <summary>A session under STARTTLS that was let in.</summary>
    public async Task<TlsDialogue> LetInAsync(string? user = null, string? secret = null)
    {
        var client = await TlsDialogue.StartTlsAsync(Port);
        Assert.StartsWith("235 2.7.0", await client.SayAsync("AUTH PLAIN " + Plain(user ?? User, secret ?? Secret)), StringComparison.Ordinal);
        return client;
    }

    /// <summary>Names and subjects of the events told so far, in order.</summary>
    public async Task<IReadOnlyList<Event>> ToldAsync()
    {
        await Node.Services.GetRequiredService<CredentialUse>().FlushAsync(Cancel);
        var rows = await Node.Stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT event FROM outbox ORDER BY position"), Cancel);
        return [.. rows.Select(static text => JsonSerializer.Deserialize<Event>(text, JsonSerializerOptions.Web)!)];
    }

    public static string Plain(string user, string secret, string identity = "") => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{identity}\0{user}\0{secret}"));

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await Smarthost.DisposeAsync();
        await Customer.DisposeAsync();
    }
}
