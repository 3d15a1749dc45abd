using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Reports;
using Tsunagi.Mail.Try;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Tests.Mail.Reports;

/// <summary>A mail node with an address of reports, and domains that two tenants proved.</summary>
internal sealed class ReportNode : IAsyncDisposable
{
    public const string Address = "reports@provider.test";
    public const string One = "t_root/t_one/";
    public const string Two = "t_root/t_two/";
    public static readonly Caller Provider = Who("t_root/");

    private ReportNode(MailNode node) => Node = node;

    public MailNode Node { get; }

    public ReportBook Book => Node.Services.GetRequiredService<ReportBook>();

    public ReportDesk Desk => Node.Services.GetRequiredService<ReportDesk>();

    public static Caller Who(string path) => new("u_" + path, "somebody", new TenantScope(path.TrimEnd('/').Split('/')[^1], path), new HashSet<string> { "*" }, path == "t_root/", "en");

    public static async Task<ReportNode> StartAsync(Func<ReportOptions, ReportOptions>? options = null, IMailDns? dns = null)
    {
        var node = await MailNode.StartAsync(
            given => given with { Reports = (options ?? (static reports => reports))(given.Reports with { Address = Address }) }, dns: dns);
        node.Sign("s_one", One, "one.example", 9);
        foreach (var (id, name, path) in new[] { ("d_one", "one.example", One), ("d_two", "two.example", Two), ("d_sub", "sub.one.example", Two) })
        {
            await node.Stores.Control.WriteAsync(
                async transaction =>
                {
                    var tenant = path.TrimEnd('/').Split('/')[^1];
                    await transaction.ExecuteAsync(
                        "INSERT INTO tenant (id, tenant_path, kind, name, locale, time_zone, currency, external_refs, version, created_at) VALUES (@Tenant, @Path, 'customer', @Tenant, 'en', 'UTC', 'JPY', '[]', 1, 0) ON CONFLICT (id) DO NOTHING", new { Tenant = tenant, Path = path });
                    return await transaction.ExecuteAsync(
                        "INSERT INTO domain (id, tenant_path, tenant_id, name, state, challenge, claimed_at, version) VALUES (@Id, @Path, @Tenant, @Name, 'proved', '', 0, 1)", new { Id = id, Path = path, Tenant = tenant, Name = name });
                },
                TestContext.Current.CancellationToken);
        }

        return new ReportNode(node);
    }

    /// <summary>Brings a message by SMTP; returns what the trace says of it once it is finished.</summary>
    public async Task<(string Id, string State, string Reply)> BringAsync(byte[] message, string from = "dmarc@receiver.example")
    {
        await using var sender = await SmtpSender.ConnectAsync("127.0.0.1", Node.Port, "mx.receiver.example", NextHopTls.Never, TimeProvider.System, TestContext.Current.CancellationToken);
        var result = await sender.SendAsync(from, [Address], message);
        Assert.True(result.IsAccepted, string.Join(' ', result.Replies));
        var id = MailNode.IdIn(string.Join(' ', result.Replies));
        var row = await Node.EventuallyAsync(
            reader => reader.FirstOrDefaultAsync<Fate>("SELECT state, last_reply AS reply, tenant_path FROM mail_message WHERE id = @Id", new { Id = id }), static row => row is { State: not "queued" });
        Assert.Equal("t_root/", row!.TenantPath);
        return (id, row.State, row.Reply);
    }

    public async Task<IReadOnlyList<ReportRow>> ListAsync(string path) => await Book.ListAsync(Who(path), "", "", "", "", 100, TestContext.Current.CancellationToken);

    public async Task<long> CountAsync(string sql) => await Node.Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>(sql), TestContext.Current.CancellationToken);

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public ValueTask DisposeAsync() => Node.DisposeAsync();

    private sealed record Fate(string State, string Reply, string TenantPath);
}
