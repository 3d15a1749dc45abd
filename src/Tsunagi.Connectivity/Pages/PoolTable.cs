using Tsunagi.Connectivity.Addresses;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Format;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Connectivity.Pages;

/// <summary>The pools with how full they are.</summary>
internal sealed class PoolTable(PoolBook book) : Table<PoolUse>
{
    public override LocalizedText Title => new("Pools", "プール");

    public override string Permission => ConnectivityPermissions.AddressRead;

    public override bool Filters => false;

    public override LocalizedText Empty => new("No pool", "プールはまだありません");

    public override LocalizedText EmptyHint => new("A pool gives equal parts of a prefix to lines or to sessions.", "プールはプレフィックスを等分して回線またはセッションに割り当てます。");

    public override IReadOnlyList<Column<PoolUse>> Columns =>
    [
        Cell("name", new("Pool", "プール"), static use => use.Pool.Name, static (use, _) => Cells.NarrowLine(Cells.Link(Page(use), use.Pool.Name), use.Pool.Cidr)),
        Mono("cidr", new("Gives from", "範囲"), static use => use.Pool.Cidr) with { Minor = true },
        Cell("part", new("Parts", "単位"), static use => $"/{use.Pool.PartLength}", static (use, view) => Cells.Plain($"/{use.Pool.PartLength} · {view[AddressWords.Purpose(use.Pool.Purpose)]}")),
        Cell("used", new("Used", "使用率"), static use => AddressWords.Percent(use.Used, use.Pool.Parts), static (use, _) => Cells.TwoLines(AddressWords.Bar((double)use.Used / use.Pool.Parts, AddressWords.Percent(use.Used, use.Pool.Parts)), $"{AddressWords.Percent(use.Used, use.Pool.Parts)} · {Formats.Number(use.Used)} / {Formats.Number(use.Pool.Parts)}")) with { Grows = true },
    ];

    public override string HrefOf(PoolUse use) => Page(use);

    public override async ValueTask<TablePage<PoolUse>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = await book.ListAsync(request.Caller, request.After ?? "", request.Size + 1, cancellationToken);
        var uses = await book.UsesAsync(cancellationToken);
        PoolUse[] page = [.. rows.Take(request.Size).Select(row => new PoolUse(row, uses.GetValueOrDefault(row.Id)))];
        return rows.Count <= request.Size ? new TablePage<PoolUse>(page) : new TablePage<PoolUse>(page, page[^1].Pool.Id);
    }

    private static string Page(PoolUse use) => "/console/connectivity/pools/" + use.Pool.Id;
}

/// <summary>A pool and how many of its parts are not free.</summary>
internal sealed record PoolUse(PoolRow Pool, long Used);
