using Microsoft.AspNetCore.Components;
using Tsunagi.Core.Modules;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Ui.Forms;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Ddos.Pages;

/// <summary>The list of rules.</summary>
internal sealed class MitigationTable(MitigationStore store) : Table<MitigationRow>
{
    public override LocalizedText Title => new("Rules", "ルール");

    public override string Permission => DdosPermissions.MitigationRead;

    public override LocalizedText FilterHint => new("A part of the rule, an incident, an id", "ルールの一部、インシデント、ID");

    public override LocalizedText Empty => new("No rule is or was announced", "広告したルールはありません");

    public override LocalizedText EmptyHint => new("A rule is made here, released from an incident, or goes out by itself where an operator decided so; each ends by itself.", "ルールはこの画面で作成するか、インシデントから解放します。自動モードでは自動で広告され、いずれも期限で終了します。");

    public override IReadOnlyList<Facet> Facets =>
        [new("state", new("State", "状態"), [new FacetChoice("active", new("Announced", "広告中")), new FacetChoice("ended", new("Ended", "終了"))])];

    public override IReadOnlyList<Column<MitigationRow>> Columns =>
    [
        Time("made", new("Made", "作成"), static row => row.MadeAt),
        Badge("state", new("State", "状態"), static row => row.EndedAt is null ? "active" : row.EndedHow, static (row, view) => DdosWords.StatusOf(row, view)),
        Cell("rule", new("Rule", "ルール"), static row => row.Rule, static (row, view) => Cells.TwoLines(Cells.Link("/console/ddos/mitigations/" + row.Id, row.Rule), view[DdosWords.Kind(row.Kind)])) with { Grows = true },
        Cell("reason", new("Why", "理由"), static row => row.Reason, static (row, _) => Cells.Plain(row.Reason)) with { Minor = true },
        Cell("by", new("By", "作成者"), static row => row.MadeByName, static (row, _) => Cells.Plain(row.MadeByName)) with { Minor = true },
        Number("dropped", new("Dropped", "破棄パケット"), static row => row.Drops.Length == 0 ? null : RuleDrop.Read(row.Drops).Sum(static drop => drop.Packets)),
        Time("until", new("Until", "期限"), static row => row.EndedAt ?? row.ExpiresAt),
        Cell("lift", new("Lift", "解除"), static _ => null, static (row, view) => row.EndedAt is null && view.May(DdosPermissions.MitigationWrite) ? LiftButton(row, view) : Cells.None),
    ];

    public override string HrefOf(MitigationRow row) => "/console/ddos/mitigations/" + row.Id;

    public override async ValueTask<TablePage<MitigationRow>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = await store.ListAsync(request.Caller, request.Filter ?? request["incident"] ?? "", request["state"] ?? "", request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<MitigationRow>(rows) : new TablePage<MitigationRow>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }

    private static RenderFragment LiftButton(MitigationRow row, ConsoleView view) => builder =>
    {
        builder.OpenComponent<ActForm>(0);
        builder.AddComponentParameter(1, nameof(ActForm.Action), $"/console/ddos/mitigations/{row.Id}/lift");
        builder.AddComponentParameter(2, nameof(ActForm.Verb), view[new("Lift", "解除")]);
        builder.AddComponentParameter(3, nameof(ActForm.Quiet), true);
        builder.CloseComponent();
    };
}
