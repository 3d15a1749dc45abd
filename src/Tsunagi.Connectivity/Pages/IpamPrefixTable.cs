using Tsunagi.Connectivity.Addresses;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Connectivity.Pages;

/// <summary>The plan as a list, for finding and for the file.</summary>
internal sealed class IpamPrefixTable(PrefixBook book) : Table<PrefixRow>
{
    public override LocalizedText Title => new("Prefixes", "プレフィックス");

    public override string Permission => ConnectivityPermissions.AddressRead;

    public override LocalizedText FilterHint => new("A prefix, an address inside one, a role or a registry", "プレフィックス、アドレス、用途、レジストリ");

    public override LocalizedText Empty => new("No prefix in the plan", "プレフィックスはまだありません");

    public override LocalizedText EmptyHint => new("Begin with what the registry gave you, or import your present list.", "レジストリから割り振られたブロックの登録、または既存一覧の取り込みから始めてください。");

    public override IReadOnlyList<Facet> Facets => [new("state", new("State", "状態"), [.. PrefixState.All.Select(static state => new FacetChoice(state, AddressWords.State(state)))])];

    public override IReadOnlyList<Column<PrefixRow>> Columns =>
    [
        Cell("prefix", new("Prefix", "プレフィックス"), static row => row.Cidr, static (row, _) => Cells.NarrowLine(Cells.Link(Page(row), row.Cidr), row.Role)),
        Badge("state", new("State", "状態"), static row => row.State, static (row, view) => AddressWords.StatusOf(row, view)),
        Text("role", new("Role", "用途"), static row => row.Role.Length > 0 ? row.Role : null) with { Minor = true },
        Text("rir", new("Registry", "レジストリ"), static row => row.Rir.Length > 0 ? row.Rir : null) with { Minor = true },
        Cell("vrf", new("VRF", "VRF"), static row => row.VrfId, static (row, view) => Cells.Plain(row.VrfId == Vrf.Global ? view[new("global", "グローバル")] : row.VrfId)) with { Minor = true },
        Cell("tenant", new("Tenant", "テナント"), static row => row.TenantId, static (row, _) => Cells.Link("/console/tenants/" + row.TenantId, row.TenantId)) with { Minor = true },
        Text("note", new("Note", "メモ"), static row => row.Note.Length > 0 ? row.Note : null) with { Grows = true, Minor = true },
    ];

    public override string HrefOf(PrefixRow row) => Page(row);

    public override async ValueTask<TablePage<PrefixRow>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = await book.ListAsync(request.Caller, request.Filter ?? "", request["vrf"] ?? "", request["state"] ?? "", request["tenant"] ?? "", request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size
            ? new TablePage<PrefixRow>(rows)
            : new TablePage<PrefixRow>([.. rows.Take(request.Size)], $"{rows[request.Size - 1].FirstAddress} {rows[request.Size - 1].Id}");
    }

    private static string Page(PrefixRow row) => "/console/connectivity/ipam/" + row.Id;
}
