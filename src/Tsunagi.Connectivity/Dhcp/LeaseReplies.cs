using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Core.Logs;

namespace Tsunagi.Connectivity.Dhcp;

/// <summary>A client's message of either family that may change leases, and the way back to who sent it.</summary>
internal interface ILeaseQuestion
{
    /// <summary>Whether it may change leases. What does not is answered also while as many wait for the disk as may.</summary>
    bool MayChange { get; }

    /// <summary>Decides what is answered, on the thread of the socket and with the book's turn held.</summary>
    /// <param name="changes">To be filled with what must be on the disk before the answer.</param>
    /// <returns>The answer; empty where there is none but what it changes counts; null where there is nothing to say.</returns>
    byte[]? Decide(LeaseChanges changes);

    /// <summary>The same for an answer that comes later: nothing of it is the socket's any more.</summary>
    ILeaseQuestion Kept();

    /// <summary>Sends what was decided, and counts it.</summary>
    void Send(byte[] answer);
}

/// <summary>
/// The end of a message's way, the same for both families: (a) with the book's turn held, and with a place among those that wait for the disk (what is decided without one would be in the book and nowhere
/// else), it is decided what is answered, and what that promises or takes back is appended to the log; (b) when that is on the disk, and only then, the answer is sent. What goes on that another node gave waits for the store too: that node must not give it to somebody else. What cannot be written is not answered, and
/// the client asks again, here or another node.
/// </summary>
internal sealed partial class LeaseReplies(string family, LeaseLog leases, LeaseBook book, LeaseDesk desk, LeaseProjector projector, int mostInFlight, TimeSpan storeWithin, DhcpMetrics metrics, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan FailureEvery = TimeSpan.FromMinutes(1);

    private int _inFlight;
    private long _failedAt;

    /// <summary>Answers, now or when it may.</summary>
    /// <param name="stopping">Ends what waits.</param>
    public void Answer(ILeaseQuestion asked, CancellationToken stopping)
    {
        if (asked.MayChange && Interlocked.Increment(ref _inFlight) > mostInFlight)
        {
            Interlocked.Decrement(ref _inFlight);
            metrics.Dropped("full");
            return;
        }

        var isWaiting = false;
        try
        {
            isWaiting = DecideAndAppend(asked, stopping);
        }
        finally
        {
            if (asked.MayChange && !isWaiting)
            {
                Interlocked.Decrement(ref _inFlight);
            }
        }
    }

    // (a); true where it waits for the disk.
    private bool DecideAndAppend(ILeaseQuestion asked, CancellationToken stopping)
    {
        var changes = new LeaseChanges();
        byte[] octets;
        List<ValueTask<LogPosition>> written;
        lock (book.Turn)
        {
            if (asked.Decide(changes) is not { } decided)
            {
                metrics.Dropped("nothing-to-say");
                return false;
            }

            octets = decided;
            if (changes.Written.Count == 0)
            {
                asked.Send(octets);
                return false;
            }

            Debug.Assert(asked.MayChange, "what changes leases has said that it may");
            try
            {
                written = [.. changes.Written.Select(each => leases.AppendAsync(each.Step, each.Lease))];
            }
            catch (Exception failed)
            {
                TellFailure(failed);
                return false;
            }
        }

        _ = SendWhenSyncedAsync(asked.Kept(), octets, changes, written, stopping);
        return true;
    }

    // (b)
    private async Task SendWhenSyncedAsync(ILeaseQuestion asked, byte[] octets, LeaseChanges changes, List<ValueTask<LogPosition>> written, CancellationToken stopping)
    {
        try
        {
            var last = default(LogPosition);
            foreach (var each in written)
            {
                last = await each.ConfigureAwait(false);
            }

            if (changes.Ended.Count > 0)
            {
                lock (book.Turn)
                {
                    desk.Follow(changes);
                }
            }

            if (changes.NeedsStore)
            {
                await projector.ReachedAsync(last, storeWithin, stopping).ConfigureAwait(false);
            }

            asked.Send(octets);
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
        catch (Exception failed)
        {
            // Not on the disk, so not answered.
            TellFailure(failed);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private void TellFailure(Exception failure)
    {
        metrics.Dropped("not-written");
        if (_failedAt == 0 || time.GetElapsedTime(_failedAt) > FailureEvery)
        {
            _failedAt = time.GetTimestamp();
            LogNotWritten(log, failure, family);
        }
    }

    [LoggerMessage(5241, LogLevel.Error, "a lease of {Family} could not be written down and its client is not answered; it asks again")]
    private static partial void LogNotWritten(ILogger log, Exception exception, string family);
}
