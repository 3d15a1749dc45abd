namespace Tsunagi.Ui.Tables;

/// <summary>A table as the export sees it: rows of plain text.</summary>
public interface ITable
{
    string Id { get; }

    string? Permission { get; }

    IReadOnlyList<string> Heads(string locale);

    ValueTask<(IReadOnlyList<IReadOnlyList<string?>> Rows, string? Next)> ReadTextAsync(TableRequest request, CancellationToken cancellationToken);
}
