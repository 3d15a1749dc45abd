using System.Collections.Immutable;

namespace Tsunagi.Core.Store;

/// <summary>Hints inside one process.</summary>
internal sealed class LocalHints(TimeProvider time) : IStoreHints
{
    private ImmutableDictionary<string, ImmutableArray<StoreHint>> _listeners = ImmutableDictionary<string, ImmutableArray<StoreHint>>.Empty;

    public IEnumerable<string> Channels => _listeners.Keys;

    public void Raise(string channel)
    {
        if (_listeners.TryGetValue(channel, out var listeners))
        {
            foreach (var listener in listeners)
            {
                listener.Raise();
            }
        }
    }

    public void RaiseAll()
    {
        foreach (var channel in _listeners.Keys)
        {
            Raise(channel);
        }
    }

    public StoreHint Listen(string channel)
    {
        var hint = new StoreHint(time, left => ImmutableInterlocked.AddOrUpdate(ref _listeners, channel, [], (_, present) => present.Remove(left)));
        ImmutableInterlocked.AddOrUpdate(ref _listeners, channel, [hint], (_, present) => present.Add(hint));
        return hint;
    }
}
