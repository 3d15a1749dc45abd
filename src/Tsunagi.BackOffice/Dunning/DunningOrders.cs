using System.Text.Json;
using Tsunagi.BackOffice.Facts;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Letters;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Dunning;

/// <summary>
/// Takes a step or skips it, each in one transaction: (1) the proposal is made again from the facts of the transaction: what was paid, stopped or done meanwhile is
/// no proposal any more; (2) the step is kept, and with each of its invoices the stage, which the store takes once; (3) a suspension places its holds; (4) the letter is
/// written and waits to be sent; (5) audit and event. A program killed at any point has done all of it or nothing.
/// </summary>
internal sealed class DunningOrders(Stores stores, DunningBook book, DunningReader reader, SubscriptionOrders subscriptions, BackOfficeOptions options, ChangeRecorder changes, TimeProvider time)
{
    public const int MostAtOnce = 500;
    public const int MaxReason = 500;
    public static readonly Refusal NotOperator = new(RefusalKind.Forbidden, "backoffice.dunning.operator", "dunning is the provider's");

    /// <summary>A person takes the step.</summary>
    public ValueTask<Outcome<DunningStep>> ReleaseAsync(Caller caller, string proposal, CancellationToken cancellationToken) => DecideAsync(caller, proposal, null, cancellationToken);

    /// <summary>A person passes over it: its invoices are at this stage as if it were done today, without a letter.</summary>
    public async ValueTask<Outcome<DunningStep>> SkipAsync(Caller caller, string proposal, string reason, CancellationToken cancellationToken) => reason.Length is 0 or > MaxReason
        ? Refusal.Invalid("backoffice.dunning.reason", "reason", "why it is skipped is not said, or at too great length", $"1 to {MaxReason} characters")
        : await DecideAsync(caller, proposal, reason, cancellationToken);

    /// <summary>Takes many; each by itself, so that one which cannot be taken stands in nobody's way.</summary>
    public async ValueTask<IReadOnlyList<(string Proposal, Outcome<DunningStep> Outcome)>> ReleaseManyAsync(Caller caller, IReadOnlyList<string> proposals, CancellationToken cancellationToken)
    {
        if (!caller.IsOperator)
        {
            return [.. proposals.Select(static id => (id, (Outcome<DunningStep>)NotOperator))];
        }

        var known = (await book.ProposalsAsync(caller, null, cancellationToken)).Proposals.ToDictionary(static each => each.Id, StringComparer.Ordinal);
        var done = new List<(string, Outcome<DunningStep>)>();
        foreach (var id in proposals.Distinct().Take(MostAtOnce))
        {
            done.Add((id, known.TryGetValue(id, out var proposal) ? await TakeAsync(caller, proposal, null, false, null, cancellationToken) : Refusal.NotFound("proposal", id)));
        }

        return done;
    }

    /// <summary>Takes the steps that may be taken now and whose stage is automatic.</summary>
    public async ValueTask<int> ActAsync(Caller system, ILease? lease, CancellationToken cancellationToken)
    {
        var (frame, proposals) = await book.ProposalsAsync(system, null, cancellationToken);
        var done = 0;
        foreach (var proposal in proposals.Where(each => each.Stage.Automatic && each.Blocks.Count == 0 && each.Account.Hour >= frame.Terms.AutomaticFromHour))
        {
            done += (await TakeAsync(system, proposal, null, true, lease, cancellationToken)).Ok ? 1 : 0;
        }

        return done;
    }

    private async ValueTask<Outcome<DunningStep>> DecideAsync(Caller caller, string id, string? skipped, CancellationToken cancellationToken)
    {
        if (!caller.IsOperator)
        {
            return NotOperator;
        }

        return (await book.ProposalsAsync(caller, null, cancellationToken)).Proposals.FirstOrDefault(each => each.Id == id) is { } proposal
            ? await TakeAsync(caller, proposal, skipped, false, null, cancellationToken)
            : Refusal.NotFound("proposal", id);
    }

