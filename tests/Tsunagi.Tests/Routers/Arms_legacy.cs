using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Arms;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Simulate;
using Tsunagi.Tests.Ddos;

namespace Tsunagi.Tests.Routers;

/// <summary>Boxes that know TLS 1.0 only: a listener of their own, off unless it is asked for, and nothing else of the program speaks to them.</summary>
public sealed class Arms_legacy(RoutersNode world) : IClassFixture<RoutersNode>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Uri Legacy => new($"https://{world.Node.Services.GetRequiredService<ArmsListener>().LegacyEndPoints[0]}/ls");

    [Fact]
    public async Task A_box_with_tls_1_0_lives_its_whole_life_at_the_listener_for_it()
    {
        var (known, site, device) = await world.AddBoxAsync("A201", "version one");
        string root = (string)(await world.Node.Operator.GetAsync("/routers/arms/authority"))["certificate"]!;
        var box = new SimulatedArmsBox(known.Id, "lskey", Legacy, new HurriedTime()) { IsLegacy = true, Root = root };
        await using var power = new ArmsPower(box);
        await DdosNode.UntilAsync(async () => box.State == ArmsBoxState.Connected && (bool)(await world.Customer.GetAsync($"/routers/devices/{device}/arms"))["tunnel"]!);
        await world.ConfigureAsync(site, "version two");
        var plan = await world.Customer.PostAsync("/routers/pushes", new { sites = new[] { site } });
        await world.Customer.PostAsync($"/routers/pushes/{(string)plan["id"]!}/start", new { });
        await DdosNode.UntilAsync(() => Task.FromResult(box.Kept == 1));
        Assert.Equal("version two", box.Text(0));
    }

    [Fact]
    public async Task Each_listener_refuses_what_the_other_speaks()
    {
        var (box, _, _) = await world.AddBoxAsync("A202");
        byte[] ask = ArmsWriter.Write(new ArmsMessage { Type = "rs-solicitation", DistributionId = box.Id, Body = [] }, declared: false);
        await Assert.ThrowsAsync<IOException>(() => ArmsWire.PostAsync(world.LocationServer, box.Id.ToString(), "lskey", ask, null, isLocation: true, isLegacy: true, Cancel));
        await Assert.ThrowsAsync<IOException>(() => ArmsWire.PostAsync(Legacy, box.Id.ToString(), "lskey", ask, null, isLocation: true, isLegacy: false, Cancel));

        // It tells its boxes to come back to itself.
        byte[] answer = await ArmsWire.PostAsync(Legacy, box.Id.ToString(), "lskey", ask, null, isLocation: true, isLegacy: true, Cancel);
        Assert.Contains(Legacy.Authority + "/rs", Encoding.ASCII.GetString(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Openssl_with_tls_1_0_is_served_there()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/openssl"), "openssl is not installed");
        var (box, _, _) = await world.AddBoxAsync("A203");
        string body = Encoding.ASCII.GetString(ArmsWriter.Write(new ArmsMessage { Type = "rs-solicitation", DistributionId = box.Id, Body = [] }, declared: false));
        var start = new ProcessStartInfo("/usr/bin/openssl", ["s_client", "-connect", Legacy.Authority, "-tls1", "-cipher", "DEFAULT@SECLEVEL=0", "-ign_eof"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using Process client = Process.Start(start)!;
        Task<string> said = client.StandardOutput.ReadToEndAsync(Cancel);
        Task<string> errors = client.StandardError.ReadToEndAsync(Cancel);
        await client.StandardInput.WriteAsync($"POST /ls HTTP/1.0\r\nContent-Type: text/xml\r\nContent-Length: {body.Length}\r\nAuthorization: Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes(box.Id + ":lskey"))}\r\n\r\n{body}");
        await client.StandardInput.FlushAsync(Cancel);
        await client.WaitForExitAsync(Cancel);
        string text = await said + await errors;
        Assert.Contains("New, TLSv1.0", text, StringComparison.Ordinal);
        Assert.Contains("<result-code>100</result-code>", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_it_is_on_is_told_and_shown()
    {
        await world.Node.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<RoutersWatch>().Single().LookAsync(Cancel);
        await DdosNode.UntilAsync(async () => (await world.Node.Operator.GetAsync("/events?limit=200")).ToJsonString().Contains("routers.arms.legacy-tls@1", StringComparison.Ordinal));
        string page = WebUtility.HtmlDecode(await (await world.Node.Operator.Http.GetAsync("/console/routers/devices", Cancel)).Content.ReadAsStringAsync(Cancel));
        Assert.Contains("TLS 1.0 is on", page, StringComparison.Ordinal);
        string customers = WebUtility.HtmlDecode(await (await world.Customer.Http.GetAsync("/console/routers/devices", Cancel)).Content.ReadAsStringAsync(Cancel));
        Assert.DoesNotContain("TLS 1.0 is on", customers, StringComparison.Ordinal);
    }
}
