using Microsoft.Extensions.Logging;
using Tsunagi.Core.Disk;

namespace Tsunagi.Core.Logs;

public sealed partial class Spool
{
    private const string CheckpointName = "live.checkpoint";

    /// <summary>
    /// Opens the spool of a directory, or begins one; the caller holds the data directory (<see cref="DataDirectoryLock"/>). Blocks on the disk.
    /// <list type="number">
    /// <item>The checkpoint is read, if it is whole and nothing behind it has been released since.</item>
    /// <item>The log is opened and replayed from there.</item>
    /// <item>Body files that no item names are deleted.</item>
    /// </list>
    /// </summary>
    public static async ValueTask<Spool> OpenAsync(
        IDisk disk, string directory, SpoolOptions options, TimeProvider time, ILogger log, CancellationToken cancellationToken)
    {
        options.Validate();
        cancellationToken.ThrowIfCancellationRequested();
        var bodies = new BodyFiles(disk, Path.Combine(directory, "bodies"), new SpentBodies(options.MaxSpentBodyBytes, time), log);
        var checkpoint = new SpoolCheckpoint(disk, Path.Combine(directory, CheckpointName));
        var live = new LiveSet();
        var streamOptions = new LogStreamOptions { Segments = options.Segments, Consumers = options.Consumers, ReplayWindow = options.ReplayWindow };

        LogStream? stream = null;
        try
        {
            // (1) and (2)
            stream = LogStream.Open(
                disk,
                Path.Combine(directory, "log"),
                streamOptions,
                time,
                log,
                options.Notices,
                start => Restore(checkpoint, live, start),
                (in record) => Replay(live, record));

            // (3)
            bodies.DeleteAllBut(live.Items.Where(item => item.Body.IsFile).Select(item => item.Body.File).ToHashSet());
            return new Spool(options, time, log, options.Notices, bodies, stream, live, checkpoint);
        }
        catch
        {
            // Two logs in one directory would write each other's segments: nothing of this one may be left when it is tried again.
            if (stream is not null)
            {
                await stream.DisposeAsync();
            }

            await bodies.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Where the replay begins. A checkpoint from before the oldest record is of no use: its items were carried forward or removed by records that may
    /// be gone, while all that lives has a record in the log.
    /// </summary>
    private static LogPosition Restore(SpoolCheckpoint checkpoint, LiveSet live, LogPosition start)
    {
        if (!checkpoint.TryRead(out var replayFrom, out var items) || replayFrom < start)
        {
            return start;
        }

        foreach (var item in items)
        {
            live.TryAdd(new LiveItem(item.Id, item.Facts)
            {
                Note = item.Note,
                AcceptedMicros = item.AcceptedMicros,
                Body = item.Body,
                Home = item.Home,
                HomeSegment = item.HomeSegment,
                IsSettled = true,
            });
        }

        return replayFrom;
    }

    /// <summary>Applies one record; applying the same stretch of records twice gives the same set.</summary>
    private static void Replay(LiveSet live, in LogRecord record)
    {
        switch (record.Kind)
        {
            case AcceptKind when SpoolRecordFormat.TryReadAccept(record.Facts, record.Position, out var id, out var body, out var facts):
                Put(live, record, new LiveItem(id, facts.ToArray()) { Body = body, AcceptedMicros = record.TimeMicros });
                break;
            case CarryKind when SpoolRecordFormat.TryReadCarry(record.Facts, record.Position, out var id, out var body, out var accepted, out var facts, out var note):
                Put(live, record, new LiveItem(id, facts.ToArray()) { Body = body, AcceptedMicros = accepted, Note = note });
                break;
            case NoteKind when record.Facts.Length >= SpoolRecordFormat.IdPrefix && live.Find(SpoolId.Read(record.Facts)) is { } item:
                item.Note = record.Facts[SpoolRecordFormat.IdPrefix..].ToArray();
                break;
            case RemoveKind when record.Facts.Length >= SpoolRecordFormat.IdPrefix && live.Find(SpoolId.Read(record.Facts)) is { } item:
                live.Remove(item);
                break;
        }
    }

    private static void Put(LiveSet live, in LogRecord record, LiveItem item)
    {
        if (live.Find(item.Id) is { } older)
        {
            live.Remove(older);
        }

        (item.Home, item.HomeSegment, item.IsSettled) = (record.Position, record.Segment, true);
        live.TryAdd(item);
    }
}
