using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Logs;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Core.Logs;

public sealed class Log_stream : IAsyncDisposable
{
    private readonly CrashDisk _disk = new();
    private readonly ManualTime _time = new();
    private readonly List<string> _dropped = [];
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private LogStream? _stream;

    public async ValueTask DisposeAsync()
    {
        if (_stream is not null)
        {
            await _stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_segment_goes_only_when_every_consumer_has_committed_past_it()
    {
        var stream = Open(TimeSpan.Zero, new LogConsumerOptions("bill"), new LogConsumerOptions("trace"));
        var end = await FillAsync(stream, 20);
        using var bill = stream.OpenConsumer("bill", LogPosition.Start);
        bill.Commit(end);
        var start = stream.Log.Start;
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(start, stream.Log.Start); // trace is declared, though not opened yet

        using var trace = stream.OpenConsumer("trace", LogPosition.Start);
        trace.Commit(end);
        await Eventually.HoldsAsync(() => stream.Log.Start > start);
    }

    [Fact]
    public async Task Within_the_replay_window_segments_stay_although_everybody_has_passed()
    {
        var window = TimeSpan.FromDays(7);
        var stream = Open(window, TestLog.SmallSegments with { HousekeepingEvery = TimeSpan.FromHours(1) }, new LogConsumerOptions("trace"));
        var end = await FillAsync(stream, 10);
        _time.Advance(TimeSpan.FromDays(1)); // the active segment is closed at its age
        var later = await FillAsync(stream, 10);
        using var consumer = stream.OpenConsumer("trace", LogPosition.Start);
        consumer.Commit(later);
        var start = stream.Log.Start;
        _time.Advance(window - TimeSpan.FromDays(1) - TimeSpan.FromHours(1));
        Assert.Equal(start, stream.Log.Start);
        _time.Advance(TimeSpan.FromDays(0.5));
        await Eventually.HoldsAsync(() => stream.Log.Start > start);
        Assert.True(stream.Log.Start > end || stream.Log.Start.Value - end.Value < 8192);
    }

    [Fact]
    public async Task A_consumer_gets_each_record_once_over_restarts_when_it_keeps_its_position_with_its_effect()
    {
        var effect = new List<string>();
        var position = LogPosition.Start;
        for (var run = 0; run < 4; run++)
        {
            var stream = Open(TimeSpan.Zero, new LogConsumerOptions("trace"));
            await FillAsync(stream, 7, $"run {run}");
            using (var consumer = stream.OpenConsumer("trace", position))
            {
                var batch = await consumer.ReadAsync(5, TimeSpan.Zero, _cancelled);
                effect.AddRange(batch.Select(entry => Encoding.ASCII.GetString(entry.Facts.Span)));
                position = batch.End;
                consumer.Commit(position);
                _ = await consumer.ReadAsync(1, TimeSpan.Zero, _cancelled); // read, but never applied: read again after the restart
            }

            await stream.DisposeAsync();
        }

        var all = Enumerable.Range(0, 4).SelectMany(run => Enumerable.Range(0, 7).Select(i => $"run {run} {i}"));
        Assert.Equal(all.Take(20), effect);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task At_its_lag_limit_a_consumer_pauses_intake_one_byte_later_until_it_has_caught_up(int more)
    {
        var stream = Open(TimeSpan.Zero);
        await FillAsync(stream, 20);
        await stream.DisposeAsync();

        // A start begins a new segment; the lag counts up to there.
        stream = Open(TimeSpan.Zero);
        var end = stream.Log.End;
        var lag = end.Value - stream.Log.Start.Value;
        await stream.DisposeAsync();

        stream = Open(TimeSpan.Zero, new LogConsumerOptions("bill") { LagLimitBytes = lag - more });
        _time.Advance(TimeSpan.FromSeconds(1));
        if (more == 0)
        {
            Assert.Null(stream.IntakePausedBecause);
            return;
        }

        Assert.Contains("bill", stream.IntakePausedBecause, StringComparison.Ordinal);
        Assert.Throws<LogFullException>(() => { _ = stream.AppendAsync(1, "x"u8.ToArray(), _cancelled); });
        using var consumer = stream.OpenConsumer("bill", LogPosition.Start);
        consumer.Commit(end);
        Assert.Null(stream.IntakePausedBecause);
        await stream.AppendAsync(1, "x"u8.ToArray(), _cancelled);
    }

    [Fact]
    public async Task A_consumer_that_may_be_dropped_is_dropped_at_its_limit_with_a_notice_and_its_segments_go()
    {
        var stream = Open(TimeSpan.Zero, new LogConsumerOptions("graph") { LagLimitBytes = 60_000, AtLimit = LagAct.DropConsumer });
        using var consumer = stream.OpenConsumer("graph", LogPosition.Start);
        await FillAsync(stream, 10);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(_dropped);
        var start = stream.Log.Start;
        await FillAsync(stream, 20);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["graph"], _dropped);
        Assert.True(consumer.IsDropped);
        Assert.Null(stream.IntakePausedBecause);
        await Eventually.HoldsAsync(() => stream.Log.Start > start);
        await Assert.ThrowsAsync<LogConsumerDroppedException>(() => consumer.ReadAsync(1, TimeSpan.Zero, _cancelled).AsTask());

        using var back = stream.OpenConsumer("graph", stream.Log.End);
        await FillAsync(stream, 1, "new");
        Assert.Single(await back.ReadAsync(10, TimeSpan.Zero, _cancelled));
    }

    [Fact]
    public async Task Reading_waits_for_the_next_record_and_gives_up_at_the_deadline()
    {
        var stream = Open(TimeSpan.Zero, new LogConsumerOptions("trace"));
        using var consumer = stream.OpenConsumer("trace", LogPosition.Start);
        var waiting = consumer.ReadAsync(10, TimeSpan.FromSeconds(30), _cancelled).AsTask();
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Empty(await waiting);

        waiting = consumer.ReadAsync(10, TimeSpan.FromSeconds(30), _cancelled).AsTask();
        await FillAsync(stream, 1);
        Assert.Single(await waiting);
    }

    [Fact]
    public async Task Reading_a_poisoned_log_waits_too_and_ends_when_cancelled()
    {
        var stream = Open(TimeSpan.Zero, new LogConsumerOptions("trace"));
        using var consumer = stream.OpenConsumer("trace", LogPosition.Start);
        await PoisonAsync(stream);
        using var stop = new CancellationTokenSource();
        var waiting = consumer.ReadAsync(10, TimeSpan.FromSeconds(30), stop.Token).AsTask();
        Assert.False(waiting.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => consumer.ReadAsync(10, TimeSpan.FromSeconds(30), stop.Token).AsTask());
    }

    // The next change of the disk may be the keeper's, which makes a segment ready beside the writer and tries again.
    private async Task PoisonAsync(LogStream stream)
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            _disk.OrderFault(_disk.Changes + 1, CrashDisk.Fault.Error);
            try
            {
                await FillAsync(stream, 1);
            }
            catch (LogPoisonedException)
            {
                return;
            }
        }

        Assert.Fail("a hundred faults of the disk did not close the log");
    }

