using System.Text.Json;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Bank.Import;

/// <summary>
/// Keeps what an import says about itself: for each of the provider's accounts the day up to which the file is whole (what the caller says, else the statement's own last day, else
/// its last booking), never one that is still to come; and the bookings that wait for a person.
/// </summary>
internal sealed class BankImportKeeper(Stores stores, CivilDay day, ChangeRecorder changes, TimeProvider time)
{
    public async ValueTask KeepAsync(Caller caller, IReadOnlyList<BankStatement> statements, string? asOf, IReadOnlyList<BankImportLine> lines, CancellationToken cancellationToken)
    {
        var today = InvoiceBook.Text(await day.TodayAsync(cancellationToken));
        var reached = statements.GroupBy(static statement => statement.Account).Select(group => (Account: group.Key, AsOf: asOf ?? group.Select(ReachOf).Max(StringComparer.Ordinal), Bookings: group.Sum(static statement => statement.Entries.Count)))
            .Where(static each => each.AsOf is not null).Select(each => each with { AsOf = string.CompareOrdinal(each.AsOf, today) > 0 ? today : each.AsOf }).ToList();
        await stores.Control.WriteAsync(
            async transaction =>
            {
                foreach (var each in reached)
                {
                    var id = Id.New("bi", time);
                    await transaction.ExecuteAsync(
                        "INSERT INTO bo_bank_import (id, tenant_path, bank_account, as_of, bookings, imported_at, imported_by) VALUES (@Id, @Path, @Account, @AsOf, @Bookings, @Now, @By)",
                        new { Id = id, caller.Scope.Path, each.Account, each.AsOf, Bookings = (long)each.Bookings, Now = time.NowMicros(), By = caller.ActorName });
                    await changes.RecordAsync(transaction, caller, BackOfficeEvents.BankImported, id, caller.Scope.Path, null, new { each.Account, each.AsOf, each.Bookings }, JsonSerializer.Serialize(new { each.AsOf, each.Bookings }));
                }

                foreach (var line in lines.Where(static line => line.State is BankImportState.Proposed or BankImportState.Unmatched or BankImportState.Failed))
                {
                    await transaction.ExecuteAsync(
                        """
                        INSERT INTO bo_bank_left (booking, tenant_path, account_id, booked_on, amount_minor, currency, payer) VALUES (@Key, @Path, @AccountId, @BookedOn, @AmountMinor, @Currency, @Payer)
                        ON CONFLICT (booking) DO UPDATE SET account_id = excluded.account_id
                        """,
                        new { line.Key, caller.Scope.Path, line.Match.AccountId, line.BookedOn, line.AmountMinor, line.Currency, line.Payer });
                }

                return true;
            },
            cancellationToken);
    }

    private static string? ReachOf(BankStatement statement) =>
        statement.To is { } to ? InvoiceBook.Text(to) : statement.Entries.Count > 0 ? InvoiceBook.Text(statement.Entries.Max(static entry => entry.BookingDate)) : null;
}
