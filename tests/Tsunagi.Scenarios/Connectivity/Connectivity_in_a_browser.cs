using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Scenarios.Browser;
using Tsunagi.Tests.Host;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Scenarios.Connectivity;

/// <summary>Lines, access servers, the plan of addresses and who held one, as operator and customer see them; each page in its three variants, kept as a picture.</summary>
public sealed class Connectivity_in_a_browser(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task A_line_is_set_up_seen_and_asked_for()
    {
        chromium.Require();
        using var directory = new TemporaryDirectory();
        var secret = Path.Combine(directory.Path, "secret");
        await File.WriteAllTextAsync(secret, "between us\n", TestContext.Current.CancellationToken);
        await using var node = await TestNode.StartAsync(more: new Dictionary<string, string>
        {
            ["connectivity.proxy"] = $$"""
                {"servers":[{"name":"isp-a","address":"127.0.0.1","secretFile":"{{secret}}"},{"name":"isp-b","address":"::1","accountPort":0,"secretFile":"{{secret}}","statusServer":false}],
                 "realms":[{"name":"*.partner.example","servers":["isp-a","isp-b"],"balanced":true,"account":"stored","allow":["Framed-IP-Address"],"reply":["Framed-Pool=guests"]}]}
                """,
        });
        var world = await FillAsync(node);

        // A line is set up in the list's dialog: its password is shown once.
        await using (var context = await SignedIn.OpenAsync(chromium, node, Variant.All[0]))
        {
            var page = await context.NewPageAsync();
            await page.VisitAsync(node.Url + "/console/connectivity/lines");
            await page.Locator("[data-dialog=add-line]").ClickAsync();
            await page.Locator("#add-line [name=subscriptionId]").FillAsync(world.Subscription);
            await page.Locator("#add-line [name=userName]").FillAsync("harbor cafe");
            await page.Locator("#add-line button[type=submit]").ClickAsync();
            await Assertions.Expect(page.Locator("#add-line [data-field=userName] .field-error")).Not.ToBeEmptyAsync();
            await page.Locator("#add-line [name=userName]").FillAsync("harbor@isp.example");
            await page.Locator("#add-line button[type=submit]").ClickAsync();
            await page.ArriveAsync("**/console/once");
            await Screenshots.TakeAsync(page, "connectivity-password", Variant.All[0]);

            await page.VisitAsync(node.Url + "/console/connectivity/holders");
            await page.Locator("[name=address]").FillAsync("198.51.100.1");
            await page.Locator("[name=at]").FillAsync(TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture));
            await page.Locator("[name=purpose]").FillAsync("order 2026-4711 of the district court");
            await page.Locator("main form[data-act] button[type=submit]").ClickAsync();
            await page.ArriveAsync("**/holders/wq_*");
            world = world with { Question = new Uri(page.Url).AbsolutePath };
        }

        List<string> faults = [];
        foreach (var variant in Variant.All)
        {
            await using var context = await SignedIn.OpenAsync(chromium, node, variant);
            var page = await context.NewPageAsync();
            var watch = new PageWatch(page, node.Url);
            (string Path, string Name)[] pages =
            [
                ("/console/connectivity", "overview"), ("/console/connectivity/lines", "lines"), ("/console/connectivity/lines/" + world.Line, "line"), ("/console/connectivity/nas", "nas-list"),
                ("/console/connectivity/nas/" + world.Nas, "nas"), ("/console/connectivity/ipam", "ipam"), ("/console/connectivity/ipam/" + world.Prefix, "prefix"), ("/console/connectivity/pools/" + world.Pool, "pool"),
                ("/console/connectivity/holders", "holders"), (world.Question, "holder"), ("/console/connectivity/leases", "leases"),
            ];
            foreach (var (path, name) in pages)
            {
                await page.VisitAsync(node.Url + path, new() { WaitUntil = WaitUntilState.Load });
                faults.AddRange((await PageChecks.FindAsync(page)).Select(fault => $"{name} {variant.Name}: {fault}"));
                await Screenshots.TakeAsync(page, "connectivity-" + name, variant);
            }

            faults.AddRange(watch.Complaints.Select(fault => $"{variant.Name}: {fault}"));
        }

        await using (var context = await SignedIn.OpenAsync(chromium, node, Variant.All[1], "kita@users.example"))
        {
            var page = await context.NewPageAsync();
            foreach (var (path, name) in ((string, string)[])[("/console/connectivity", "portal"), ("/console/connectivity/lines/" + world.Line, "portal-line"), ("/console/connectivity/ipam", "portal-ipam")])
            {
                await page.VisitAsync(node.Url + path);
                faults.AddRange((await PageChecks.FindAsync(page)).Select(fault => $"{name}: {fault}"));
                await Screenshots.TakeAsync(page, "connectivity-" + name, Variant.All[1]);
            }
        }

        Assert.Empty(faults);
    }

    private static async Task<World> FillAsync(TestNode node)
    {
        var op = node.Operator;
        await op.PutAsync("/plans/home", new
        {
            code = "home", specification = "connectivity.broadband", nameEn = "Home 100", nameJa = "ホーム100", currency = "JPY", prices = new[] { new { model = "flat", label = "Fee", amount = 100 } },
        });
        var (tenant, customer) = await node.AddTenantAsync(null, "customer", "kita");
        customer.Dispose();
        await op.PostAsync("/connectivity/prefixes", new { cidr = "198.51.100.0/22", rir = "JPNIC", state = "container" });
        var prefix = Id(await op.PostAsync("/connectivity/prefixes", new { cidr = "198.51.100.0/24", role = "access" }));
        await op.PostAsync("/connectivity/prefixes", new { cidr = "198.51.101.0/24", role = "servers", state = "reserved" });
        await op.PostAsync("/connectivity/prefixes", new { cidr = "198.51.102.0/28", role = "customers", tenantId = tenant });
        await op.PostAsync("/connectivity/prefixes", new { cidr = "2001:db8::/32", rir = "JPNIC", state = "container" });
        await op.PostAsync("/connectivity/prefixes", new { cidr = "2001:db8:1000::/36", role = "delegation" });
        var pool = Id(await op.PostAsync("/connectivity/pools", new { name = "home-v4", cidr = "198.51.100.0/26", partLength = 32, reserved = new[] { "198.51.100.0" } }));
        await op.PostAsync("/connectivity/pools", new { name = "home-pd", cidr = "2001:db8:1000::/36", partLength = 56 });
        var nas = Id((await op.PostAsync("/connectivity/nas", new { name = "bras-tokyo-1", sources = new[] { "192.0.2.1", "2001:db8:0:1::/64" }, dialect = "mikroTik" }))["nas"]!);
        await op.PostAsync("/connectivity/nas", new { name = "bng-osaka-1", sources = new[] { "192.0.2.2" }, messageAuthenticator = "yes", walledGarden = "unpaid" });
        var subscription = Id(await op.PostAsync("/subscriptions", new
        {
            tenantId = tenant, plan = "home", name = "Home line of Kita", quantity = 12,
            settings = new { downBitsPerSecond = 100_000_000, upBitsPerSecond = 20_000_000, ipv4Pool = "home-v4", delegatedPrefixPool = "home-pd" },
        }));
        var line = "";
        for (var i = 0; i < 8; i++)
        {
            var made = Id((await op.PostAsync("/connectivity/lines", new { subscriptionId = subscription, userName = $"user{i}@isp.example", name = $"Apartment {i + 1}", port = $"olt1/1/{i}" }))["line"]!);
            line = i == 0 ? made : line;
        }

        await AddSessionsAsync(node, line, nas);
        return new World(subscription, line, nas, prefix, pool, "");
    }

    /// <summary>Sessions and their use, as accounting is projected.</summary>
    private static async Task AddSessionsAsync(TestNode node, string line, string nas)
    {
        var now = TimeProvider.System.NowMicros();
        await node.Services.GetRequiredService<Stores>().Control.WriteAsync(
            async transaction =>
            {
                foreach (var (number, began, ended) in ((int, long, long?)[])[(1, now - (72 * 3_600_000_000L), now - (20 * 3_600_000_000L)), (2, now - (19 * 3_600_000_000L), null)])
                {
                    await transaction.ExecuteAsync(
                        """
                        INSERT INTO connectivity_session (id, session_key, tenant_path, tenant_id, line_id, subscription_id, nas_id, nas_name, nas_session_id, user_name, station, called, port, source, v4, v6, link_prefix,
                          delegated_prefix, started_at, last_event_at, last_seen_at, seconds, octets_in, octets_out, counters, interim_seconds, ended_at, cause, node, updated_at)
                        SELECT @Id, @Id, tenant_path, tenant_id, id, subscription_id, @Nas, 'bras-tokyo-1', @Id, user_name, '02-00-5E-00-53-01', '', 'ge-0/0/1', '192.0.2.1', '198.51.100.1', '', '', delegated_prefix, @Began,
                          @Now, @Now, 3600, 2100000000, 34500000000, '', 300, @Ended, @Cause, 'n', @Now FROM connectivity_line WHERE id = @Line
                        """,
                        new { Id = $"ss_{number}", Nas = nas, Began = began, Ended = ended, Cause = ended is null ? "" : "Lost-Carrier", Now = now, Line = line });
                }

                for (var hour = 0; hour < 72; hour++)
                {
                    await transaction.ExecuteAsync(
                        """
                        INSERT INTO connectivity_usage (session_id, minute, tenant_path, line_id, subscription_id, octets_in, octets_out, seconds)
                        SELECT 'ss_2', @Minute, tenant_path, id, subscription_id, @In, @Out, 60 FROM connectivity_line WHERE id = @Line
                        """,
                        new { Line = line, Minute = (now / 60_000_000 * 60_000_000) - (hour * 3_600_000_000L), In = 20_000_000L + (hour % 7 * 9_000_000L), Out = 300_000_000L + (hour % 24 * 45_000_000L) });
                }

                return true;
            },
            CancellationToken.None);
    }

    private static string Id(JsonNode thing) => (string)thing["id"]!;

    private sealed record World(string Subscription, string Line, string Nas, string Prefix, string Pool, string Question);
}