    /// <param name="skipped">Why it is passed over; null takes it.</param>
    /// <param name="automatic">The program acts by itself: only an automatic stage is taken then.</param>
    /// <param name="lease">Guards what the program does by itself; null where one process is alone.</param>
    private ValueTask<Outcome<DunningStep>> TakeAsync(Caller caller, DunningProposal seen, string? skipped, bool automatic, ILease? lease, CancellationToken cancellationToken) => stores.Control.WriteAsync<Outcome<DunningStep>>(
        async transaction =>
        {
            if (lease is not null)
            {
                await lease.GuardAsync(transaction);
            }

            // :: (1)
            var frame = await reader.FrameAsync(transaction);
            var account = (await reader.AccountsAsync(transaction, seen.Account.Id)).FirstOrDefault();
            if (account is null || DunningPlan.Make(frame.Terms, frame.Calendar, frame.Bank, account).FirstOrDefault(each => each.Id == seen.Id) is not { } proposal)
            {
                return Changed(seen);
            }

            if (skipped is null && proposal.Blocks.Count > 0)
            {
                return Refusal.Conflict("backoffice.dunning.blocked", $"the stage {proposal.Stage.Id} of {account.Id} waits: {string.Join("; ", proposal.Blocks.Select(static block => DunningWords.Of(block).En))}");
            }

            if (automatic && !proposal.Stage.Automatic)
            {
                return Refusal.Conflict("backoffice.dunning.changed", $"the stage {proposal.Stage.Id} is not automatic any more");
            }

            // :: (2) to (5)
            if (await KeepAsync(transaction, caller, frame, proposal, skipped, automatic) is not { } step)
            {
                return Changed(seen);
            }

            if (skipped is null)
            {
                if (proposal.Stage.Action == DunningAction.Suspend)
                {
                    await SuspendAsync(transaction, caller, step);
                }

                await WriteLetterAsync(transaction, frame, proposal, step);
            }

            await changes.RecordAsync(
                transaction, caller, skipped is null ? BackOfficeEvents.DunningDone : BackOfficeEvents.DunningSkipped, account.Id, account.TenantPath, null, step,
                JsonSerializer.Serialize(new { stage = step.Stage, action = step.Action, invoices = proposal.Invoices.Count, amount = step.AmountMinor, step.Currency, automatic = step.Automatic != 0 }), skipped);
            return step;
        },
        cancellationToken);

    private static Refusal Changed(DunningProposal seen) =>
        Refusal.Conflict("backoffice.dunning.changed", $"what was proposed to {seen.Account.Id} is not proposed any more: something was paid, done or added meanwhile");

    // ON CONFLICT, not for rows that are there (those were read), but for those of a transaction that ran beside this one: then PostgreSQL lets this one run again, where it would tell of a broken constraint.
    private async ValueTask<DunningStep?> KeepAsync(ISqlTransaction transaction, Caller caller, DunningFrame frame, DunningProposal proposal, string? skipped, bool automatic)
    {
        var account = proposal.Account;
        var kept = skipped is null && proposal.Stage.Action == DunningAction.Suspend ? InvoiceBook.Text(account.Today.AddDays(frame.Terms.KeepDataDays)) : null;
        var step = new DunningStep(
            Id.New("ds", time), proposal.Id, account.TenantPath, account.Id, account.Name, proposal.Stage.Id, proposal.Stage.Action.Word(), skipped is null ? DunningStepState.Done : DunningStepState.Skipped,
            proposal.AmountMinor, account.Currency, string.Join(' ', proposal.Invoices.Select(static invoice => invoice.Number)), InvoiceBook.Text(account.Today), time.NowMicros(), caller.ActorName, automatic ? 1 : 0,
            skipped, frame.Version, kept, null, null, null);
        var isKept = await transaction.ExecuteAsync(
            """
            INSERT INTO bo_dunning_step (id, proposal, tenant_path, account_id, stage, action, state, amount_minor, currency, invoices, on_day, decided_at, decided_by, automatic, reason, terms_version, data_kept_until)
            VALUES (@Id, @Proposal, @TenantPath, @AccountId, @Stage, @Action, @State, @AmountMinor, @Currency, @Invoices, @OnDay, @DecidedAt, @DecidedBy, @Automatic, @Reason, @TermsVersion, @DataKeptUntil)
            ON CONFLICT (proposal) DO NOTHING
            """,
            step) == 1;
        if (!isKept)
        {
            return null;
        }

        foreach (var invoice in proposal.Invoices)
        {
            if (await transaction.ExecuteAsync(
                "INSERT INTO bo_dunning_item (invoice_id, stage, step_id, tenant_path, account_id) VALUES (@Invoice, @Stage, @Id, @TenantPath, @AccountId) ON CONFLICT (invoice_id, stage) DO NOTHING",
                new { Invoice = invoice.Id, step.Stage, step.Id, step.TenantPath, step.AccountId }) == 0)
            {
                throw new InvalidOperationException($"dunning of {account.Id}: invoice {invoice.Number} was at stage {step.Stage} before and was proposed again");
            }
        }

        return step;
    }

