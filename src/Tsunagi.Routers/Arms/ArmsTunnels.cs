using System.Collections.Concurrent;
using Tsunagi.Routers.Devices;

namespace Tsunagi.Routers.Arms;

/// <summary>The tunnels that are confirmed on this node, one for each router: a newer one takes the place of an older.</summary>
internal sealed class ArmsTunnels
{
    private readonly ConcurrentDictionary<string, ArmsTunnel> _all = new(StringComparer.Ordinal);

    public int Count => _all.Count;

    public IReadOnlyCollection<RouterDevice> Devices => [.. _all.Values.Select(static tunnel => tunnel.Device)];

    public ArmsTunnel? Find(string device) => _all.GetValueOrDefault(device);

    public void Add(ArmsTunnel tunnel)
    {
        ArmsTunnel? former = null;
        _all.AddOrUpdate(tunnel.Device.Id, tunnel, (_, there) =>
        {
            former = there;
            return tunnel;
        });
        if (former != tunnel)
        {
            former?.Close();
        }
    }

    public void Remove(ArmsTunnel tunnel) => _all.TryRemove(KeyValuePair.Create(tunnel.Device.Id, tunnel));

    /// <summary>At once, whatever it is doing.</summary>
    public void Close(string device)
    {
        if (_all.TryRemove(device, out var tunnel))
        {
            tunnel.Close();
        }
    }
}
