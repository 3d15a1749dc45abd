using Tsunagi.BackOffice.Accounts;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.BackOffice.Dunning;

/// <summary>
/// Reads what is proposed, what waits and what was done. It is over all accounts, so every question asks first whether the caller is the provider's; an operator who looks at a part of the tree
/// sees that part.
/// </summary>
internal sealed class DunningBook(Stores stores, DunningReader reader)
{
    public const string Last = "~";

    /// <summary>What may be done now and what waits, the largest amount first; and what that rests on.</summary>
    /// <param name="account">Only this account, or all when null.</param>
    public async ValueTask<(DunningFrame Frame, IReadOnlyList<DunningProposal> Proposals)> ProposalsAsync(Caller caller, string? account, CancellationToken cancellationToken)
    {
        var (frame, accounts) = await stores.Control.ReadAsync(
            async store => (await reader.FrameAsync(store), caller.IsOperator ? await reader.AccountsAsync(store, account) : []), cancellationToken);
        return (frame,
        [
            .. accounts.Where(each => caller.Scope.Covers(each.TenantPath)).SelectMany(each => DunningPlan.Make(frame.Terms, frame.Calendar, frame.Bank, each))
                .OrderBy(static proposal => proposal.Blocks.Count > 0).ThenByDescending(static proposal => proposal.AmountMinor).ThenBy(static proposal => proposal.Id, StringComparer.Ordinal),
        ]);
    }

    /// <summary>Steps taken and skipped, newest first.</summary>
    public async ValueTask<IReadOnlyList<DunningStep>> StepsAsync(Caller caller, StepFilter filter, string before, int limit, CancellationToken cancellationToken) => !caller.IsOperator ? [] : await stores.Control.ReadAsync(
        store => store.QueryAsync<DunningStep>(
            $"""
            SELECT {DunningStep.Columns} FROM {DunningStep.From} WHERE d.tenant_path >= @Path AND d.tenant_path < @End AND d.id < @Before AND (@Account = '' OR d.account_id = @Account)
              AND (@Action = '' OR d.action = @Action) AND (@State = '' OR d.state = @State OR (@State = 'suspended' AND d.action = 'suspend' AND d.state = 'done' AND d.ended_at IS NULL))
              AND (@Text = '' OR d.id = @Text OR lower(a.name) LIKE @Like OR d.invoices LIKE @Number) ORDER BY d.id DESC LIMIT @Limit
            """,
            new
            {
                caller.Scope.Path, caller.Scope.End, Before = before.Length == 0 ? Last : before, Account = filter.Account ?? "", Action = filter.Action ?? "", State = filter.State ?? "", Text = filter.Text ?? "",
                Like = AccountBook.Contains(filter.Text ?? ""), Number = AccountBook.Contains(filter.Text ?? "").ToUpperInvariant(), Limit = (long)limit,
            }),
        cancellationToken);

    /// <summary>Bookings of the bank's files that wait for a person.</summary>
    public async ValueTask<IReadOnlyList<LeftRow>> LeftAsync(Caller caller, CancellationToken cancellationToken) =>
        caller.IsOperator ? await stores.Control.ReadAsync(DunningReader.PerhapsPaidAsync, cancellationToken) : [];

    public async ValueTask<IReadOnlyList<Holiday>> HolidaysAsync(CancellationToken cancellationToken) =>
        await stores.Control.ReadAsync(static store => store.QueryAsync<Holiday>("SELECT day, name FROM bo_holiday ORDER BY day"), cancellationToken);

    public ValueTask<DunningFrame> FrameAsync(CancellationToken cancellationToken) => stores.Control.ReadAsync(reader.FrameAsync, cancellationToken);
}

/// <summary>Which steps.</summary>
/// <param name="State">"done", "skipped" or "suspended": a suspension that stands.</param>
internal sealed record StepFilter(string? Account = null, string? Action = null, string? State = null, string? Text = null);

/// <summary>A holiday of the operator's calendar.</summary>
/// <param name="Day">Civil date ("2027-01-01").</param>
public sealed record Holiday(string Day, string Name);
