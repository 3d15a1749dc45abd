using Tsunagi.Ddos.Archive.Rollups;

namespace Tsunagi.Ddos.Archive;

/// <summary>Rolled-up rows, in the same form with other columns: those by network in the order of their networks, the others as they are.</summary>
internal sealed partial class BlockWriter
{
    /// <summary>Good until the next call.</summary>
    public ReadOnlyMemory<byte> Write(RollupBlock block)
    {
        _out.CutTo(0);
        _columns.Clear();
        var count = block.Count;
        if (block.IsByNetwork)
        {
            Runs(PlacesOf(block.Networks, count), count);
        }

        foreach (var column in block.IsByNetwork ? RollupBlock.ByNetwork : RollupBlock.ByInterface)
        {
            var of = block.Of(column);
            for (var i = 0; i < count; i++)
            {
                _values[i] = of[block.IsByNetwork ? _order[i] : i];
            }

            Numbers(column, _values.AsSpan(0, count));
        }

        Texts(FlowColumn.ExporterNames, block.ExporterNames);
        Texts(FlowColumn.OwnerNames, block.OwnerNames);
        return Whole(count, block.First, block.Last);
    }
}
