using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Logs;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Core.Logs;

/// <summary>A small segment log on a <see cref="CrashDisk"/>, whose records are texts, and what its start found.</summary>
internal sealed class TestLog : IAsyncDisposable
{
    public const string Directory = "/data/log";

    public static readonly SegmentLogOptions SmallSegments = new()
    {
        SegmentBytes = 8 << 10,
        MaxBatchBytes = 4 << 10,
        MaxRecordBytes = 2 << 10,
        FreeSpaceFloorBytes = 0,
    };

    private readonly List<string> _replayed = [];
    private readonly List<LogLoss> _losses = [];

    private TestLog()
    {
    }

    public SegmentLog Log { get; private set; } = null!;

    /// <summary>The texts of the records that the start replayed.</summary>
    public IReadOnlyList<string> Replayed => _replayed;

    public IReadOnlyList<LogLoss> Losses
    {
        get
        {
            lock (_losses)
            {
                return [.. _losses];
            }
        }
    }

    public static TestLog Open(IDisk disk, SegmentLogOptions? options = null, TimeProvider? time = null)
    {
        var test = new TestLog();
        test.Log = SegmentLog.Open(
            disk,
            Directory,
            options ?? SmallSegments,
            time ?? new ManualTime(),
            NullLogger.Instance,
            static start => start,
            (in record) => test._replayed.Add(Encoding.ASCII.GetString(record.Facts)),
            loss =>
            {
                lock (test._losses)
                {
                    test._losses.Add(loss);
                }
            });
        return test;
    }

    public ValueTask<LogPosition> AppendAsync(string text, int bodyLength = 0) =>
        Log.AppendAsync(1, Encoding.ASCII.GetBytes(text), new byte[bodyLength], TestContext.Current.CancellationToken);

    /// <summary>Holds the syncs of both writers, each with a record of its own, so that what is appended from now on gathers.</summary>
    public async Task<Task<LogPosition>[]> HoldBothAsync(HeldDisk held, string one = "held 1", string two = "held 2")
    {
        held.Hold();
        var first = AppendAsync(one).AsTask();
        await held.HoldsOneAsync();
        var second = AppendAsync(two).AsTask();
        await held.HoldsOneAsync();
        return [first, second];
    }

    /// <summary>The texts that a reader sees from here on.</summary>
    public List<string> Read(LogPosition from)
    {
        using var reader = Log.OpenReader(from);
        var texts = new List<string>();
        while (reader.TryRead(out var record))
        {
            texts.Add(Encoding.ASCII.GetString(record.Facts));
        }

        return texts;
    }

    public ValueTask DisposeAsync() => Log.DisposeAsync();
}
