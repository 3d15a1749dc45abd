using Tsunagi.Core.Identity;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Ui.Parts;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Host.Console.Tenants;

/// <summary>A tenant with what a list says of it.</summary>
internal sealed record TenantRow(
    string Id, string TenantPath, string Kind, string Name, long CreatedAt, long Subscriptions, long OpenHolds, long Below, string ExternalRefs, string SortKey);

/// <summary>The tree of parties as a list: in tree order, or sorted by a column. <c>["below"]</c> narrows it to the children of one.</summary>
internal sealed class TenantTable(Stores stores) : Table<TenantRow>
{
    private const string Select = """
        SELECT * FROM (SELECT t.id, t.tenant_path, t.kind, t.name, t.created_at,
          (SELECT count(*) FROM subscription s WHERE s.tenant_id = t.id) AS subscriptions,
          (SELECT count(*) FROM hold h WHERE h.tenant_path = t.tenant_path AND h.lifted_at IS NULL) AS open_holds,
          (SELECT count(*) FROM tenant c WHERE c.parent_id = t.id) AS below,
          t.external_refs,
          CASE WHEN @Sort = 'name' THEN lower(t.name) WHEN @Sort = 'kind' THEN t.kind || t.id WHEN @Sort = 'since' THEN CAST(t.created_at AS text) || t.id ELSE t.tenant_path || '' END AS sort_key
          FROM tenant t WHERE {tenant:t} AND (@Kind = '' OR t.kind = @Kind) AND (@Parent = '' OR t.parent_id = @Parent)
          AND (@Like = '' OR lower(t.name) LIKE @Like OR t.id = @Text OR lower(t.external_refs) LIKE @Like)) AS found
        """;

    public static readonly TenantQuery Ascending = new("console.tenants", Select + " WHERE @After = '' OR sort_key > @After ORDER BY sort_key LIMIT @Limit");

    public static readonly TenantQuery Descending = new("console.tenants-down", Select + " WHERE @After = '' OR sort_key < @After ORDER BY sort_key DESC LIMIT @Limit");

    public override LocalizedText Title => new("Customers", "顧客");

    public override string Permission => "core.tenant.read";

    public override LocalizedText FilterHint => new("Name, number of another system, id", "名称、外部システムの番号、ID");

    public override LocalizedText Empty => new("No customer yet", "顧客はまだ登録されていません");

    public override LocalizedText EmptyHint => new("Add a reseller or a customer; contracts, domains and users hang on it.", "販売パートナーまたは顧客を登録すると、契約・ドメイン・利用者を追加できます。");

    public override IReadOnlyList<Facet> Facets =>
        [new("kind", new("Kind", "種別"), [.. TenantKind.All.Skip(1).Select(static kind => new FacetChoice(kind, Words.OfTenantKind(kind)))])];

    public override IReadOnlyList<Column<TenantRow>> Columns =>
    [
        Cell("name", new("Name", "名称"), static row => row.Name, static (row, view) => TenantCells.Name(row, view)) with { Sortable = true, Grows = true },
        Cell("kind", new("Kind", "種別"), static row => row.Kind, static (row, view) => Cells.Plain(view[Words.OfTenantKind(row.Kind)])) with { Sortable = true, Minor = true },
        Number("subscriptions", new("Contracts", "契約"), static row => row.Subscriptions),
        Badge("holds", new("Holds", "保留"), static row => row.OpenHolds.ToString(System.Globalization.CultureInfo.InvariantCulture),
            static (row, view) => row.OpenHolds == 0 ? null : new Status(Tone.Warning, view.Say(new("{0} held", "保留 {0}件"), row.OpenHolds))),
        Number("below", new("Below", "配下"), static row => row.Below) with { Minor = true },
        Cell("references", new("Their numbers", "外部番号"), static row => row.ExternalRefs, static (row, _) => TenantCells.References(row.ExternalRefs)) with { Minor = true },
        Time("since", new("Since", "登録日"), static row => row.CreatedAt) with { Sortable = true, Minor = true },
    ];

    public override string? HrefOf(TenantRow row) => "/console/tenants/" + row.Id;

    public override async ValueTask<TablePage<TenantRow>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var filter = request.Filter?.ToLowerInvariant();
        var rows = await new TenantStore(stores.Control, request.Caller.Scope).QueryAsync<TenantRow>(
            request.Descending ? Descending : Ascending,
            new
            {
                Sort = request.Sort ?? "", Kind = request["kind"] ?? "", Parent = request["below"] ?? "", Text = request.Filter ?? "",
                Like = filter is null ? "" : $"%{filter}%", After = request.After ?? "", Limit = (long)request.Size + 1,
            },
            cancellationToken);
        return rows.Count > request.Size ? new([.. rows.Take(request.Size)], rows[request.Size - 1].SortKey) : new(rows);
    }
}
