using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Connectivity.Proxy;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.Proxy;

public class Realms_of_others
{
    [Theory]
    [InlineData("joe@isp.example", "isp.example")]
    [InlineData("joe@ISP.Example", "isp.example")]
    [InlineData("@isp.example", "isp.example")]
    [InlineData("joe@hub.example@isp.example", "isp.example")]
    [InlineData("isp.example!joe@hub.example", "*")]
    [InlineData("joe@pop.isp.example", "*.isp.example")]
    [InlineData("joe@a.pop.isp.example", "*.pop.isp.example")]
    [InlineData("joe@other.example", "*")]
    [InlineData("joe@ours.example", null)]
    [InlineData("line@other.example", null)]
    [InlineData("joe", null)]
    [InlineData("joe@", null)]
    [InlineData("", null)]
    public void Are_found_by_the_most_exact_name(string name, string? realm)
    {
        var builder = new LineSnapshotBuilder { Realms = new RealmRules { Realms = [new Realm("ours.example", false)] } };
        Assert.True(builder.TryAdd(new Line { LineId = "ln_1", TenantId = "t_1", TenantPath = "t_1/", SubscriptionId = "s_1", UserName = "line@other.example", Password = LinePassword.Clear("x") }));
        using var world = new Node("isp.example", "*.isp.example", "*.pop.isp.example", "*");
        Assert.Equal(realm, world.Realms.Find(name, builder.Build())?.Name);
    }

    [Theory]
    [InlineData("servers[home].address", "\"home.example\" is no address")]
    [InlineData("servers[home].secretFile", "Could not find")]
    [InlineData("servers[home].secretFile", "is empty")]
    [InlineData("realms[a].servers", "has no \"away\"")]
    [InlineData("realms[a].allow", "\"No-Such\" is no attribute")]
    [InlineData("realms[a].reply", "No-Such")]
    [InlineData("proxy.realms", "\"a\" is there twice")]
    [InlineData("proxy.servers", "\"home\" is there twice")]
    [InlineData("realms[a].servers", "has a port for authentication")]
    public void That_are_meant_wrong_are_refused_by_the_name_of_their_option(string key, string reason)
    {
        using var directory = new TemporaryDirectory();
        var (good, empty) = (Path.Combine(directory.Path, "good"), Path.Combine(directory.Path, "empty"));
        File.WriteAllText(good, "secret\n");
        File.WriteAllText(empty, "\n");
        var server = new HomeServerOption { Name = "home", Address = "127.0.0.1", SecretFile = good };
        var realm = new ProxiedRealmOption { Name = "a", Servers = ["home"] };
        var (servers, realms) = (key, reason) switch
        {
            ("servers[home].address", _) => (new[] { server with { Address = "home.example" } }, new[] { realm }),
            ("servers[home].secretFile", "is empty") => ([server with { SecretFile = empty }], [realm]),
            ("servers[home].secretFile", _) => ([server with { SecretFile = good + "x" }], [realm]),
            ("realms[a].servers", "has no \"away\"") => ([server], [realm with { Servers = ["away"] }]),
            ("realms[a].servers", _) => ([server with { AuthenticatePort = 0 }], [realm]),
            ("realms[a].allow", _) => ([server], [realm with { Allow = ["No-Such"] }]),
            ("realms[a].reply", _) => ([server], [realm with { Reply = ["No-Such=1"] }]),
            ("proxy.realms", _) => ([server], [realm, realm]),
            _ => ([server, server], [realm]),
        };
        using var metrics = new ConnectivityMetrics();
        var refused = Assert.Throws<InvalidOperationException>(() => new RadiusProxy(new ConnectivityOptions { Proxy = new ProxyOptions { Servers = servers, Realms = realms } }, metrics, new ManualTime()));
        Assert.Contains(key, refused.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    private sealed class Node : IDisposable
    {
        private readonly TemporaryDirectory _directory = new();
        private readonly ConnectivityMetrics _metrics = new();
        private readonly HomeServer _home;

        public Node(params string[] realms)
        {
            var file = Path.Combine(_directory.Path, "secret");
            File.WriteAllText(file, "secret");
            var options = new ProxyOptions { Realms = [.. realms.Select(static name => new ProxiedRealmOption { Name = name, Servers = ["home"] })] };
            _home = new HomeServer(new HomeServerOption { Name = "home", Address = "127.0.0.1", SecretFile = file }, options, _metrics, new ManualTime());
            Realms = new ProxyRealms(options, new Dictionary<string, HomeServer> { ["home"] = _home });
        }

        public ProxyRealms Realms { get; }

        public void Dispose()
        {
            _home.Dispose();
            _metrics.Dispose();
            _directory.Dispose();
        }
    }
}
