using System.Numerics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Traffic;

/// <summary>
/// Counters by address and prefix length: one array with open addressing, reserved once and never larger; a page of it costs memory when it is first
/// used. Rows without traffic are taken out a few at a time. The hash has a seed of its own, so that nobody chooses addresses that meet.
/// </summary>
internal sealed class TrafficTable
{
    // At most 85 % full: about 146 bytes a row.
    private const int FullPercent = 85;

    private readonly TrafficRow[] _rows;
    private readonly ulong _seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1;
    private int _sweepAt;

    // Nobody reads it; without it nothing would be fetched.
    private int _fetched;

    public TrafficTable(int most)
    {
        Most = most;
        _rows = new TrafficRow[(int)((long)most * 100 / FullPercent) + 1];
    }

    public int Most { get; }

    public int Count { get; private set; }

    /// <summary>How often there was no room for one more.</summary>
    public long Overflows { get; private set; }

    /// <summary>The row, made if need be; a null reference when there is no room.</summary>
    public ref TrafficRow Touch(FlowAddress address, int length)
    {
        for (var at = Home(address, length); ; at = Next(at))
        {
            ref var row = ref _rows[at];
            if (row.Mark == length + 1 && row.Address == address)
            {
                return ref row;
            }

            if (row.Mark != 0)
            {
                continue;
            }

            if (Count >= Most)
            {
                Overflows++;
                return ref Unsafe.NullRef<TrafficRow>();
            }

            Count++;
            row.Address = address;
            row.Mark = length + 1;
            return ref row;
        }
    }

    /// <summary>
    /// Reads the place where a row most likely stands, all three lines of the cache that it may reach over, and does nothing with it: a processor that is asked for several places before it needs the first
    /// waits once for all of them.
    /// </summary>
    public void Fetch(FlowAddress address, int length)
    {
        ref readonly var row = ref _rows[Home(address, length)];
        _fetched += row.Mark + (int)row.Octets[0] + row.Records[TrafficSlots.Window - 1];
    }

    /// <summary>The row, or a null reference.</summary>
    public ref TrafficRow Find(FlowAddress address, int length)
    {
        for (var at = Home(address, length); ; at = Next(at))
        {
            ref var row = ref _rows[at];
            if (row.Mark == 0)
            {
                return ref Unsafe.NullRef<TrafficRow>();
            }

            if (row.Mark == length + 1 && row.Address == address)
            {
                return ref row;
            }
        }
    }

    /// <summary>Looks at the next rows and takes out those without traffic since <paramref name="oldest"/>.</summary>
    public void Sweep(int rows, int oldest)
    {
        for (var i = 0; i < rows && Count > 0; i++)
        {
            if (_sweepAt >= _rows.Length)
            {
                _sweepAt = 0;
            }

            ref var row = ref _rows[_sweepAt];
            if (row.Mark != 0 && row.Slot < oldest)
            {
                // What moves up into this place is looked at too.
                Remove(_sweepAt);
            }
            else
            {
                _sweepAt++;
            }
        }
    }

    /// <summary>Rows of this length within the prefix, with what the window that ends with <paramref name="last"/> holds, the largest first. Walks the whole table: for pages.</summary>
    public IReadOnlyList<(FlowAddress Address, TrafficSums Sums)> Largest(Func<FlowAddress, bool> within, int length4, int length6, int last, int count)
    {
        var queue = new PriorityQueue<(FlowAddress, TrafficSums), ulong>();
        foreach (ref readonly var row in _rows.AsSpan())
        {
            if (row.Mark == 0 || row.Length != (row.Address.IsIPv4 ? length4 : length6) || row.Slot <= last - TrafficSlots.Window || !within(row.Address))
            {
                continue;
            }

            var sums = row.Sum(last);
            if (queue.Count < count)
            {
                queue.Enqueue((row.Address, sums), sums.Octets);
            }
            else
            {
                queue.EnqueueDequeue((row.Address, sums), sums.Octets);
            }
        }

        return [.. queue.UnorderedItems.Select(static item => item.Element).OrderByDescending(static item => item.Item2.Octets).ThenBy(static item => item.Item1)];
    }

    // Linear probing without tombstones: what lies behind the gap and may stand in it moves up.
    private void Remove(int gap)
    {
        Count--;
        for (var at = Next(gap); _rows[at].Mark != 0; at = Next(at))
        {
            var home = Home(_rows[at].Address, _rows[at].Length);
            var mayMove = gap <= at ? home <= gap || home > at : home <= gap && home > at;
            if (mayMove)
            {
                _rows[gap] = _rows[at];
                gap = at;
            }
        }

        _rows[gap] = default;
    }

    private int Next(int at) => at + 1 == _rows.Length ? 0 : at + 1;

    private int Home(FlowAddress address, int length)
    {
        var hash = (address.High ^ _seed) * 0x9E3779B97F4A7C15 ^ BitOperations.RotateLeft((address.Low + (ulong)length + _seed) * 0xC2B2AE3D27D4EB4F, 31);
        hash ^= hash >> 32;
        hash *= 0xFF51AFD7ED558CCD;
        hash ^= hash >> 29;
        return (int)Math.BigMul(hash, (ulong)_rows.Length, out _);
    }
}
