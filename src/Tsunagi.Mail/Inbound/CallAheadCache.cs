namespace Tsunagi.Mail.Inbound;

/// <summary>
/// Answers about recipients, bounded: two generations of half the entries each; when the young one is full it becomes the old one, and the old one
/// goes. What is asked for stays, what nobody asks for ages out, and no entry costs a timer.
/// </summary>
internal sealed class CallAheadCache(int entries)
{
    private readonly Lock _gate = new();
    private Dictionary<(string, string), (CallAheadAnswer Answer, long KeptUntil)> _young = [];
    private Dictionary<(string, string), (CallAheadAnswer Answer, long KeptUntil)> _old = [];

    public bool Find((string, string) key, out CallAheadAnswer answer, out long keptUntil)
    {
        lock (_gate)
        {
            if (!_young.TryGetValue(key, out var entry))
            {
                if (!_old.TryGetValue(key, out entry))
                {
                    (answer, keptUntil) = default((CallAheadAnswer, long));
                    return false;
                }

                Put(key, entry);
            }

            (answer, keptUntil) = entry;
            return true;
        }
    }

    public void Keep((string, string) key, CallAheadAnswer answer, long keptUntil)
    {
        lock (_gate)
        {
            Put(key, (answer, keptUntil));
        }
    }

    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return _young.Count + _old.Count;
            }
        }
    }

    private void Put((string, string) key, (CallAheadAnswer, long) entry)
    {
        if (_young.Count >= Math.Max(1, entries / 2) && !_young.ContainsKey(key))
        {
            _old = _young;
            _young = [];
        }

        _young[key] = entry;
    }
}
