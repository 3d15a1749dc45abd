namespace Tsunagi.Connectivity.Probes;

/// <summary>
/// How often each delay was seen, in buckets that are at most 1/128 of their value wide, so that a percentile is within 0.4 % of what it would be of the values themselves. Two add up to what all the
/// values together would have given. Nanoseconds, 0 to 2^40 (18 minutes); what is longer counts as that.
/// </summary>
internal sealed class DelayHistogram
{
    private const int Exact = 256;
    private const int PerDoubling = 128;
    private const int LargestExponent = 40;
    private const int Buckets = Exact + ((LargestExponent - 8) * PerDoubling);

    private readonly SortedDictionary<int, long> _counts = [];

    public long Count { get; private set; }

    public void Add(long nanoseconds, long count = 1)
    {
        var bucket = BucketOf(nanoseconds);
        _counts[bucket] = _counts.GetValueOrDefault(bucket) + count;
        Count += count;
    }

    public void Add(DelayHistogram other)
    {
        foreach (var (bucket, count) in other._counts)
        {
            _counts[bucket] = _counts.GetValueOrDefault(bucket) + count;
        }

        Count += other.Count;
    }

    /// <summary>The smallest value that so many of 100 are not above (nearest rank), in nanoseconds; null of nothing.</summary>
    public long? Percentile(double percent)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(Count * percent / 100));
        foreach (var (bucket, count) in _counts)
        {
            rank -= count;
            if (rank <= 0)
            {
                return MiddleOf(bucket);
            }
        }

        return null;
    }

    /// <summary>The mean in nanoseconds; null of nothing.</summary>
    public long? Mean() => Count == 0 ? null : (long)(_counts.Aggregate(UInt128.Zero, static (sum, each) => sum + ((UInt128)MiddleOf(each.Key) * (ulong)each.Value)) / (ulong)Count);

    /// <summary>Pairs of the distance to the bucket before and its count, seven bits an octet.</summary>
    public byte[] ToBytes()
    {
        var octets = new List<byte>(_counts.Count * 3);
        var before = 0;
        foreach (var (bucket, count) in _counts)
        {
            Put(octets, (ulong)(bucket - before));
            Put(octets, (ulong)count);
            before = bucket;
        }

        return [.. octets];
    }

    /// <summary>Null for what was not written by <see cref="ToBytes"/>.</summary>
    public static DelayHistogram? TryRead(ReadOnlySpan<byte> octets)
    {
        var read = new DelayHistogram();
        var bucket = 0L;
        var first = true;
        while (octets.Length > 0)
        {
            if (!TryTake(ref octets, out var distance) || !TryTake(ref octets, out var count) || (distance == 0 && !first) || count == 0 || (bucket += distance) >= Buckets || read.Count + count < 0)
            {
                return null;
            }

            read._counts[(int)bucket] = count;
            read.Count += count;
            first = false;
        }

        return read;
    }

    private static int BucketOf(long nanoseconds)
    {
        if (nanoseconds < Exact)
        {
            return (int)Math.Max(0, nanoseconds);
        }

        var exponent = 63 - System.Numerics.BitOperations.LeadingZeroCount((ulong)nanoseconds);
        return exponent >= LargestExponent ? Buckets - 1 : Exact + ((exponent - 8) * PerDoubling) + (int)((nanoseconds >> (exponent - 7)) & (PerDoubling - 1));
    }

    private static long MiddleOf(int bucket)
    {
        if (bucket < Exact)
        {
            return bucket;
        }

        var shift = ((bucket - Exact) / PerDoubling) + 1;
        return (((long)PerDoubling + ((bucket - Exact) % PerDoubling)) << shift) + (1L << (shift - 1));
    }

    private static void Put(List<byte> octets, ulong value)
    {
        for (; value > 127; value >>= 7)
        {
            octets.Add((byte)(value | 128));
        }

        octets.Add((byte)value);
    }

    private static bool TryTake(ref ReadOnlySpan<byte> octets, out long value)
    {
        value = 0;
        for (var i = 0; i < octets.Length && i < 8; i++)
        {
            value |= (long)(octets[i] & 127) << (7 * i);
            if (octets[i] < 128)
            {
                octets = octets[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
