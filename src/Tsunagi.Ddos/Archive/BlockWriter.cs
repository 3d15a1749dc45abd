using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Archive;

/// <summary>
/// Makes a block's octets: (1) the destinations become a dictionary and the records are put in its order, so that for them only the lengths of runs are written, (2) the sources become a
/// dictionary and places in it, (3) each column of numbers is written in that order by the codec that takes least (AS numbers once for each address, where that holds), (4) the head is put before them. Of the writer's thread only; all room
/// is its own and used again. Each method runs few times and long: it is compiled as well as it can be at once, since on a core that is full the run-time was still at its measured
/// body after ten seconds, which calls the run-time again and again.
/// </summary>
internal sealed partial class BlockWriter
{
    private const int Small = 65_536;

    // What comes so often can not be one of too many: a block has no room for 255 such.
    private const int VeryOften = 1_024;
    private const int Quality = 3;
    private const int WindowBits = 18;

    private readonly OctetBuffer _out = new(1 << 20);
    private readonly OctetBuffer _try = new(1 << 18);
    private readonly List<BlockColumn> _columns = [];
    private readonly FlowAddress[] _addresses = new FlowAddress[FlowBlock.Capacity];
    private readonly (FlowAddress Address, int Place)[] _others = new (FlowAddress, int)[FlowBlock.Capacity];
    private readonly int[] _places = new int[FlowBlock.Capacity];
    private readonly int[] _order = new int[FlowBlock.Capacity];
    private readonly ulong[] _values = new ulong[FlowBlock.Capacity];
    private readonly ulong[] _codes = new ulong[FlowBlock.Capacity];
    private readonly byte[] _octets = new byte[FlowBlock.Capacity];
    private readonly byte[] _compressed = new byte[2 * FlowBlock.Capacity];
    private readonly int[] _counts = new int[Small];
    private readonly byte[] _placeOf = new byte[Small];

    /// <summary>Good until the next call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public ReadOnlyMemory<byte> Write(FlowBlock block)
    {
        _out.CutTo(0);
        _columns.Clear();
        var count = block.Count;

        // (1)
        var different = PlacesOf(block.Destinations, count);
        Runs(different, count);
        var isByDestination = TryPerAddress(FlowColumn.DestinationAs, block.Of(FlowColumn.DestinationAs), different, count);

        // (2)
        different = Sources(block, count);
        var isBySource = TryPerAddress(FlowColumn.SourceAs, block.Of(FlowColumn.SourceAs), different, count);

        // (3)
        foreach (var column in FlowBlock.Numbers)
        {
            if ((column == FlowColumn.SourceAs && isBySource) || (column == FlowColumn.DestinationAs && isByDestination))
            {
                continue;
            }

            var of = block.Of(column);
            if (of.AsSpan(0, count).IndexOfAnyExcept(of[0]) < 0)
            {
                Same(column, ColumnCodec.Packed, of[0], count);
                continue;
            }

            for (var i = 0; i < count; i++)
            {
                _values[i] = of[_order[i]];
            }

            Numbers(column, _values.AsSpan(0, count));
        }

        for (var i = 0; i < count; i++)
        {
            _values[i] = block.Octets[_order[i]];
        }

        Numbers(FlowColumn.Octets, _values.AsSpan(0, count));
        Texts(FlowColumn.ExporterNames, block.ExporterNames);
        Texts(FlowColumn.OwnerNames, block.OwnerNames);

        // (4)
        return Whole(count, block.First, block.Last);
    }

    private ReadOnlyMemory<byte> Whole(int count, long first, long last)
    {
        var header = BlockHeader.OctetsOf(_columns.Count);
        var whole = _out.Length + header;
        _try.CutTo(0);
        new BlockHeader(count, first, last, whole, _columns).Write(_try.GetSpan(header)[..header]);
        _try.Advance(header);
        _try.Write(_out.Written.Span);
        return _try.Written;
    }

