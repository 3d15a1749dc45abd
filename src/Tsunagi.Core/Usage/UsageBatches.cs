using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Usage;

/// <summary>
/// Takes many records of foreign usage at once, all or none of them, each exactly once by its key: (1) the subscriptions are found, (2) each record is checked, (3) what is known already is left as it is, (4) the
/// others are written together, with one entry in the audit and one event for each tenant and source.
/// </summary>
public sealed class UsageBatches(Stores stores, SubscriptionBook book, UsageRecords records, ChangeRecorder changes, TimeProvider time)
{
    public const int Most = 1_000;

    private static readonly RowStatement Insert = RowStatement.Insert(
        "usage_record",
        [
            RowColumn.Text("id"), RowColumn.Text("tenant_path"), RowColumn.Text("subscription_id"), RowColumn.Text("meter"), RowColumn.Number("at"), RowColumn.Number("quantity"), RowColumn.Text("source"),
            RowColumn.Text("foreign_key"), RowColumn.Text("content_hash"), RowColumn.Text("reason"), RowColumn.Number("recorded_at"), RowColumn.Text("recorded_by"),
        ]);

    public async ValueTask<Outcome<UsageBatchResult>> RecordAsync(Caller caller, UsageBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Records is not { Count: > 0 and <= Most })
        {
            return Refusal.Invalid("usage.batch", "records", "the batch is empty or too large", $"1 to {Most} records");
        }

        // (1)
        var subscriptions = (await book.FindAsync(caller, [.. batch.Records.Select(static each => each.SubscriptionId).Distinct(StringComparer.Ordinal)], cancellationToken))
            .ToDictionary(static each => each.Id, StringComparer.Ordinal);

        // (2)
        var wanted = new Dictionary<(string TenantPath, string Source, string Key), UsageRecord>();
        for (var i = 0; i < batch.Records.Count; i++)
        {
            var made = records.Make(caller, subscriptions.GetValueOrDefault(batch.Records[i].SubscriptionId), batch.Records[i]);
            if (!made.Ok)
            {
                return At(i, made.Refusal);
            }

            var record = made.Value;
            if (!wanted.TryAdd((record.TenantPath, record.Source, record.ForeignKey), record) && wanted[(record.TenantPath, record.Source, record.ForeignKey)].ContentHash != record.ContentHash)
            {
                return At(i, UsageRecords.KeyReused(record));
            }
        }

        return await stores.Control.WriteAsync(transaction => WriteAsync(transaction, caller, batch.Records.Count, wanted), cancellationToken);
    }

    private async ValueTask<Outcome<UsageBatchResult>> WriteAsync(ISqlTransaction transaction, Caller caller, int sent, Dictionary<(string TenantPath, string Source, string Key), UsageRecord> wanted)
    {
        // (3)
        var groups = wanted.Values.GroupBy(static each => (each.TenantPath, each.Source)).ToList();
        var known = new HashSet<(string, string, string)>();
        foreach (var group in groups)
        {
            var there = await transaction.QueryAsync<Known>(
                "SELECT foreign_key, content_hash FROM usage_record WHERE tenant_path = @TenantPath AND source = @Source AND foreign_key IN @Keys",
                new { group.Key.TenantPath, group.Key.Source, Keys = group.Select(static each => each.ForeignKey).ToArray() });
            foreach (var each in there)
            {
                var key = (group.Key.TenantPath, group.Key.Source, each.ForeignKey);
                if (wanted[key].ContentHash != each.ContentHash)
                {
                    return UsageRecords.KeyReused(wanted[key]);
                }

                known.Add(key);
            }
        }

        // (4) The time is taken inside the transaction: what a bill knew and what it did not must not depend on how long the write waited.
        var now = time.NowMicros();
        foreach (var group in groups)
        {
            var fresh = group.Where(each => !known.Contains((each.TenantPath, each.Source, each.ForeignKey))).ToList();
            await transaction.WriteRowsAsync(
                Insert,
                [.. fresh.Select(each => new object?[] { each.Id, each.TenantPath, each.SubscriptionId, each.Meter, each.At, each.Quantity, each.Source, each.ForeignKey, each.ContentHash, each.Reason, now, each.RecordedBy })]);
            if (fresh.Count > 0)
            {
                await changes.RecordAsync(transaction, caller, "usage.imported", group.Key.Source, group.Key.TenantPath, null, Told(fresh), JsonSerializer.Serialize(new { records = fresh.Count }));
            }
        }

        return new UsageBatchResult(wanted.Count - known.Count, sent - wanted.Count + known.Count);
    }

    /// <summary>What the audit keeps of a batch: enough to show that the records are those that were sent.</summary>
    private static object Told(List<UsageRecord> fresh)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var each in fresh)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{each.ForeignKey}|{each.ContentHash}\n")));
        }

        return new
        {
            records = fresh.Count,
            firstKey = fresh[0].ForeignKey,
            lastKey = fresh[^1].ForeignKey,
            quantities = fresh.GroupBy(static each => each.Meter, StringComparer.Ordinal).ToDictionary(static meter => meter.Key, static meter => meter.Sum(static each => each.Quantity)),
            sha256 = Convert.ToHexStringLower(hash.GetHashAndReset()),
        };
    }

    private static Refusal At(int index, Refusal refusal) => refusal with
    {
        Field = string.Create(CultureInfo.InvariantCulture, $"records[{index}].{refusal.Field ?? "subscriptionId"}"), Message = string.Create(CultureInfo.InvariantCulture, $"record {index + 1}: {refusal.Message}; none of the batch is recorded"),
    };

    private sealed record Known(string ForeignKey, string ContentHash);
}
