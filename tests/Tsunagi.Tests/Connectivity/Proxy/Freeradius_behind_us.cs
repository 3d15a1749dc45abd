using Tsunagi.Connectivity.Proxy;
using Tsunagi.Tests.Connectivity.Radius;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.Proxy;

/// <summary>radclient asks us for users that a FreeRADIUS knows.</summary>
public class Freeradius_behind_us
{
    [Fact]
    public async Task Proves_its_users_keeps_their_accounting_and_is_dead_when_it_is_killed()
    {
        FreeRadius.Require();
        Radclient.Require();
        using var freeradius = await FreeRadius.StartAsync(FakeHomeServer.Secret);
        await using var world = await ProxyWorld.OpenAsync(
            proxy: options => options with
            {
                ProbesToDie = 1,
                Servers = [options.Servers[0] with { Name = "home1", AuthenticatePort = freeradius.Authenticates, AccountPort = freeradius.Accounts }],
            });
        foreach (var (attributes, answer) in new[]
        {
            ("User-Password=secret", "Received Access-Accept"), ("User-Password=wrong", "Received Access-Reject"), ("CHAP-Password=secret", "Received Access-Accept"), ("CHAP-Password=wrong", "Received Access-Reject"),
            ("MS-CHAP-Password=secret", "Received Access-Accept"), ("MS-CHAP-Password=wrong", "Received Access-Reject"),
        })
        {
            var output = await Radclient.RunAsync($"{world.Radius.AuthenticatesAt}", "auth", $"User-Name=joe@isp.example,{attributes},Proxy-State=0x616263");
            Assert.Contains(answer, output, StringComparison.Ordinal);
            Assert.Contains("Proxy-State = 0x616263", output, StringComparison.Ordinal);
            Assert.Contains("Message-Authenticator = 0x", output, StringComparison.Ordinal);
            Assert.DoesNotContain("Framed-IP-Address", output, StringComparison.Ordinal);
            Assert.Equal(answer.EndsWith("Accept", StringComparison.Ordinal), output.Contains("Session-Timeout = 3600", StringComparison.Ordinal));
        }

        Assert.Contains(
            "Received Accounting-Response",
            await Radclient.RunAsync($"{world.Radius.AccountsAt}", "acct", "User-Name=joe@isp.example,Acct-Session-Id=abc,Acct-Status-Type=Stop,Acct-Session-Time=90,Acct-Input-Octets=5"), StringComparison.Ordinal);
        Assert.Contains("Acct-Session-Id = \"abc\"", freeradius.Detail, StringComparison.Ordinal);

        // It is killed: it dies by its silence.
        freeradius.Stop();
        var lanes = world.Proxy.Servers.Single().Lanes.ToList();
        Assert.Null(await world.WithTimeAsync(world.Radius.AskAsync(world.Radius.AuthenticatesAt, world.Radius.Pap("joe@isp.example", "secret"), seconds: 1)));
        await Eventually.HoldsAsync(() =>
        {
            world.Pass(TimeSpan.FromSeconds(1));
            return lanes[0].State == HomeState.Dead;
        });
        Assert.Equal(HomeState.Answering, lanes[1].State);
    }
}
