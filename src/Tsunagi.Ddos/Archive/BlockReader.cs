using System.IO.Compression;
using System.Text;
using Tsunagi.Core.Disk;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Archive;

/// <summary>
/// Reads blocks of a segment one after the other, of each only the columns that are asked for. All room is its own and used again, so what it gave is good until the next block or the
/// next column of the same sort. Damage is a value: a column that is not what was written is not there.
/// </summary>
internal sealed class BlockReader
{
    private readonly byte[] _head = new byte[BlockHeader.Most];
    private readonly byte[] _places = new byte[FlowBlock.Capacity];
    private readonly ulong[] _codes = new ulong[FlowBlock.Capacity];
    private readonly ulong[] _dictionary = new ulong[FlowBlock.Capacity];
    private byte[] _column = new byte[1 << 18];
    private IDiskFile? _file;
    private long _offset;
    private BlockHeader _header = new(0, 0, 0, 0, []);

    /// <summary>Those of the column that was read last.</summary>
    public FlowAddress[] Addresses { get; } = new FlowAddress[FlowBlock.Capacity];

    public BlockHeader Header => _header;

    /// <summary>False when no whole block lies there before the end.</summary>
    public bool TryOpen(IDiskFile file, long offset, long end)
    {
        (_file, _offset) = (file, offset);
        var got = file.Read(offset, _head.AsSpan(0, (int)Math.Clamp(end - offset, 0, _head.Length)));
        if (BlockHeader.Read(_head.AsSpan(0, got)) is not { } header || header.Length < header.Octets || offset + header.Length > end || header.Columns.Any(static column => column.Octets < 0)
            || header.Octets + header.Columns.Sum(static column => (long)column.Octets) != header.Length)
        {
            return false;
        }

        _header = header;
        return true;
    }

    /// <summary>Whether every column is what was written: for a start after a crash.</summary>
    public bool IsWhole => _header.Columns.All(column => Load(column) is not null);

    public bool Has(FlowColumn which) => Find(which) is not null;

    /// <summary>A column of numbers into room for as many as there are records.</summary>
    public bool TryNumbers(FlowColumn which, Span<ulong> values)
    {
        if (Find(which) is not { } column || Load(column) is not { } memory)
        {
            return false;
        }

        var octets = memory.Span;
        values = values[.._header.Records];
        return column.Codec switch
        {
            ColumnCodec.Packed => NumberCodec.TryRead(octets, values),
            ColumnCodec.FrequentCompressed => TryFrequent(octets, values),
            ColumnCodec.PerAddress => TryPerAddress(column, values),
            _ => false,
        };
    }

    /// <summary>True when all records have the same number.</summary>
    public bool TrySame(FlowColumn which, out ulong number)
    {
        number = 0;
        return Find(which) is { Codec: ColumnCodec.Packed } column && Load(column) is { } memory && NumberCodec.TrySame(memory.Span, out number);
    }

    /// <summary>The different addresses in <see cref="Addresses"/>, and for each the number of records, which stand in that order; how many there are, or -1.</summary>
    public int Destinations(Span<ulong> runs) =>
        Find(FlowColumn.Destination) is { Codec: ColumnCodec.AddressRuns } column ? ReadAddresses(column, runs, -1) : -1;

    /// <summary>The different addresses in <see cref="Addresses"/>, and for each record the place of its own; how many there are, or -1.</summary>
    public int Sources(Span<ulong> places) =>
        Find(FlowColumn.Source) is { Codec: ColumnCodec.AddressPlaces } column ? ReadAddresses(column, places, _header.Records) : -1;

    public IReadOnlyList<string>? Texts(FlowColumn which)
    {
        if (Find(which) is not { Codec: ColumnCodec.Texts } column || Load(column) is not { } memory)
        {
            return null;
        }

        var octets = memory.Span;
        var (at, texts) = (0, new List<string>());
        if (!NumberCodec.TryVarint(octets, ref at, out var count) || count > FlowBlock.Capacity)
        {
            return null;
        }

        for (var i = 0UL; i < count; i++)
        {
            if (!NumberCodec.TryVarint(octets, ref at, out var length) || length > (ulong)(octets.Length - at))
            {
                return null;
            }

            texts.Add(Encoding.UTF8.GetString(octets.Slice(at, (int)length)));
            at += (int)length;
        }

        return texts;
    }

