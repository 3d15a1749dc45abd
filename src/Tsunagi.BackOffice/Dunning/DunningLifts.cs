using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Dunning;

/// <summary>
/// Ends suspensions: (1) the accounts that are suspended; (2) of those, where nothing worth asking for is open of the invoices they were suspended for; (3) in one transaction that looks again,
/// the holds that the suspension placed are lifted, and no other: one for abuse, or one a person placed, stays.
/// </summary>
internal sealed class DunningLifts(Stores stores, DunningReader reader, SubscriptionOrders subscriptions, ChangeRecorder changes, TimeProvider time)
{
    public async ValueTask<int> LiftAsync(Caller system, ILease? lease, CancellationToken cancellationToken)
    {
        // :: (1)
        var suspended = await stores.Control.ReadAsync(
            static store => store.QueryAsync<string>("SELECT DISTINCT account_id FROM bo_dunning_step WHERE action = 'suspend' AND state = 'done' AND ended_at IS NULL ORDER BY account_id"), cancellationToken);
        var lifted = 0;
        foreach (var account in suspended)
        {
            // :: (2)
            if (await stores.Control.ReadAsync(store => IsSettledAsync(store, account), cancellationToken))
            {
                lifted += await EndAsync(system, lease, account, cancellationToken) ? 1 : 0;
            }
        }

        return lifted;
    }

    private async ValueTask<bool> IsSettledAsync(ISqlReader store, string account)
    {
        var frame = await reader.FrameAsync(store);
        var covered = (await store.QueryAsync<string>(
            """
            SELECT n.invoice_id FROM bo_dunning_item n JOIN bo_dunning_step d ON d.id = n.step_id
            WHERE n.account_id = @Account AND d.action = 'suspend' AND d.state = 'done' AND d.ended_at IS NULL ORDER BY n.invoice_id
            """,
            new { Account = account })).ToHashSet(StringComparer.Ordinal);
        var facts = (await reader.AccountsAsync(store, account)).FirstOrDefault();
        return facts is null || DunningPlan.Owed(facts.Overdue, facts.UnallocatedMinor).Where(invoice => covered.Contains(invoice.Id)).Sum(static invoice => invoice.OpenMinor) < frame.Terms.LeastMinor;
    }

    private ValueTask<bool> EndAsync(Caller system, ILease? lease, string account, CancellationToken cancellationToken) => stores.Control.WriteAsync(
        async transaction =>
        {
            // :: (3)
            if (lease is not null)
            {
                await lease.GuardAsync(transaction);
            }

            if (!await IsSettledAsync(transaction, account))
            {
                return false;
            }

            var holds = await transaction.QueryAsync<string>("SELECT hold_id FROM bo_dunning_hold WHERE account_id = @Account AND lifted_at IS NULL ORDER BY hold_id", new { Account = account });
            foreach (var hold in holds)
            {
                await subscriptions.LiftHoldAsync(transaction, system, hold);
            }

            var now = time.NowMicros();
            await transaction.ExecuteAsync("UPDATE bo_dunning_hold SET lifted_at = @Now WHERE account_id = @Account AND lifted_at IS NULL", new { Now = now, Account = account });
            var ended = await transaction.ExecuteAsync(
                "UPDATE bo_dunning_step SET ended_at = @Now WHERE account_id = @Account AND action = 'suspend' AND state = 'done' AND ended_at IS NULL", new { Now = now, Account = account });
            if (ended > 0)
            {
                var path = (await transaction.FirstOrDefaultAsync<string>("SELECT tenant_path FROM bo_account WHERE id = @Account", new { Account = account }))!;
                await changes.RecordAsync(transaction, system, BackOfficeEvents.DunningLifted, account, path, null, new { holds }, JsonSerializer.Serialize(new { holds = holds.Count }));
            }

            return ended > 0;
        },
        cancellationToken);
}
