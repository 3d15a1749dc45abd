using System.Text;
using Tsunagi.Core.Logs;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Core.Logs;

public sealed class Segment_log
{
    private readonly CrashDisk _disk = new();
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readers_see_a_record_only_when_it_is_synced_and_its_writer_is_told_no_earlier()
    {
        var held = new HeldDisk(_disk.Boot());
        await using var log = TestLog.Open(held);
        held.Hold();
        var append = log.AppendAsync("one").AsTask();
        await held.HoldsOneAsync();
        Assert.False(append.IsCompleted);
        Assert.Empty(log.Read(LogPosition.Start));

        held.LetGo();
        var position = await append;
        Assert.Equal(["one"], log.Read(LogPosition.Start));
        Assert.True(position < log.Log.End);
    }

    [Fact]
    public async Task What_waits_while_two_batches_sync_is_the_next_batch_with_one_sync()
    {
        var held = new HeldDisk(_disk.Boot());
        await using var log = TestLog.Open(held);
        var first = await log.HoldBothAsync(held);
        var next = Enumerable.Range(0, 20).Select(i => log.AppendAsync($"next {i}").AsTask()).ToArray();
        var before = _disk.Changes;
        held.LetGo();
        await Task.WhenAll(first);
        await Task.WhenAll(next);
        Assert.Equal(4, _disk.Changes - before); // the held syncs, one write, one sync
    }

    [Fact]
    public async Task A_batch_that_gathers_waits_for_those_who_come_a_little_later_and_for_nobody_when_the_log_is_closed()
    {
        await using var log = TestLog.Open(_disk.Boot(), TestLog.SmallSegments with { GatherFor = TimeSpan.FromMilliseconds(100) });
        const int records = 10, rounds = 50;
        var (round, changes) = (0, long.MaxValue);

        // On a busy machine the next record may come after the wait: then another round is the test.
        for (; round < rounds && changes >= 2 * records; round++)
        {
            var before = _disk.Changes;
            List<Task<LogPosition>> appended = [];
            for (var i = 0; i < records; i++)
            {
                appended.Add(log.AppendAsync($"record {i}").AsTask());
                await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, _cancelled);
            }

            await Task.WhenAll(appended);
            changes = _disk.Changes - before;
        }

        Assert.True(changes < 2 * records, "fewer writes and syncs than one of each for each record");
        Assert.Equal(round * records, log.Read(LogPosition.Start).Count);

