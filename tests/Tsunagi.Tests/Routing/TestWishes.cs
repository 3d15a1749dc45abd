using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Routing;
using Tsunagi.Routing.Bgp;

namespace Tsunagi.Tests.Routing;

/// <summary>Wishes of a test, and the speaker that realises them.</summary>
internal sealed class TestWishes : IWantedRoutes, IAsyncDisposable
{
    public const string Rule = "dst 192.0.2.7/32 proto udp sport 53 then discard";

    private readonly ServiceProvider _services;

    private TestWishes(RoutingOptions options)
    {
        _services = new ServiceCollection().AddSingleton<IWantedRoutes>(this).BuildServiceProvider();
        Speaker = new BgpSpeaker(options, _services, TimeProvider.System, NullLogger<BgpSpeaker>.Instance);
    }

    public BgpSpeaker Speaker { get; }

    public IReadOnlyList<WantedRoute> Wanted { get; private set; } = [];

    public event EventHandler? Changed;

    public static async Task<TestWishes> StartAsync(RoutingOptions options)
    {
        var wishes = new TestWishes(options);
        await wishes.Speaker.StartAsync(TestContext.Current.CancellationToken);
        return wishes;
    }

    public static RoutingOptions To(string address, int port, long autonomous = 64_512, string local = "127.0.0.1") => new()
    {
        As = 64_512, Identifier = "10.0.0.1", HoldSeconds = 9, FirstRetry = TimeSpan.FromMilliseconds(100), LongestRetry = TimeSpan.FromMilliseconds(400), RestartSeconds = 30,
        Peers = [new PeerOptions { Name = "router", Address = address, Port = port, As = autonomous, LocalAddress = local }],
    };

    public void Want(params IEnumerable<WantedRoute> routes)
    {
        Wanted = [.. routes];
        Changed?.Invoke(this, EventArgs.Empty);
    }

    public static WantedRoute Blackhole(string prefix, long until = long.MaxValue) => new("b " + prefix, WantedRouteKind.Blackhole, prefix, until);

    public static WantedRoute FlowSpec(string rule, long until = long.MaxValue) => new("f " + rule, WantedRouteKind.FlowSpec, rule, until);

    public async ValueTask DisposeAsync()
    {
        await Speaker.StopAsync(CancellationToken.None);
        Speaker.Dispose();
        await _services.DisposeAsync();
    }
}
