using Tsunagi.Core.Logs;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Core.Logs;

/// <summary>Every byte of a small log cut off, and every byte changed.</summary>
public sealed class Log_with_bad_bytes
{
    private const string SegmentName = "0000000000000000.segment";

    private static string SegmentPath => $"{TestLog.Directory}/{SegmentName}";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cut_at_any_byte_it_gives_the_records_before_the_cut_and_goes_on(bool usedBefore)
    {
        var (bytes, records) = await SmallLogAsync(usedBefore);
        for (var length = records[^1].End + 40; length >= SegmentHeader.Size; length--)
        {
            var disk = new CrashDisk();
            disk.Plant(SegmentPath, bytes[..length]);
            await using (var cut = TestLog.Open(disk.Boot()))
            {
                var whole = records.Where(record => record.End <= length).Select(record => record.Text).ToArray();
                Assert.Equal(whole, cut.Replayed);
                Assert.DoesNotContain(cut.Losses, loss => loss.Kind == LossKind.Certain);

                // A record begins with its checksum: when that begins with zeroes, what a cut leaves of it cannot be told from the room behind the last one.
                var left = records.FindLast(record => record.End <= length) is { End: > 0 } last ? last.End : SegmentHeader.Size;
                Assert.Equal(IsBetweenRecords(records, length) || !bytes.AsSpan(left, length - left).ContainsAnyExcept((byte)0), cut.Losses.Count == 0);
                if (length % 16 != 0)
                {
                    continue;
                }

                await cut.AppendAsync("after the cut");
                Assert.Equal([.. whole, "after the cut"], cut.Read(LogPosition.Start));
            }

            await using var again = TestLog.Open(disk.Boot());
            Assert.Empty(again.Losses);
            Assert.Equal("after the cut", again.Replayed[^1]);
        }
    }

