using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Disk;

namespace Tsunagi.Core.Logs;

/// <summary>
/// The top layer of the logs, for what is accepted, worked on and ended (mail): a <see cref="LogStream"/> with the set of items that live in it
/// and the files of their long bodies. It is the queue's truth and its projections' source at once: one fsync for an accept.
/// <para>The way of an item:</para>
/// <list type="number">
/// <item><see cref="BeginBody"/>: the body arrives, in memory up to the inline limit, else in a file of its own (<see cref="SpoolBody"/>).</item>
/// <item><see cref="AcceptAsync"/>: a body file is synced, then its directory (<see cref="BodyFiles"/>); then the accept record, with the short
/// body in it, is appended. When the task completes the item survives any loss of power, and the sender may be told so.</item>
/// <item><see cref="NoteAsync"/> replaces its state, as often as needed; <see cref="OpenBody"/> reads its body.</item>
/// <item>While it lives longer than its segment, it is carried forward (<c>Spool.Carry.cs</c>): accept, latest note and short body in one record.</item>
/// <item><see cref="RemoveAsync"/> ends it; after the fsync its body file is deleted.</item>
/// <item>At a start the checkpoint and the records after it give the live set again (<see cref="Live"/>), each item with its latest note.</item>
/// </list>
/// <para>
/// Memory follows the order of the log: what is decided about an item and the append of it happen under one lock. After a failed append the log is
/// poisoned, this object is of no more use, and the spool is opened again.
/// </para>
/// </summary>
public sealed partial class Spool : IAsyncDisposable
{
    internal const byte AcceptKind = (byte)SpoolRecordKind.Accept;
    internal const byte NoteKind = (byte)SpoolRecordKind.Note;
    internal const byte RemoveKind = (byte)SpoolRecordKind.Remove;
    internal const byte CarryKind = 4;
    internal const byte MarkKind = 5;

    private readonly SpoolOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly LogNotices _notices;
    private readonly BodyFiles _bodies;
    private readonly LogStream _stream;
    private readonly Lock _gate = new();
    private readonly LiveSet _live;
    private readonly BodyCache _cache;
    private readonly SpoolCheckpoint _checkpoint;

    private Spool(
        SpoolOptions options, TimeProvider time, ILogger log, LogNotices notices, BodyFiles bodies, LogStream stream, LiveSet live, SpoolCheckpoint checkpoint)
    {
        (_options, _time, _log, _notices, _bodies, _stream, _live, _checkpoint) = (options, time, log, notices, bodies, stream, live, checkpoint);
        _cache = new BodyCache(options.BodyCacheBytes);
        StartHousekeeping();
    }

    /// <summary>False after a failed write or fsync: open the spool again.</summary>
    public bool IsHealthy => _stream.Log.IsHealthy;

