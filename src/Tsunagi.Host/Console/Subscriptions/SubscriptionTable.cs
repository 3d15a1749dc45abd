using Tsunagi.Core.Modules;
using Tsunagi.Core.Store;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Host.Console.Subscriptions;

/// <summary>A subscription with what a list says of it.</summary>
/// <param name="NotYet">On how many nodes it does not run as wanted.</param>
internal sealed record SubscriptionRow(
    string Id, string TenantPath, string TenantId, string TenantName, string Name, string PlanCode, string PlanNameEn, string PlanNameJa, long PlanVersion, long Quantity,
    long CreatedAt, long? EndedAt, long OpenHolds, long NotYet, string SortKey)
{
    public string State => EndedAt is not null ? "ended" : OpenHolds > 0 ? "held" : NotYet > 0 ? "not-yet" : "running";

    public static Status StatusOf(string state, ConsoleView view) => state switch
    {
        "ended" => new(Tone.Neutral, view[S.Ended]),
        "held" => new(Tone.Warning, view[S.Held]),
        "not-yet" => new(Tone.Waiting, view[S.NotYet]),
        _ => new(Tone.Good, view[S.Running]),
    };
}

/// <summary>Contracts, all of the caller's scope or, by <c>["tenant"]</c>, those of one customer.</summary>
internal sealed class SubscriptionTable(Stores stores) : Table<SubscriptionRow>
{
    private const string Select = """
        SELECT * FROM (SELECT s.id, s.tenant_path, s.tenant_id, t.name AS tenant_name, s.name, p.code AS plan_code, p.name_en AS plan_name_en, p.name_ja AS plan_name_ja,
          v.plan_version, v.quantity, s.created_at, v.valid_to AS ended_at,
          (SELECT count(*) FROM hold h WHERE h.subscription_id = s.id AND h.lifted_at IS NULL) AS open_holds,
          (SELECT count(*) FROM desired_status d WHERE d.key = s.id AND d.why_not_yet IS NOT NULL) AS not_yet,
          CASE WHEN @Sort = 'name' THEN lower(s.name) || s.id WHEN @Sort = 'tenant' THEN lower(t.name) || s.id WHEN @Sort = 'plan' THEN p.code || s.id
            ELSE CAST(s.created_at AS text) || s.id END AS sort_key
          FROM subscription s JOIN tenant t ON t.id = s.tenant_id JOIN plan p ON p.id = s.plan_id
            JOIN subscription_version v ON v.subscription_id = s.id
             AND v.number = (SELECT max(l.number) FROM subscription_version l WHERE l.subscription_id = s.id AND l.known_to IS NULL)
          WHERE {tenant:s} AND (@TenantId = '' OR s.tenant_id = @TenantId)
            AND (@Like = '' OR lower(s.name) LIKE @Like OR lower(t.name) LIKE @Like OR p.code LIKE @Like OR s.id = @Text OR lower(s.external_refs) LIKE @Like)) AS found
        WHERE (@State = '' OR (@State = 'ended' AND ended_at IS NOT NULL)
          OR (@State = 'held' AND ended_at IS NULL AND open_holds > 0)
          OR (@State = 'not-yet' AND ended_at IS NULL AND open_holds = 0 AND not_yet > 0)
          OR (@State = 'running' AND ended_at IS NULL AND open_holds = 0 AND not_yet = 0))
        """;

    public static readonly TenantQuery Ascending = new("console.subscriptions", Select + " AND (@After = '' OR sort_key > @After) ORDER BY sort_key LIMIT @Limit");

    public static readonly TenantQuery Descending = new("console.subscriptions-down", Select + " AND (@After = '' OR sort_key < @After) ORDER BY sort_key DESC LIMIT @Limit");

    public override LocalizedText Title => S.Subscriptions;

    public override string Permission => "core.subscription.read";

    public override LocalizedText FilterHint => new("Name, customer, plan", "名称、顧客、プラン");

    public override LocalizedText Empty => S.NoneYet;

    public override LocalizedText EmptyHint => S.NoneYetHint;

    public override IReadOnlyList<Facet> Facets =>
        [new("state", S.State, [new("running", S.Running), new("held", S.Held), new("not-yet", S.NotYet), new("ended", S.Ended)])];

    public override IReadOnlyList<Column<SubscriptionRow>> Columns =>
    [
        Cell("name", S.Service, static row => row.Name, static (row, _) => Cells.NarrowLine(Cells.Link("/console/subscriptions/" + row.Id, row.Name), row.TenantName)) with { Sortable = true, Grows = true },
        Badge("state", S.State, static row => row.State, static (row, view) => SubscriptionRow.StatusOf(row.State, view)),
        Link("tenant", S.Customer, static row => row.TenantName, static row => "/console/tenants/" + row.TenantId) with { Sortable = true, Minor = true },
        Cell("plan", S.Plan, static row => $"{row.PlanCode}@{row.PlanVersion}", static (row, view) => Cells.TwoLines(Cells.Plain(view.Japanese ? row.PlanNameJa : row.PlanNameEn), $"{row.PlanCode} · {row.PlanVersion}")) with { Sortable = true, Minor = true },
        Number("quantity", S.Quantity, static row => row.Quantity) with { Minor = true },
        Time("since", S.Since, static row => row.CreatedAt) with { Sortable = true, Minor = true },
    ];

    public override string? HrefOf(SubscriptionRow row) => "/console/subscriptions/" + row.Id;

    public override async ValueTask<TablePage<SubscriptionRow>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        // Without an order of the reader's own, the newest is first.
        var descending = request.Sort is null || request.Descending;
        var rows = await new TenantStore(stores.Control, request.Caller.Scope).QueryAsync<SubscriptionRow>(
            descending ? Descending : Ascending,
            new
            {
                Sort = request.Sort ?? "", TenantId = request["tenant"] ?? "", State = request["state"] ?? "", Text = request.Filter ?? "",
                Like = request.Filter is null ? "" : $"%{request.Filter.ToLowerInvariant()}%", After = request.After ?? "", Limit = (long)request.Size + 1,
            },
            cancellationToken);
        return rows.Count > request.Size ? new([.. rows.Take(request.Size)], rows[request.Size - 1].SortKey) : new(rows);
    }
}
