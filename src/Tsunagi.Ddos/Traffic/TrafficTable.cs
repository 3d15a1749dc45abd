using System.Numerics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Traffic;

/// <summary>
/// Counters by address and prefix length, of a size that never passes its limit. The rows stand one after the other in chunks that are made when the ones before are full and given back when they are empty: 124
/// bytes a row. Which row is whose is told by places with open addressing, at most 60 % full: four bytes each, with seven bits of the hash so that hardly a row is looked at that is another's: about 131
/// bytes a row in all. The hash has a seed of its own, so that nobody chooses addresses that meet.
/// When it is full, a new address takes the row of one that had no traffic in the window: that row says nothing any more, so nothing is lost with it. When none of a few is such, the new one is not
/// counted, and that is.
/// </summary>
internal sealed class TrafficTable
{
    private const int FullPercent = 60;
    private const int ChunkBits = 12;
    private const int ChunkRows = 1 << ChunkBits;

    // Of a place the lower bits are the row's number and one, so that an empty one is 0, the upper seven are of its hash.
    private const int NumberBits = 25;
    private const uint NumberMask = (1 << NumberBits) - 1;

    // So many rows are looked at for one to take, at most: first a few going round, then some by chance, since those with traffic may stand together. Under a flood each new address costs this.
    private const int TriesInOrder = 4;
    private const int Tries = 12;

    // A record may be told in a slot that is a little older than the newest.
    private const int IdleSlots = TrafficSlots.Window + 1;

    private readonly uint[] _places;
    private readonly TrafficRow[]?[] _chunks;
    private readonly int _capacity;
    private readonly ulong _seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1;
    private int _sweepAt;
    private int _takeAt;
    private ulong _chance = 1;

    // Nobody reads it; without it nothing would be fetched.
    private int _fetched;

