using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Tsunagi.Connectivity.RadSec;
using Tsunagi.Tests.Connectivity.Radius;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.RadSec;

/// <summary>radsecproxy in front: radclient asks it by datagrams, it asks us over TLS.</summary>
public class Radsecproxy_against_us
{
    private const string Radsecproxy = "/usr/sbin/radsecproxy";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Authenticates_and_accounts()
    {
        Assert.SkipUnless(File.Exists(Radsecproxy), "radsecproxy is not there (package radsecproxy)");
        Radclient.Require();
        await using var world = await RadSecWorld.OpenAsync();
        world.Set("proxy.example.net", world.Radius.Line("joe", "secret"));
        using (var certificate = world.Authority.Sign("proxy", "proxy.example.net"))
        {
            await File.WriteAllTextAsync(Path.Combine(world.Directory, "proxy.pem"), TestAuthority.PemOf(certificate), Cancel);
        }

        var port = FreePorts.Udp();
        var configuration = Path.Combine(world.Directory, "radsecproxy.conf");
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            ListenUDP 127.0.0.1:{{port}}
            LogDestination file://{{world.Directory}}/radsecproxy.log
            tls default {
              CACertificateFile {{world.AuthorityFile}}
              CertificateFile {{world.Directory}}/proxy.pem
              CertificateKeyFile {{world.Directory}}/proxy.pem
            }
            client asker {
              host 127.0.0.1
              type udp
              secret {{RadiusWorld.Secret}}
            }
            server us {
              host 127.0.0.1
              port {{world.Port}}
              type tls
              tls default
              secret radsec
              certificateNameCheck off
              StatusServer on
            }
            realm * {
              server us
              accountingServer us
            }
            """,
            Cancel);
        using var proxy = Process.Start(new ProcessStartInfo(Radsecproxy, ["-f", "-c", configuration, "-i", Path.Combine(world.Directory, "radsecproxy.pid")]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            // It drops what comes before it has its connection.
            await Eventually.HoldsAsync(() => world.Radius.World.Get<RadSecConnections>().Of("na_1").Count > 0);
            Assert.Contains("Received Access-Accept", await Radclient.RunAsync($"127.0.0.1:{port}", "auth", "User-Name=joe,User-Password=secret"), StringComparison.Ordinal);
            Assert.Contains("Received Access-Reject", await Radclient.RunAsync($"127.0.0.1:{port}", "auth", "User-Name=joe,User-Password=wrong"), StringComparison.Ordinal);
            Assert.Contains("Received Access-Accept", await Radclient.RunAsync($"127.0.0.1:{port}", "auth", "User-Name=joe,MS-CHAP-Password=secret"), StringComparison.Ordinal);
            Assert.Contains("Received Accounting-Response", await Radclient.RunAsync($"127.0.0.1:{port}", "acct", "User-Name=joe,Acct-Session-Id=abc,Acct-Status-Type=Start,Framed-IP-Address=192.0.2.7"), StringComparison.Ordinal);
        }
        finally
        {
            proxy.Kill();
            await proxy.WaitForExitAsync(Cancel);
        }

        await world.Radius.ProjectAsync();
        Assert.Equal("192.0.2.7", Assert.Single(await world.Radius.SessionsAsync()).V4);
        Assert.Empty(world.Refused);
    }
}
