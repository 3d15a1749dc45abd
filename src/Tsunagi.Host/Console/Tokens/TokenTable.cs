using Tsunagi.Core.Identity.Tokens;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Time;
using Tsunagi.Host.Console.Tenants;
using Tsunagi.Host.Console.Users;
using Tsunagi.Ui.Parts;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Host.Console.Tokens;

/// <summary>The API tokens of the caller's part of the tree, newest first.</summary>
internal sealed class TokenTable(ApiTokens tokens, TenantNames names, TimeProvider time) : Table<ApiToken>
{
    public override LocalizedText Title => U.Tokens;

    public override string Permission => "core.token.read";

    public override bool Filters => false;

    public override LocalizedText Empty => U.NoTokens;

    public override LocalizedText EmptyHint => U.TokensLead;

    public override IReadOnlyList<Column<ApiToken>> Columns =>
    [
        Cell("name", U.TokenName, static row => row.Name, static (row, _) => TokenCells.Name(row)) with { Grows = true },
        Badge("state", U.State, StateOf, (row, view) => StateOf(row) switch
        {
            "revoked" => new(Tone.Neutral, view[U.Revoked]),
            "expired" => new(Tone.Neutral, view[U.Expired]),
            _ => new(Tone.Good, view[U.Good]),
        }),
        Cell("tenant", U.Home, static row => row.TenantId, (row, _) => Cells.Link(TenantNames.HrefOf(row.TenantPath), names[row.TenantPath])) with { Minor = true },
        Time("used", U.LastUsed, static row => row.LastUsedAt, MomentForm.Relative) with { Minor = true },
        Time("expires", U.Expires, static row => row.ExpiresAt),
        Cell("acts", new("", ""), static _ => null, (row, view) => StateOf(row) == "good" && view.May("core.token.write") ? TokenCells.Revoke(row, view) : Cells.Plain("")) with { Align = ColumnAlign.End },
    ];

    public override async ValueTask<TablePage<ApiToken>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = await tokens.ListAsync(request.Caller, request.After ?? "k_~", request.Size + 1, request["user"], cancellationToken);
        var page = rows.Take(request.Size).ToList();
        await names.LoadAsync(request.Caller, page.Select(static row => row.TenantPath), cancellationToken);
        return new(page, rows.Count > request.Size ? page[^1].Id : null);
    }

    private string StateOf(ApiToken token) => token.RevokedAt is not null ? "revoked" : token.ExpiresAt < time.NowMicros() ? "expired" : "good";
}
