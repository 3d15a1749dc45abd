using Tsunagi.Connectivity.Contract;

namespace Tsunagi.Tests.Connectivity.Radius;

/// <summary>radclient of FreeRADIUS asks our server: each method it knows, accounting, and the status.</summary>
public class Radclient_against_us
{
    [Theory]
    [InlineData("User-Name=joe,User-Password=secret", "auth", "Received Access-Accept")]
    [InlineData("User-Name=joe,User-Password=wrong", "auth", "Received Access-Reject")]
    [InlineData("User-Name=joe,CHAP-Password=secret", "auth", "Received Access-Accept")]
    [InlineData("User-Name=joe,CHAP-Password=wrong", "auth", "Received Access-Reject")]
    [InlineData("User-Name=joe,MS-CHAP-Password=secret", "auth", "Received Access-Accept")]
    [InlineData("User-Name=joe,MS-CHAP-Password=wrong", "auth", "Received Access-Reject")]
    [InlineData("User-Name=joe,User-Password=secret,Message-Authenticator=0x00", "auth", "Received Access-Accept")]
    public async Task Proves_itself_and_reads_the_answer(string attributes, string kind, string answer)
    {
        await using var world = await OpenAsync();
        var output = await Radclient.RunAsync($"{world.AuthenticatesAt}", kind, attributes);
        Assert.Contains(answer, output, StringComparison.Ordinal);
        Assert.Contains("Message-Authenticator = 0x", output, StringComparison.Ordinal);
        if (answer.EndsWith("Accept", StringComparison.Ordinal))
        {
            Assert.Contains("Session-Timeout = 3600", output, StringComparison.Ordinal);
            Assert.Contains("Mikrotik-Rate-Limit = \"10000k/50000k\"", output, StringComparison.Ordinal);
            Assert.Contains("Delegated-IPv6-Prefix = 2001:db8:100::/56", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Accounts_and_asks_for_the_status()
    {
        await using var world = await OpenAsync();
        Assert.Contains("Received Access-Accept", await Radclient.RunAsync($"{world.AuthenticatesAt}", "status", "Message-Authenticator=0x00"), StringComparison.Ordinal);
        foreach (var report in (string[])["Acct-Status-Type=Start", "Acct-Status-Type=Interim-Update,Acct-Session-Time=60,Acct-Input-Octets=1000,Acct-Output-Octets=2000", "Acct-Status-Type=Stop,Acct-Session-Time=90,Acct-Input-Octets=5,Acct-Input-Gigawords=1,Acct-Output-Octets=3000,Acct-Terminate-Cause=User-Request"])
        {
            Assert.Contains("Received Accounting-Response", await Radclient.RunAsync($"{world.AccountsAt}", "acct", $"User-Name=joe,Acct-Session-Id=abc,Framed-IP-Address=192.0.2.7,{report}"), StringComparison.Ordinal);
        }

        await world.ProjectAsync();
        var session = Assert.Single(await world.SessionsAsync());
        Assert.Equal((4_294_967_301, 3_000, 90, "User-Request", "192.0.2.7"), (session.OctetsIn, session.OctetsOut, session.Seconds, session.Cause, session.V4));
    }

    private static async Task<RadiusWorld> OpenAsync()
    {
        Radclient.Require();
        var world = await RadiusWorld.OpenAsync();
        world.Set(static nas => nas with { Dialect = NasDialect.MikroTik }, world.Line("joe", "secret") with
        {
            Plan = new LinePlan { SessionTimeout = TimeSpan.FromHours(1), UpBps = 10_000_000, DownBps = 50_000_000 },
            Addresses = new LineAddresses { DelegatedPrefix = System.Net.IPNetwork.Parse("2001:db8:100::/56") },
        });
        return world;
    }
}
