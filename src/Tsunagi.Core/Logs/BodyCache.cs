namespace Tsunagi.Core.Logs;

/// <summary>The bodies accepted last, up to a number of bytes; the oldest goes first. Guarded by the spool's lock.</summary>
internal sealed class BodyCache(long maxBytes)
{
    private readonly LinkedList<LiveItem> _order = [];
    private long _bytes;

    public void Add(LiveItem item, ReadOnlyMemory<byte> body)
    {
        if (body.Length > maxBytes)
        {
            return;
        }

        item.CachedBody = body.ToArray();
        item.CacheNode = _order.AddLast(item);
        _bytes += body.Length;
        while (_bytes > maxBytes)
        {
            Remove(_order.First!.Value);
        }
    }

    public void Remove(LiveItem item)
    {
        if (item.CacheNode is not null)
        {
            _bytes -= item.CachedBody!.Length;
            _order.Remove(item.CacheNode);
            (item.CachedBody, item.CacheNode) = (null, null);
        }
    }
}
