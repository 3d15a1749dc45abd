using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Logs;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Logs;

public sealed class Spool_on_a_real_disk : IDisposable
{
    private static readonly SpoolOptions Options = new()
    {
        Segments = new SegmentLogOptions { SegmentBytes = 4 << 20, MaxBatchBytes = 2 << 20 },
        Consumers = [new LogConsumerOptions("trace")],
    };

    private readonly TemporaryDirectory _directory = new();
    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task An_item_comes_back_after_a_restart_with_its_last_note_and_its_body()
    {
        var small = SpoolId.New(TimeProvider.System);
        var large = SpoolId.New(TimeProvider.System);
        var removed = SpoolId.New(TimeProvider.System);
        await using (var spool = await OpenAsync())
        {
            await AcceptAsync(spool, small, "small facts", 100);
            await AcceptAsync(spool, large, "large facts", 200_000);
            await AcceptAsync(spool, removed, "gone", 100_000);
            await spool.NoteAsync(small, "one"u8.ToArray(), _cancelled);
            await spool.NoteAsync(small, "two"u8.ToArray(), _cancelled);
            await spool.RemoveAsync(removed, "done"u8.ToArray(), _cancelled);
        }

        await using var again = await OpenAsync();
        var live = again.Live.ToArray();
        Assert.Equal([small, large], live.Select(item => item.Id));
        Assert.Equal("two", Encoding.ASCII.GetString(live[0].Note!.Value.Span));
        Assert.Equal("large facts", Encoding.ASCII.GetString(live[1].Facts.Span));
        Assert.Null(live[1].Note);
        Assert.Equal(Body(100), Read(again, small));
        Assert.Equal(Body(200_000), Read(again, large));
        Assert.Throws<KeyNotFoundException>(() => again.OpenBody(removed));
        Assert.Single(Directory.GetFiles(Path.Combine(_directory.Path, "bodies")));
    }

    [Fact]
    public async Task A_consumer_sees_accepts_notes_and_removes_in_order()
    {
        var id = SpoolId.New(TimeProvider.System);
        await using var spool = await OpenAsync();
        await AcceptAsync(spool, id, "facts", 70_000);
        await spool.NoteAsync(id, "note"u8.ToArray(), _cancelled);
        await spool.RemoveAsync(id, "end"u8.ToArray(), _cancelled);

        using var consumer = spool.OpenConsumer("trace", LogPosition.Start);
        var batch = await consumer.ReadAsync(100, TimeSpan.FromSeconds(5), _cancelled);
        Assert.Equal(
            [(SpoolRecordKind.Accept, "facts", 70_000L), (SpoolRecordKind.Note, "note", 0L), (SpoolRecordKind.Remove, "end", 0L)],
            batch.Records.Select(record => (record.Kind, Encoding.ASCII.GetString(record.Facts.Span), record.BodyLength)));
        Assert.All(batch.Records, record => Assert.Equal(id, record.Id));
        consumer.Commit(batch.End);
        Assert.Equal(spool.End, consumer.Committed);
    }

    private static byte[] Body(int length)
    {
        var body = new byte[length];
        new Random(length).NextBytes(body);
        return body;
    }

    private static byte[] Read(Spool spool, SpoolId id)
    {
        using var reader = spool.OpenBody(id);
        using var copy = new MemoryStream();
        reader.AsStream().CopyTo(copy);
        return copy.ToArray();
    }

    private static async Task AcceptAsync(Spool spool, SpoolId id, string facts, int bodyLength)
    {
        var body = spool.BeginBody();
        foreach (var part in Body(bodyLength).Chunk(5000))
        {
            body.Write(part);
        }

        await spool.AcceptAsync(id, Encoding.ASCII.GetBytes(facts), body, TestContext.Current.CancellationToken);
    }

    private ValueTask<Spool> OpenAsync() =>
        Spool.OpenAsync(new RealDisk(), _directory.Path, Options, TimeProvider.System, NullLogger.Instance, _cancelled);
}
