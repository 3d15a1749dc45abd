using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Logs;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Core.Logs;

public sealed class Spool_items : IAsyncDisposable
{
    private static readonly SpoolOptions Small = new()
    {
        Segments = new SegmentLogOptions
        {
            SegmentBytes = 16 << 10,
            MaxBatchBytes = 8 << 10,
            MaxRecordBytes = 4 << 10,
            FreeSpaceFloorBytes = 0,
            HousekeepingEvery = TimeSpan.FromDays(20), // the tests call it
        },
        InlineBodyBytes = 1024,
        CarriedBodyBytes = 256,
        MaxFactsBytes = 512,
        MaxSpentBodyBytes = 0,
    };

    private readonly CrashDisk _disk = new();
    private readonly ManualTime _time = new();
    private readonly List<SpoolId> _lostBodies = [];
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private Spool? _spool;

    public async ValueTask DisposeAsync()
    {
        if (_spool is not null)
        {
            await _spool.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_id_is_taken_until_its_removal_is_on_the_disk()
    {
        var held = new HeldDisk(_disk.Boot());
        _spool = await Spool.OpenAsync(held, "/data/spool", Small, _time, NullLogger.Instance, _cancelled);
        var id = await AcceptAsync(_spool, 10);
        held.Hold();
        var removing = _spool.RemoveAsync(id, default, _cancelled).AsTask();
        await held.HoldsOneAsync();
        Assert.Null(_spool.Lookup(id));
        Assert.True(_spool.Holds(id));
        held.LetGo();
        await removing;
        Assert.False(_spool.Holds(id));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(1024, 0)]
    [InlineData(1025, 1)]
    [InlineData(200_000, 1)]
    public async Task A_body_longer_than_the_inline_limit_is_a_file_of_its_own(int length, int files)
    {
        var spool = await OpenAsync(Small);
        var id = await AcceptAsync(spool, length);
        Assert.Equal(files, _disk.List("/data/spool/bodies").Count);
        Assert.Equal(Body(length), Read(spool, id));
        Assert.Equal(length, spool.Live.Single().BodyLength);

        await spool.RemoveAsync(id, default, _cancelled);
        await Eventually.HoldsAsync(() => _disk.List("/data/spool/bodies").Count == 0);
    }

    [Fact]
    public async Task A_body_given_up_leaves_nothing()
    {
        var spool = await OpenAsync(Small);
        var body = spool.BeginBody();
        body.Write(Body(100_000));
        Assert.Single(_disk.List("/data/spool/bodies"));
        body.Dispose();
        await Eventually.HoldsAsync(() => _disk.List("/data/spool/bodies").Count == 0);
        Assert.Equal(0, spool.Count);
    }

    [Fact]
    public async Task A_body_file_that_no_item_names_is_deleted_at_the_start()
    {
        _disk.Plant("/data/spool/bodies/00000000000000000000000000000001.body", [1, 2, 3]);
        await OpenAsync(Small);
        Assert.Empty(_disk.List("/data/spool/bodies"));
    }

    [Fact]
    public async Task The_longest_body_is_taken_and_one_byte_more_is_refused()
    {
        var spool = await OpenAsync(Small with { MaxBodyBytes = 5000 });
        await AcceptAsync(spool, 5000);
        await Assert.ThrowsAsync<IOException>(() => AcceptAsync(spool, 5001));
        Assert.Equal(1, spool.Count);
    }

    [Fact]
    public async Task Facts_at_their_limit_are_taken_and_one_byte_more_is_refused()
    {
        var spool = await OpenAsync(Small);
        var id = SpoolId.New(_time);
        await spool.AcceptAsync(id, new byte[512], spool.BeginBody(), _cancelled);
        await spool.NoteAsync(id, new byte[512], _cancelled);
        await Assert.ThrowsAsync<ArgumentException>(() => spool.AcceptAsync(SpoolId.New(_time), new byte[513], spool.BeginBody(), _cancelled).AsTask());
        Assert.Throws<ArgumentException>(() => { _ = spool.NoteAsync(id, new byte[513], _cancelled); });

        // And with everything at its limit it can still be carried forward.
        await RollAsync(spool);
        _time.Advance(TimeSpan.FromMinutes(10));
        await spool.CarryAsync(_cancelled);
        Assert.True(spool.IsHealthy);
    }

    [Fact]
    public async Task The_spool_takes_as_many_items_as_it_may_and_opens_again_when_one_goes()
    {
        var spool = await OpenAsync(Small with { MaxItems = 2 });
        var first = await AcceptAsync(spool, 10);
        await AcceptAsync(spool, 10);
        Assert.NotNull(spool.IntakePausedBecause);
        await Assert.ThrowsAsync<LogFullException>(() => AcceptAsync(spool, 10));
        await spool.RemoveAsync(first, default, _cancelled);
        await AcceptAsync(spool, 10);
    }

    [Fact]
    public async Task On_a_disk_below_its_floor_nothing_new_is_accepted_but_notes_and_removes_go_on()
    {
        _disk.CapacityBytes = 1 << 20;
        var options = Small with { Segments = Small.Segments with { FreeSpaceFloorBytes = 500 << 10, HousekeepingEvery = TimeSpan.FromSeconds(1) } };
        var spool = await OpenAsync(options);
        var id = await AcceptAsync(spool, 100);
        _disk.CapacityBytes = 400 << 10;
        _time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.HoldsAsync(() => spool.IntakePausedBecause is not null);
        await Assert.ThrowsAsync<LogFullException>(() => AcceptAsync(spool, 100));
        await spool.NoteAsync(id, "delivered to one"u8.ToArray(), _cancelled);
        await spool.RemoveAsync(id, "delivered"u8.ToArray(), _cancelled);
        Assert.Equal(0, spool.Count);
    }

    [Fact]
    public async Task A_full_disk_while_a_long_body_arrives_is_told_to_its_writer_and_harms_nobody_else()
    {
        var spool = await OpenAsync(Small);
        _disk.CapacityBytes = 100 << 10;
        using (var body = spool.BeginBody())
        {
            Assert.ThrowsAny<IOException>(() => body.Write(Body(200_000)));
        }

        Assert.True(spool.IsHealthy);
        await AcceptAsync(spool, 100);
    }

    [Fact]
    public async Task A_body_file_whose_fsync_fails_fails_its_accept_only()
    {
        var spool = await OpenAsync(Small);
        await AcceptAsync(spool, 10);
        await Eventually.HoldsAsync(() => _disk.List("/data/spool/log").Count == 2);
        using var body = spool.BeginBody();
        body.Write(Body(2000));
        body.Finish();
        _disk.OrderFault(_disk.Changes + 1, CrashDisk.Fault.Error);
        var failed = SpoolId.New(_time);
        await Assert.ThrowsAsync<IOException>(() => spool.AcceptAsync(failed, default, body, _cancelled).AsTask());
        Assert.True(spool.IsHealthy);
        await AcceptAsync(spool, 2000);
        Assert.DoesNotContain(spool.Live, item => item.Id == failed);
    }

    [Fact]
    public async Task Live_records_are_carried_forward_after_ten_minutes_and_their_segments_go()
    {
        var spool = await OpenAsync(Small);
        var shortBody = await AcceptAsync(spool, 200);
        var movedBody = await AcceptAsync(spool, 900);
        var fileBody = await AcceptAsync(spool, 3000);
        var ended = await AcceptAsync(spool, 900);
        await spool.NoteAsync(shortBody, "tried twice"u8.ToArray(), _cancelled);
        await spool.RemoveAsync(ended, default, _cancelled);
        await RollAsync(spool);
        var segments = _disk.List("/data/spool/log");

        _time.Advance(TimeSpan.FromMinutes(9.9));
        await spool.CarryAsync(_cancelled);
        Assert.Single(_disk.List("/data/spool/bodies"));

        _time.Advance(TimeSpan.FromMinutes(0.1));
        await spool.CarryAsync(_cancelled);
        await Eventually.HoldsAsync(() => !_disk.List("/data/spool/log").Contains(segments[0]));
        Assert.Equal(2, _disk.List("/data/spool/bodies").Count); // of more than 256 bytes: a file now

        foreach (var reopened in new[] { false, true })
        {
            if (reopened)
            {
                _disk.Kill();
                await spool.DisposeAsync();
                spool = await OpenAsync(Small);
            }

            Assert.Equal(Body(200), Read(spool, shortBody));
            Assert.Equal(Body(900), Read(spool, movedBody));
            Assert.Equal(Body(3000), Read(spool, fileBody));
            Assert.Equal("tried twice", Encoding.ASCII.GetString(spool.Live.First(item => item.Id == shortBody).Note!.Value.Span));
        }
    }

    [Fact]
    public async Task A_start_replays_only_what_is_behind_the_checkpoint_and_everything_when_it_is_damaged()
    {
        var spool = await OpenAsync(Small);
        var ids = new List<SpoolId>();
        for (var i = 0; i < 100; i++)
        {
            ids.Add(await AcceptAsync(spool, 300));
        }

        await spool.WriteCheckpointAsync(_cancelled);
        ids.Add(await AcceptAsync(spool, 300));
        await spool.NoteAsync(ids[0], "late"u8.ToArray(), _cancelled);
        _disk.Kill();
        await spool.DisposeAsync();

        spool = await OpenAsync(Small);
        Assert.Equal(3, spool.ReplayedRecords); // the mark of the checkpoint, the accept, the note
        Assert.Equal(ids.Order(), spool.Live.Select(item => item.Id).Order());
        Assert.Equal(Body(300), Read(spool, ids[50]));

        _disk.Kill();
        await spool.DisposeAsync();
        _disk.Corrupt("/data/spool/live.checkpoint", bytes =>
        {
            bytes[bytes.Length / 2] ^= 1;
            return bytes;
        });
        spool = await OpenAsync(Small);
        Assert.True(spool.ReplayedRecords > 100);
        Assert.Equal(ids.Order(), spool.Live.Select(item => item.Id).Order());
        Assert.Equal("late", Encoding.ASCII.GetString(spool.Live.First(item => item.Id == ids[0]).Note!.Value.Span));
    }

    [Fact]
    public async Task A_damaged_body_is_reported_and_its_item_can_still_be_ended()
    {
        var spool = await OpenAsync(Small with { BodyCacheBytes = 0 });
        var inline = await AcceptAsync(spool, 800);
        var file = await AcceptAsync(spool, 5000);
        var segment = "/data/spool/log/" + _disk.List("/data/spool/log")[0];
        _disk.Corrupt(segment, bytes => Flip(bytes, bytes.AsSpan().IndexOf(Body(800).AsSpan(0, 32)) + 20));
        _disk.Corrupt("/data/spool/bodies/" + _disk.List("/data/spool/bodies")[0], bytes => Flip(bytes, 4000));

        Assert.Throws<SpoolBodyLostException>(() => Read(spool, inline));
        Assert.Throws<SpoolBodyLostException>(() => Read(spool, file));
        Assert.Equal([inline, file], _lostBodies);
        await spool.RemoveAsync(inline, "body lost"u8.ToArray(), _cancelled);
        await spool.RemoveAsync(file, "body lost"u8.ToArray(), _cancelled);
        Assert.Equal(0, spool.Count);
    }

    [Fact]
    public async Task A_disk_that_fails_while_a_body_is_opened_says_nothing_about_the_body()
    {
        var spool = await OpenAsync(Small with { BodyCacheBytes = 0 });
        var file = await AcceptAsync(spool, 5000);
        _disk.Kill();
        Assert.IsNotType<SpoolBodyLostException>(Assert.ThrowsAny<IOException>(() => spool.OpenBody(file)));
        Assert.Empty(_lostBodies);
    }

    [Theory]
    [InlineData("deleting /data/spool/bodies")]
    [InlineData("syncing directory /data/spool/log (new segment name)")]
    public async Task A_start_that_fails_leaves_nothing_of_itself_behind(string at)
    {
        await AcceptAsync(await OpenAsync(Small), 5000);
        await _spool!.DisposeAsync();
        _disk.Plant("/data/spool/bodies/00000000000000000000000000000001.body", [1, 2, 3]);

        var boot = _disk.Boot();
        _disk.FailAt(at);
        await Assert.ThrowsAsync<IOException>(() => OpenAsync(Small, boot));
        Assert.Equal(0, _disk.OpenFiles);

        var spool = await OpenAsync(Small, boot);
        Assert.Equal(Body(5000), Read(spool, spool.Live.Single().Id));
    }

    [Fact]
    public async Task A_body_being_read_stays_readable_when_its_item_is_removed()
    {
        var spool = await OpenAsync(Small);
        var id = await AcceptAsync(spool, 5000);
        using var reader = spool.OpenBody(id);
        await spool.RemoveAsync(id, default, _cancelled);
        await Eventually.HoldsAsync(() => _disk.List("/data/spool/bodies").Count == 0);
        using var copy = new MemoryStream();
        await reader.AsStream().CopyToAsync(copy, _cancelled);
        Assert.Equal(Body(5000), copy.ToArray());
    }

    [Fact]
    public async Task The_file_of_a_body_that_is_gone_is_written_again_and_gone_a_minute_later()
    {
        var spool = await OpenAsync(Small with { MaxSpentBodyBytes = 10_000 });
        var first = await AcceptAsync(spool, 5_000);
        var file = Assert.Single(_disk.List("/data/spool/bodies"));
        await spool.RemoveAsync(first, default, _cancelled);

        // Much shorter: what the file held behind it is cut off.
        var second = await AcceptAsync(spool, 2_000);
        Assert.Equal([file], _disk.List("/data/spool/bodies"));
        Assert.Equal(2_000, _disk.Contents($"/data/spool/bodies/{file}").Length);
        Assert.Equal(Body(2_000), Read(spool, second));

        await spool.RemoveAsync(second, default, _cancelled);
        _time.Advance(TimeSpan.FromSeconds(61));
        spool.DropSpentBodies();
        await Eventually.HoldsAsync(() => _disk.List("/data/spool/bodies").Count == 0);
    }

    [Fact]
    public async Task Spent_bodies_are_kept_up_to_their_limit_and_one_more_is_deleted()
    {
        var spool = await OpenAsync(Small with { MaxSpentBodyBytes = 10_000 });
        SpoolId[] ids = [await AcceptAsync(spool, 5_000), await AcceptAsync(spool, 5_000), await AcceptAsync(spool, 5_000)];
        foreach (var id in ids)
        {
            await spool.RemoveAsync(id, default, _cancelled);
        }

        await Eventually.HoldsAsync(() => _disk.List("/data/spool/bodies").Count == 2);
    }

    [Fact]
    public async Task A_body_being_read_is_not_overwritten_by_another_item()
    {
        var spool = await OpenAsync(Small with { MaxSpentBodyBytes = 100_000 });
        var read = await AcceptAsync(spool, 5_000);
        using var reader = spool.OpenBody(read);
        await spool.RemoveAsync(read, default, _cancelled);
        var other = await AcceptAsync(spool, 5_001);
        var bytes = new byte[5_000];
        Assert.Equal(5_000, reader.Read(0, bytes));
        Assert.Equal(Body(5_000), bytes);
        Assert.Equal(Body(5_001), Read(spool, other));
    }

    [Fact]
    public async Task Consumers_are_not_shown_what_is_carried_forward()
    {
        var spool = await OpenAsync(Small with { Consumers = [new LogConsumerOptions("trace")] });
        using var consumer = spool.OpenConsumer("trace", LogPosition.Start);
        var id = await AcceptAsync(spool, 100);
        await RollAsync(spool);
        _time.Advance(TimeSpan.FromMinutes(10));
        await spool.CarryAsync(_cancelled);
        await spool.WriteCheckpointAsync(_cancelled);
        await spool.RemoveAsync(id, default, _cancelled);
        var batch = await consumer.ReadAsync(1000, TimeSpan.Zero, _cancelled);
        Assert.Equal([SpoolRecordKind.Accept, SpoolRecordKind.Remove], batch.Records.Where(record => record.Id == id).Select(record => record.Kind));
        Assert.Equal(spool.End, batch.End);
    }

    [Fact]
    public async Task An_id_is_accepted_once_and_an_unknown_one_is_refused()
    {
        var spool = await OpenAsync(Small);
        var id = await AcceptAsync(spool, 10);
        await Assert.ThrowsAsync<ArgumentException>(() => spool.AcceptAsync(id, default, spool.BeginBody(), _cancelled).AsTask());
        await spool.RemoveAsync(id, default, _cancelled);
        Assert.Throws<KeyNotFoundException>(() => { _ = spool.NoteAsync(id, default, _cancelled); });
        await Assert.ThrowsAsync<KeyNotFoundException>(() => spool.RemoveAsync(id, default, _cancelled).AsTask());
        Assert.Throws<KeyNotFoundException>(() => spool.OpenBody(id));
    }

    [Fact]
    public void Its_id_in_text_is_an_id_of_kind_m_and_sorts_by_time()
    {
        var first = SpoolId.New(_time);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var second = SpoolId.New(_time);
        Assert.True(SpoolId.TryParse(first.ToString(), out var parsed));
        Assert.Equal(first, parsed);
        Assert.True(string.CompareOrdinal(first.ToString(), second.ToString()) < 0);
        Assert.True(first.CompareTo(second) < 0);
        Assert.Equal("m", Tsunagi.Core.Ids.Id.KindOf(first.ToString()));
        foreach (var wrong in new[] { "", "m_", "t" + first.ToString()[1..], first + "0", first.ToString()[..^1] + "u", "m_" + new string('z', 26) })
        {
            Assert.False(SpoolId.TryParse(wrong, out _), wrong);
        }
    }

    private static byte[] Body(int length)
    {
        var body = new byte[length];
        new Random(length).NextBytes(body);
        return body;
    }

    private static byte[] Flip(byte[] bytes, int at)
    {
        bytes[at] ^= 1;
        return bytes;
    }

    private static byte[] Read(Spool spool, SpoolId id)
    {
        using var reader = spool.OpenBody(id);
        using var copy = new MemoryStream();
        reader.AsStream().CopyTo(copy);
        return copy.ToArray();
    }

    private async Task<SpoolId> AcceptAsync(Spool spool, int bodyLength)
    {
        var id = SpoolId.New(_time);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var body = spool.BeginBody();
        try
        {
            foreach (var part in Body(bodyLength).Chunk(700))
            {
                body.Write(part);
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }

        await spool.AcceptAsync(id, Encoding.ASCII.GetBytes($"facts {bodyLength}"), body, _cancelled);
        return id;
    }

    /// <summary>Fills the active segment, so that what was written before is in a sealed one.</summary>
    private async Task RollAsync(Spool spool)
    {
        var names = _disk.List("/data/spool/log").Count;
        for (var i = 0; i < 20; i++)
        {
            var id = await AcceptAsync(spool, 1000);
            await spool.RemoveAsync(id, default, _cancelled);
        }

        await Eventually.HoldsAsync(() => _disk.List("/data/spool/log").Count > names);
    }

    private Task<Spool> OpenAsync(SpoolOptions options) => OpenAsync(options, _disk.Boot());

    private async Task<Spool> OpenAsync(SpoolOptions options, IDisk boot)
    {
        var notices = new LogNotices { BodyLost = id => _lostBodies.Add(id) };
        return _spool = await Spool.OpenAsync(boot, "/data/spool", options with { Notices = notices }, _time, NullLogger.Instance, _cancelled);
    }
}
