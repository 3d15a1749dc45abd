namespace Tsunagi.Ddos.Detect;

/// <summary>
/// The heaviest keys of a stream, in a fixed room, by Space-Saving (Metwally and others, 2005): a newcomer takes the place of the lightest and its weight, so nothing heavy is ever
/// missed. Without allocations once the room is full.
/// </summary>
internal sealed class HeavyKeys<TKey>(int room)
    where TKey : notnull
{
    private readonly Dictionary<TKey, int> _places = new(room);
    private readonly TKey[] _keys = new TKey[room];
    private readonly ulong[] _weights = new ulong[room];
    private int _count;

    public void Add(TKey key, ulong weight)
    {
        if (_places.TryGetValue(key, out var place))
        {
            _weights[place] += weight;
            return;
        }

        if (_count < room)
        {
            place = _count++;
        }
        else
        {
            place = Lightest();
            weight += _weights[place];
            _places.Remove(_keys[place]);
        }

        (_keys[place], _weights[place]) = (key, weight);
        _places.Add(key, place);
    }

    public ulong this[TKey key] => _places.TryGetValue(key, out var place) ? _weights[place] : 0;

    public IEnumerable<KeyValuePair<TKey, ulong>> All
    {
        get
        {
            for (var i = 0; i < _count; i++)
            {
                yield return KeyValuePair.Create(_keys[i], _weights[i]);
            }
        }
    }

    /// <summary>All lose half their weight; those that weighed one are gone.</summary>
    public void Halve()
    {
        var kept = 0;
        for (var i = 0; i < _count; i++)
        {
            var weight = _weights[i] / 2;
            if (weight == 0)
            {
                _places.Remove(_keys[i]);
                continue;
            }

            (_keys[kept], _weights[kept]) = (_keys[i], weight);
            _places[_keys[kept]] = kept;
            kept++;
        }

        _count = kept;
    }

    private int Lightest()
    {
        var (at, least) = (0, _weights[0]);
        for (var i = 1; i < _count; i++)
        {
            if (_weights[i] < least)
            {
                (at, least) = (i, _weights[i]);
            }
        }

        return at;
    }
}
