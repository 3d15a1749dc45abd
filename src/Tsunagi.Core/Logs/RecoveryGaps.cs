namespace Tsunagi.Core.Logs;

/// <summary>
/// Decides during recovery what bytes without a valid record were. A record that follows in a later batch proves that they had been synced; one of
/// the same batch proves nothing, and nothing behind them means that the power went while they were written.
/// </summary>
internal sealed class RecoveryGaps(SegmentLog log)
{
    private readonly List<(LogPosition At, long Bytes, bool Followed)> _open = [];

    public void Add(LogPosition at, long bytes) => _open.Add((at, bytes, false));

    public void RecordFollows(long batchPosition)
    {
        for (var i = _open.Count - 1; i >= 0; i--)
        {
            var (at, bytes, _) = _open[i];
            if (batchPosition > at.Value)
            {
                log.ReportLoss(new LogLoss(at, bytes, LossKind.Certain));
                _open.RemoveAt(i);
            }
            else
            {
                _open[i] = (at, bytes, true);
            }
        }
    }

    /// <summary>Reports what is left, and returns the gaps inside the last batch.</summary>
    public IReadOnlyList<(LogPosition At, long Bytes)> End()
    {
        foreach (var (at, bytes, followed) in _open)
        {
            log.ReportLoss(new LogLoss(at, bytes, followed ? LossKind.LastBatch : LossKind.TornTail));
        }

        return [.. _open.Where(gap => gap.Followed).Select(gap => (gap.At, gap.Bytes))];
    }
}
