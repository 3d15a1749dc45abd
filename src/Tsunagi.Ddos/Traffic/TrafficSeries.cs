namespace Tsunagi.Ddos.Traffic;

/// <summary>What flowed to one subscription's prefixes in each of the last ten minutes' seconds, by protocol. Written under the collector's turn, read by pages.</summary>
internal sealed class TrafficSeries
{
    public const int Seconds = 600;

    public static readonly IReadOnlyList<string> Kinds = ["tcp", "udp", "icmp", "other"];

    private const long MostParts = 60;

    private readonly ulong[,] _octets = new ulong[Seconds, 4];
    private readonly ulong[] _packets = new ulong[Seconds];
    private readonly long[] _second = new long[Seconds];
    private readonly Lock _gate = new();

    /// <summary>Adds what was seen up to <paramref name="second"/> in the <paramref name="span"/> seconds before it, evenly over the last minute of them.</summary>
    public void Add(long second, long span, byte protocol, ulong packets, ulong octets)
    {
        var parts = (ulong)Math.Clamp(span, 1, MostParts);
        var kind = KindOf(protocol);
        lock (_gate)
        {
            if (parts > 1)
            {
                for (var part = 1L; part < (long)parts; part++)
                {
                    Put(second - part, kind, packets / parts, octets / parts);
                }

                (packets, octets) = (packets - (packets / parts * (parts - 1)), octets - (octets / parts * (parts - 1)));
            }

            Put(second, kind, packets, octets);
        }
    }

    private void Put(long second, int kind, ulong packets, ulong octets)
    {
        var at = (int)(second % Seconds);
        if (_second[at] > second)
        {
            return;
        }

        if (_second[at] != second)
        {
            _second[at] = second;
            _packets[at] = 0;
            for (var each = 0; each < 4; each++)
            {
                _octets[at, each] = 0;
            }
        }

        _packets[at] += packets;
        _octets[at, kind] += octets;
    }

    /// <summary>One second: packets, and octets by kind.</summary>
    public (ulong Packets, ulong[] Octets) Read(long second)
    {
        var at = (int)(second % Seconds);
        lock (_gate)
        {
            return _second[at] == second ? (_packets[at], [_octets[at, 0], _octets[at, 1], _octets[at, 2], _octets[at, 3]]) : (0, new ulong[4]);
        }
    }

    private static int KindOf(byte protocol) => protocol switch { 6 => 0, 17 => 1, 1 or 58 => 2, _ => 3 };
}
