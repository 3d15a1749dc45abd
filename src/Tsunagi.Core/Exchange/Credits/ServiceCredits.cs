using System.Globalization;
using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Exchange.Credits;

/// <summary>
/// The contract of SLA credits between services and whoever bills: a service proposes inside the transaction that records what it found, a person decides, and an approved credit is a line of the
/// next invoice, once. Proposals are kept in the control store, so they wait where nobody bills yet.
/// </summary>
public sealed class ServiceCredits(ChangeRecorder changes, TimeProvider time)
{
    /// <summary>The longest reason.</summary>
    public const int MaxReason = 500;

    /// <summary>The longest key, source or reference to evidence.</summary>
    public const int MaxText = 200;

    private const long MaxAmount = 1_000_000_000_000;

    /// <summary>Proposes a credit. The same source, key and content a second time is the first one again; the same key with other content is a conflict.</summary>
    /// <param name="proposer">The program itself, usually: who the audit names.</param>
    public async ValueTask<Outcome<ServiceCredit>> ProposeAsync(ISqlTransaction transaction, Caller proposer, NewServiceCredit wanted)
    {
        if (Check(wanted) is { } refusal)
        {
            return refusal;
        }

        if (await transaction.FirstOrDefaultAsync<string>("SELECT tenant_path FROM subscription WHERE id = @SubscriptionId", new { wanted.SubscriptionId }) is not { } path)
        {
            return Refusal.NotFound("subscription", wanted.SubscriptionId);
        }

        var percent = wanted.Percent?.ToString("0.######", CultureInfo.InvariantCulture);
        var credit = new ServiceCredit(
            Id.New("sc", time), path, wanted.SubscriptionId, wanted.Source, wanted.Key, wanted.FromMicros, wanted.ToMicros, wanted.AmountMinor, percent, wanted.Reason, wanted.Evidence, ServiceCreditState.Proposed,
            time.NowMicros(), null, null, null, null, null);
        var added = await transaction.ExecuteAsync(
            """
            INSERT INTO service_credit (id, tenant_path, subscription_id, source, credit_key, from_at, to_at, amount_minor, percent, reason, evidence, state, proposed_at)
            VALUES (@Id, @TenantPath, @SubscriptionId, @Source, @Key, @FromAt, @ToAt, @AmountMinor, @Percent, @Reason, @Evidence, @State, @ProposedAt) ON CONFLICT (source, credit_key) DO NOTHING
            """,
            credit);
        if (added > 0)
        {
            await changes.RecordAsync(transaction, proposer, "credit.proposed", credit.Id, path, null, credit, JsonSerializer.Serialize(new { credit.SubscriptionId, credit.Source }), wanted.Reason);
            return credit;
        }

        var there = (await transaction.FirstOrDefaultAsync<ServiceCredit>($"SELECT {ServiceCredit.Columns} FROM service_credit c WHERE c.source = @Source AND c.credit_key = @Key", new { wanted.Source, wanted.Key }))!;
        return (there.SubscriptionId, there.FromAt, there.ToAt, there.AmountMinor, there.Percent, there.Reason, there.Evidence)
            == (credit.SubscriptionId, credit.FromAt, credit.ToAt, credit.AmountMinor, credit.Percent, credit.Reason, credit.Evidence)
            ? there
            : Refusal.Conflict("credit.key", $"{wanted.Source} has proposed another credit under the key {wanted.Key}", "key");
    }

    /// <summary>Writes down what was decided. For whoever bills, in the transaction that puts an approved credit on the next invoice.</summary>
    /// <param name="creditedMinor">Of an approved one, above zero.</param>
    /// <returns>False when it was decided before.</returns>
    public async ValueTask<bool> DecideAsync(ISqlTransaction transaction, Caller who, ServiceCredit credit, bool approved, string reason, long? creditedMinor, string? explanation)
    {
        var state = approved ? ServiceCreditState.Approved : ServiceCreditState.Rejected;
        var after = credit with { State = state, DecidedBy = who.ActorName, DecidedAt = time.NowMicros(), DecisionReason = reason, CreditedMinor = creditedMinor, Explanation = explanation };
        if (await transaction.ExecuteAsync(
            """
            UPDATE service_credit SET state = @State, decided_by = @DecidedBy, decided_at = @DecidedAt, decision_reason = @DecisionReason, credited_minor = @CreditedMinor, explanation = @Explanation
            WHERE id = @Id AND state = 'proposed'
            """,
            after) == 0)
        {
            return false;
        }

        await changes.RecordAsync(
            transaction, who, approved ? "credit.approved" : "credit.rejected", credit.Id, credit.TenantPath, credit, after, JsonSerializer.Serialize(new { credit.SubscriptionId, minor = creditedMinor ?? 0 }), reason);
        return true;
    }

    private static Refusal? Check(NewServiceCredit wanted)
    {
        static bool Wrong(string text, int most) => string.IsNullOrWhiteSpace(text) || text.Length > most || text.Any(char.IsControl);
        return Wrong(wanted.Source, MaxText) || Wrong(wanted.Key, MaxText) || Wrong(wanted.Evidence, MaxText)
            ? Refusal.Invalid("credit.text", "key", "the source, key or evidence is empty, too long, or holds control characters", $"1 to {MaxText} characters")
            : Wrong(wanted.Reason, MaxReason)
                ? Refusal.Invalid("credit.reason", "reason", "a credit needs a reason", $"1 to {MaxReason} characters")
                : wanted.FromMicros >= wanted.ToMicros
                    ? Refusal.Invalid("credit.period", "fromMicros", "the period is empty", "a beginning before the end")
                    : (wanted.AmountMinor is null) == (wanted.Percent is null) || wanted.AmountMinor is < 1 or > MaxAmount || wanted.Percent is <= 0 or > 100 || (wanted.Percent is { } percent && decimal.Round(percent, 6) != percent)
                        ? Refusal.Invalid("credit.amount", "amountMinor", "a credit is an amount above zero or a share of the month's charges", $"1 to {MaxAmount}, or above 0 to 100 per cent with six digits")
                        : null;
    }
}
