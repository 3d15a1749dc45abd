using System.Globalization;
using Tsunagi.Core.Time;

namespace Tsunagi.Proofs.Ddos;

/// <summary>What comes in at the victim's interface, read every few milliseconds.</summary>
internal sealed class VictimRate : IAsyncDisposable
{
    private const long WindowMicros = 200_000;
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(10);

    private readonly Lock _turn = new();
    private readonly List<(long At, long Packets)> _read = [];
    private readonly CancellationTokenSource _end = new();
    private readonly Task _reading;
    private readonly string _file;

    /// <param name="process">One in the victim's namespace.</param>
    public VictimRate(int process)
    {
        _file = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/net/dev");
        _reading = ReadAsync(_end.Token);
    }

    /// <summary>Packets a second over the last so long.</summary>
    public double Lately(TimeSpan span)
    {
        lock (_turn)
        {
            var first = _read.FindLastIndex(each => each.At <= _read[^1].At - span.TotalMicroseconds);
            return first < 0 ? 0 : Rate(_read[first], _read[^1]);
        }
    }

    /// <summary>The highest rate since then, and when the last window of 200 ms began that was above so much: the flood ended within that one, a few milliseconds after its start where it was many times as much.</summary>
    /// <returns>In packets a second; µs UTC, 0 when none was above.</returns>
    public (double Peak, long LastAboveUntil) Since(long fromMicros, double most)
    {
        lock (_turn)
        {
            var (peak, last, first) = (0.0, 0L, _read.FindIndex(each => each.At >= fromMicros));
            for (var i = Math.Max(0, first); first >= 0 && i < _read.Count; i++)
            {
                while (_read[i].At - _read[first].At > WindowMicros)
                {
                    first++;
                }

                var rate = _read[i].At - _read[first].At < WindowMicros / 2 ? 0 : Rate(_read[first], _read[i]);
                peak = Math.Max(peak, rate);
                last = rate > most ? _read[first].At : last;
            }

            return (peak, last);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reading;
        _end.Dispose();
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(Every, TimeProvider.System);
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var line = (await File.ReadAllLinesAsync(_file, cancellationToken)).Single(static each => each.TrimStart().StartsWith("v0:", StringComparison.Ordinal));
                var packets = long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2], CultureInfo.InvariantCulture);
                lock (_turn)
                {
                    _read.Add((TimeProvider.System.NowMicros(), packets));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The claim is over.
        }
    }

    private static double Rate((long At, long Packets) from, (long At, long Packets) to) => to.At == from.At ? 0 : (to.Packets - from.Packets) * 1e6 / (to.At - from.At);
}
