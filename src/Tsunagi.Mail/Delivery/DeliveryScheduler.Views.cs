using Tsunagi.Core.Logs;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;

namespace Tsunagi.Mail.Delivery;

/// <summary>What people see of the queue, and what they may do to it.</summary>
internal sealed partial class DeliveryScheduler
{
    /// <summary>The next hops that a scope's mail goes to; all of them for the provider.</summary>
    public IReadOnlyList<NextHopView> NextHops(TenantScope scope)
    {
        lock (_gate)
        {
            return
            [
                .. _nextHops.Values
                    .Select(queue => (queue, lanes: _lanes.Values.Where(lane => lane.NextHop == queue && scope.Covers(lane.TenantPath)).ToList()))
                    .Where(static pair => pair.lanes.Count > 0)
                    .Select(static pair => Show(pair.queue, pair.lanes))
                    .OrderByDescending(static view => view.Ready + view.Waiting).ThenBy(static view => view.NextHop, StringComparer.Ordinal),
            ];
        }
    }

    /// <summary>False until the contracts were read: until then nobody knows which next hops are in use.</summary>
    internal bool KnowsContracts => _contracts.Loaded;

    /// <summary>The next hops that fail now, and those asked for as far as mail goes there. Domains of strangers are not among them: that one of them is silent is told in the trace of its mail, and wakes nobody.</summary>
    internal IReadOnlyList<NextHopHealth> Health(IReadOnlyCollection<string> asked)
    {
        lock (_gate)
        {
            List<NextHopHealth>? found = null;
            foreach (var queues in _nextHops.Values.Where(queue => !queue.NextHop.IsDomain).Where(queue => queue.Failures > 0 || asked.Contains(queue.NextHop.ToString())).GroupBy(static queue => queue.NextHop))
            {
                (found ??= []).Add(HealthOf(queues.Key));
            }

            return found is null ? [] : found;
        }
    }

    /// <summary>How many messages of a tenant wait for a next hop.</summary>
    internal int Waiting(string nextHop, string tenantPath)
    {
        lock (_gate)
        {
            return _lanes.Values.Where(lane => lane.TenantPath == tenantPath && lane.NextHop?.NextHop.ToString() == nextHop).Sum(static lane => lane.Held);
        }
    }

    // Under the lock. Two contracts may name the same next hop with and without TLS: it fails when either way fails.
    private NextHopHealth HealthOf(NextHop nextHop)
    {
        var ways = _nextHops.Values.Where(queue => queue.NextHop == nextHop).ToList();
        var failing = ways.Where(static way => way.Failures > 0).OrderBy(static way => way.FailingSinceMicros).FirstOrDefault();
        var waiting = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var lane in failing is null ? [] : _lanes.Values.Where(lane => lane.NextHop is { Failures: > 0 } queue && ways.Contains(queue) && lane.Held > 0))
        {
            waiting[lane.TenantPath] = waiting.GetValueOrDefault(lane.TenantPath) + lane.Held;
        }

        return new NextHopHealth(
            nextHop.ToString(), failing?.FailingSinceMicros ?? 0, ways.Max(static way => way.AnsweredMicros), failing?.NextProbeMicros ?? 0, failing?.Reason ?? "", waiting);
    }

    /// <summary>Null when this node does not hold the message.</summary>
    public QueuedView? Find(SpoolId id)
    {
        lock (_gate)
        {
            if (!_messages.TryGetValue(id, out var message))
            {
                return null;
            }

            var place = message.Place switch { QueuedPlace.InDelivery => "in-delivery", QueuedPlace.Waiting => "waiting", QueuedPlace.Pending => "pending", _ => "ready" };
            return new QueuedView(place, message.Lane.WhyNot, message.Lane.NextHop is { } queue ? Show(queue, [message.Lane]) : null);
        }
    }

    /// <summary>Tries a waiting message now. False when this node does not hold it, or it does not wait.</summary>
    public bool RetryNow(SpoolId id)
    {
        lock (_gate)
        {
            if (!_messages.TryGetValue(id, out var message))
            {
                return false;
            }

            var asked = Wake(message);
            if (message.Lane.NextHop is { Failures: > 0 } queue)
            {
                queue.NextProbeMicros = _time.NowMicros();
                Serve(queue);
                asked = true;
            }

            return asked;
        }
    }

    /// <summary>Tries everything that waits for a next hop, as far as the scope reaches; returns how many messages that were.</summary>
    public int RetryNow(NextHop nextHop, TenantScope scope)
    {
        lock (_gate)
        {
            var woken = 0;
            foreach (var message in _messages.Values)
            {
                if (message.Lane.NextHop is { } queue && queue.NextHop == nextHop && scope.Covers(message.Lane.TenantPath) && Wake(message))
                {
                    woken++;
                }
            }

            foreach (var queue in _nextHops.Values.Where(queue => queue.NextHop == nextHop && queue.HasReady))
            {
                woken += queue.ReadyCount;
                queue.NextProbeMicros = _time.NowMicros();
                Serve(queue);
            }

            return woken;
        }
    }

    private bool Wake(QueuedMessage message)
    {
        if (message.Place != QueuedPlace.Waiting)
        {
            return false;
        }

        LeaveWait(message);
        MakeReady(message);
        return true;
    }

    private static NextHopView Show(NextHopQueue queue, IReadOnlyList<Lane> lanes)
    {
        var held = queue.HeldBy is not null;
        var failing = queue.Failures > 0;
        return new NextHopView(
            queue.NextHop.ToString(),
            held ? "held" : failing ? "failing" : "up",
            queue.HeldBy ?? queue.Reason,
            failing ? queue.FailingSinceMicros : null,
            failing && !held ? queue.NextProbeMicros : null,
            queue.Connections,
            lanes.Sum(static lane => lane.ReadyCount),
            lanes.Sum(static lane => lane.WaitingCount),
            lanes.Sum(static lane => lane.InDelivery),
            queue.Failures);
    }
}
