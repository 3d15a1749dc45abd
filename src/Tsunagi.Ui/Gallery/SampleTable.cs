using Tsunagi.Core.Modules;
using Tsunagi.Ui.Parts;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Ui.Gallery;

/// <summary>A customer of the gallery.</summary>
internal sealed record SampleRow(string Name, string Number, string Plan, bool Held, long Messages, long Bytes, long SinceMicros);

/// <summary>The gallery's list, also the shortest example of a table.</summary>
internal class SampleTable : Table<SampleRow>
{
    private static readonly SampleRow[] All =
    [
        new("Sakura Seisakusho KK", "C-10482", "mail-standard@3", false, 48_213, 1_845_200_000, 1_763_500_000_000_000),
        new("Aozora Dental Clinic", "C-10511", "mail-small@1", true, 318, 22_400_000, 1_758_000_000_000_000),
        new("Kitayama City Office", "C-10007", "mail-large@2", false, 1_204_551, 88_120_000_000, 1_741_000_000_000_000),
        new("Studio Hoshi", "C-10623", "mail-small@1", false, 2_045, 410_000_000, 1_770_100_000_000_000),
    ];

    public override LocalizedText Title => new("Customers", "顧客");

    public override IReadOnlyList<Column<SampleRow>> Columns =>
    [
        Link("name", new("Customer", "顧客"), static row => row.Name, static row => "#" + row.Number) with { Sortable = true, Grows = true },
        Mono("number", new("Number", "番号"), static row => row.Number) with { Minor = true },
        Badge("state", new("State", "状態"), static row => row.Held ? "held" : "running", static (row, view) => row.Held ? new(Tone.Warning, view[new("Held", "停止中")]) : new(Tone.Good, view[new("Running", "稼働中")])),
        Text("plan", new("Plan", "プラン"), static row => row.Plan) with { Minor = true },
        Number("messages", new("Messages", "メール数"), static row => row.Messages) with { Sortable = true },
        Bytes("bytes", new("Volume", "流量"), static row => row.Bytes) with { Sortable = true, Minor = true },
        Time("since", new("Since", "開始"), static row => row.SinceMicros) with { Sortable = true, Minor = true },
    ];

    public override IReadOnlyList<Facet> Facets => [new("state", new("State", "状態"), [new("running", new("Running", "稼働中")), new("held", new("Held", "停止中"))])];

    public override string? HrefOf(SampleRow row) => "#" + row.Number;

    public override ValueTask<TablePage<SampleRow>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = All.Where(row => request.Filter is null || row.Name.Contains(request.Filter, StringComparison.OrdinalIgnoreCase))
            .Where(row => request["state"] is not { } state || state == (row.Held ? "held" : "running"));
        rows = request.Sort switch
        {
            "messages" => rows.OrderBy(static row => row.Messages),
            "bytes" => rows.OrderBy(static row => row.Bytes),
            "since" => rows.OrderBy(static row => row.SinceMicros),
            _ => rows.OrderBy(static row => row.Name, StringComparer.Ordinal),
        };
        var page = request.Descending ? rows.Reverse().ToList() : rows.ToList();
        return ValueTask.FromResult(new TablePage<SampleRow>(page, "next", 48_210));
    }
}

/// <summary>A list with nothing in it.</summary>
internal sealed class EmptySampleTable : SampleTable
{
    public override LocalizedText Empty => new("No webhook yet", "Webhookはまだありません");

    public override LocalizedText EmptyHint => new("A webhook tells your own program of each event, signed.", "イベントを署名付きで自社システムへ通知できます。");

    public override ValueTask<TablePage<SampleRow>> ReadAsync(TableRequest request, CancellationToken cancellationToken) => ValueTask.FromResult(new TablePage<SampleRow>([]));
}
