using Tsunagi.Core.Disk;

namespace Tsunagi.Ddos.Archive.Rollups;

/// <summary>
/// Makes one file of sums: (1) the blocks of what it is made from are read one after the other, (2) each row is put into the table of its step, (3) a step that is long past is written, and the last ones at the end. What comes
/// late to a step that was written is written as rows of their own: sums of sums are the same. After each block it rests, so that it takes its share of a core and no more.
/// </summary>
internal sealed class RollupMaker(int mostRows, Action rest)
{
    // Records come in the order of receipt but for a clock that was set: so many steps are open at once.
    private const int OpenSteps = 2;

    private readonly ExporterPlaces _exporters = new();
    private readonly ExporterPlaces _owners = new();
    private readonly BlockReader _reader = new();
    private readonly BlockWriter _writer = new();
    private readonly SortedDictionary<long, (RollupTable ByInterface, RollupTable ByNetwork)> _steps = [];
    private BlockRows? _rows;
    private RollupBlock? _byInterface;
    private RollupBlock? _byNetwork;
    private Action<ReadOnlyMemory<byte>> _write = static _ => { };
    private FlowLevel _level;
    private long _written;

    /// <summary>Blocks that could not be read: what they held is in no sum.</summary>
    public int Unread { get; private set; }

    /// <returns>How many rows were written.</returns>
    public long Make(FlowLevel level, IEnumerable<(IDiskFile File, long Bytes)> sources, Action<ReadOnlyMemory<byte>> write)
    {
        _rows ??= new BlockRows(_reader, _exporters, _owners);
        _byInterface ??= new RollupBlock(isByNetwork: false, _exporters, _owners);
        _byNetwork ??= new RollupBlock(isByNetwork: true, _exporters, _owners);
        _byInterface.Clear();
        _byNetwork.Clear();
        _steps.Clear();
        (_level, _write, _written) = (level, write, 0);

        // (1)
        foreach (var (file, bytes) in sources)
        {
            for (var at = 0L; at < bytes; at += _reader.Header.Length)
            {
                if (!_reader.TryOpen(file, at, bytes))
                {
                    Unread++;
                    break;
                }

                _rows.Look();
                if (_rows.IsByNetwork && level == FlowLevel.Hour)
                {
                    continue;
                }

                if (_rows.TryRead(_rows.IsByNetwork ? RollupParts.ByNetwork : _rows.IsRolled ? RollupParts.ByInterface : RowParts.All))
                {
                    Add(_rows);
                }
                else
                {
                    Unread++;
                }

                rest();
            }
        }

        while (_steps.Count > 0)
        {
            Write(_steps.First().Key);
        }

        Write(_byInterface);
        Write(_byNetwork);
        return _written;
    }

    // (2)
    private void Add(BlockRows rows)
    {
        var (first, nobody) = (_reader.Header.First, _owners.Of(""));
        for (var i = 0; i < rows.Count; i++)
        {
            var step = FlowLevels.Floor(first + ((long)rows.Slot[i] * FlowLevel.Raw.Milliseconds()), _level.Milliseconds());
            if (!_steps.TryGetValue(step, out var tables))
            {
                _steps[step] = tables = (new RollupTable(mostRows), new RollupTable(mostRows));
            }

            var sums = new FlowSums(rows.Octets[i], rows.Packets[i], rows.Flows[i]);
            if (!rows.IsByNetwork)
            {
                tables.ByInterface.Add(RollupKey.ByInterface(rows, i), in sums);
            }

            if (rows.IsByNetwork || (!rows.IsRolled && _level != FlowLevel.Hour && rows.Owner[i] != nobody))
            {
                tables.ByNetwork.Add(RollupKey.ByNetwork(rows, i), in sums);
            }
        }

        // (3)
        while (_steps.Count > OpenSteps)
        {
            Write(_steps.First().Key);
        }
    }

    private void Write(long step)
    {
        var (byInterface, byNetwork) = _steps[step];
        _steps.Remove(step);
        Write(step, byInterface, _byInterface!);
        Write(step, byNetwork, _byNetwork!);
    }

    private void Write(long step, RollupTable table, RollupBlock block)
    {
        table.Fold();
        foreach (var (key, sums) in table.Rows)
        {
            // Late rows of a step that was written: a block holds times in their order.
            if (block.IsFull || (block.Count > 0 && step < block.Last))
            {
                Write(block);
            }

            block.Add(step, in key, in sums);
        }
    }

    private void Write(RollupBlock block)
    {
        if (block.Count > 0)
        {
            _write(_writer.Write(block));
            _written += block.Count;
            block.Clear();
        }
    }
}

/// <summary>What rows of roll-ups have.</summary>
internal static class RollupParts
{
    public const RowParts ByNetwork = RowParts.Slot | RowParts.Owner | RowParts.Protocol | RowParts.Service | RowParts.Vector | RowParts.Network;

    public const RowParts ByInterface = RowParts.All & ~RowParts.Network;
}
