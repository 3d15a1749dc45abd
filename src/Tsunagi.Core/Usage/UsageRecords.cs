using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Usage;

/// <summary>Takes foreign usage and corrections, exactly once by their key. A key belongs to its tenant and source: two tenants never meet in one.</summary>
public sealed class UsageRecords(Stores stores, SubscriptionBook book, SpecificationCatalogue specifications, ChangeRecorder changes, TimeProvider time)
{
    public const string Correction = "correction";
    private const long MaxQuantity = 1_000_000_000_000_000;
    private const long ClockSkewMicros = 300 * UnixMicros.PerSecond;
    private const string Columns = "id, tenant_path, subscription_id, meter, at, quantity, source, foreign_key, content_hash, reason, recorded_at, recorded_by";

    public static readonly TenantQuery OfSubscription = new("usage.of-subscription", $"""
        SELECT {Columns} FROM usage_record WHERE {"{tenant}"} AND subscription_id = @SubscriptionId AND id > @After ORDER BY id LIMIT @Limit
        """);

    public ValueTask<IReadOnlyList<UsageRecord>> ListAsync(Caller caller, string subscriptionId, string after, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<UsageRecord>(
            OfSubscription, new { SubscriptionId = subscriptionId, After = after, Limit = (long)limit }, cancellationToken);

    public async ValueTask<Outcome<UsageRecord>> RecordAsync(Caller caller, NewUsage wanted, CancellationToken cancellationToken)
    {
        var subscription = await book.FindAsync(caller, wanted.SubscriptionId, cancellationToken);
        var made = Make(caller, subscription, wanted);
        if (!made.Ok)
        {
            return made.Refusal;
        }

        var record = made.Value;
        return await stores.Control.WriteAsync<Outcome<UsageRecord>>(
            async transaction =>
            {
                var known = await transaction.FirstOrDefaultAsync<UsageRecord>(
                    $"SELECT {Columns} FROM usage_record WHERE tenant_path = @TenantPath AND source = @Source AND foreign_key = @ForeignKey", record);
                if (known is not null)
                {
                    return known.ContentHash == record.ContentHash ? known : KeyReused(record);
                }

                // Taken inside the transaction: what a bill knew and what it did not must not depend on how long the write waited.
                record = record with { RecordedAt = time.NowMicros() };
                await transaction.ExecuteAsync(
                    $"""
                    INSERT INTO usage_record ({Columns})
                    VALUES (@Id, @TenantPath, @SubscriptionId, @Meter, @At, @Quantity, @Source, @ForeignKey, @ContentHash, @Reason, @RecordedAt, @RecordedBy)
                    """,
                    record);
                await changes.RecordAsync(
                    transaction, caller, "usage.recorded", record.SubscriptionId, record.TenantPath, null, record,
                    JsonSerializer.Serialize(new { record.Meter, record.Quantity, record.Source }), wanted.Reason);
                return record;
            },
            cancellationToken);
    }

    internal static Refusal KeyReused(UsageRecord record) =>
        Refusal.Conflict("usage.key-reused", $"the key {record.ForeignKey} of {record.Source} already stands for other usage", "foreignKey");

    /// <summary>The record of a request, checked and not written yet.</summary>
    internal Outcome<UsageRecord> Make(Caller caller, SubscriptionView? subscription, NewUsage wanted)
    {
        if (subscription is null)
        {
            return Refusal.NotFound("subscription", wanted.SubscriptionId);
        }

        var source = wanted.Source ?? Correction;
        if ((Check(wanted, source, specifications.Find(subscription.Specification)!) ?? CheckAt(wanted.At, subscription)) is { } refusal)
        {
            return refusal;
        }

        var at = UnixMicros.From(wanted.At);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{subscription.Id}|{wanted.Meter}|{at}|{wanted.Quantity}")));
        return new UsageRecord(
            Id.New("y", time), subscription.TenantPath, subscription.Id, wanted.Meter, at, wanted.Quantity, source, wanted.ForeignKey, hash, wanted.Reason, time.NowMicros(), caller.ActorName);
    }

    private static Refusal? Check(NewUsage wanted, string source, PlanSpecification specification)
    {
        if (!specification.Meters.Contains(wanted.Meter))
        {
            return Refusal.Invalid("usage.meter", "meter", $"{specification.Id} has no meter {wanted.Meter}", string.Join(", ", specification.Meters));
        }

        if (wanted.ForeignKey.Length is 0 or > 200 || source.Length is 0 or > 60)
        {
            return Refusal.Invalid("usage.key", "foreignKey", "the key or its source is empty or too long", "a key of 1 to 200 characters, a source of 1 to 60");
        }

        if (wanted.Quantity is < -MaxQuantity or > MaxQuantity)
        {
            return Refusal.Invalid("usage.quantity", "quantity", $"the quantity is {wanted.Quantity}", $"{-MaxQuantity} to {MaxQuantity}");
        }

        if (wanted.Reason is { Length: > 500 })
        {
            return Refusal.Invalid("usage.reason", "reason", "the reason is too long", "at most 500 characters");
        }

        if (source == Correction && string.IsNullOrWhiteSpace(wanted.Reason))
        {
            return Refusal.Invalid("usage.reason", "reason", "a correction needs a reason", "one sentence that an auditor will understand");
        }

        return source != Correction && wanted.Quantity < 0
            ? Refusal.Invalid("usage.quantity", "quantity", "foreign usage cannot be negative; record a correction", "0 or more")
            : null;
    }

    /// <summary>Usage belongs to a moment at which the subscription ran: outside of it no bill would ever show it.</summary>
    private Refusal? CheckAt(DateTimeOffset at, SubscriptionView subscription)
    {
        var micros = UnixMicros.From(at);
        var end = Math.Min(time.NowMicros() + ClockSkewMicros, subscription.EndedAt ?? long.MaxValue);
        return micros >= subscription.CreatedAt && micros <= end
            ? null
            : Refusal.Invalid(
                "usage.at", "at", "the subscription did not run at that time",
                $"{UnixMicros.ToDateTimeOffset(subscription.CreatedAt):yyyy-MM-ddTHH:mm:ssZ} to {UnixMicros.ToDateTimeOffset(end):yyyy-MM-ddTHH:mm:ssZ}");
    }
}
