using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Delivery;

/// <summary>
/// A spool that fails and comes back. (1) An outcome that cannot be written waits in memory, its message still in delivery; when the disk failed, no
/// further delivery begins. (2) When the spool is opened again, what it holds and the queue does not know is taken over, before anybody uses it.
/// (3) Then the waiting outcomes are written, (4) and only then delivery goes on: nothing that a next hop took is offered to it again.
/// </summary>
internal sealed partial class DeliveryScheduler
{
    private readonly List<PostponedOutcome> _postponed = [];
    private Task _writing = Task.CompletedTask;

    // (1)
    private void Postpone(PostponedOutcome outcome, IOException failed)
    {
        lock (_gate)
        {
            _postponed.Add(outcome);
            if (!_spool.IsHealthy)
            {
                _spoolFailed = true;
                foreach (var queue in _nextHops.Values)
                {
                    DismissIdle(queue, long.MaxValue);
                }
            }
        }

        LogSpoolFailed(_log, outcome.Attempt.Message.Id.ToString(), failed);
    }

    // (2)
    private void OnRecovered(object? sender, SpoolRecovery recovery)
    {
        var items = recovery.Messages;
        var held = items.Select(static item => item.Id).ToHashSet();
        foreach (var item in items)
        {
            Recover(item);
        }

        lock (_gate)
        {
            // The outcome of those under way, or waiting to be written, may have reached the disk although the disk said no.
            foreach (var message in _messages.Values.Where(message => message.Place != QueuedPlace.InDelivery && !held.Contains(message.Id)).ToList())
            {
                Drop(message);
                LogLost(_log, message.Id.ToString());
            }
        }
    }

    private void OnResumed(object? sender, EventArgs e) => WriteWaitingOutcomes();

    // (3) Five times a second, and when the spool is open again: one at a time.
    private void WriteWaitingOutcomes()
    {
        lock (_gate)
        {
            if ((_postponed.Count > 0 || _spoolFailed) && _spool.IsHealthy && _writing.IsCompleted)
            {
                _writing = Task.Run(WriteWaitingOutcomesAsync);
            }
        }
    }

    private async Task WriteWaitingOutcomesAsync()
    {
        List<PostponedOutcome> outcomes;
        lock (_gate)
        {
            outcomes = [.. _postponed];
            _postponed.Clear();
        }

        foreach (var (attempt, states, replies, nextMicros, stayReady) in outcomes)
        {
            if (_spool.IsHealthy && _spool.FactsOf(attempt.Message.Id) is null)
            {
                // It was its last outcome, and it had reached the disk.
                Settled(attempt.Message);
                continue;
            }

            await RecordAsync(attempt, states, replies, nextMicros, stayReady);
        }

        // (4)
        lock (_gate)
        {
            if (!_spool.IsHealthy)
            {
                return;
            }

            _spoolFailed = false;
            foreach (var queue in _nextHops.Values)
            {
                Serve(queue);
            }
        }
    }

    private void Settled(QueuedMessage message)
    {
        lock (_gate)
        {
            message.Lane.InDelivery--;
            message.Place = QueuedPlace.Gone;
            _messages.Remove(message.Id);
        }
    }

    // Under the lock.
    private void Drop(QueuedMessage message)
    {
        if (message.Place is QueuedPlace.Waiting or QueuedPlace.Pending)
        {
            LeaveWait(message);
        }
        else if (message.Lane.Remove(message) && message.Lane is { IsOpen: true, NextHop: { } queue })
        {
            queue.Withdraw();
        }

        message.Place = QueuedPlace.Gone;
        _messages.Remove(message.Id);
    }
}
