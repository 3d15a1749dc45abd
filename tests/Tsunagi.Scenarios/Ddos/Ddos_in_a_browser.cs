using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Tsunagi.Ddos.Archive;
using Tsunagi.Routing.Try;
using Tsunagi.Scenarios.Browser;
using Tsunagi.Tests.Ddos;
using Tsunagi.Tests.Routing;

namespace Tsunagi.Scenarios.Ddos;

/// <summary>An attack as operator and customer see it: traffic, incident, a rule made and lifted by a button; each page in its three variants, kept as a picture.</summary>
public sealed class Ddos_in_a_browser(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task An_attack_is_seen_answered_and_over()
    {
        chromium.Require();
        await using var router = new TrialRouter();
        await using var world = await DdosNode.StartAsync(new Dictionary<string, string>
        {
            ["routing.identifier"] = "10.0.0.1", ["routing.firstRetry"] = "00:00:00.100",
            ["routing.peers"] = $$"""[{"name":"edge-1","address":"127.0.0.1","port":{{router.Port}},"as":64512}]""",
        });
        await world.AttackUntilAsync(async () => (await world.IncidentsAsync()).Count > 0 && router.Sessions > 0);
        var incident = (string)(await world.IncidentsAsync())[0]!["id"]!;

        // A rule is made from the incident's page and lifted from its own, by the customer's administrator.
        await using (var context = await SignedIn.OpenAsync(chromium, world.Node, Variant.All[0], "protected@users.example"))
        {
            var page = await context.NewPageAsync();
            await page.VisitAsync($"{world.Node.Url}/console/ddos/incidents/{incident}");
            await page.Locator("[data-dialog=make-rule]").ClickAsync();
            await Assertions.Expect(page.Locator("#make-rule [name=rule]")).ToHaveValueAsync("dst 192.0.2.1/32 proto udp sport 53 then discard");
            await page.Locator("#make-rule [name=reason]").FillAsync("the attack of this morning");
            await page.Locator("#make-rule button[type=submit]").ClickAsync();
            await page.ArriveAsync("**/console/ddos/mitigations");
            await DdosNode.UntilAsync(() => Task.FromResult(router.Routes.ContainsKey("dst 192.0.2.1/32 proto udp sport 53")));
        }

        await KeepAsync(world);
        var dryRun = (string)(await world.Node.Operator.PostAsync("/ddos/dry-runs", new { of = "192.0.2.1", days = 1 }))["id"]!;
        await DdosNode.UntilAsync(async () => (string)(await world.Node.Operator.GetAsync("/ddos/dry-runs/" + dryRun))["state"]! == "done");
        List<string> faults = [];
        foreach (var variant in Variant.All)
        {
            await using var context = await SignedIn.OpenAsync(chromium, world.Node, variant);
            var page = await context.NewPageAsync();
            var watch = new PageWatch(page, world.Node.Url);
            (string Path, string Name)[] pages =
            [
                ("incidents", "incidents"), ("incidents/" + incident, "incident"), ("traffic", "traffic"), ("series?by=vector&last=1h", "series"), ("mitigations", "mitigations"), ("protections", "protections"),
                ("exporters", "exporters"), ("sessions", "sessions"), ("dry-runs", "dry-runs"), ("dry-runs/" + dryRun, "dry-run"),
            ];
            foreach (var (path, name) in pages)
            {
                for (var i = 0u; i < 20; i++)
                {
                    world.Send(Exports.NetFlow5(30, i * 30));
                }

                if (name == "series")
                {
                    await KeepAsync(world);
                }

                await page.VisitAsync($"{world.Node.Url}/console/ddos/{path}", new() { WaitUntil = WaitUntilState.Load });
                faults.AddRange((await PageChecks.FindAsync(page)).Select(fault => $"{path} {variant.Name}: {fault}"));
                await Screenshots.TakeAsync(page, "ddos-" + name, variant);
            }

            await page.Locator("nav a[href='/console/ddos/mitigations']").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
            faults.AddRange(watch.Complaints.Select(fault => $"{variant.Name}: {fault}"));
        }

        await using (var context = await SignedIn.OpenAsync(chromium, world.Node, Variant.All[0], "protected@users.example"))
        {
            var page = await context.NewPageAsync();
            await page.VisitAsync(world.Node.Url + "/console/ddos/mitigations");
            await page.Locator("table.data tbody tr a").First.ClickAsync();
            await page.ArriveAsync("**/mitigations/mg_*");
            await Screenshots.TakeAsync(page, "ddos-mitigation", Variant.All[0]);
            await page.Locator(".page-acts button[type=submit]").ClickAsync();
            await page.ArriveAsync("**/console/ddos/mitigations");
            await DdosNode.UntilAsync(() => Task.FromResult(router.Routes.IsEmpty));
        }

        Assert.Empty(faults);
    }

    // What came is in the archive, and not only in the block that is filled.
    private static async Task KeepAsync(DdosNode world)
    {
        var archive = world.Node.Services.GetRequiredService<FlowArchive>();
        await DdosNode.UntilAsync(() =>
        {
            lock (world.Collector.Turn)
            {
                archive.HandOver();
            }

            return Task.FromResult(archive.Kept > 0);
        });
    }
}
