using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.BackOffice.Runs;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Tests.Host;

namespace Tsunagi.Tests.BackOffice;

/// <summary>A whole node with customers that have been there for three months, two of them billed and partly paid, and the bills of the third waiting for release.</summary>
internal sealed class BackOfficeNode(TestNode node) : IAsyncDisposable
{
    private static readonly string[] Names = ["Minato Seikei KK みなと精計", "Sakura Dental さくら歯科", "Harbor Café", "Kitayama City Office 北山市役所", "Hotel Ume ホテル梅", "Fuji Logistics 富士物流"];

    public TestNode Node => node;

    public List<string> Accounts { get; } = [];

    public string Waiting { get; private set; } = "";

    /// <summary>Who may release: he changed no price.</summary>
    public Caller Releaser { get; private set; } = null!;

    public static async Task<BackOfficeNode> StartAsync()
    {
        var world = new BackOfficeNode(await TestNode.StartAsync(null, new Dictionary<string, string>
        {
            ["backoffice.issuer"] = """{"name":"Kaede Networks KK","registrationNumber":"T7000012050002","postalCode":"100-0001","address":["東京都千代田区千代田1-1","Kaede Building 8F"],"phone":"+81-3-5550-0100","bankName":"Kaede Bank","bankBranch":"Marunouchi","bankAccount":"1234567","bankHolder":"カエデネツトワークス"}""",
        }));
        await world.FillAsync();
        return world;
    }

    public async Task<JsonNode> RunAsync(string period, bool release)
    {
        var run = (string)(await node.Operator.PostAsync("/backoffice/runs", new { period }))["id"]!;
        await UntilAsync(run, "ready");
        if (release)
        {
            var released = await node.Services.GetRequiredService<RunOrders>().ReleaseAsync(Releaser, run, CancellationToken.None);
            Assert.True(released.Ok, released.Refusal?.ToString());
            await UntilAsync(run, "issued");
        }

        return await node.Operator.GetAsync("/backoffice/runs/" + run);
    }

    public ValueTask DisposeAsync() => node.DisposeAsync();