    /// <summary>A hold on every running subscription the account pays for that has none of an earlier suspension.</summary>
    private async ValueTask SuspendAsync(ISqlTransaction transaction, Caller caller, DunningStep step)
    {
        var range = new { From = step.TenantPath, To = step.TenantPath[..^1] + "0", step.AccountId };
        var payers = new AccountTree(await transaction.QueryAsync<(string Id, string TenantPath)>("SELECT id, tenant_path FROM bo_account WHERE tenant_path >= @From AND tenant_path < @To", range));
        var running = await transaction.QueryAsync<(string Id, string TenantPath)>(
            """
            SELECT s.id, s.tenant_path FROM subscription s WHERE s.tenant_path >= @From AND s.tenant_path < @To
              AND EXISTS (SELECT 1 FROM subscription_version v WHERE v.subscription_id = s.id AND v.known_to IS NULL AND v.valid_to IS NULL)
              AND NOT EXISTS (SELECT 1 FROM bo_dunning_hold h JOIN hold k ON k.id = h.hold_id WHERE h.subscription_id = s.id AND h.lifted_at IS NULL AND k.lifted_at IS NULL) ORDER BY s.id
            """,
            range);
        foreach (var (subscription, _) in running.Where(each => payers.PayerOf(each.TenantPath) == step.AccountId))
        {
            if (await subscriptions.PlaceHoldAsync(transaction, caller, subscription, new NewHold(HoldKind.NonPayment, $"dunning: {step.Invoices}"[..Math.Min(400, 9 + step.Invoices.Length)])) is { } hold)
            {
                await transaction.ExecuteAsync(
                    "INSERT INTO bo_dunning_hold (hold_id, step_id, account_id, tenant_path, subscription_id) VALUES (@Hold, @Id, @AccountId, @TenantPath, @Subscription)",
                    new { Hold = hold.Id, step.Id, step.AccountId, step.TenantPath, Subscription = subscription });
            }
        }
    }

    private async ValueTask WriteLetterAsync(ISqlTransaction transaction, DunningFrame frame, DunningProposal proposal, DunningStep step)
    {
        var at = frame.Terms.Stages.ToList().FindIndex(stage => stage.Id == proposal.Stage.Id);
        var next = at + 1 < frame.Terms.Stages.Count
            ? frame.Calendar.FirstActing(proposal.Account.Today.AddDays(frame.Terms.Stages[at + 1].DaysAfterDue - proposal.Stage.DaysAfterDue))
            : null;
        var issuer = options.Issuer.Name.Length > 0 ? options.Issuer.Name : await InvoiceIssuer.ProviderAsync(transaction);
        var (subject, body) = LetterText.Write(proposal, frame.Terms, options.Issuer, issuer, next);
        await LetterBook.AddAsync(
            transaction,
            new Letter(Id.New("lt", time), step.TenantPath, step.AccountId, step.Id, proposal.Account.Locale, proposal.Account.Address!, subject, body, LetterState.Waiting, 0, step.DecidedAt, null, step.DecidedAt, null, null, null));
    }
}
