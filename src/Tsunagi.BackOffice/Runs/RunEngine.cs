using System.Text.Json;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Bills;
using Tsunagi.BackOffice.Facts;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Core.Usage;

namespace Tsunagi.BackOffice.Runs;

/// <summary>
/// Carries runs on, from wherever they stand: (1) bills are computed, some accounts at a time, each set kept in one transaction with the place it reached; (2)
/// when all are there the run is ready and waits for a person; (3) once released, bills become invoices, some at a time, each set with its numbers, lines and
/// ledger entries in one transaction; (4) when none is left the run is issued. The program may be killed at any point: what is kept is whole, and what is not is
/// done again with the same result.
/// </summary>
internal sealed class RunEngine(Stores stores, FactReader facts, InvoiceIssuer issuer, Outbox outbox, BackOfficeOptions options, TimeProvider time)
{
    /// <summary>Does what there is to do for a run, and returns when it waits for a person or is over.</summary>
    /// <param name="lease">Guards every write; null where one process is alone.</param>
    public async ValueTask CarryOnAsync(string runId, ILease? lease, CancellationToken cancellationToken)
    {
        var run = await FindAsync(runId, cancellationToken);
        if (run is { State: RunState.Computing })
        {
            await ComputeAsync(run, lease, cancellationToken);
        }
        else if (run is { State: RunState.Issuing })
        {
            await IssueAsync(run, lease, cancellationToken);
        }
    }

    /// <summary>The runs that have something to do.</summary>
    public ValueTask<IReadOnlyList<string>> OpenAsync(CancellationToken cancellationToken) =>
        stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT id FROM bo_run WHERE state IN ('computing', 'issuing') ORDER BY id"), cancellationToken);

