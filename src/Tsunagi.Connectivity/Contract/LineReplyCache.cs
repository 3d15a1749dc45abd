namespace Tsunagi.Connectivity.Contract;

/// <summary>The encoded reply attributes of one line, one per dialect; written by whichever thread comes first (all would write the same).</summary>
internal sealed class LineReplyCache(Line line)
{
    private readonly object?[] _byDialect = new object?[Enum.GetValues<NasDialect>().Length * 2];

    public Line Line => line;

    public ref object? Of(NasDialect dialect, bool isWalled) => ref _byDialect[((int)dialect * 2) + (isWalled ? 1 : 0)];
}
