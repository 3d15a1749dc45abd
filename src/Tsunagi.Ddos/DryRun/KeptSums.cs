using Tsunagi.Ddos.Archive;
using Tsunagi.Ddos.Archive.Rollups;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.DryRun;

/// <summary>Sums that were kept of one protection at one level, row by row: of its networks up to five minutes, of all of it together by the hour. Rows of one step may come from more than one file.</summary>
internal sealed class KeptSums(RollupFiles rolled)
{
    private readonly BlockReader _reader = new();
    private readonly ExporterPlaces _exporters = new();
    private readonly ExporterPlaces _owners = new();
    private BlockRows? _rows;

    /// <summary>Given the start of its step (Unix milliseconds), the network (none by the hour) and what it is made of (<see cref="FlowVector"/>).</summary>
    public delegate void Taking(long step, FlowAddress network, ulong vector, in FlowSums sums);

    public int Unread { get; private set; }

    /// <summary>From when on there is anything at a level; null when there is nothing.</summary>
    public long? Since(FlowLevel level) => rolled.List.All.Where(file => file.Level == level).Select(static file => (long?)file.First).Min();

    /// <param name="told">A step that something is known of, of whomever.</param>
    /// <param name="take">The rows of this owner in these steps.</param>
    public void Read(FlowLevel level, string owner, long from, long to, Action<long> told, Taking take, CancellationToken cancellationToken)
    {
        var rows = _rows ??= new BlockRows(_reader, _exporters, _owners);
        var mine = _owners.Of(owner);
        foreach (var kept in rolled.List.All.Where(file => file.Level == level && file.First < to && file.Last >= from - level.Milliseconds()))
        {
            using var file = rolled.Read(kept);
            for (var at = 0L; file is not null && at < kept.Bytes && !cancellationToken.IsCancellationRequested; at += _reader.Header.Length)
            {
                if (!_reader.TryOpen(file, at, kept.Bytes))
                {
                    Unread++;
                    break;
                }

                var header = _reader.Header;
                rows.Look();
                var isAsked = rows.IsByNetwork == (level != FlowLevel.Hour);
                if (header.First >= to || header.Last < from)
                {
                    continue;
                }

                if (!rows.TryRead(isAsked ? RowParts.Slot | RowParts.Owner | RowParts.Vector | RowParts.Protocol | (rows.IsByNetwork ? RowParts.Network : RowParts.None) : RowParts.Slot))
                {
                    Unread++;
                    continue;
                }

                for (var i = 0; i < rows.Count; i++)
                {
                    var step = FlowLevels.Floor(header.First + ((long)rows.Slot[i] * FlowLevel.Raw.Milliseconds()), level.Milliseconds());
                    if (step < from || step >= to)
                    {
                        continue;
                    }

                    told(step);
                    if (isAsked && rows.Owner[i] == mine)
                    {
                        var sums = new FlowSums(rows.Octets[i], rows.Packets[i], rows.Flows[i]);
                        take(step, rows.IsByNetwork ? rows.Network[i] : default, rows.Vector[i], in sums);
                    }
                }
            }
        }
    }
}