    private int ReadAddresses(BlockColumn column, Span<ulong> numbers, int count)
    {
        if (Load(column) is not { } memory)
        {
            return -1;
        }

        var at = 0;
        var different = AddressCodec.Read(memory.Span, ref at, Addresses);
        var wanted = count < 0 ? different : count;
        return different > 0 && NumberCodec.TryRead(memory.Span[at..], numbers[..wanted]) && Fits(numbers[..wanted], different, count < 0) ? different : -1;
    }

    // Runs are all records together; places are of addresses that are there.
    private bool Fits(ReadOnlySpan<ulong> numbers, int different, bool areRuns)
    {
        var sum = 0UL;
        foreach (var number in numbers)
        {
            sum += number;
            if (number > FlowBlock.Capacity || (!areRuns && number >= (ulong)different))
            {
                return false;
            }
        }

        return !areRuns || sum == (ulong)_header.Records;
    }

    private bool TryDictionary(ReadOnlySpan<byte> octets, ref int at, out int different)
    {
        different = 0;
        if (!NumberCodec.TryVarint(octets, ref at, out var count) || count is 0 or > ColumnCodecs.MostFrequent)
        {
            return false;
        }

        var value = 0UL;
        for (var i = 0; i < (int)count; i++)
        {
            if (!NumberCodec.TryVarint(octets, ref at, out var distance))
            {
                return false;
            }

            _dictionary[i] = value += distance;
        }

        different = (int)count;
        return true;
    }

    private bool TryFrequent(ReadOnlySpan<byte> octets, Span<ulong> values)
    {
        var at = 0;
        if (!TryDictionary(octets, ref at, out var different) || !NumberCodec.TryVarint(octets, ref at, out var length) || length > (ulong)(octets.Length - at)
            || !BrotliDecoder.TryDecompress(octets.Slice(at, (int)length), _places, out var count) || count != values.Length)
        {
            return false;
        }

        var rare = _places.AsSpan(0, count).Count(ColumnCodecs.Rare);
        if (!NumberCodec.TryRead(octets[(at + (int)length)..], _codes.AsSpan(0, rare)))
        {
            return false;
        }

        rare = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var place = _places[i];
            if (place >= different && place != ColumnCodecs.Rare)
            {
                return false;
            }

            values[i] = place == ColumnCodecs.Rare ? _codes[rare++] : _dictionary[place];
        }

        return true;
    }

    private bool TryPerAddress(BlockColumn column, Span<ulong> values)
    {
        var isSource = column.Column == FlowColumn.SourceAs;
        var different = isSource ? Sources(_codes) : Destinations(_codes);
        if (different < 0 || Load(column) is not { } memory || !NumberCodec.TryRead(memory.Span, _dictionary.AsSpan(0, different)))
        {
            return false;
        }

        var at = 0;
        for (var i = 0; i < (isSource ? values.Length : different); i++)
        {
            if (isSource)
            {
                values[i] = _dictionary[_codes[i]];
            }
            else
            {
                values.Slice(at, (int)_codes[i]).Fill(_dictionary[i]);
                at += (int)_codes[i];
            }
        }

        return true;
    }

    private BlockColumn? Find(FlowColumn which)
    {
        for (var i = 0; i < _header.Columns.Count; i++)
        {
            if (_header.Columns[i].Column == which)
            {
                return _header.Columns[i];
            }
        }

        return null;
    }

    private ReadOnlyMemory<byte>? Load(BlockColumn column)
    {
        if (_column.Length < column.Octets)
        {
            _column = new byte[Math.Max(2 * _column.Length, column.Octets)];
        }

        var octets = _column.AsMemory(0, column.Octets);
        return _file!.Read(_offset + column.Offset, octets.Span) == column.Octets && BlockHeader.Crc(octets.Span) == column.Crc ? octets : null;
    }
}
