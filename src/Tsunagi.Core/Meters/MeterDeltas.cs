using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Meters;

/// <summary>
/// Appends what a node counted: one delta record per flush, keyed node/boot/sequence, holding one row per subscription, meter and minute. Bills read
/// these rows. The caller commits its log position in the same transaction, so a crash repeats a flush or loses nothing, never both counts.
/// </summary>
public static class MeterDeltas
{
    private static readonly RowStatement Insert = RowStatement.Insert(
        "meter_delta",
        [
            RowColumn.Text("node"), RowColumn.Text("boot"), RowColumn.Number("sequence"), RowColumn.Text("subscription_id"), RowColumn.Text("meter"), RowColumn.Number("minute"), RowColumn.Text("tenant_path"),
            RowColumn.Number("quantity"), RowColumn.Number("recorded_at"),
        ]);

    /// <summary>Known since now, by the machine's clock.</summary>
    public static ValueTask AppendAsync(ISqlTransaction transaction, string node, string boot, long sequence, IReadOnlyCollection<MeterDelta> deltas) =>
        AppendAsync(transaction, node, boot, sequence, deltas, TimeProvider.System.NowMicros());

    /// <param name="recordedAtMicros">Since when the deltas are known, taken inside the transaction: a bill reads what was known before it was made.</param>
    public static async ValueTask AppendAsync(
        ISqlTransaction transaction, string node, string boot, long sequence, IReadOnlyCollection<MeterDelta> deltas, long recordedAtMicros)
    {
        var rows = new List<object?[]>(deltas.Count);
        foreach (var delta in deltas)
        {
            rows.Add([node, boot, sequence, delta.SubscriptionId, delta.Meter, delta.MinuteMicros, delta.TenantPath, delta.Quantity, recordedAtMicros]);
        }

        await transaction.WriteRowsAsync(Insert, rows);
    }
}