    // For each record the place of its address among the different ones, which are put in order: those of IPv4 first.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int PlacesOf(FlowAddress[] addresses, int count)
    {
        var (four, others, different) = (0, 0, 0);
        for (var i = 0; i < count; i++)
        {
            if (addresses[i].IsIPv4)
            {
                _values[four++] = ((ulong)addresses[i].IPv4 << 32) | (uint)i;
            }
            else
            {
                _others[others++] = (addresses[i], i);
            }
        }

        var before = 0u;
        foreach (var each in RadixSort.ByUpperHalf(_values.AsSpan(0, four), _codes.AsSpan(0, four)))
        {
            var address = (uint)(each >> 32);
            if (different == 0 || address != before)
            {
                _addresses[different++] = FlowAddress.FromIPv4(address);
                before = address;
            }

            _places[(int)(uint)each] = different - 1;
        }

        var six = _others.AsSpan(0, others);
        six.Sort(static (a, b) => a.Address.CompareTo(b.Address));
        for (var i = 0; i < six.Length; i++)
        {
            if (i == 0 || six[i].Address != six[i - 1].Address)
            {
                _addresses[different++] = six[i].Address;
            }

            _places[six[i].Place] = different - 1;
        }

        return different;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Runs(int different, int count)
    {
        var from = _out.Length;
        AddressCodec.Write(_addresses.AsSpan(0, different), _out);
        var runs = _codes.AsSpan(0, different);
        runs.Clear();
        for (var i = 0; i < count; i++)
        {
            runs[_places[i]]++;
        }

        NumberCodec.Write(runs, _out);
        Done(FlowColumn.Destination, ColumnCodec.AddressRuns, from);

        // The records by counting sort; of one destination they stay in the order in which they came.
        var next = 0UL;
        for (var i = 0; i < different; i++)
        {
            (runs[i], next) = (next, next + runs[i]);
        }

        for (var i = 0; i < count; i++)
        {
            _order[(int)runs[_places[i]]++] = i;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Sources(FlowBlock block, int count)
    {
        var from = _out.Length;
        var different = PlacesOf(block.Sources, count);
        AddressCodec.Write(_addresses.AsSpan(0, different), _out);
        for (var i = 0; i < count; i++)
        {
            _codes[i] = (ulong)_places[_order[i]];
        }

        NumberCodec.Write(_codes.AsSpan(0, count), _out);
        Done(FlowColumn.Source, ColumnCodec.AddressPlaces, from);
        return different;
    }

    private void Numbers(FlowColumn column, ReadOnlySpan<ulong> values)
    {
        var from = _out.Length;
        _try.CutTo(0);
        NumberCodec.Write(values, _try);

        // Columns that every question reads are read fastest.
        if (column is not (FlowColumn.Octets or FlowColumn.Packets or FlowColumn.Rate or FlowColumn.Slot) && _try.Length > values.Length / 16 && TryFrequent(values) && _out.Length - from < _try.Length)
        {
            Done(column, ColumnCodec.FrequentCompressed, from);
            return;
        }

        _out.CutTo(from);
        _out.Write(_try.Written.Span);
        Done(column, ColumnCodec.Packed, from);
    }

    // False when most of them are no frequent ones.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TryFrequent(ReadOnlySpan<ulong> values)
    {
        Array.Clear(_counts);
        foreach (var value in values)
        {
            if (value >= Small)
            {
                return false;
            }

            _counts[value]++;
        }

        var frequent = Frequent();
        var rare = values.Length;
        foreach (var value in frequent)
        {
            rare -= _counts[value];
        }

        if (rare > values.Length / 4)
        {
            return false;
        }

        Array.Fill(_placeOf, ColumnCodecs.Rare);
        NumberCodec.Varint((ulong)frequent.Count, _out);
        for (var i = 0; i < frequent.Count; i++)
        {
            NumberCodec.Varint((ulong)(frequent[i] - (i == 0 ? 0 : frequent[i - 1])), _out);
            _placeOf[frequent[i]] = (byte)i;
        }

        rare = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var place = _placeOf[values[i]];
            _octets[i] = place;
            if (place == ColumnCodecs.Rare)
            {
                _codes[rare++] = values[i];
            }
        }

        if (!BrotliEncoder.TryCompress(_octets.AsSpan(0, values.Length), _compressed, out var length, Quality, WindowBits))
        {
            return false;
        }

        NumberCodec.Varint((ulong)length, _out);
        _out.Write(_compressed.AsSpan(0, length));
        NumberCodec.Write(_codes.AsSpan(0, rare), _out);
        return true;
    }

    // Those that come most often, rising; of those that come equally often, the smaller ones.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private List<int> Frequent()
    {
        Span<int> howOften = stackalloc int[VeryOften + 1];
        howOften.Clear();
        foreach (var count in _counts)
        {
            howOften[Math.Min(count, VeryOften)]++;
        }

        // Whoever comes more often than this fits in, and of those that come as often as many as there is room for.
        var (least, more) = (VeryOften, 0);
        while (least > 1 && more + howOften[least] <= ColumnCodecs.MostFrequent)
        {
            more += howOften[least--];
        }

        var (all, room) = (new List<int>(), ColumnCodecs.MostFrequent - more);
        for (var i = 0; i < Small; i++)
        {
            if (_counts[i] > least || (_counts[i] == least && room-- > 0))
            {
                all.Add(i);
            }
        }

        return all;
    }

    // What is the same for all records of an address is written once for each; else for each record.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TryPerAddress(FlowColumn column, uint[] numbers, int different, int count)
    {
        if (numbers.AsSpan(0, count).IndexOfAnyExcept(numbers[0]) < 0)
        {
            Same(column, ColumnCodec.PerAddress, numbers[0], different);
            return true;
        }

        var of = _codes.AsSpan(0, different);
        of.Fill(ulong.MaxValue);
        for (var i = 0; i < count; i++)
        {
            ref var known = ref of[_places[i]];
            if (known != ulong.MaxValue && known != numbers[i])
            {
                return false;
            }

            known = numbers[i];
        }

        var from = _out.Length;
        NumberCodec.Write(of, _out);
        Done(column, ColumnCodec.PerAddress, from);
        return true;
    }

    private void Texts(FlowColumn column, IReadOnlyList<string> texts)
    {
        var from = _out.Length;
        NumberCodec.Varint((ulong)texts.Count, _out);
        foreach (var text in texts)
        {
            var octets = Encoding.UTF8.GetBytes(text);
            NumberCodec.Varint((ulong)octets.Length, _out);
            _out.Write(octets);
        }

        Done(column, ColumnCodec.Texts, from);
    }

    private void Same(FlowColumn column, ColumnCodec codec, uint number, int count)
    {
        var from = _out.Length;
        NumberCodec.Same(number, count, _out);
        Done(column, codec, from);
    }

    private void Done(FlowColumn column, ColumnCodec codec, int from)
    {
        var octets = _out.Written.Span[from..];
        _columns.Add(new BlockColumn(column, codec, 0, octets.Length, BlockHeader.Crc(octets)));
    }
}