    /// <param name="most">Rows at a time.</param>
    /// <param name="reserved">So many more are there for those that must have one.</param>
    public TrafficTable(int most, int reserved = 0)
    {
        (Most, _capacity) = (most, most + reserved);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)_capacity, NumberMask, nameof(most));
        _places = new uint[(int)((long)_capacity * 100 / FullPercent) + 1];
        _chunks = new TrafficRow[]?[(_capacity + ChunkRows - 1) / ChunkRows];
    }

    public int Most { get; }

    public int Count { get; private set; }

    /// <summary>How often there was no room for one more.</summary>
    public long Overflows { get; private set; }

    /// <summary>How often a new one took the row of one without traffic.</summary>
    public long Taken { get; private set; }

    /// <summary>The row, made if need be; a null reference when there is no room.</summary>
    /// <param name="slot">Now: what had no traffic in the window before it may give its row.</param>
    /// <param name="isSure">It may use what is reserved.</param>
    public ref TrafficRow Touch(FlowAddress address, int length, int slot, bool isSure = false)
    {
        var hash = Hash(address, length);
        if (NumberOf(hash, address, length, out var place) is >= 0 and var known)
        {
            return ref Row(known);
        }

        var number = Count;
        if (Count < (isSure ? _capacity : Most))
        {
            _chunks[number >> ChunkBits] ??= new TrafficRow[ChunkRows];
            Count++;
        }
        else if ((number = Take(slot)) >= 0)
        {
            Taken++;
            place = EmptyFrom(hash);
        }
        else
        {
            Overflows++;
            return ref Unsafe.NullRef<TrafficRow>();
        }

        _places[place] = Entry(hash, number);
        ref var row = ref Row(number);
        row = default;
        (row.Address, row.Mark, row.Slot) = (address, length + 1, slot);
        return ref row;
    }

    /// <summary>The row, or a null reference.</summary>
    public ref TrafficRow Find(FlowAddress address, int length)
    {
        var number = NumberOf(Hash(address, length), address, length, out _);
        return ref number < 0 ? ref Unsafe.NullRef<TrafficRow>() : ref Row(number);
    }

    /// <summary>
    /// Reads what most likely is the row's place and says what stands there, for <see cref="Fetch"/>. A processor that is asked for several places before it needs the first waits once for all of them.
    /// </summary>
    public uint Seek(FlowAddress address, int length) => _places[Home(Hash(address, length))];

    /// <summary>Reads all three lines of the cache that the row may reach over, and does nothing with it.</summary>
    public void Fetch(uint sought)
    {
        if (sought != 0)
        {
            ref readonly var row = ref Row((int)(sought & NumberMask) - 1);
            _fetched += row.Mark + (int)row.Octets[0] + row.Records[TrafficSlots.Window - 1];
        }
    }

    /// <summary>Looks at the next rows and takes out those without traffic since <paramref name="oldest"/>.</summary>
    public void Sweep(int rows, int oldest)
    {
        for (var i = 0; i < rows && Count > 0; i++)
        {
            _sweepAt = _sweepAt < Count ? _sweepAt : 0;
            if (Row(_sweepAt).Slot < oldest)
            {
                // What moves into its place is looked at too.
                Remove(_sweepAt);
            }
            else
            {
                _sweepAt++;
            }
        }
    }

    /// <summary>Rows of addresses within a set, with what the window that ends with <paramref name="last"/> holds, the largest first. Walks the whole table: for pages.</summary>
    public IReadOnlyList<(FlowAddress Address, TrafficSums Sums)> Largest(Func<FlowAddress, bool> within, int last, int count)
    {
        var queue = new PriorityQueue<(FlowAddress, TrafficSums), ulong>();
        for (var number = 0; number < Count; number++)
        {
            ref readonly var row = ref Row(number);
            if (row.Slot <= last - TrafficSlots.Window || !within(row.Address))
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

    // -1 when there is none; then the place is where it would be told.
    private int NumberOf(ulong hash, FlowAddress address, int length, out int place)
    {
        var tag = (uint)hash >> NumberBits;
        for (place = Home(hash); _places[place] is not 0 and var entry; place = Next(place))
        {
            if (entry >> NumberBits == tag)
            {
                var number = (int)(entry & NumberMask) - 1;
                ref readonly var row = ref Row(number);
                if (row.Mark == length + 1 && row.Address == address)
                {
                    return number;
                }
            }
        }

        return -1;
    }

    private int EmptyFrom(ulong hash)
    {
        var place = Home(hash);
        while (_places[place] != 0)
        {
            place = Next(place);
        }

        return place;
    }

    // A row that says nothing any more, told nowhere; -1 when none of the next few is such.
    private int Take(int slot)
    {
        for (var i = 0; i < Tries; i++)
        {
            int number;
            if (i < TriesInOrder)
            {
                number = _takeAt = _takeAt + 1 < Count ? _takeAt + 1 : 0;
            }
            else
            {
                _chance = (_chance * 0x5851F42D4C957F2D) + 0x14057B7EF767814F;
                number = (int)Math.BigMul(_chance, (ulong)Count, out _);
            }

            if (Row(number).Slot <= slot - IdleSlots)
            {
                Untell(PlaceOf(number));
                return number;
            }
        }

        return -1;
    }

    // The last row moves into its place, so that there are no gaps.
    private void Remove(int number)
    {
        Untell(PlaceOf(number));
        var last = Count - 1;
        if (number != last)
        {
            var place = PlaceOf(last);
            _places[place] = (_places[place] & ~NumberMask) | (uint)(number + 1);
            Row(number) = Row(last);
        }

        Count--;

        // One that is empty is kept, so that it is not made and given back again and again.
        var spare = ((Count + ChunkRows - 1) >> ChunkBits) + 1;
        if (spare < _chunks.Length)
        {
            _chunks[spare] = null;
        }
    }

    private int PlaceOf(int number)
    {
        ref readonly var row = ref Row(number);
        var place = Home(Hash(row.Address, row.Length));
        while ((_places[place] & NumberMask) != number + 1)
        {
            place = Next(place);
        }

        return place;
    }

    // Linear probing without tombstones: what lies behind the gap and may stand in it moves up.
    private void Untell(int gap)
    {
        for (var at = Next(gap); _places[at] is not 0 and var entry; at = Next(at))
        {
            ref readonly var row = ref Row((int)(entry & NumberMask) - 1);
            var home = Home(Hash(row.Address, row.Length));
            var mayMove = gap <= at ? home <= gap || home > at : home <= gap && home > at;
            if (mayMove)
            {
                _places[gap] = entry;
                gap = at;
            }
        }

        _places[gap] = 0;
    }

    private static uint Entry(ulong hash, int number) => ((uint)hash & ~NumberMask) | (uint)(number + 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref TrafficRow Row(int number) => ref _chunks[number >> ChunkBits]![number & (ChunkRows - 1)];

    private int Next(int at) => at + 1 == _places.Length ? 0 : at + 1;

    private int Home(ulong hash) => (int)Math.BigMul(hash, (ulong)_places.Length, out _);

    private ulong Hash(FlowAddress address, int length)
    {
        var hash = (address.High ^ _seed) * 0x9E3779B97F4A7C15 ^ BitOperations.RotateLeft((address.Low + (ulong)length + _seed) * 0xC2B2AE3D27D4EB4F, 31);
        hash ^= hash >> 32;
        hash *= 0xFF51AFD7ED558CCD;
        return hash ^ (hash >> 29);
    }
}
