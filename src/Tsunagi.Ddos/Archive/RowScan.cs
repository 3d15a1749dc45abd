using Tsunagi.Core.Disk;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Archive;

/// <summary>
/// One worker's part of a question that rolled-up rows can answer, over them and over records alike: for each block (1) what it is about is marked, (2) sums and the parts that make the key are read, (3) and summed: by key, or
/// (<see cref="Lines"/>) by step of time for each of a few keys that were found before, and for all together.
/// </summary>
internal sealed class RowScan
{
    private readonly FlowQuestion _question;
    private readonly BlockReader _reader = new();
    private readonly BlockMarks _marks;
    private readonly BlockRows _rows;
    private readonly KeyTable _keys;
    private readonly Dictionary<FlowAddress, int> _lines = [];
    private FlowSums[][] _sums = [];
    private long _step;
    private FlowSums _total;

    public RowScan(FlowQuestion question, int mostKeys, ExporterPlaces exporters, ExporterPlaces owners)
    {
        _question = question;
        _marks = new BlockMarks(_reader, question);
        _rows = new BlockRows(_reader, exporters, owners);
        _keys = new KeyTable(mostKeys, question.Order);
    }

    public FlowSums Total => _total;

    public long Records { get; private set; }

    public int Unread { get; private set; }

    public KeyTable Keys => _keys;

    /// <summary>By line, then by step; the last line is of all.</summary>
    public IReadOnlyList<FlowSums[]> Lines => _sums;

    /// <summary>From now on it sums by step of time.</summary>
    /// <param name="step">Milliseconds.</param>
    public void By(IReadOnlyList<FlowAddress> lines, long step, int steps)
    {
        _step = step;
        for (var i = 0; i < lines.Count; i++)
        {
            _lines[lines[i]] = i;
        }

        _sums = [.. Enumerable.Range(0, lines.Count + 1).Select(_ => new FlowSums[steps])];
        (_total, Records, Unread) = (default, 0, 0);
    }

    public void Read(IDiskFile file, long end, CancellationToken cancellationToken)
    {
        for (var at = 0L; at < end && !cancellationToken.IsCancellationRequested; at += _reader.Header.Length)
        {
            if (!_reader.TryOpen(file, at, end))
            {
                Unread++;
                return;
            }

            var header = _reader.Header;
            _rows.Look();
            if (header.First >= _question.To || header.Last < _question.From || (_rows.IsRolled && _rows.IsByNetwork != _question.NeedsNetworks))
            {
                continue;
            }

            Records += header.Records;
            Unread += TryBlock(header) ? 0 : 1;
        }
    }

    public void Add(RowScan other)
    {
        _keys.Add(other._keys);
        _total.Add(in other._total);
        (Records, Unread) = (Records + other.Records, Unread + other.Unread);
        for (var line = 0; line < _sums.Length; line++)
        {
            for (var i = 0; i < _sums[line].Length; i++)
            {
                _sums[line][i].Add(in other._sums[line][i]);
            }
        }
    }

    private bool TryBlock(BlockHeader header)
    {
        // (1)
        if (!_marks.TryMark(header, header.Records, out var isAll, out var isAny))
        {
            return false;
        }

        if (!isAny)
        {
            return true;
        }

        // (2)
        if (!_rows.TryRead(FlowKeys.PartOf(_question.By) | (_step > 0 ? RowParts.Slot : RowParts.None)))
        {
            return false;
        }

        // (3) What is nobody's has no network that sums know.
        var isOwned = _question.By == FlowDimension.Network && !_rows.IsRolled;
        for (var i = 0; i < _rows.Count; i++)
        {
            if ((isAll || _marks.IsAsked[i]) && !(isOwned && _rows.Network[i].IsUnspecified))
            {
                var sums = new FlowSums(_rows.Octets[i], _rows.Packets[i], _rows.Flows[i]);
                _total.Add(in sums);
                if (_step == 0)
                {
                    _keys.Add(KeyOf(i), in sums);
                }
                else
                {
                    Add(header.First + ((long)_rows.Slot[i] * FlowLevel.Raw.Milliseconds()), i, in sums);
                }
            }
        }

        return true;
    }

    private void Add(long moment, int at, in FlowSums sums)
    {
        var step = (int)Math.Clamp((moment - _question.From) / _step, 0, _sums[0].Length - 1);
        _sums[^1][step].Add(in sums);
        if (_lines.Count > 0 && _lines.TryGetValue(KeyOf(at), out var line))
        {
            _sums[line][step].Add(in sums);
        }
    }

    private FlowAddress KeyOf(int at) => _question.By == FlowDimension.Nothing ? default : FlowKeys.Of(_question.By, _rows, at);
}