    [Fact]
    public async Task Cut_inside_the_first_copy_of_its_header_a_segment_is_reported_as_lost_and_left_alone()
    {
        var (bytes, _) = await SmallLogAsync();
        foreach (var length in new[] { 0, 1, 43 })
        {
            var disk = new CrashDisk();
            disk.Plant(SegmentPath, bytes[..length]);
            await using var cut = TestLog.Open(disk.Boot());
            Assert.Empty(cut.Replayed);
            Assert.Equal([new LogLoss(LogPosition.Start, length, LossKind.Certain)], cut.Losses);
            var position = await cut.AppendAsync("after the loss");
            Assert.True(position.Value >= bytes.Length);
            Assert.Equal(length, disk.Contents(SegmentPath).Length);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_any_one_byte_changed_it_loses_that_record_at_most_and_says_so(bool usedBefore)
    {
        var (bytes, records) = await SmallLogAsync(usedBefore);
        foreach (var at in Enumerable.Range(0, 64).Concat(Enumerable.Range(SegmentHeader.Size / 2, 64)).Concat(Enumerable.Range(SegmentHeader.Size, records[^1].End + 64 - SegmentHeader.Size)))
        {
            var changed = (byte[])bytes.Clone();
            changed[at] ^= (byte)(1 << (at % 8));
            var disk = new CrashDisk();
            disk.Plant(SegmentPath, changed);
            await using var log = TestLog.Open(disk.Boot());

            var hit = records.FindIndex(record => record.Start <= at && at < record.End);
            var left = records.Where((_, i) => i != hit).Select(record => record.Text).ToArray();
            var all = records.Select(record => record.Text).ToArray();
            if (log.Replayed.Count == all.Length)
            {
                // A header's other copy, or bytes that nothing stands in.
                Assert.Equal(all, log.Replayed);
                continue;
            }

            Assert.Equal(left, log.Replayed);
            var loss = Assert.Single(log.Losses);
            Assert.InRange(at, loss.Position.Value, loss.Position.Value + loss.Bytes - 1);
            Assert.Equal(Expected(records, hit), loss.Kind);
        }
    }

    [Fact]
    public async Task A_reader_steps_over_a_bad_record_and_reports_it_once()
    {
        var (bytes, records) = await SmallLogAsync();
        var disk = new CrashDisk();
        disk.Plant(SegmentPath, bytes);
        await using var log = TestLog.Open(disk.Boot());
        disk.Corrupt(SegmentPath, content =>
        {
            content[records[2].Start + RecordHeader.Size] ^= 1;
            return content;
        });

        var left = records.Where((_, i) => i != 2).Select(record => record.Text).ToArray();
        Assert.Equal(left, log.Read(LogPosition.Start));
        Assert.Equal(left, log.Read(LogPosition.Start));
        Assert.Equal(new LogPosition(records[2].Start), Assert.Single(log.Losses).Position);
    }

    [Fact]
    public async Task Bytes_of_a_body_that_look_like_a_record_are_none()
    {
        // A sender who knows the format but not the segment's salt forges a record in a message, and the record around it is damaged.
        var forged = new byte[256];
        "forged"u8.CopyTo(forged.AsSpan(RecordHeader.Size));
        RecordHeader.Begin(forged, 1, 6, 0);
        RecordHeader.Seal(forged, new SegmentHeader(0, 0, 8192), SegmentHeader.Size + RecordHeader.Size, SegmentHeader.Size, 0);

        var disk = new CrashDisk();
        await using (var log = TestLog.Open(disk.Boot()))
        {
            await log.Log.AppendAsync(1, default, forged, TestContext.Current.CancellationToken);
            await log.AppendAsync("honest");
        }

        disk.Corrupt(SegmentPath, content =>
        {
            content[SegmentHeader.Size] ^= 1;
            return content;
        });
        await using var again = TestLog.Open(disk.Boot());
        Assert.Equal(["honest"], again.Replayed);
    }

    private static LossKind Expected(List<Place> records, int hit) =>
        hit == records.Count - 1 ? LossKind.TornTail
        : records[hit].Start < records[^1].SyncedBefore ? LossKind.Certain
        : LossKind.LastBatch;

    private static bool IsBetweenRecords(List<Place> records, int length) =>
        length == SegmentHeader.Size || length >= records[^1].End || records.Any(record => record.End == length);

    /// <summary>Six records in three batches, the last of two, each behind two batches of one; with bodies, and lengths that need padding.</summary>
    /// <param name="usedBefore">Behind the mark of the end lie records of the life before: valid ones, but for the salt.</param>
    private static async Task<(byte[] Segment, List<Place> Records)> SmallLogAsync(bool usedBefore = false)
    {
        var disk = new CrashDisk();
        var held = new HeldDisk(disk.Boot());
        var records = new List<Place>();
        await using (var log = TestLog.Open(held))
        {
            (string Text, int Body)[][] batches = [[("one", 0)], [("two", 40), ("three is longer", 0), ("four", 3)], [("five", 100), ("six", 1)]];
            foreach (var batch in batches)
            {
                // While the syncs of the records before are held, the batch gathers.
                string[] before = [$"before {batch[0].Text}", $"beside {batch[0].Text}"];
                var first = await log.HoldBothAsync(held, before[0], before[1]);
                var waiting = batch.Select(record => log.AppendAsync(record.Text, record.Body).AsTask()).ToArray();
                held.LetGo();
                foreach (var (text, position) in before.Zip(await Task.WhenAll(first)))
                {
                    Add(disk, records, text, 0, position);
                }

                foreach (var (record, position) in batch.Zip(await Task.WhenAll(waiting)))
                {
                    Add(disk, records, record.Text, record.Body, position);
                }
            }
        }

        var segment = disk.Contents(SegmentPath);
        if (usedBefore)
        {
            var (before, there) = await SmallLogAsync();
            var old = before.AsSpan(SegmentHeader.Size, there[^1].End - SegmentHeader.Size);
            for (var at = records[^1].End + RecordHeader.Size; at < segment.Length; at += old.Length)
            {
                old[..Math.Min(old.Length, segment.Length - at)].CopyTo(segment.AsSpan(at));
            }
        }

        return (segment, records);
    }

    private static void Add(CrashDisk disk, List<Place> records, string text, int body, LogPosition position)
    {
        var segment = disk.Contents(SegmentPath);
        Assert.True(SegmentHeader.TryRead(segment, out var header));
        Assert.True(RecordHeader.TryRead(segment.AsSpan((int)position.Value), header, position.Value, out var record));
        records.Add(new Place(text, (int)position.Value, (int)(position.Value + RecordHeader.Total(text.Length, body)), record.SyncedBefore));
    }

    private sealed record Place(string Text, int Start, int End, int SyncedBefore);
}
