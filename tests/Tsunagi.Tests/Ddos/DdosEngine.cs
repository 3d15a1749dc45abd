using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Proof;
using Tsunagi.Ddos;
using Tsunagi.Ddos.Contract;

namespace Tsunagi.Tests.Ddos;

/// <summary>The module's services as the program puts them together, without a host: nothing is started, the clock and the directory are the caller's.</summary>
internal sealed class DdosEngine : IDisposable
{
    public const string Subscription = "s_1";

    private readonly ServiceProvider _services;

    /// <param name="more">What the module takes from elsewhere and the caller needs: stores, routers.</param>
    public DdosEngine(DdosOptions options, string directory, TimeProvider time, Action<IServiceCollection>? more = null)
    {
        var services = new ServiceCollection();
        services.AddLogging().AddSingleton(time).AddSingleton(new Node("n", "b", directory));
        new DdosModule().AddServices(services, options);
        more?.Invoke(services);
        _services = services.BuildServiceProvider();
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>One subscription, whose prefixes are proved.</summary>
    public void Protect(ProtectionSettings settings, string tenant = "t_1", string path = "t_1/")
    {
        var record = new DesiredRecord(Subscription, ProtectionSettings.Kind, tenant, path, "", 0, JsonSerializer.Serialize(settings, SettingsJson.Options), [], null, 1);
        var proved = settings.Prefixes.Select(static prefix => CidrRange.Parse(prefix)!.Value).Select(range => new ProvedBlock(path, range.First, range.Last));
        Get<ProtectionContracts>().Apply(new DesiredSnapshot(1, new Dictionary<string, DesiredRecord> { [Subscription] = record }), [.. proved]);
    }

    public void Dispose() => _services.Dispose();
}