    [Fact]
    public async Task A_consumer_not_declared_is_refused_by_name()
    {
        var stream = Open(TimeSpan.Zero, new LogConsumerOptions("trace"));
        Assert.Contains("trace", Assert.Throws<ArgumentException>(() => stream.OpenConsumer("tracer", LogPosition.Start)).Message, StringComparison.Ordinal);
        await FillAsync(stream, 1);
    }

    private LogStream Open(TimeSpan window, params LogConsumerOptions[] consumers) => Open(window, TestLog.SmallSegments, consumers);

    private LogStream Open(TimeSpan window, SegmentLogOptions segments, params LogConsumerOptions[] consumers) => _stream = LogStream.Open(
        _disk.Boot(),
        TestLog.Directory,
        new LogStreamOptions { Segments = segments, Consumers = consumers, ReplayWindow = window },
        _time,
        NullLogger.Instance,
        new LogNotices { ConsumerDropped = (name, _, _) => _dropped.Add(name) });

    /// <summary>Records of 1,500 bytes, two to a segment; returns the end.</summary>
    private async Task<LogPosition> FillAsync(LogStream stream, int records, string text = "record")
    {
        for (var i = 0; i < records; i++)
        {
            await stream.Log.AppendAsync(1, Encoding.ASCII.GetBytes($"{text} {i}"), new byte[1500], _cancelled);
        }

        return stream.Log.End;
    }
}
