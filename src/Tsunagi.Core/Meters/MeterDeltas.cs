using System.Data.Common;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Meters;

/// <summary>
/// Appends what a node counted: one delta record per flush, keyed node/boot/sequence, holding one row per subscription, meter and minute. Bills read
/// these rows. The caller commits its log position in the same transaction, so a crash repeats a flush or loses nothing, never both counts.
/// </summary>
public static class MeterDeltas
{
    private const string Insert = """
        INSERT INTO meter_delta (node, boot, sequence, subscription_id, meter, minute, tenant_path, quantity, recorded_at)
        VALUES (@node, @boot, @sequence, @subscription, @meter, @minute, @tenant, @quantity, @recorded)
        """;

    /// <summary>Known since now, by the machine's clock.</summary>
    public static ValueTask AppendAsync(ISqlTransaction transaction, string node, string boot, long sequence, IReadOnlyCollection<MeterDelta> deltas) =>
        AppendAsync(transaction, node, boot, sequence, deltas, TimeProvider.System.NowMicros());

    /// <param name="recordedAtMicros">Since when the deltas are known, taken inside the transaction: a bill reads what was known before it was made.</param>
    public static async ValueTask AppendAsync(
        ISqlTransaction transaction, string node, string boot, long sequence, IReadOnlyCollection<MeterDelta> deltas, long recordedAtMicros)
    {
        var command = transaction.Prepare(Insert, AddParameters);
        foreach (var delta in deltas)
        {
            var values = command.Parameters;
            values[0].Value = node;
            values[1].Value = boot;
            values[2].Value = sequence;
            values[3].Value = delta.SubscriptionId;
            values[4].Value = delta.Meter;
            values[5].Value = delta.MinuteMicros;
            values[6].Value = delta.TenantPath;
            values[7].Value = delta.Quantity;
            values[8].Value = recordedAtMicros;
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private static void AddParameters(DbCommand command)
    {
        foreach (var name in (ReadOnlySpan<string>)["node", "boot", "sequence", "subscription", "meter", "minute", "tenant", "quantity", "recorded"])
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.DbType = name is "sequence" or "minute" or "quantity" or "recorded" ? System.Data.DbType.Int64 : System.Data.DbType.String;
            command.Parameters.Add(parameter);
        }
    }
}
