using System.Buffers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Delivery;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Tests.Mail.Quarantine;

/// <summary>Puts messages that are to be held into the spool, as the intake does, and waits for what becomes of them.</summary>
internal static class HeldMail
{
    public const string Tenant = "t_root/t_one/";
    public const string Content = "From: \"Prize Office\" <win@spam.example>\r\nTo: b@one.example\r\nSubject: You have won\r\nMessage-ID: <w@spam.example>\r\n\r\nclick to claim the prize\r\n";

    public static readonly HeldActor Administrator = new(Who("u_admin", Tenant), null);
    public static readonly HeldActor Operator = new(Who("u_operator", "t_root/"), null);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Caller Who(string id, string path, params string[] permissions) =>
        new(id, id + "@x.example", new TenantScope(path.TrimEnd('/').Split('/')[^1], path), permissions.Length == 0 ? new HashSet<string> { "*" } : permissions.ToHashSet(), path == "t_root/", "en");

    public static HeldActor Recipient(string address) => new(Who("r_" + address, Tenant, "none") with { ActorName = address }, address);

    public static AcceptFacts Facts(HoldClass hold, IReadOnlyList<string> to, string tenantPath = Tenant, string subscription = "s_one", string content = Content, string subject = "You have won") => new()
    {
        AcceptedMicros = TimeProvider.System.NowMicros(), Flags = MessageFlags.None, TenantPath = tenantPath, Subscription = subscription, ReversePath = "bounce@spam.example",
        Recipients = to, Hold = hold, Added = "X-Tsunagi-Verdict: quarantine\r\n", SizeBytes = content.Length + 31, ClientAddress = "192.0.2.7", Helo = "spam.example",
        MessageIdHeader = "w@spam.example", Subject = subject, FromDomain = "spam.example",
    };

    public static async Task<string> PutAsync(MailNode node, HoldClass hold, params string[] to) => await PutAsync(node, Facts(hold, to), Content);

    public static Task<string> PutAsync(MailNode node, AcceptFacts facts, string content) => PutAsync(node.Services, facts, content);

    public static async Task<string> PutAsync(IServiceProvider services, AcceptFacts facts, string content)
    {
        var spool = services.GetRequiredService<MailSpool>();
        var id = SpoolId.New(TimeProvider.System);
        using var body = spool.BeginBody();
        body.Write(Encoding.UTF8.GetBytes(content));
        await spool.AcceptAsync(id, facts, new FactsWriter(), body);
        services.GetRequiredService<DeliveryScheduler>().Enqueue(id, facts, Envelope.From(facts)!);
        return id.ToString();
    }

    public static HeldDesk Desk(MailNode node) => node.Services.GetRequiredService<HeldDesk>();

    public static async Task<IReadOnlyList<HeldRow>> RowsAsync(MailNode node, string message, int count = 1)
    {
        var book = node.Services.GetRequiredService<HeldBook>();
        for (var attempt = 0; ; attempt++)
        {
            var rows = await book.OfMessageAsync(Operator.Caller, message, Cancel);
            if (rows.Count == count)
            {
                return rows;
            }

            Assert.True(attempt < 3_000, $"{rows.Count} copies after a minute");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }
    }

    public static async Task<HeldRow> StateAsync(MailNode node, string id, string state)
    {
        var book = node.Services.GetRequiredService<HeldBook>();
        for (var attempt = 0; ; attempt++)
        {
            var row = await book.FindAsync(Operator.Caller, id, Cancel);
            if (row?.State == state)
            {
                return row;
            }

            Assert.True(attempt < 3_000, $"still {row?.State} after a minute");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }
    }
}
