using Tsunagi.Core.Logs;
using Tsunagi.Core.Time;

namespace Tsunagi.Mail.Delivery;

/// <summary>Whose turn it is: which message a connection takes next, when a connection is opened, and when time has come.</summary>
internal sealed partial class DeliveryScheduler
{
    // (2) Under the lock. An idle connection takes it at once; else it stands in its lane and perhaps a connection is opened.
    private void MakeReady(QueuedMessage message)
    {
        if (message.Turns is not null && !TakeTurn(message))
        {
            // Everybody it goes to is silent now.
            Wait(message, _time.NowMicros() + (long)_retries.WaitAfter(RoundsOf(message) + 1, (uint)message.Id.GetHashCode()).TotalMicroseconds);
            return;
        }

        var lane = message.Lane;
        lane.Append(message);
        if (lane is { IsOpen: true, NextHop: { } queue })
        {
            queue.Announce(lane);
            Serve(queue);
        }
    }

    /// <summary>Gives ready messages to idle connections, and opens connections while that helps.</summary>
    private void Serve(NextHopQueue queue)
    {
        if (!_running || _spoolFailed || _options.DryRun || queue.HeldBy is not null)
        {
            return;
        }

        while (queue.Idle.Count > 0 && queue.Take() is { } message)
        {
            var last = queue.Idle.Count - 1;
            var connection = queue.Idle[last];
            queue.Idle.RemoveAt(last);
            connection.Give(message);
        }

        while (MayOpen(queue))
        {
            if (_connections >= _delivery.MaxConnections)
            {
                Starve(queue);
                return;
            }

            _connections++;
            queue.Connections++;
            queue.Opening++;
            _ = Task.Run(() => RunConnectionAsync(queue));
        }
    }

    private bool MayOpen(NextHopQueue queue)
    {
        // Connections being opened will each take one of those that are ready.
        if (queue.ReadyCount <= queue.Opening)
        {
            return false;
        }

        return queue.Failures == 0
            ? queue.Connections < _delivery.MaxConnectionsPerNextHop
            : queue.Connections == 0 && _time.NowMicros() >= queue.NextProbeMicros;
    }

    private void Starve(NextHopQueue queue)
    {
        if (!queue.IsStarved)
        {
            queue.IsStarved = true;
            _starved.Enqueue(queue);
        }

        // Somebody's idle connection is worth more to the one that waits.
        foreach (var other in _nextHops.Values)
        {
            if (other.Idle.Count > 0)
            {
                DismissIdle(other, long.MaxValue);
                return;
            }
        }
    }

    /// <summary>The next message for a connection that has none, or null when it is to close.</summary>
    private ValueTask<QueuedMessage?> NextAsync(NextHopQueue queue)
    {
        lock (_gate)
        {
            if (!_running || _spoolFailed || queue.HeldBy is not null || MustYield(queue))
            {
                return new ValueTask<QueuedMessage?>((QueuedMessage?)null);
            }

            if (queue.Take() is { } message)
            {
                return new ValueTask<QueuedMessage?>(message);
            }

            var idle = new IdleConnection(_time.NowMicros());
            queue.Idle.Add(idle);
            return new ValueTask<QueuedMessage?>(idle.Work);
        }
    }

    // While another next hop gets no connection, nobody keeps more than an equal share.
    private bool MustYield(NextHopQueue queue)
    {
        if (_starved.Count == 0)
        {
            return false;
        }

        var active = _nextHops.Values.Count(other => other.Connections > 0 || other.IsStarved);
        return queue.Connections > Math.Max(1, _delivery.MaxConnections / active);
    }

    private void DismissIdle(NextHopQueue queue, long idleBeforeMicros)
    {
        for (var i = queue.Idle.Count - 1; i >= 0; i--)
        {
            if (queue.Idle[i].SinceMicros <= idleBeforeMicros)
            {
                queue.Idle[i].Give(null);
                queue.Idle.RemoveAt(i);
            }
        }
    }

    // Under the lock.
    private void Wait(QueuedMessage message, long dueMicros)
    {
        message.Place = QueuedPlace.Waiting;
        message.Envelope = null;
        message.Lane.WaitingCount++;
        _wheel.Add(message, (dueMicros + TickMicros - 1) / TickMicros);
    }

    /// <summary>Five times a second: messages whose time has come, next hops to be probed, connections idle for too long.</summary>
    private void Look()
    {
        WriteWaitingOutcomes();
        var now = _time.NowMicros();
        var idleBefore = now - (long)_delivery.IdleConnection.TotalMicroseconds;
        lock (_gate)
        {
            _wheel.AdvanceTo(now / TickMicros, due =>
            {
                due.Lane.WaitingCount--;
                MakeReady(due);
            });
            ForgetDomains();
            foreach (var queue in _nextHops.Values)
            {
                DismissIdle(queue, idleBefore);
                if (queue.Failures > 0 && queue.HasReady && now >= queue.NextProbeMicros)
                {
                    Serve(queue);
                }
            }
        }
    }

    // Under the lock: a connection ended, its place is free.
    private void ConnectionEnded(NextHopQueue queue)
    {
        queue.Connections--;
        _connections--;
        if (_connections == 0)
        {
            _drained?.TrySetResult();
        }

        while (_starved.TryDequeue(out var next))
        {
            next.IsStarved = false;
            Serve(next);
            if (next.IsStarved)
            {
                break;
            }
        }

        Serve(queue);
    }
}
