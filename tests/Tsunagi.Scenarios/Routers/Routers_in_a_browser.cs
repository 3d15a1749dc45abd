using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Routers.Heartbeats;
using Tsunagi.Scenarios.Browser;
using Tsunagi.Tests.Ddos;
using Tsunagi.Tests.Routers;

namespace Tsunagi.Scenarios.Routers;

/// <summary>A router that nobody has claimed is given to a site, and helped with the customer on the phone; each page in its three variants, kept as a picture.</summary>
public sealed class Routers_in_a_browser(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task A_router_is_claimed_and_helped()
    {
        chromium.Require();
        await using var world = new HeartbeatsNode();
        await world.InitializeAsync();
        await world.AddSiteAsync("Head office", device: "00E0FC-DSL0001");
        await world.AddSiteAsync("Shop by the harbour");
        var named = world.AddRouter("DSL0001");
        var found = world.AddRouter("FTTH0001", tr181: true);
        await world.CallAsync(named);
        await world.CallAsync(found);
        await world.CallAsync(world.AddRouter("NOBODY01"));
        var device = (string)(await world.DeviceAsync("FTTH0001"))["id"]!;
        using var end = new CancellationTokenSource();
        var running = world.Fleet.RunAsync(TimeSpan.FromHours(1), null, end.Token);

        await using (var context = await SignedIn.OpenAsync(chromium, world.Node, Variant.All[0]))
        {
            var page = await context.NewPageAsync();
            await page.VisitAsync($"{world.Node.Url}/console/routers/devices/{device}");
            await page.Locator("[data-dialog=claim]").ClickAsync();
            await page.Locator("#claim [name=subscription]").SelectOptionAsync(new SelectOptionValue { Index = 1 });
            await page.Locator("#claim button[type=submit]").ClickAsync();
            await page.Locator("[data-dialog=release]").WaitForAsync();
            await DdosNode.UntilAsync(async () => (string)(await world.DeviceAsync("FTTH0001"))["siteId"]! is { Length: > 0 });
            await world.CallAsync(found);
            await DdosNode.UntilAsync(async () => (string)(await world.DeviceAsync("FTTH0001"))["state"]! == "observed");
            await page.VisitAsync($"{world.Node.Url}/console/routers/devices/{device}/help");
            await page.Locator("[name=reason]").First.FillAsync("customer called: Wi-Fi is slow");
            await page.Locator(".panel form button[type=submit]").First.ClickAsync();
            await page.Locator("text=Values read").First.WaitForAsync(new() { Timeout = 30_000 });
            foreach (var test in (string[])["ping", "trace"])
            {
                await world.Node.Operator.PostAsync($"/routers/devices/{device}/tasks", new { kind = test, host = "www.example.com" });
                await DdosNode.UntilAsync(async () => (await world.TasksAsync(device)).Any(t => (string)t!["kind"]! == test && (string)t["state"]! == "done"));
            }

            // The page shows what came out without being asked again.
            await page.Locator("text=4 received").First.WaitForAsync(new() { Timeout = 15_000 });
        }

        // A box with ARMS on its site, which has a second version that it does not run yet; one that nobody has registered.
        var (box, armsSite, armsDevice) = await world.AddBoxAsync("5001", "hostname shop\ninterface ge0 address dhcp\n");
        var running2 = box.RunAsync(end.Token);
        await DdosNode.UntilAsync(async () => (string)(await world.DeviceAsync(box.Id.ToString()))["state"]! == "configured");
        var stranger = world.Box("5002").RunAsync(end.Token);
        await DdosNode.UntilAsync(async () => ((System.Text.Json.Nodes.JsonArray)(await world.Node.Operator.GetAsync("/routers/devices?text=" + world.Box("5002").Id))["items"]!).Count == 1);
        await using (var context = await SignedIn.OpenAsync(chromium, world.Node, Variant.All[0]))
        {
            var page = await context.NewPageAsync();
            await page.VisitAsync($"{world.Node.Url}/console/routers/sites/{armsSite}/configuration");
            await page.Locator("[name=text0]").FillAsync("hostname shop\ninterface ge0 address dhcp\ninterface ge1 address 192.168.7.1/24\n");
            await page.Locator("[name=why]").FillAsync("a network for the tills");
            await page.Locator(".act-form button[type=submit]").ClickAsync();
            await page.Locator("text=a network for the tills").First.WaitForAsync();
            Assert.Equal(2, (int)(await world.Customer.GetAsync($"/routers/sites/{armsSite}/configuration"))["number"]!);
            await page.VisitAsync($"{world.Node.Url}/console/routers/devices/{armsDevice}");
            await page.Locator("text=the site is at 2").First.WaitForAsync();
            await page.Locator("[data-dialog=pull]").ClickAsync();
            await page.Locator("#pull button[type=submit]").ClickAsync();
            await DdosNode.UntilAsync(async () => (int)(await world.Customer.GetAsync($"/routers/devices/{armsDevice}/arms"))["taken"]! == 2);
            Assert.Contains("192.168.7.1", box.Text(0), StringComparison.Ordinal);
        }

        await BeatAsync(world, box.Id, armsDevice);
        List<string> faults = [];
        foreach (var variant in Variant.All)
        {
            await using var context = await SignedIn.OpenAsync(chromium, world.Node, variant);
            var page = await context.NewPageAsync();
            var watch = new PageWatch(page, world.Node.Url);
            var site = (string)(await world.DeviceAsync("FTTH0001"))["siteId"]!;
            foreach (var (name, path) in ((string, string)[])[("routers", "devices"), ("router", "devices/" + device), ("router-unclaimed", "devices/" + (string)(await world.DeviceAsync("NOBODY01"))["id"]!), ("router-help", $"devices/{device}/help"), ("router-site", "sites/" + site),
                ("router-arms", "devices/" + armsDevice), ("router-arms-unclaimed", "devices/" + (string)(await world.DeviceAsync(world.Box("5002").Id.ToString()))["id"]!), ("router-arms-site", "sites/" + armsSite),
                ("router-arms-configuration", $"sites/{armsSite}/configuration"), ("router-arms-version", $"sites/{armsSite}/configuration?number=1")])
            {
                await page.VisitAsync($"{world.Node.Url}/console/routers/{path}", new() { WaitUntil = WaitUntilState.Load });
                faults.AddRange((await PageChecks.FindAsync(page)).Select(fault => $"{name} {variant.Name}: {fault}"));
                await Screenshots.TakeAsync(page, name, variant);
            }

            faults.AddRange(watch.Complaints.Select(fault => $"{variant.Name}: {fault}"));
        }

        await end.CancelAsync();
        await Task.WhenAll(running, running2, stranger);
        Assert.Empty(faults);
    }

    /// <summary>As if the box had sent heartbeats for an hour, of which some were missed.</summary>
    private static async Task BeatAsync(HeartbeatsNode world, Protocols.Cpe.Arms.DistributionId box, string device)
    {
        var (hour, newest) = (default(HeartbeatMinutes), TimeProvider.System.NowMicros() / (60 * UnixMicros.PerSecond));
        for (var minute = 0; minute < HeartbeatMinutes.Length; minute++)
        {
            if (minute is > 30 and < 36 || !hour.Begin(newest - HeartbeatMinutes.Length + 1 + minute))
            {
                continue;
            }

            var load = 0.4 + (0.3 * Math.Sin(minute / 6.0)) + (0.05 * (minute % 3));
            (hour.Now.Cpu, hour.Now.Memory) = ((byte)(100 * load), (byte)(35 + (10 * load)));
            hour.Now.Set(0, 80e6 * load, 9e6 * load);
            hour.Now.Set(1, 9e6 * load, 79e6 * load);
        }

        await world.Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
            transaction => transaction.ExecuteAsync("UPDATE router_heartbeat_hour SET minute = @Newest, cells = @Cells WHERE device_id = @Device", new { Device = device, Newest = newest, Cells = hour.ToText() }), CancellationToken.None);

        // What it forgot it reads anew with the next one.
        var book = world.Node.Services.GetRequiredService<HeartbeatBook>();
        book.Forget(box.ToString());
        await DdosNode.UntilAsync(() => Task.FromResult(book.Read(box) is not null));
    }
}
