namespace Tsunagi.Ddos.Detect;

/// <summary>
/// What is usual for one protected prefix: for each kind of packet and hour of the week, median and median deviation of the largest second of a minute, as logarithms, followed by
/// small steps, so that neither one strange minute nor a slow rise moves them far. An hour that was never learned borrows from all hours together. A cumulated sum tells when a kind
/// stays above what is usual for so long that a smaller excess is no chance any more.
/// </summary>
internal sealed class Baseline
{
    public const int HoursOfWeek = 168;

    /// <summary>Minutes after which an hour's figures are used.</summary>
    public const int LearnedMinutes = 10;

    private const int All = HoursOfWeek;
    private const double LeastStep = 0.05;
    private const double LeastDeviation = 0.25;
    private const double Deviations = 4;
    private const double Slack = 3;
    private const double Alarm = 12;
    private const double MostSum = 24;

    // Medians, then deviations, of a cell; null as long as nothing ever flowed in it.
    private readonly float[]?[] _cells = new float[]?[HoursOfWeek + 1];
    private readonly ushort[] _minutes = new ushort[HoursOfWeek + 1];
    private readonly double[] _sums = new double[TrafficKind.Count];

    /// <summary>Packets a second of this kind that are still usual in this hour; 0 while that is not known. Lower while the cumulated sum says that something goes on.</summary>
    public double Usual(int kind, int hour)
    {
        if (Cell(hour) is not { } cell)
        {
            return 0;
        }

        if (_cells[cell] is not { } figures || figures[kind] == 0)
        {
            return 0;
        }

        var deviations = _sums[kind] > Alarm ? 1 : Deviations;
        return Math.Exp(figures[kind] + (deviations * 1.48 * Math.Max(figures[TrafficKind.Count + kind], LeastDeviation / 1.48))) - 1;
    }

    public bool IsLearned(int hour) => Cell(hour) is not null;

    /// <summary>A second of what flows: follows the cumulated sum.</summary>
    public void Second(int kind, ulong packets, int hour)
    {
        if (Cell(hour) is not { } cell)
        {
            return;
        }

        var figures = _cells[cell];
        var z = packets == 0 && figures is null ? 0
            : (Math.Log(packets + 1.0) - (figures?[kind] ?? 0)) / Math.Max((figures?[TrafficKind.Count + kind] ?? 0) * 1.48, LeastDeviation);
        _sums[kind] = Math.Clamp(_sums[kind] + z - Slack, 0, MostSum);
    }

    /// <summary>A minute without an attack: its largest second of each kind.</summary>
    public void Learn(ReadOnlySpan<ulong> peaks, int hour)
    {
        foreach (var cell in (int[])[hour, All])
        {
            var step = Math.Max(LeastStep, 1.0 / (_minutes[cell] + 1));
            _minutes[cell] = (ushort)Math.Min(ushort.MaxValue, _minutes[cell] + 1);
            if (_cells[cell] is not { } figures)
            {
                if (peaks.IndexOfAnyExcept(0UL) < 0)
                {
                    continue;
                }

                _cells[cell] = figures = new float[2 * TrafficKind.Count];
            }

            for (var kind = 0; kind < TrafficKind.Count; kind++)
            {
                var value = Math.Log(peaks[kind] + 1.0);
                if (_minutes[cell] == 1)
                {
                    figures[kind] = (float)value;
                    continue;
                }

                ref var deviation = ref figures[TrafficKind.Count + kind];
                var distance = Math.Abs(value - figures[kind]);
                figures[kind] += (float)(Math.Sign(value - figures[kind]) * Math.Min(distance, step));
                deviation += (float)(Math.Sign(distance - deviation) * Math.Min(Math.Abs(distance - deviation), step));
            }
        }
    }

    /// <summary>As numbers for a file; only cells that were learned.</summary>
    public BaselineState Write() => new(
        [.. Enumerable.Range(0, HoursOfWeek + 1).Where(cell => _minutes[cell] > 0).Select(cell => new BaselineCell(
            cell, _minutes[cell], _cells[cell]?[..TrafficKind.Count] ?? [], _cells[cell]?[TrafficKind.Count..] ?? []))]);

    /// <summary>False when the state is of another shape: then nothing was taken.</summary>
    public bool TryRead(BaselineState state)
    {
        if (state.Cells.Any(static cell => cell is null || cell.Cell is < 0 or > HoursOfWeek || cell.Medians.Length != cell.Deviations.Length || (cell.Medians.Length > 0 && cell.Medians.Length != TrafficKind.Count)
            || cell.Medians.Concat(cell.Deviations).Any(static value => !float.IsFinite(value))))
        {
            return false;
        }

        foreach (var cell in state.Cells.OfType<BaselineCell>())
        {
            _minutes[cell.Cell] = (ushort)Math.Clamp(cell.Minutes, 0, ushort.MaxValue);
            _cells[cell.Cell] = cell.Medians.Length == 0 ? null : [.. cell.Medians, .. cell.Deviations];
        }

        return true;
    }

    private int? Cell(int hour) => _minutes[hour] >= LearnedMinutes ? hour : _minutes[All] >= LearnedMinutes ? All : null;
}

/// <summary>A baseline as its file holds it.</summary>
internal sealed record BaselineState(IReadOnlyList<BaselineCell?> Cells);

/// <summary>One hour of the week (168 is all of them together).</summary>
internal sealed record BaselineCell(int Cell, int Minutes, float[] Medians, float[] Deviations);
