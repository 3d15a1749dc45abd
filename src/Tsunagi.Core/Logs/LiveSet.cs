namespace Tsunagi.Core.Logs;

/// <summary>
/// One item as the spool holds it. <see cref="Home"/> is the record that keeps it alive: its accept, or the latest record it was carried forward
/// to; while that is being written, a position that is not behind it.
/// </summary>
internal sealed class LiveItem(SpoolId id, byte[] facts)
{
    public SpoolId Id => id;

    public byte[] Facts => facts;

    /// <summary>The latest note handed to the log, synced or not: what is carried forward lies behind it.</summary>
    public byte[]? Note { get; set; }

    public long AcceptedMicros { get; set; }

    public BodyPlace Body { get; set; }

    public LogPosition Home { get; set; }

    /// <summary>Base of the segment of <see cref="Home"/>.</summary>
    public long HomeSegment { get; set; }

    /// <summary>True once its home is synced and exact.</summary>
    public bool IsSettled { get; set; }

    /// <summary>A remove was handed to the log: nothing more may be written about it.</summary>
    public bool IsRemoving { get; set; }

    public byte[]? CachedBody { get; set; }

    public LinkedListNode<LiveItem>? CacheNode { get; set; }
}

/// <summary>The items of the spool, by id and by the segment of their home. Guarded by the spool's lock.</summary>
internal sealed class LiveSet
{
    private readonly Dictionary<SpoolId, LiveItem> _byId = [];
    private readonly SortedDictionary<long, HashSet<LiveItem>> _bySegment = [];

    public int Count => _byId.Count;

    public IEnumerable<LiveItem> Items => _byId.Values;

    /// <summary>The first position of the oldest segment that something lives in, or null.</summary>
    public LogPosition? OldestHome => _bySegment.Count == 0 ? null : new LogPosition(_bySegment.First().Key);

    public LiveItem? Find(SpoolId id) => _byId.GetValueOrDefault(id);

    public bool TryAdd(LiveItem item)
    {
        if (!_byId.TryAdd(item.Id, item))
        {
            return false;
        }

        At(item.HomeSegment).Add(item);
        return true;
    }

    public void Settle(LiveItem item, LogPosition home, long segment)
    {
        if (!_byId.ContainsKey(item.Id))
        {
            return;
        }

        Leave(item);
        (item.Home, item.HomeSegment, item.IsSettled) = (home, segment, true);
        At(segment).Add(item);
    }

    public void Remove(LiveItem item)
    {
        _byId.Remove(item.Id);
        Leave(item);
    }

    /// <summary>What lives in the segment that begins here.</summary>
    public LiveItem[] In(long segment) => _bySegment.TryGetValue(segment, out var items) ? [.. items] : [];

    private HashSet<LiveItem> At(long segment)
    {
        if (!_bySegment.TryGetValue(segment, out var items))
        {
            _bySegment[segment] = items = [];
        }

        return items;
    }

    private void Leave(LiveItem item)
    {
        if (_bySegment.TryGetValue(item.HomeSegment, out var items) && items.Remove(item) && items.Count == 0)
        {
            _bySegment.Remove(item.HomeSegment);
        }
    }
}
