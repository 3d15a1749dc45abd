namespace Tsunagi.Ddos.Traffic;

/// <summary>What flowed to one subscription's prefixes in each of the last ten minutes' seconds, by protocol. Written on the collector's turn, read by pages.</summary>
internal sealed class TrafficSeries
{
    public const int Seconds = 600;

    public static readonly IReadOnlyList<string> Kinds = ["tcp", "udp", "icmp", "other"];

    private const long MostParts = 60;

    private readonly ulong[] _octets = new ulong[Seconds * 4];
    private readonly ulong[] _packets = new ulong[Seconds];
    private readonly long[] _second = new long[Seconds];
    private readonly ulong[] _openOctets = new ulong[4];
    private readonly Lock _gate = new();
    private (long Second, long Parts) _open;
    private ulong _openPackets;

    /// <summary>
    /// Adds what was seen up to <paramref name="second"/> in the <paramref name="span"/> seconds before it, evenly over the last minute of them; to be read after <see cref="Settle"/>, or when a record comes that
    /// speaks of another time. Most records come in the same second and tell of as long as the one before: their sum is spread, and not each of them.
    /// </summary>
    public void Add(long second, long span, byte protocol, ulong packets, ulong octets)
    {
        var parts = Math.Clamp(span, 1, MostParts);
        if (_open != (second, parts))
        {
            Settle();
            _open = (second, parts);
        }

        _openPackets += packets;
        _openOctets[KindOf(protocol)] += octets;
    }

    /// <summary>What was added can be read. On the collector's turn, once a look.</summary>
    public void Settle()
    {
        if (_open.Parts > 0)
        {
            lock (_gate)
            {
                Spread();
            }
        }
    }

    /// <summary>One second: packets, and octets by kind.</summary>
    public (ulong Packets, ulong[] Octets) Read(long second)
    {
        var at = (int)(second % Seconds);
        lock (_gate)
        {
            return _second[at] == second ? (_packets[at], _octets.AsSpan(at * 4, 4).ToArray()) : (0, new ulong[4]);
        }
    }

    // What does not divide belongs to the newest second.
    private void Spread()
    {
        var (second, parts) = (_open.Second, (ulong)_open.Parts);
        for (var part = 0L; part < (long)parts; part++)
        {
            if (Place(second - part) is not (>= 0 and var at))
            {
                continue;
            }

            _packets[at] += (_openPackets / parts) + (part == 0 ? _openPackets % parts : 0);
            for (var kind = 0; kind < 4; kind++)
            {
                _octets[(at * 4) + kind] += (_openOctets[kind] / parts) + (part == 0 ? _openOctets[kind] % parts : 0);
            }
        }

        _openPackets = 0;
        Array.Clear(_openOctets);
        _open = default;
    }

    // Where a second stands, emptied of what stood there; -1 when it is older than what is kept.
    private int Place(long second)
    {
        var at = (int)(second % Seconds);
        if (_second[at] > second)
        {
            return -1;
        }

        if (_second[at] != second)
        {
            _second[at] = second;
            _packets[at] = 0;
            _octets.AsSpan(at * 4, 4).Clear();
        }

        return at;
    }

    private static int KindOf(byte protocol) => protocol switch { 6 => 0, 17 => 1, 1 or 58 => 2, _ => 3 };
}