    private ValueTask<RunRow?> FindAsync(string runId, CancellationToken cancellationToken) =>
        stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<RunRow>($"SELECT {RunRow.Columns} FROM bo_run WHERE id = @Id", new { Id = runId }), cancellationToken);

    private async ValueTask ComputeAsync(RunRow run, ILease? lease, CancellationToken cancellationToken)
    {
        // What is late is looked for once a run: the accounts last billed first say since when.
        var late = await stores.Control.ReadAsync(
            async reader =>
            {
                var since = await reader.FirstOrDefaultAsync<long?>(
                    "SELECT min(known) FROM (SELECT max(known_at) AS known FROM bo_invoice WHERE kind = 'invoice' AND run_id IS NOT NULL GROUP BY account_id) AS last");
                return since is { } from && run.OnlyAccount is null
                    ? await FactReader.LateAsync(reader, from, run.KnownAt, BillingPeriod.Parse(run.Period, "UTC").Value!.FromMicros + (86_400 * UnixMicros.PerSecond))
                    : null;
            },
            cancellationToken);

        // :: (1) One set is kept while the next is computed: nothing a bill is made from is written by the run.
        var cursor = run.Cursor;
        var kept = Task.FromResult(true);
        try
        {
            while (await NextAsync(run, cursor, late, cancellationToken) is { Count: > 0 } bills)
            {
                var drafts = bills.Select(bill => DraftOf(run, bill)).ToList();
                cursor = bills[^1].Account.TenantPath;
                if (!await kept)
                {
                    return;
                }

                kept = KeepAsync(run, drafts, cursor, lease, cancellationToken).AsTask();
            }
        }
        finally
        {
            await ((Task)kept).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (!await kept)
        {
            return;
        }

        // :: (2)
        await stores.Control.WriteAsync(
            async transaction =>
            {
                await GuardAsync(lease, transaction);
                if (await transaction.ExecuteAsync("UPDATE bo_run SET state = 'ready' WHERE id = @Id AND state = 'computing'", new { run.Id }) == 1)
                {
                    await TellAsync(transaction, BackOfficeEvents.RunReady, run);
                }

                return true;
            },
            cancellationToken);
    }

    private ValueTask<IReadOnlyList<AccountBill>> NextAsync(RunRow run, string cursor, LateFacts? late, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        async reader =>
        {
            var accounts = await reader.QueryAsync<BillingAccount>(
                $"SELECT {BillingAccount.Columns} FROM bo_account WHERE tenant_path > @Cursor AND (@Only = '' OR id = @Only) ORDER BY tenant_path LIMIT @Limit",
                new { Cursor = cursor, Only = run.OnlyAccount ?? "", Limit = (long)options.AccountsAtATime });
            return accounts.Count == 0 ? [] : await facts.ReadAsync(reader, accounts, run.Period, run.KnownAt, late);
        },
        cancellationToken);

    /// <summary>False when the run was discarded meanwhile.</summary>
    private ValueTask<bool> KeepAsync(RunRow run, IReadOnlyList<DraftRow> drafts, string cursor, ILease? lease, CancellationToken cancellationToken) => stores.Control.WriteAsync(
        async transaction =>
        {
            await GuardAsync(lease, transaction);
            if (await transaction.ExecuteAsync("UPDATE bo_run SET cursor = @Cursor WHERE id = @Id AND state = 'computing'", new { Cursor = cursor, run.Id }) == 0)
            {
                return false;
            }

            foreach (var draft in drafts)
            {
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO bo_draft (run_id, account_id, tenant_path, state, account_name, after_seq, currency, net_minor, tax_minor, total_minor, previous_minor, line_count, input_hash, bill,
                      problem, invoice_id)
                    VALUES (@RunId, @AccountId, @TenantPath, @State, @AccountName, @AfterSeq, @Currency, @NetMinor, @TaxMinor, @TotalMinor, @PreviousMinor, @LineCount, @InputHash, @Bill, @Problem, @InvoiceId)
                    ON CONFLICT (run_id, account_id) DO NOTHING
                    """,
                    draft);
            }

            return true;
        },
        cancellationToken);

    private static DraftRow DraftOf(RunRow run, AccountBill of)
    {
        var draft = new DraftRow(
            run.Id, of.Account.Id, of.Account.TenantPath, DraftState.Empty, of.Account.Name, of.AfterSeq, of.Account.Currency, 0, 0, 0, of.PreviousMinor, 0, "", "", of.Problem, null);
        if (of.Input is not { } input)
        {
            return draft with { State = of.Problem is not null ? DraftState.Failed : of.IsBilled ? DraftState.Billed : DraftState.Empty };
        }

        try
        {
            var bill = BillMaker.Make(input);
            if (bill.Lines.Count > Documents.InvoiceDocument.MaxLines)
            {
                return draft with { State = DraftState.Failed, Problem = $"{bill.Lines.Count} lines are more than the {Documents.InvoiceDocument.MaxLines} a document can have: give parts of the customer accounts of their own" };
            }

            return draft with
            {
                State = bill.IsEmpty ? DraftState.Empty : bill.TotalMinor < 0 ? DraftState.Carried : DraftState.Ready, NetMinor = bill.NetMinor, TaxMinor = bill.TaxMinor, TotalMinor = bill.TotalMinor,
                LineCount = bill.Lines.Count, InputHash = bill.InputHash, Bill = StoredJson.Write(new DraftContent(bill, of.Services, [.. bill.Lines.Where(static line => line.IsOnce).Select(static line => line.No)], SpreadOf(bill))),
            };
        }
        catch (OverflowException)
        {
            return draft with { State = DraftState.Failed, Problem = "the amounts are too large to be added up; look for a wrong price or a wrong usage record" };
        }
    }

    private static Dictionary<int, int>? SpreadOf(Bill bill) =>
        bill.Lines.Any(static line => line.SpreadMonths > 0) ? bill.Lines.Where(static line => line.SpreadMonths > 0).ToDictionary(static line => line.No, static line => line.SpreadMonths) : null;

    private async ValueTask IssueAsync(RunRow run, ILease? lease, CancellationToken cancellationToken)
    {
        // :: (3)
        while (await stores.Control.WriteAsync(
            async transaction =>
            {
                await GuardAsync(lease, transaction);
                return await issuer.IssueAsync(transaction, run, options.InvoicesAtATime);
            },
            cancellationToken) > 0)
        {
        }

        // :: (4)
        await stores.Control.WriteAsync(
            async transaction =>
            {
                await GuardAsync(lease, transaction);
                if (await transaction.ExecuteAsync("UPDATE bo_run SET state = 'issued', ended_at = @Now WHERE id = @Id AND state = 'issuing'", new { Now = time.NowMicros(), run.Id }) == 1)
                {
                    await TellAsync(transaction, BackOfficeEvents.RunIssued, run);
                }

                return true;
            },
            cancellationToken);
    }

    private async ValueTask TellAsync(ISqlTransaction transaction, string type, RunRow run) =>
        await outbox.AppendAsync(transaction, new Event(Id.New("e", time), type, time.NowMicros(), run.TenantPath, run.Id, JsonSerializer.Serialize(new { run.Period })));

    private static ValueTask GuardAsync(ILease? lease, ISqlTransaction transaction) => lease is null ? default : lease.GuardAsync(transaction);
}