        var last = log.AppendAsync("last").AsTask();
        await log.DisposeAsync();
        Assert.True(last.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_batch_that_was_synced_first_is_told_and_shown_only_after_the_one_before_it()
    {
        var held = new HeldDisk(_disk.Boot());
        await using var log = TestLog.Open(held);
        held.Hold();
        var first = log.AppendAsync("first").AsTask();
        await held.HoldsOneAsync();
        var changes = _disk.Changes;
        held.LetPass(1);
        var second = log.AppendAsync("second").AsTask();
        await Eventually.HoldsAsync(() => _disk.Changes == changes + 2); // written and synced
        Assert.False(second.IsCompleted);
        Assert.Empty(log.Read(LogPosition.Start));

        held.LetGo();
        Assert.True(await first < await second);
        Assert.Equal(["first", "second"], log.Read(LogPosition.Start));
    }

    [Fact]
    public async Task Records_of_many_writers_are_whole_in_order_and_complete_for_readers_beside_them()
    {
        await using var log = TestLog.Open(_disk.Boot());
        const int writers = 8, each = 200;
        using var reader = log.Log.OpenReader(LogPosition.Start);
        var seen = new List<string>();
        var reading = Task.Run(
            async () =>
            {
                while (seen.Count < writers * each)
                {
                    while (reader.TryRead(out var record))
                    {
                        seen.Add(Encoding.ASCII.GetString(record.Facts));
                    }

                    if (seen.Count < writers * each)
                    {
                        await log.Log.WaitForMoreAsync(reader.Position, TimeSpan.FromDays(1), _cancelled);
                    }
                }
            },
            _cancelled);
        var positions = await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(
            async () =>
            {
                var mine = new List<(LogPosition Position, string Text)>();
                for (var i = 0; i < each; i++)
                {
                    mine.Add((await log.AppendAsync($"writer {writer} record {i}", bodyLength: i % 100), $"writer {writer} record {i}"));
                }

                return mine;
            },
            _cancelled)));
        await reading.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, _cancelled);

        Assert.Equal(positions.SelectMany(mine => mine).OrderBy(record => record.Position).Select(record => record.Text), seen);
        Assert.All(positions, mine => Assert.Equal(mine.Select(record => record.Position).Order(), mine.Select(record => record.Position)));
        Assert.Empty(log.Losses);
    }

    [Fact]
    public async Task After_a_failed_fsync_every_waiter_fails_and_the_file_is_not_synced_again()
    {
        var held = new HeldDisk(_disk.Boot());
        var log = TestLog.Open(held);
        await log.AppendAsync("safe");
        var inFlight = await log.HoldBothAsync(held);
        var gathered = log.AppendAsync("gathered").AsTask();
        _disk.OrderFault(_disk.Changes + 1, CrashDisk.Fault.Error);
        held.LetGo();

        await Assert.ThrowsAsync<LogPoisonedException>(() => inFlight[0]);
        await Assert.ThrowsAsync<LogPoisonedException>(() => inFlight[1]);
        await Assert.ThrowsAsync<LogPoisonedException>(() => gathered);
        Assert.Throws<LogPoisonedException>(() => { _ = log.AppendAsync("later"); });
        Assert.False(log.Log.IsHealthy);
        Assert.Equal(["safe"], log.Read(LogPosition.Start));

        var changes = _disk.Changes;
        await log.DisposeAsync();
        Assert.Equal(changes, _disk.Changes);

        _disk.Kill();
        await using var again = TestLog.Open(_disk.Boot());
        Assert.Equal("safe", again.Replayed[0]);
        Assert.DoesNotContain("gathered", again.Replayed);
        await again.AppendAsync("works again");
    }

    [Fact]
    public async Task After_a_failed_write_nothing_more_is_written()
    {
        var log = TestLog.Open(_disk.Boot());
        await log.AppendAsync("safe");
        _disk.OrderFault(_disk.Changes + 1, CrashDisk.Fault.Full);
        await Assert.ThrowsAsync<LogPoisonedException>(() => log.AppendAsync("lost").AsTask());
        Assert.False(log.Log.IsHealthy);
        await log.DisposeAsync();
        await using var again = TestLog.Open(_disk.Boot());
        Assert.Equal(["safe"], again.Replayed);
    }

    [Fact]
    public async Task A_record_as_long_as_the_limit_is_taken_and_one_byte_more_is_refused()
    {
        await using var log = TestLog.Open(_disk.Boot());
        var limit = TestLog.SmallSegments.MaxRecordBytes;
        await log.Log.AppendAsync(1, new byte[100], new byte[limit - 100], _cancelled);
        Assert.Throws<ArgumentException>(() => { _ = log.Log.AppendAsync(1, new byte[100], new byte[limit - 99], _cancelled); });
    }

    [Fact]
    public async Task Without_room_in_the_batch_an_appender_waits_and_is_refused_at_the_deadline()
    {
        var time = new ManualTime();
        var held = new HeldDisk(_disk.Boot());
        await using var log = TestLog.Open(held, time: time);
        var first = await log.HoldBothAsync(held);
        var full = Enumerable.Range(0, 2).Select(i => log.AppendAsync($"fills {i}", 1900).AsTask()).ToArray();
        var waits = log.AppendAsync("waits", 1900).AsTask();
        var alsoWaits = log.AppendAsync("waits too", 1900).AsTask();
        Assert.False(waits.IsCompleted);
        time.Advance(TestLog.SmallSegments.RoomDeadline);
        await Assert.ThrowsAsync<LogFullException>(() => waits);
        await Assert.ThrowsAsync<LogFullException>(() => alsoWaits);

        var patient = log.AppendAsync("patient", 1900).AsTask();
        held.LetGo();
        await Task.WhenAll([.. first, .. full, patient]);
        Assert.Equal("patient", log.Read(LogPosition.Start)[^1]);
    }

    [Fact]
    public async Task Room_that_came_before_an_appender_begins_to_wait_is_not_waited_for()
    {
        await using var log = TestLog.Open(_disk.Boot(), time: new ManualTime());
        await log.AppendAsync("one");

        // A writer has taken all since the appender saw that it was full, and has nothing more to do: nobody would come to tell.
        await log.Log.WaitForRoomAsync(_cancelled).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, _cancelled);
    }

    [Fact]
    public async Task Below_the_floor_of_free_space_the_layer_above_is_told_and_told_again_when_there_is_room()
    {
        var time = new ManualTime();
        _disk.CapacityBytes = 1 << 20;
        await using var log = TestLog.Open(_disk.Boot(), TestLog.SmallSegments with { FreeSpaceFloorBytes = 500 << 10 }, time);
        Assert.True(log.Log.HasSpace);
        _disk.CapacityBytes = 400 << 10;
        time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.HoldsAsync(() => !log.Log.HasSpace);
        await log.AppendAsync("what ends an item still goes in");
        _disk.CapacityBytes = 1 << 20;
        time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.HoldsAsync(() => log.Log.HasSpace);
    }

    [Fact]
    public async Task A_segment_with_records_is_closed_at_its_age()
    {
        var time = new ManualTime();
        await using var log = TestLog.Open(_disk.Boot(), time: time);
        var first = await log.AppendAsync("first");
        time.Advance(TestLog.SmallSegments.SegmentAge);
        await Eventually.HoldsAsync(() => log.Log.Segments.Count == 2);
        var second = await log.AppendAsync("second");
        Assert.True(second.Value - first.Value >= 4096);
        Assert.Equal(["first", "second"], log.Read(LogPosition.Start));
    }

    [Fact]
    public async Task Released_segments_go_oldest_first_and_reading_goes_on_behind_them()
    {
        await using var log = TestLog.Open(_disk.Boot());
        var positions = new List<LogPosition>();
        for (var i = 0; i < 20; i++)
        {
            positions.Add(await log.AppendAsync($"record {i}", 1500));
        }

        using var slow = log.Log.OpenReader(LogPosition.Start);
        Assert.True(slow.TryRead(out _));
        log.Log.ReleaseBefore(positions[15]);
        await Eventually.HoldsAsync(() => log.Log.Start > positions[13] && log.Log.Start <= positions[15]);
        Assert.Equal("record 15", log.Read(positions[15])[0]);
        var last = LogPosition.Start;
        while (slow.TryRead(out var record))
        {
            last = record.Position;
        }

        Assert.Equal(positions[^1], last);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Released_segments_are_used_again_up_to_the_limit_and_show_nothing_of_before(int limit)
    {
        await using var log = TestLog.Open(_disk.Boot(), TestLog.SmallSegments with { MaxSpentSegments = limit });
        for (var i = 0; i < 12; i++)
        {
            // Some stay short, so that the segment's life before shows behind them.
            var position = await log.AppendAsync($"record {i}", i % 3 == 0 ? 1900 : 1500);
            log.Log.ReleaseBefore(position);
            Assert.InRange(Spent(), 0, limit);
        }

        await Eventually.HoldsAsync(() => Spent() > 0 == limit > 0);
        var names = _disk.List(TestLog.Directory);
        var last = await log.AppendAsync("the last", 10);
        Assert.Equal("the last", Assert.Single(log.Read(last)));
        Assert.Empty(log.Losses);
        await log.DisposeAsync();

        await using var again = TestLog.Open(_disk.Boot());
        Assert.Equal("the last", again.Replayed[^1]);
        Assert.Empty(again.Losses);
        Assert.Equal(0, Spent());
        Assert.True(names.Count <= limit + 4, $"{names.Count} files");

        int Spent() => _disk.List(TestLog.Directory).Count(name => name.EndsWith(".spent", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_that_has_come_to_rest_gives_its_spent_segments_back()
    {
        var time = new ManualTime();
        await using var log = TestLog.Open(_disk.Boot(), TestLog.SmallSegments, time);
        for (var i = 0; i < 12; i++)
        {
            log.Log.ReleaseBefore(await log.AppendAsync($"record {i}", 1900));
        }

        await Eventually.HoldsAsync(() => _disk.List(TestLog.Directory).Any(name => name.EndsWith(".spent", StringComparison.Ordinal)));
        time.Advance(TimeSpan.FromSeconds(62));
        await Eventually.HoldsAsync(() => !_disk.List(TestLog.Directory).Any(name => name.EndsWith(".spent", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Power_lost_at_any_change_leaves_every_acknowledged_record(bool released)
    {
        var whole = new CrashDisk();
        await RunAsync(whole, [], released);
        var changes = whole.Changes;
        for (var change = 1L; change <= changes; change++)
        {
            for (var seed = 0; seed < 3; seed++)
            {
                var disk = new CrashDisk();
                var acknowledged = new List<string>();
                disk.OrderFault(change, CrashDisk.Fault.PowerLoss);
                var kept = await RunAsync(disk, acknowledged, released);
                disk.LosePower(seed);
                await using var again = TestLog.Open(disk.Boot());
                var before = again.Replayed.TakeWhile(text => kept < acknowledged.Count && text != acknowledged[kept]).Count();
                var expected = acknowledged.Skip(kept).ToArray();
                Assert.True(expected.Length <= again.Replayed.Count - before, $"change {change}, seed {seed}: {again.Replayed.Count - before} of {expected.Length} records");
                Assert.Equal(expected, again.Replayed.Skip(before).Take(expected.Length));
                Assert.DoesNotContain(again.Losses, loss => loss.Kind == LossKind.Certain);
            }
        }
    }

    /// <summary>
    /// A small run over several segments. Released: all but the last records are let go as it goes on, so that segments are used again.
    /// Returns how many acknowledged records may be gone.
    /// </summary>
    private static async Task<int> RunAsync(CrashDisk disk, List<string> acknowledged, bool released)
    {
        var kept = 0;
        try
        {
            await using var log = TestLog.Open(disk.Boot());
            for (var i = 0; i < (released ? 24 : 12); i++)
            {
                var position = await log.AppendAsync($"record {i}", 900);
                acknowledged.Add($"record {i}");
                if (released)
                {
                    log.Log.ReleaseBefore(position);
                    kept = i;
                }
            }
        }
        catch (IOException)
        {
            // The power went.
        }

        disk.ClearFaults();
        disk.Kill();
        return kept;
    }
}
