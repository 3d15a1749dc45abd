using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>
/// The lengths of prefixes and port blocks that occur, which a question looks through (<see cref="HolderDesk"/>). A shape is written once and never taken away, so whoever writes holdings remembers which
/// of them were committed. For one transaction at a time, of one store.
/// </summary>
internal sealed class HoldingShapes
{
    private static readonly RowStatement Rows = RowStatement.Insert(
        "connectivity_holding_shape", [RowColumn.Text("vrf_id"), RowColumn.Number("is6"), RowColumn.Number("length"), RowColumn.Number("ports")], "ON CONFLICT DO NOTHING");

    private readonly HashSet<(string Vrf, bool Is6, int Length, int Ports)> _committed = [];
    private readonly HashSet<(string Vrf, bool Is6, int Length, int Ports)> _noted = [];

    public void Note(string vrf, bool is6, int length, int ports)
    {
        if (!_committed.Contains((vrf, is6, length, ports)))
        {
            _noted.Add((vrf, is6, length, ports));
        }
    }

    /// <summary>Writes those that are not known to be there. What a transaction that failed has noted is written by the next.</summary>
    public async ValueTask WriteAsync(ISqlTransaction transaction)
    {
        if (_noted.Count == 0)
        {
            return;
        }

        var written = _noted.ToList();
        await transaction.WriteRowsAsync(Rows, [.. written.Select(static shape => (object?[])[shape.Vrf, shape.Is6 ? 1L : 0L, (long)shape.Length, (long)shape.Ports])]);
        transaction.OnCommitted(() =>
        {
            _committed.UnionWith(written);
            _noted.ExceptWith(written);
        });
    }
}