    /// <summary>Why nothing new is accepted for now, or null. Ask before reading a body; <see cref="AcceptAsync"/> asks again.</summary>
    public string? IntakePausedBecause => _stream.IntakePausedBecause ?? (Count >= _options.MaxItems ? "the spool holds as many items as it may" : null);

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _live.Count;
            }
        }
    }

    /// <summary>The items that live now, in the order in which they were accepted. A copy, made for the start; not for the hot path.</summary>
    public IEnumerable<SpoolItem> Live
    {
        get
        {
            lock (_gate)
            {
                return [.. _live.Items.Where(item => !item.IsRemoving).OrderBy(item => item.AcceptedMicros).ThenBy(item => item.Id).Select(Show)];
            }
        }
    }

    /// <summary>One item as it stands now; null when the spool holds none of that id.</summary>
    public SpoolItem? Lookup(SpoolId id)
    {
        lock (_gate)
        {
            return _live.Find(id) is { IsRemoving: false } item ? Show(item) : null;
        }
    }

    /// <summary>Whether an item of this id stands in its way: it is there, or its removal is not on the disk yet.</summary>
    public bool Holds(SpoolId id)
    {
        lock (_gate)
        {
            return _live.Find(id) is not null;
        }
    }

    /// <summary>Behind the last synced record.</summary>
    public LogPosition End => _stream.Log.End;

    internal long ReplayedRecords => _stream.Log.ReplayedRecords;

    /// <summary>
    /// Takes the item in. Completes when it, its body, and everything appended before it are on the disk. The body then belongs to the spool;
    /// after a failure it is disposed.
    /// </summary>
    /// <exception cref="LogFullException">Intake is paused: the sender is asked to come back.</exception>
    /// <exception cref="IOException">The disk failed, or the log is poisoned: whether the item is there is known at the next start.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<LogPosition> AcceptAsync(SpoolId id, ReadOnlyMemory<byte> facts, SpoolBody body, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            ThrowIfTooLong(facts);
            ThrowIfPaused();
            if (!body.IsOf(_bodies))
            {
                // The opening since then has deleted every file that no item names, and this one's may be among them.
                throw new LogPoisonedException("the body was begun before the spool was opened again");
            }

            body.Finish();
            if (body.IsFile)
            {
                await _bodies.SyncAsync(body.File!);
            }

            var item = new LiveItem(id, facts.ToArray()) { Body = body.Place, AcceptedMicros = Time.UnixMicros.From(_time.GetUtcNow()) };
            ValueTask<LogPosition> synced;
            while (!TryAccept(item, body, out synced))
            {
                await _stream.Log.WaitForRoomAsync(cancellationToken);
            }

            // From here on the record may reach the disk, whatever we are told: its body must not go. The next start deletes it if nobody names it.
            body.Release();
            return Settle(item, await SyncedOrForgotten(synced, item), body);
        }
        finally
        {
            body.Dispose();
        }
    }

    /// <summary>Replaces the item's state; after a restart it comes back with this one. Completes when it is on the disk.</summary>
    /// <exception cref="KeyNotFoundException">There is no such item.</exception>
    public ValueTask<LogPosition> NoteAsync(SpoolId id, ReadOnlyMemory<byte> note, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfTooLong(note);
        return TryNote(id, note, out var synced) ? synced : NoteWhenRoomAsync(id, note, cancellationToken);
    }

    /// <summary>Ends the item. Completes when that is on the disk; its body is then deleted, readers of it apart.</summary>
    /// <exception cref="KeyNotFoundException">There is no such item.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<LogPosition> RemoveAsync(SpoolId id, ReadOnlyMemory<byte> facts, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfTooLong(facts);
        ValueTask<LogPosition> synced;
        LiveItem? item;
        while (!TryRemove(id, facts, out item, out synced))
        {
            await _stream.Log.WaitForRoomAsync(cancellationToken);
        }

        var position = await synced;
        BodyPlace body;
        lock (_gate)
        {
            _live.Remove(item);
            body = item.Body;
        }

        if (body.IsFile)
        {
            _bodies.GiveUp(body.File, body.Length);
        }

        return position;
    }

    /// <summary>Opens one of the declared consumers at the position its store says.</summary>
    public SpoolConsumer OpenConsumer(string name, LogPosition from) => new(_stream.OpenConsumer(name, from));

    private bool TryAccept(LiveItem item, SpoolBody body, out ValueTask<LogPosition> synced)
    {
        Span<byte> prefix = stackalloc byte[SpoolRecordFormat.AcceptPrefix];
        SpoolRecordFormat.WriteAccept(prefix, item.Id, item.Body);
        lock (_gate)
        {
            if (_live.Find(item.Id) is not null)
            {
                throw new ArgumentException($"the spool already holds {item.Id}", nameof(item));
            }

            var inline = body.IsFile ? default : new ReadOnlySequence<byte>(body.Inline);
            var end = _stream.Log.End;
            if (!_stream.Log.TryAppend(AcceptKind, prefix, item.Facts, inline, out synced))
            {
                return false;
            }

            // Not behind its record: the active segment can only move on.
            item.Home = end;
            item.HomeSegment = _stream.Log.SegmentFrom(end).Base;
            _live.TryAdd(item);
            return true;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<LogPosition> SyncedOrForgotten(ValueTask<LogPosition> synced, LiveItem item)
    {
        try
        {
            return await synced;
        }
        catch
        {
            lock (_gate)
            {
                _live.Remove(item);
            }

            throw;
        }
    }

    private LogPosition Settle(LiveItem item, LogPosition position, SpoolBody body)
    {
        lock (_gate)
        {
            item.Body = item.Body with { Record = position };
            _live.Settle(item, position, _stream.Log.SegmentFrom(position).Base);
            if (!item.Body.IsFile)
            {
                _cache.Add(item, body.Inline);
            }
        }

        return position;
    }

    private bool TryNote(SpoolId id, ReadOnlyMemory<byte> note, out ValueTask<LogPosition> synced)
    {
        Span<byte> prefix = stackalloc byte[SpoolRecordFormat.IdPrefix];
        id.Write(prefix);
        lock (_gate)
        {
            var item = Find(id);
            if (!_stream.Log.TryAppend(NoteKind, prefix, note.Span, default, out synced))
            {
                return false;
            }

            item.Note = note.ToArray();
            return true;
        }
    }

    private async ValueTask<LogPosition> NoteWhenRoomAsync(SpoolId id, ReadOnlyMemory<byte> note, CancellationToken cancellationToken)
    {
        while (true)
        {
            await _stream.Log.WaitForRoomAsync(cancellationToken);
            if (TryNote(id, note, out var synced))
            {
                return await synced;
            }
        }
    }

    private bool TryRemove(SpoolId id, ReadOnlyMemory<byte> facts, out LiveItem item, out ValueTask<LogPosition> synced)
    {
        Span<byte> prefix = stackalloc byte[SpoolRecordFormat.IdPrefix];
        id.Write(prefix);
        lock (_gate)
        {
            item = Find(id);
            if (!_stream.Log.TryAppend(RemoveKind, prefix, facts.Span, default, out synced))
            {
                return false;
            }

            // It keeps its segment until the remove is synced.
            item.IsRemoving = true;
            _cache.Remove(item);
            return true;
        }
    }

    private LiveItem Find(SpoolId id) =>
        _live.Find(id) is { IsRemoving: false } item ? item : throw new KeyNotFoundException($"the spool holds no item {id}");

    private void ThrowIfTooLong(ReadOnlyMemory<byte> facts)
    {
        if (facts.Length > _options.MaxFactsBytes)
        {
            throw new ArgumentException($"facts of {facts.Length} bytes are longer than the spool's limit of {_options.MaxFactsBytes}", nameof(facts));
        }
    }

    private void ThrowIfPaused()
    {
        if (IntakePausedBecause is { } why)
        {
            throw new LogFullException($"nothing new is accepted: {why}");
        }
    }

    private static SpoolItem Show(LiveItem item) => new(item.Id, item.AcceptedMicros, item.Facts, item.Note is { } note ? (ReadOnlyMemory<byte>?)note : null, item.Body.Length);
}
