using Tsunagi.BackOffice.Projects;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Tables;

namespace Tsunagi.BackOffice.Pages;

/// <summary>The list of project orders.</summary>
internal sealed class ProjectTable(ProjectBook book) : Table<Project>
{
    public override LocalizedText Title => ProjectWords.Projects;

    public override string Permission => BackOfficePermissions.ProjectRead;

    public override LocalizedText FilterHint => new("Number, name, customer, reference", "番号、案件名、顧客、注文番号");

    public override LocalizedText Empty => new("There are no projects", "構築案件はありません");

    public override IReadOnlyList<Facet> Facets => [new Facet("state", new("State", "状態"), [.. ProjectState.All.Select(static state => new FacetChoice(state, ProjectWords.Word(state)))])];

    public override IReadOnlyList<Column<Project>> Columns =>
    [
        Cell("number", new("Number", "番号"), static row => row.Number, static (row, _) => Cells.TwoLines(Cells.Link("/console/backoffice/projects/" + row.Id, row.Number), row.Reference ?? "")),
        Badge("state", new("State", "状態"), static row => row.State, static (row, view) => ProjectWords.StatusOf(row.State, view)),
        Cell("name", new("Project", "案件"), static row => row.Name, static (row, _) => Cells.TwoLines(Cells.Plain(row.Name), row.CustomerName)) with { Grows = true },
        Cell("amount", new("Amount", "金額"), static row => row.AmountMinor.ToString(System.Globalization.CultureInfo.InvariantCulture), static (row, view) => Cells.Plain(view.Money(row.AmountMinor, row.Currency))) with { Align = ColumnAlign.End },
        Time("made", new("Taken", "受注"), static row => row.MadeAt),
    ];

    public override string HrefOf(Project row) => "/console/backoffice/projects/" + row.Id;

    public override async ValueTask<TablePage<Project>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = await book.ListAsync(request.Caller, request["state"], request.Filter, request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<Project>(rows) : new TablePage<Project>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }
}
