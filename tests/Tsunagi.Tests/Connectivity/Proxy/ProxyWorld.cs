using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Proxy;
using Tsunagi.Tests.Connectivity.Radius;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.Proxy;

/// <summary>A node of ours between an access server and home servers of others.</summary>
internal sealed class ProxyWorld : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public required RadiusWorld Radius { get; set; }

    public IReadOnlyList<FakeHomeServer> Homes { get; private set; } = [];

    public ConnectivityOptions Options { get; private set; } = new();

    public RadiusProxy Proxy => Radius.World.Get<RadiusProxy>();

    public ManualTime Time => Radius.World.Time;

    /// <param name="realm">What else the realm isp.example has.</param>
    public static async Task<ProxyWorld> OpenAsync(int homes = 1, Func<ProxiedRealmOption, ProxiedRealmOption>? realm = null, Func<ProxyOptions, ProxyOptions>? proxy = null)
    {
        var world = new ProxyWorld { Radius = null!, Homes = [.. Enumerable.Range(0, homes).Select(static _ => new FakeHomeServer())] };
        var secret = world.SecretFile(FakeHomeServer.Secret);
        var own = new ProxiedRealmOption { Name = "isp.example", Servers = [.. Enumerable.Range(1, homes).Select(static number => $"home{number}")] };
        var options = new ProxyOptions { Servers = [.. world.Homes.Select((home, place) => home.Option($"home{place + 1}", secret))], Realms = [realm?.Invoke(own) ?? own] };
        world.Options = RadiusWorld.Options() with { Proxy = proxy?.Invoke(options) ?? options };
        world.Radius = await RadiusWorld.OpenAsync(world.Options);
        return world;
    }

    public string SecretFile(string secret)
    {
        var file = Path.Combine(_directory.Path, Guid.NewGuid().ToString("N"));
        File.WriteAllText(file, secret + "\n");
        return file;
    }

    /// <summary>Asks while the clock goes on, a second for each few real milliseconds that nothing comes.</summary>
    public async Task<string> AccessAsync(byte[] request) => Radius.Show(await WithTimeAsync(Radius.AskAsync(Radius.AuthenticatesAt, request, seconds: 20)), request);

    public Task<byte[]?> AccountAsync(byte[] request, double seconds = 20) => WithTimeAsync(Radius.AskAsync(Radius.AccountsAt, request, seconds: seconds));

    public async Task<T> WithTimeAsync<T>(Task<T> asked)
    {
        while (await Task.WhenAny(asked, Task.Delay(TimeSpan.FromMilliseconds(150), TimeProvider.System, TestContext.Current.CancellationToken)) != asked)
        {
            Pass(TimeSpan.FromSeconds(1));
        }

        return await asked;
    }

    /// <summary>Time goes on, and who is to be asked for his health is asked.</summary>
    public void Pass(TimeSpan time)
    {
        Time.Advance(time);
        Proxy.Look();
    }

    /// <summary>All home servers answer Status-Server once: from then on it says how they are.</summary>
    public async Task LearnStatusAsync()
    {
        Proxy.Look();
        await Eventually.HoldsAsync(() => Proxy.Servers.SelectMany(static server => server.Lanes).All(static lane => lane.Answered > 0 && lane.InFlight == 0));
    }

    public async ValueTask DisposeAsync()
    {
        await Proxy.StopAsync(TestContext.Current.CancellationToken);
        await Radius.DisposeAsync();
        foreach (var home in Homes)
        {
            home.Dispose();
        }

        _directory.Dispose();
    }
}
