using Microsoft.AspNetCore.Components;
using Tsunagi.Core.Modules;
using Tsunagi.Ddos.Sharing;
using Tsunagi.Ui.Forms;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Ddos.Pages;

/// <summary>Which incidents are shared with whom.</summary>
internal sealed class ShareTable(ShareStore store) : Table<ShareRow>
{
    public override LocalizedText Title => new("Shared with others", "共有中のインシデント");

    public override string Permission => DdosPermissions.IncidentRead;

    public override LocalizedText FilterHint => new("An incident, a group, an id", "インシデント、グループ、ID");

    public override LocalizedText Empty => new("Nothing is shared", "共有しているインシデントはありません");

    public override LocalizedText EmptyHint => new("An operator shares an incident from its page, or a rule of the configuration does.", "インシデント画面から、または設定のルールにより共有されます。");

    public override IReadOnlyList<Facet> Facets =>
        [new("state", new("State", "状態"), [new FacetChoice("shared", new("Shared", "共有中")), new FacetChoice("withdrawn", new("Withdrawn", "撤回済み"))])];

    public override IReadOnlyList<Column<ShareRow>> Columns =>
    [
        Time("shared", new("Shared", "共有日時"), static row => row.SharedAt),
        Badge("state", new("State", "状態"), static row => row.WithdrawnAt is null ? "shared" : "withdrawn", static (row, view) => row.WithdrawnAt is null ? new(Tone.Good, view[new("Shared", "共有中")]) : new(Tone.Neutral, view[new("Withdrawn", "撤回済み")])),
        Cell("group", new("With", "共有先"), static row => row.GroupName, static (row, view) => Cells.TwoLines(Cells.Plain(row.GroupName), "TLP:" + row.Tlp.ToUpperInvariant() + " · " + view[SharingWords.Target(row.ShowsTarget == 1)])),
        Cell("incident", new("Incident", "インシデント"), static row => row.IncidentId, static (row, _) => Cells.Link("/console/ddos/incidents/" + row.IncidentId, row.IncidentId)) with { Minor = true },
        Cell("reason", new("Why", "理由"), static row => row.Reason, static (row, _) => Cells.Plain(row.Reason)) with { Grows = true, Minor = true },
        Cell("by", new("By", "実行者"), static row => row.SharedBy, static (row, _) => Cells.Plain(row.SharedBy)) with { Minor = true },
        Cell("withdraw", new("Withdraw", "撤回"), static _ => null, static (row, view) => row.WithdrawnAt is null && view.May(DdosPermissions.ShareWrite) ? Button(row, view) : Cells.None),
    ];

    public override async ValueTask<TablePage<ShareRow>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = await store.ListAsync(request.Caller, request.Filter ?? request["incident"] ?? "", request["state"] ?? "", request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<ShareRow>(rows) : new TablePage<ShareRow>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }

    private static RenderFragment Button(ShareRow row, ConsoleView view) => builder =>
    {
        builder.OpenComponent<ActForm>(0);
        builder.AddComponentParameter(1, nameof(ActForm.Action), $"/console/ddos/shares/{row.Id}/withdraw");
        builder.AddComponentParameter(2, nameof(ActForm.Verb), view[new("Withdraw", "撤回")]);
        builder.AddComponentParameter(3, nameof(ActForm.Quiet), true);
        builder.CloseComponent();
    };
}
