using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Delivery;

/// <summary>
/// Mail for others that leaves by MX. Its next hop is a domain (<c>mx:example.net</c>), which all tenants' mail for that domain shares; which server takes it is found when a connection is opened
/// (<see cref="Routes.MxDoor"/>). A message to several domains goes to one after another: (1) it stands in the lane of the domain whose turn it is, and only that domain's recipients are tried; (2) after that
/// the next domain with somebody waiting has its turn at once, but for those whose servers do not answer; (3) when all had theirs it waits like any other. A domain that is silent delays nobody else's copy.
/// </summary>
internal sealed partial class DeliveryScheduler
{
    private const int LooksBetweenForgetting = 150;
    private int _looks;

    private static string DomainOf(string address)
    {
        var domain = address[(address.LastIndexOf('@') + 1)..];
        return domain.StartsWith('[') ? domain : MailDomain.Normalize(domain) ?? domain.ToLowerInvariant();
    }

    /// <summary>Null unless it goes to several domains' own servers.</summary>
    private List<DomainTurn>? TurnsOf(AcceptFacts facts, Lane lane)
    {
        if (_mx is null || lane.Domain.Length == 0 || facts.Recipients.Count < 2)
        {
            return null;
        }

        var turns = facts.Recipients.Select(static (address, position) => (Domain: DomainOf(address), position)).GroupBy(static one => one.Domain, StringComparer.Ordinal)
            .Select(static group => new DomainTurn(group.Key, [.. group.Select(static one => one.position)])).ToList();
        return turns.Count > 1 ? turns : null;
    }

    // Under the lock.
    private void DirectByMx(Lane lane, GatewayTable table)
    {
        lane.NextHop = QueueFor(NextHop.OfDomain(lane.Domain), NextHopTls.Opportunistic, lane.IsReport);
        lane.WhyNot = _options.DryRun ? DryRun
            : table.BySubscription.TryGetValue(lane.Subscription!, out var gateway) ? WhyHeld(gateway) : _contracts.Loaded ? "the subscription has ended" : NotLoaded;
    }

    /// <summary>(1) Under the lock: puts it into the lane of the first domain from its turn on that has somebody waiting. False when none is left in this round.</summary>
    private bool TakeTurn(QueuedMessage message)
    {
        var turns = message.Turns!;
        var several = turns.Count(turn => IsWaiting(message, turn)) > 1;
        for (; message.Turn < turns.Count; message.Turn++)
        {
            if (!IsWaiting(message, turns[message.Turn]))
            {
                continue;
            }

            var lane = DomainLaneFor(message.Lane.Subscription, message.Lane.TenantPath, turns[message.Turn].Domain, message.Lane.IsReport);

            // (2) Given up is what is overdue, and that is found out where it stands.
            if (several && lane.NextHop is { Failures: > 0 } failing && failing.NextProbeMicros > _time.NowMicros() && !IsOverdue(message))
            {
                continue;
            }

            message.Lane = lane;
            return true;
        }

        message.Turn = 0;
        return false;
    }

    private static bool IsWaiting(QueuedMessage message, DomainTurn turn) => message.States is not { } states || turn.Positions.Any(position => states[position] == RecipientState.Waiting);

    /// <summary>(2), (3) Under the lock: an attempt for one domain has been made.</summary>
    private void NextTurn(QueuedMessage message, long nextMicros)
    {
        message.Turn++;
        if (TakeTurn(message))
        {
            MakeReady(message);
            return;
        }

        Wait(message, nextMicros);
    }

    // Attempts of one domain each are one round of the message.
    private static int RoundsOf(QueuedMessage message) => message.Attempts / (message.Turns?.Count ?? 1);

    // Under the lock: the domain does not answer, so those that have others to go to go on.
    private void LetPass(NextHopQueue queue)
    {
        if (!queue.NextHop.IsDomain)
        {
            return;
        }

        foreach (var lane in _lanes.Values.Where(lane => lane.NextHop == queue && lane.ReadyCount > 0).ToList())
        {
            foreach (var message in lane.TakeSeveral())
            {
                if (lane.IsOpen)
                {
                    queue.Withdraw();
                }

                NextTurn(message, queue.NextProbeMicros);
            }
        }
    }

    /// <summary>Nobody will ever take mail for the domain: all that is ready for it fails, with the reason.</summary>
    private async ValueTask RefuseAsync(NextHopQueue queue, SmtpReply reply)
    {
        while (true)
        {
            QueuedMessage? message;
            lock (_gate)
            {
                message = _running && !_spoolFailed && queue.HeldBy is null ? queue.Take() : null;
            }

            if (message is null)
            {
                return;
            }

            var started = _time.NowMicros();
            if (!TryReadEnvelope(message, out var envelope))
            {
                return;
            }

            if (envelope is null)
            {
                await GiveUpAsync(message, started);
                continue;
            }

            var tried = StillWaiting(message, envelope);
            var result = new DeliveryResult(envelope.Recipients.Count);
            result.FillIn(reply, tried);
            await SettleAsync(new Attempt(message, envelope, tried, started, queue.NextHop.ToString(), "", ""), result);
        }
    }

    // Under the lock, twice a minute: a domain that was written to once is not remembered for ever.
    private void ForgetDomains()
    {
        if (++_looks < LooksBetweenForgetting)
        {
            return;
        }

        _looks = 0;
        foreach (var (key, lane) in _lanes.Where(static pair => pair.Value is { Domain.Length: > 0, ReadyCount: 0, WaitingCount: 0, PendingCount: 0, InDelivery: 0 }).ToList())
        {
            lane.NextHop?.Close(lane);
            _lanes.Remove(key);
        }

        var used = _lanes.Values.Select(static lane => lane.NextHop).ToHashSet();
        foreach (var (key, queue) in _nextHops.Where(pair => pair.Value is { NextHop.IsDomain: true, Connections: 0, IsStarved: false } && !used.Contains(pair.Value)).ToList())
        {
            _nextHops.Remove(key);
        }
    }
}
