using Tsunagi.Routers.Devices;

namespace Tsunagi.Routers.Arms;

/// <summary>
/// The tunnels that are confirmed on this node. A box keeps one to each resource server it was told, and all of them may be this node: as many as that are kept, and one more takes the place of
/// the oldest. The newest is asked.
/// </summary>
internal sealed class ArmsTunnels
{
    /// <summary>What a box opens at most.</summary>
    public const int MostOfOne = 5;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<ArmsTunnel>> _all = new(StringComparer.Ordinal);

    /// <summary>Boxes with a tunnel.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _all.Count;
            }
        }
    }

    public IReadOnlyCollection<RouterDevice> Devices
    {
        get
        {
            lock (_lock)
            {
                return [.. _all.Values.Select(static tunnels => tunnels[^1].Device)];
            }
        }
    }

    public ArmsTunnel? Find(string device)
    {
        lock (_lock)
        {
            return _all.TryGetValue(device, out var tunnels) ? tunnels[^1] : null;
        }
    }

    public void Add(ArmsTunnel tunnel)
    {
        ArmsTunnel? former = null;
        lock (_lock)
        {
            if (!_all.TryGetValue(tunnel.Device.Id, out var tunnels))
            {
                _all[tunnel.Device.Id] = tunnels = [];
            }

            tunnels.Remove(tunnel);
            tunnels.Add(tunnel);
            if (tunnels.Count > MostOfOne)
            {
                former = tunnels[0];
                tunnels.RemoveAt(0);
            }
        }

        former?.Close();
    }

    public void Remove(ArmsTunnel tunnel)
    {
        lock (_lock)
        {
            if (_all.TryGetValue(tunnel.Device.Id, out var tunnels) && tunnels.Remove(tunnel) && tunnels.Count == 0)
            {
                _all.Remove(tunnel.Device.Id);
            }
        }
    }

    /// <summary>At once, whatever they are doing.</summary>
    public void Close(string device)
    {
        List<ArmsTunnel>? tunnels;
        lock (_lock)
        {
            _all.Remove(device, out tunnels);
        }

        foreach (var tunnel in tunnels ?? [])
        {
            tunnel.Close();
        }
    }
}
