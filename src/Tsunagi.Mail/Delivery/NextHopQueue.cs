using Tsunagi.Mail.Contract;

namespace Tsunagi.Mail.Delivery;

/// <summary>
/// All mail for one next hop: the ring of lanes that have work, the connections to it, and what is known of its health. Guarded by the scheduler's
/// lock.
/// </summary>
internal sealed class NextHopQueue(NextHop nextHop, NextHopTls tls, bool isReport = false)
{
    private readonly Queue<Lane> _ring = new();

    public NextHop NextHop => nextHop;

    public NextHopTls Tls => tls;

    /// <summary>For reports about TLS alone (RFC 8460 section 3).</summary>
    public bool IsReport => isReport;

    /// <summary>Connections open or being opened.</summary>
    public int Connections { get; set; }

    public int Opening { get; set; }

    /// <summary>Connections without work, the last used at the end.</summary>
    public List<IdleConnection> Idle { get; } = [];

    /// <summary>Connection attempts that failed since the last that came about.</summary>
    public int Failures { get; set; }

    /// <summary>Since when it does not answer; 0 when it does.</summary>
    public long FailingSinceMicros { get; set; }

    public long NextProbeMicros { get; set; }

    /// <summary>When a connection last came about; 0 when none did since the start.</summary>
    public long AnsweredMicros { get; set; }

    /// <summary>What the last failure was.</summary>
    public string Reason { get; set; } = "";

    /// <summary>Who stopped delivery to it, and why; null when nobody did.</summary>
    public string? HeldBy { get; set; }

    /// <summary>It waits for one of the node's connections to come free.</summary>
    public bool IsStarved { get; set; }

    public int ReadyCount { get; private set; }

    public bool HasReady => ReadyCount > 0;

    /// <summary>Lanes with work. A lane that may not go does not stand here.</summary>
    public IEnumerable<Lane> Ring => _ring;

    /// <summary>A lane's mail may go here from now on.</summary>
    public void Open(Lane lane)
    {
        lane.IsOpen = true;
        ReadyCount += lane.ReadyCount;
        TakePlace(lane);
    }

    /// <summary>A message of an open lane became ready.</summary>
    public void Announce(Lane lane)
    {
        ReadyCount++;
        TakePlace(lane);
    }

    /// <summary>A ready message of an open lane was taken out.</summary>
    public void Withdraw() => ReadyCount--;

    /// <summary>The next message, lanes taking turns.</summary>
    public QueuedMessage? Take()
    {
        while (_ring.TryDequeue(out var lane))
        {
            lane.InRing = false;
            if (!lane.IsOpen || lane.Take() is not { } message)
            {
                continue;
            }

            ReadyCount--;
            if (lane.ReadyCount > 0)
            {
                lane.InRing = true;
                _ring.Enqueue(lane);
            }

            message.Place = QueuedPlace.InDelivery;
            lane.InDelivery++;
            return message;
        }

        return null;
    }

    /// <summary>Passes the turn to the next lane.</summary>
    public void Turn()
    {
        if (_ring.TryDequeue(out var lane))
        {
            _ring.Enqueue(lane);
        }
    }

    /// <summary>A lane leaves: its contract changed, or it is held.</summary>
    public void Close(Lane lane)
    {
        if (!lane.IsOpen)
        {
            return;
        }

        lane.IsOpen = false;
        ReadyCount -= lane.ReadyCount;
        for (var turns = lane.InRing ? _ring.Count : 0; turns > 0; turns--)
        {
            var next = _ring.Dequeue();
            if (next != lane)
            {
                _ring.Enqueue(next);
            }
        }

        lane.InRing = false;
    }

    private void TakePlace(Lane lane)
    {
        if (!lane.InRing && lane.ReadyCount > 0)
        {
            lane.InRing = true;
            _ring.Enqueue(lane);
        }
    }
}

/// <summary>A connection that waits for work: given a message, or null to close.</summary>
internal sealed class IdleConnection(long sinceMicros)
{
    private readonly TaskCompletionSource<QueuedMessage?> _work = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long SinceMicros => sinceMicros;

    public Task<QueuedMessage?> Work => _work.Task;

    public void Give(QueuedMessage? message) => _work.TrySetResult(message);
}
