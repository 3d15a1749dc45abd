using Tsunagi.Core.Identity.Users;
using Tsunagi.Core.Modules;
using Tsunagi.Host.Console.Tenants;
using Tsunagi.Ui.Parts;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Host.Console.Users;

/// <summary>The users of the caller's part of the tree, by address. <c>["tenant"]</c> narrows it to one tenant and those below.</summary>
internal sealed class UserTable(UserDirectory users, TenantNames names) : Table<User>
{
    public override LocalizedText Title => U.Users;

    public override string Permission => "core.user.read";

    public override LocalizedText FilterHint => new("Name or address", "氏名またはアドレス");

    public override IReadOnlyList<Facet> Facets =>
        [new("state", U.State, [new(UserState.Active, U.Active), new(UserState.Invited, U.Invited), new(UserState.Disabled, U.Disabled)])];

    public override IReadOnlyList<Column<User>> Columns =>
    [
        Cell("name", U.User, static row => row.Email, static (row, _) => Cells.TwoLines(Cells.Link("/console/users/" + row.Id, row.Name), row.Email)) with { Grows = true },
        Badge("state", U.State, static row => row.State, static (row, view) => U.OfState(row.State, view)),
        Cell("tenant", U.Home, static row => row.TenantId, (row, _) => Cells.Link(TenantNames.HrefOf(row.TenantPath), names[row.TenantPath])) with { Minor = true },
        Badge("second", U.SecondFactor, static row => row.HasTotp ? "on" : "off", static (row, view) => row.HasTotp ? new(Tone.Good, view[U.On]) : new(Tone.Neutral, view[U.Off])) with { Minor = true },
        Time("last", U.LastHere, static row => row.LastSignInAt, MomentForm.Relative) with { Minor = true },
    ];

    public override string? HrefOf(User row) => "/console/users/" + row.Id;

    public override async ValueTask<TablePage<User>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var scope = request["tenant"] is { } tenant ? await names.ScopeOfAsync(request.Caller, tenant, cancellationToken) : request.Caller.Scope;
        if (scope is null)
        {
            return new([]);
        }

        var caller = request.Caller with { Scope = scope };
        var rows = await users.ListAsync(caller, request.After ?? "", request.Size + 1, request.Filter, request["state"], cancellationToken);
        var page = rows.Take(request.Size).ToList();
        await names.LoadAsync(request.Caller, page.Select(static row => row.TenantPath), cancellationToken);
        return new(page, rows.Count > request.Size ? page[^1].Email : null);
    }
}
