using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Simulate;

namespace Tsunagi.Routers.Try;

/// <summary>Simulated boxes of both protocols for a demonstration: they call, pull and keep their tunnels until the power goes off, whatever becomes of the program meanwhile.</summary>
public sealed class TrialFleet(Uri acs, Uri locationServer, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan LocationRetry = TimeSpan.FromSeconds(5);
    private readonly SimulatedFleet _cwmp = new(acs, time);
    private readonly List<SimulatedArmsBox> _arms = [];

    /// <summary>A router with TR-069: TR-181 or TR-098 by turns.</summary>
    /// <returns>Its identity, as a subscription names it.</returns>
    public string AddCwmp(string serial)
    {
        var router = new SimulatedRouter(SimulatedTree.BuiltIn(_cwmp.Routers.Count % 2 == 0), "00E0FC", serial);
        _cwmp.Add(router);
        return $"{router.Oui}-{router.ProductClass}-{serial}";
    }

    /// <summary>A box with ARMS.</summary>
    /// <returns>Its distribution id.</returns>
    public string AddArms(int number, string key)
    {
        var box = new SimulatedArmsBox(new DistributionId((UInt128)1 << 112 | (UInt128)0x0101 << 80 | (UInt128)0x0200_5EFF_FE00_0000 + (UInt128)number), key, locationServer, time) { LocationRetry = LocationRetry };
        _arms.Add(box);
        return box.Id.ToString();
    }

    /// <summary>Until cancelled.</summary>
    /// <param name="every">Time between two calls of a router with TR-069.</param>
    public Task RunAsync(TimeSpan every, CancellationToken cancellationToken) =>
        Task.WhenAll([_cwmp.RunAsync(every, null, cancellationToken), .. _arms.Select(box => box.RunAsync(cancellationToken))]);

    public ValueTask DisposeAsync() => _cwmp.DisposeAsync();
}