    private async Task FillAsync()
    {
        var op = node.Operator;
        await op.PutAsync("/plans/mail", new
        {
            code = "mail", specification = "mail.gateway", nameEn = "Mail standard", nameJa = "メール スタンダード", currency = "JPY",
            prices = new object[]
            {
                new { model = "flat", label = "Mail gateway, basic fee", amount = 5_000, charged = "advance" }, new { model = "oneTime", label = "Set-up", amount = 12_000 },
                new { model = "tiers", label = "Messages", meter = "mail.messages", per = 100, tiers = new object[] { new { upTo = 1_000, amount = 50 }, new { amount = 30 } } },
                new { model = "perUnit", label = "Volume", meter = "mail.bytes", amount = 10, per = 1_000_000_000, included = 1_000_000_000 },
            },
        });
        var stores = node.Services.GetRequiredService<Stores>();
        var now = TimeProvider.System.NowMicros();
        var begun = now - (88L * 86_400 * UnixMicros.PerSecond);
        for (var i = 0; i < Names.Length; i++)
        {
            var tenant = (string)(await op.PostAsync("/tenants", new { kind = "customer", name = Names[i], locale = i == 2 ? "en" : "ja" }))["id"]!;
            var domain = (string)(await op.PostAsync("/domains", new { tenantId = tenant, name = $"customer-{i}.example" }))["id"]!;
            await op.PostAsync($"/domains/{domain}/approve", new { reason = "a sample" });
            var subscription = (string)(await op.PostAsync("/subscriptions", new { tenantId = tenant, plan = "mail", name = "Mail for customer-" + i, settings = new { domains = new[] { $"customer-{i}.example" }, nextHop = "127.0.0.1:9" } }))["id"]!;
            await stores.Control.WriteAsync(transaction => BackdateAsync(transaction, tenant, subscription, begun, now, i), CancellationToken.None);
            Accounts.Add((string)(await op.PostAsync("/backoffice/accounts", new
            {
                tenantId = tenant, postalCode = "105-0001", address = $"東京都港区虎ノ門{i + 1}-2-3\nみなとビル {i + 4}F", email = "keiri@customer.example", attention = i == 0 ? "経理部" : "", closingDay = 31, paymentTerms = i == 2 ? "net:14" : "eom:1",
            }))["id"]!);
        }

        var provider = (await stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<string>("SELECT tenant_path FROM tenant WHERE kind = 'provider'"), CancellationToken.None))!;
        Releaser = new Caller("u_releaser", "mariko.hara@kaede.example", new TenantScope(provider.TrimEnd('/'), provider), new HashSet<string> { "*" }, true, "en");
        var month = TimeProvider.System.GetUtcNow().AddHours(9);
        await RunAsync(Month(month, -2), release: true);
        await op.PostAsync("/backoffice/payments", new { accountId = Accounts[0], receivedOn = "2026-11-02", amountMinor = 20_000, foreignKey = "zengin-1", payer = "ミナトセイケイ(カ" });
        await op.PostAsync("/backoffice/payments", new { accountId = Accounts[1], receivedOn = "2026-11-02", amountMinor = 1_000_000, foreignKey = "zengin-2", payer = "サクラシカ", reference = "INV-0000002" });
        await op.PostAsync("/usage", new
        {
            subscriptionId = (await stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<string>("SELECT id FROM subscription ORDER BY id LIMIT 1"), CancellationToken.None))!,
            meter = "mail.messages", at = TimeProvider.System.GetUtcNow().AddDays(-60), quantity = -200, foreignKey = "case-4711", reason = "a loop of our own monitoring",
        });
        await RunAsync(Month(month, -1), release: true);
        var open = (JsonArray)(await op.GetAsync("/backoffice/customer-bills?state=open"))["items"]!;
        await op.PostAsync($"/backoffice/customer-bills/{open[0]!["id"]}/credit-notes", new { reason = "an outage of two hours", lines = new[] { new { no = 1, amountMinor = 500 } } });
        Waiting = (string)(await RunAsync(Month(month, 0), release: false))["id"]!;
    }

    private static async ValueTask<bool> BackdateAsync(ISqlTransaction transaction, string tenant, string subscription, long begun, long now, int i)
    {
        await transaction.ExecuteAsync("UPDATE tenant SET created_at = @At WHERE id = @Id", new { At = begun, Id = tenant });
        await transaction.ExecuteAsync("UPDATE subscription SET created_at = @At WHERE id = @Id", new { At = begun, Id = subscription });
        await transaction.ExecuteAsync("UPDATE subscription_version SET valid_from = @At, known_from = @At WHERE subscription_id = @Id", new { At = begun, Id = subscription });
        var path = await transaction.FirstOrDefaultAsync<string>("SELECT tenant_path FROM subscription WHERE id = @Id", new { Id = subscription });
        const long day = 86_400 * UnixMicros.PerSecond;
        var deltas = Enumerable.Range(0, 85).SelectMany(n =>
        {
            var minute = (begun + (n * day)) / 60_000_000 * 60_000_000;
            return new[] { new MeterDelta(path!, subscription, "mail.messages", minute, 40 + (i * 17) + (n % 7 * 5)), new MeterDelta(path!, subscription, "mail.bytes", minute, (90_000_000 * (i + 1)) + (n * 1_000_000)) };
        }).Where(delta => delta.MinuteMicros < now).ToList();
        await MeterDeltas.AppendAsync(transaction, "sample", "b_" + subscription, 1, deltas, begun);
        return true;
    }

    private async Task UntilAsync(string run, string state)
    {
        for (var i = 0; i < 200; i++)
        {
            if ((string)(await node.Operator.GetAsync("/backoffice/runs/" + run))["state"]! == state)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        Assert.Fail($"the run {run} does not become {state}");
    }

    private static string Month(DateTimeOffset at, int months) => at.AddDays(1 - at.Day).AddMonths(months).ToString("yyyy-MM", CultureInfo.InvariantCulture);
}
