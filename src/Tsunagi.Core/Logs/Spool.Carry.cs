using System.Buffers;
using Microsoft.Extensions.Logging;

namespace Tsunagi.Core.Logs;

/// <summary>The spool's housekeeping: carrying live items forward out of old segments, letting those go, and writing checkpoints.</summary>
public sealed partial class Spool
{
    private const int CarriedTogether = 256;

    private readonly CancellationTokenSource _stopping = new();
    private Task _housekeeping = Task.CompletedTask;
    private SpoolOptions _carried = null!; // set when housekeeping starts
    private long _checkpointAt;
    private bool _disposed;

    /// <summary>Stops taking in, writes what is gathered and a last checkpoint.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await _stopping.CancelAsync();
        await _housekeeping;
        if (IsHealthy)
        {
            try
            {
                await WriteCheckpointAsync(CancellationToken.None);
            }
            catch (IOException e)
            {
                HousekeepingFailed(_log, e);
            }
        }

        await _stream.DisposeAsync();
        await _bodies.DisposeAsync();
        _stopping.Dispose();
    }

    /// <summary>Carries forward what lives in segments older than <see cref="SpoolOptions.CarryAfter"/>; the timer calls it.</summary>
    internal async Task CarryAsync(CancellationToken cancellationToken)
    {
        var old = Time.UnixMicros.From(_time.GetUtcNow() - _options.CarryAfter);
        var segments = _stream.Log.Segments;
        for (var i = 0; i < segments.Count - 1; i++)
        {
            if (segments[i].FirstTimeMicros > old)
            {
                break;
            }

            await CarryFromAsync(segments[i], cancellationToken);
        }

        LetSegmentsGo();
    }

    /// <summary>Deletes the files of bodies that nobody wanted to write again; the timer calls it.</summary>
    internal void DropSpentBodies() => _bodies.DeleteOld();

    /// <summary>Writes the live set down, as of now.</summary>
    internal async Task WriteCheckpointAsync(CancellationToken cancellationToken)
    {
        List<CheckpointItem> items;
        LogPosition replayFrom;
        ValueTask<LogPosition> mark;
        while (true)
        {
            lock (_gate)
            {
                replayFrom = _stream.Log.End;
                if (_stream.Log.TryAppend(MarkKind, default, default, default, out mark))
                {
                    items = new List<CheckpointItem>(_live.Count);
                    foreach (var item in _live.Items)
                    {
                        // What is not settled or not yet gone is left to the replay, which begins before it.
                        if (!item.IsSettled)
                        {
                            replayFrom = item.Home < replayFrom ? item.Home : replayFrom;
                        }
                        else if (!item.IsRemoving)
                        {
                            items.Add(new CheckpointItem(item.Id, item.Facts, item.Note, item.AcceptedMicros, item.Body, item.Home, item.HomeSegment));
                        }
                    }

                    break;
                }
            }

            await _stream.Log.WaitForRoomAsync(cancellationToken);
        }

        // The set shows what was handed to the log; only when all of that is on the disk may it be written down.
        _checkpointAt = (await mark).Value;
        _checkpoint.Write(replayFrom, items);
    }

    private void StartHousekeeping()
    {
        _checkpointAt = _stream.Log.End.Value;
        _carried = _options with { InlineBodyBytes = _options.CarriedBodyBytes };
        LetSegmentsGo();
        _housekeeping = KeepHouseAsync();
    }

    private async Task KeepHouseAsync()
    {
        using var timer = new PeriodicTimer(_options.Segments.HousekeepingEvery, _time);
        var failing = false;
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                try
                {
                    DropSpentBodies();
                    await CarryAsync(_stopping.Token);
                    if (_stream.Log.End.Value - _checkpointAt >= Math.Max(_options.CheckpointEveryBytes, _checkpoint.Length))
                    {
                        await WriteCheckpointAsync(_stopping.Token);
                    }

                    failing = false;
                }
                catch (IOException e)
                {
                    // Each second again while the disk is full: told once.
                    if (!failing)
                    {
                        HousekeepingFailed(_log, e);
                    }

                    failing = true;
                    if (!IsHealthy)
                    {
                        return;
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The spool is being closed.
        }
    }

    private async Task CarryFromAsync(Segment segment, CancellationToken cancellationToken)
    {
        LiveItem[] items;
        lock (_gate)
        {
            items = _live.In(segment.Base);
        }

        foreach (var together in items.Chunk(CarriedTogether))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.WhenAll(together.Select(item => CarryItemAsync(item, cancellationToken)));
        }
    }

    /// <summary>Writes one item again at the end of the log, unless it went meanwhile or its body is lost.</summary>
    private async Task CarryItemAsync(LiveItem item, CancellationToken cancellationToken)
    {
        BodyPlace place;
        lock (_gate)
        {
            if (!item.IsSettled || item.IsRemoving)
            {
                return;
            }

            place = item.Body;
        }

        var inline = ReadOnlyMemory<byte>.Empty;
        using var moved = new SpoolBody(_bodies, _carried);
        if (!place.IsFile && place.Length > 0)
        {
            using var reader = TryOpen(item.Id, place);
            if (reader is null || !reader.TryGetMemory(out inline))
            {
                // It stays where it is, with its facts; reading its body tells the owner, who ends it.
                _notices.BodyLost(item.Id);
                return;
            }

            if (inline.Length > _options.CarriedBodyBytes)
            {
                moved.Write(inline.Span);
                moved.Finish();
                await _bodies.SyncAsync(moved.File!);
                (place, inline) = (moved.Place, ReadOnlyMemory<byte>.Empty);
            }
        }

        ValueTask<LogPosition> synced;
        while (!TryCarry(item, place, inline, out synced, out var alreadyGone))
        {
            if (alreadyGone)
            {
                return;
            }

            await _stream.Log.WaitForRoomAsync(cancellationToken);
        }

        var isMoved = moved.IsFile;

        // As with an accept: the record may reach the disk even when we are told that it failed.
        moved.Release();
        var position = await synced;
        bool gone;
        lock (_gate)
        {
            // While a remove is not synced the item still needs its body.
            gone = _live.Find(item.Id) != item;
            if (!gone)
            {
                item.Body = place with { Record = position };
                _live.Settle(item, position, _stream.Log.SegmentFrom(position).Base);
            }
        }

        // Whoever removed it gave up the body it knew of, and given up twice a file would be written by two.
        if (gone && isMoved)
        {
            _bodies.GiveUp(place.File, place.Length);
        }
    }

    /// <summary>False when there is no room, or when the item is <paramref name="gone"/>: a carry never comes behind its remove.</summary>
    private bool TryCarry(LiveItem item, in BodyPlace place, ReadOnlyMemory<byte> inline, out ValueTask<LogPosition> synced, out bool gone)
    {
        Span<byte> prefix = stackalloc byte[SpoolRecordFormat.CarryPrefix];
        lock (_gate)
        {
            gone = item.IsRemoving || _live.Find(item.Id) != item;
            if (gone)
            {
                synced = default;
                return false;
            }

            var note = item.Note;
            SpoolRecordFormat.WriteCarry(prefix, item.Id, place, item.AcceptedMicros, item.Facts.Length, note?.Length ?? -1);
            var facts = note is null ? item.Facts : (byte[])[.. item.Facts, .. note];
            return _stream.Log.TryAppend(CarryKind, prefix, facts, new ReadOnlySequence<byte>(inline), out synced);
        }
    }

    private void LetSegmentsGo()
    {
        LogPosition? oldest;
        lock (_gate)
        {
            oldest = _live.OldestHome;
        }

        _stream.HoldFrom(oldest ?? new LogPosition(long.MaxValue));
    }

    [LoggerMessage(1161, LogLevel.Warning, "housekeeping of the spool failed; it is tried again")]
    private static partial void HousekeepingFailed(ILogger logger, Exception cause);
}
