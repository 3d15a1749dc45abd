using Tsunagi.Core.Logs;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Pending;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Delivery;

/// <summary>
/// Mail that waits before it leaves. Here it only lies still: <see cref="PendingKeeper"/> learns what was decided about each recipient, and brings it here, where whoever has the message
/// (a connection, or this) has it alone.
/// <code>
/// pending --(its time, send now)--&gt; waiting --&gt; delivered, failed, expired
/// pending --(cancel)-------------&gt; recalled
/// </code>
/// </summary>
internal sealed partial class DeliveryScheduler
{
    /// <summary>Messages of which somebody is pending and that are not in the book of such mail yet, or, after a start, may not be.</summary>
    public HoldLine Pending { get; } = new();

    /// <summary>Somebody of this message is pending still.</summary>
    internal bool IsPending(SpoolId id)
    {
        lock (_gate)
        {
            return _messages.TryGetValue(id, out var message) && message.States is { } states && states.Contains(RecipientState.Pending);
        }
    }

    /// <summary>Makes durable what was decided about pending recipients of a message, and acts on it. True when nothing of it is left to do; false when it is to be asked again: the message is in delivery, or the spool is away.</summary>
    internal async ValueTask<bool> CarryAsync(SpoolId id, IReadOnlyList<PendingDecision> decisions)
    {
        QueuedMessage? message;
        lock (_gate)
        {
            if (_spoolFailed || !_spool.IsHealthy)
            {
                return false;
            }

            if (!_messages.TryGetValue(id, out message) || !IsLeft(message, decisions))
            {
                return true;
            }

            if (message.Place == QueuedPlace.InDelivery)
            {
                return false;
            }

            Claim(message);
        }

        var started = _time.NowMicros();
        Envelope? envelope;
        try
        {
            envelope = message.Envelope ?? (_spool.FactsOf(id) is { } facts ? Envelope.From(facts) : null);
        }
        catch (LogPoisonedException)
        {
            Rest(message);
            return false;
        }

        if (envelope is null)
        {
            await GiveUpAsync(message, started);
            return true;
        }

        await CarryAsync(message, envelope, decisions, started);
        lock (_gate)
        {
            return !IsLeft(message, decisions);
        }
    }

    private ValueTask CarryAsync(QueuedMessage message, Envelope envelope, IReadOnlyList<PendingDecision> decisions, long started)
    {
        RecipientState[] states = [.. message.States!];
        var replies = new SmtpReply?[envelope.Recipients.Count];
        var decided = new List<int>();
        foreach (var decision in decisions.Where(decision => decision.Position < states.Length && states[decision.Position] == RecipientState.Pending))
        {
            states[decision.Position] = decision.IsSent ? RecipientState.Waiting : RecipientState.Recalled;
            replies[decision.Position] = decision.Reply;
            decided.Add(decision.Position);
        }

        return RecordAsync(new Attempt(message, envelope, decided, started, AttemptFacts.Window, "", ""), states, replies, _time.NowMicros());
    }

    private static bool IsLeft(QueuedMessage message, IReadOnlyList<PendingDecision> decisions) =>
        message.Place != QueuedPlace.Gone && message.States is { } states && decisions.Any(decision => decision.Position < states.Length && states[decision.Position] == RecipientState.Pending);

    // Under the lock. Out of wherever it is, into the hands of the caller.
    private void Claim(QueuedMessage message)
    {
        if (message.Place is QueuedPlace.Waiting or QueuedPlace.Pending)
        {
            LeaveWait(message);
        }
        else if (message.Lane.Remove(message) && message.Lane is { IsOpen: true, NextHop: { } queue })
        {
            queue.Withdraw();
        }

        message.Place = QueuedPlace.InDelivery;
        message.Lane.InDelivery++;
    }

    /// <summary>Nothing came of it: it lies as it lay.</summary>
    private void Rest(QueuedMessage message)
    {
        lock (_gate)
        {
            message.Lane.InDelivery--;
            if (OnlyPending(message.States))
            {
                Park(message);
            }
            else
            {
                MakeReady(message);
            }
        }
    }

    // Under the lock. Its lane counts it, so as not to be forgotten.
    private static void Park(QueuedMessage message)
    {
        message.Place = QueuedPlace.Pending;
        message.Envelope = null;
        message.Lane.PendingCount++;
    }

    // Under the lock.
    private void LeaveWait(QueuedMessage message)
    {
        if (message.Place == QueuedPlace.Pending)
        {
            message.Lane.PendingCount--;
            return;
        }

        _wheel.Remove(message);
        message.Lane.WaitingCount--;
    }

    private static bool OnlyPending(RecipientState[]? states) => states is not null && states.Contains(RecipientState.Pending) && !states.Contains(RecipientState.Waiting);

    private static RecipientState[] AllPending(AcceptFacts facts)
    {
        var states = new RecipientState[facts.Recipients.Count];
        Array.Fill(states, RecipientState.Pending);
        return states;
    }
}
