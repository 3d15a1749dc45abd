using Tsunagi.Core.Time;
using Tsunagi.Mail.Meters;
using Tsunagi.Mail.Reporting;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Trace;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Delivery;

/// <summary>What an attempt means for its message, made durable before anything follows from it.</summary>
internal sealed partial class DeliveryScheduler
{
    private const int MostGivenUpAtOnce = 1_000;
    private static readonly SmtpReply UnreadableNow = new(451, new EnhancedStatus(4, 3, 0), "The stored message could not be read");
    private static readonly SmtpReply Unreadable = new(554, new EnhancedStatus(5, 6, 0), "The stored message can no longer be read");

    /// <summary>
    /// (4) The next hop spoke for each recipient: delivered, put off, or failed. Failures are reported first, so that a crash repeats a report
    /// rather than forgets it; then the outcome is written.
    /// </summary>
    private async ValueTask SettleAsync(Attempt attempt, DeliveryResult result)
    {
        if (result.Ambiguous)
        {
            _metrics.Ambiguous();
        }

        var states = NewStates(attempt);
        var now = _time.NowMicros();
        var overdue = now - attempt.Message.AcceptedMicros >= (long)_delivery.QueueLife.TotalMicroseconds;
        var delivered = false;
        var crowded = false;
        foreach (var recipient in attempt.Tried)
        {
            var reply = result.Replies[recipient]!;
            states[recipient] = reply.IsPositive ? RecipientState.Delivered
                : reply.IsPermanent ? RecipientState.Failed
                : overdue ? RecipientState.Expired
                : RecipientState.Waiting;
            delivered |= reply.IsPositive;
            crowded |= reply.Code == 452;
        }

        // RFC 5321 section 4.5.3.1.10: 452 behind accepted recipients means "the rest in another transaction", now.
        var wait = delivered && crowded ? TimeSpan.Zero : _retries.WaitAfter(RoundsOf(attempt.Message) + 1, (uint)attempt.Message.Id.GetHashCode());
        await RecordAsync(attempt, states, result.Replies, now + (long)wait.TotalMicroseconds);
    }

    /// <summary>The next hop took nothing: the witness carries the note, stays ready, and those past the queue life are given up.</summary>
    private async ValueTask NoteNextHopFailureAsync(NextHopQueue queue, Attempt attempt, SmtpReply reply)
    {
        long probe;
        List<QueuedMessage> overdue;
        lock (_gate)
        {
            probe = queue.NextProbeMicros;
            overdue = TakeOverdue(queue);
        }

        await FailNextHopAsync(attempt, reply, probe);
        foreach (var message in overdue)
        {
            var started = _time.NowMicros();
            if (!TryReadEnvelope(message, out var envelope))
            {
                continue;
            }

            if (envelope is not null)
            {
                await FailNextHopAsync(attempt with { Message = message, Envelope = envelope, Tried = StillWaiting(message, envelope), StartedMicros = started }, reply, probe);
            }
            else
            {
                await GiveUpAsync(message, started);
            }
        }
    }

    private ValueTask FailNextHopAsync(Attempt attempt, SmtpReply reply, long probeMicros)
    {
        var replies = new SmtpReply?[attempt.Envelope.Recipients.Count];
        var states = NewStates(attempt);
        var overdue = IsOverdue(attempt.Message);
        foreach (var recipient in attempt.Tried)
        {
            replies[recipient] = reply;
            states[recipient] = overdue ? RecipientState.Expired : RecipientState.Waiting;
        }

        return RecordAsync(attempt, states, replies, probeMicros, stayReady: true);
    }

    // Lanes are in order of acceptance but for what came back, so looking at the first of each is enough. Under the lock.
    private List<QueuedMessage> TakeOverdue(NextHopQueue queue)
    {
        var overdue = new List<QueuedMessage>();
        for (var turns = queue.Ring.Count(); turns > 0 && queue.HasReady && overdue.Count < MostGivenUpAtOnce; turns--)
        {
            while (queue.Ring.FirstOrDefault() is { Oldest: { } oldest } && overdue.Count < MostGivenUpAtOnce && IsOverdue(oldest) && queue.Take() is { } message)
            {
                overdue.Add(message);
            }

            queue.Turn();
        }

        return overdue;
    }

    private bool IsOverdue(QueuedMessage message) => _time.NowMicros() - message.AcceptedMicros >= (long)_delivery.QueueLife.TotalMicroseconds;

    /// <summary>The spool no longer gives the message back: said in its trace, not passed over.</summary>
    private ValueTask GiveUpAsync(QueuedMessage message, long started)
    {
        var envelope = message.Envelope ?? new Envelope(ReversePath.Null, [], MessageFlags.Report, 0);
        var attempt = new Attempt(message, envelope, [], started, "", "", "");
        return RecordAsync(attempt, [], [Unreadable], 0);
    }

    private static RecipientState[] NewStates(Attempt attempt) =>
        attempt.Message.States is { } states ? [.. states] : new RecipientState[attempt.Envelope.Recipients.Count];

    private async ValueTask RecordAsync(
        Attempt attempt, RecipientState[] states, IReadOnlyList<SmtpReply?> replies, long nextMicros, bool stayReady = false)
    {
        var message = attempt.Message;
        var pending = !states.Contains(RecipientState.Waiting) && states.Contains(RecipientState.Pending);
        var finished = !pending && !states.Contains(RecipientState.Waiting);
        try
        {
            var report = await ReportFailuresAsync(attempt, states, replies);
            var facts = new AttemptFacts
            {
                TenantPath = message.TenantPath,
                Subscription = message.Subscription,
                Attempt = message.Attempts + 1,
                StartedMicros = attempt.StartedMicros,
                EndedMicros = _time.NowMicros(),
                NextMicros = finished ? 0 : pending ? message.PendingUntilMicros : nextMicros,
                NextHop = attempt.NextHop,
                Address = attempt.Address,
                Tls = attempt.Tls,
                States = states,
                Replies = Runs(replies),
                Report = report,
            };
            await (finished ? _spool.RemoveAsync(message.Id, facts) : _spool.NoteAsync(message.Id, facts));
        }
        catch (IOException failed)
        {
            Postpone(new PostponedOutcome(attempt, states, replies, nextMicros, stayReady), failed);
            return;
        }
        catch (Exception ours)
        {
            attempt.Activity?.Dispose();
            PutOffByFault(message, ours);
            return;
        }

        _metrics.Attempted(MessageState.Of(states));
        attempt.Activity?.SetTag(MailTracing.Outcome, MessageState.Of(states)).Dispose();
        lock (_gate)
        {
            message.Lane.InDelivery--;
            message.Attempts++;
            message.States = states;
            if (finished)
            {
                message.Place = QueuedPlace.Gone;
                _messages.Remove(message.Id);
            }
            else if (pending)
            {
                Park(message);
            }
            else if (message.Turns is not null && attempt.NextHop != AttemptFacts.Window)
            {
                NextTurn(message, nextMicros);
            }
            else
            {
                // (5)
                PutOff(message, stayReady, nextMicros);
            }
        }
    }

    /// <summary>A fault of the program met on the way must not keep a message in delivery for ever: it is tried again in its time, as if nothing had been said of it.</summary>
    private void PutOffByFault(QueuedMessage message, Exception ours)
    {
        LogMessageFailed(_log, message.Id.ToString(), ours);
        lock (_gate)
        {
            if (message.Place != QueuedPlace.InDelivery)
            {
                return;
            }

            message.Lane.InDelivery--;
            if (OnlyPending(message.States))
            {
                Park(message);
                return;
            }

            Wait(message, _time.NowMicros() + (long)_retries.WaitAfter(message.Attempts + 1, (uint)message.Id.GetHashCode()).TotalMicroseconds);
        }
    }

    private void PutOff(QueuedMessage message, bool stayReady, long nextMicros)
    {
        if (!stayReady)
        {
            Wait(message, nextMicros);
            return;
        }

        message.Lane.PutBack(message);
        if (message.Lane is { IsOpen: true, NextHop: { } queue })
        {
            queue.Announce(message.Lane);
        }
    }

    /// <summary>Id of the report about recipients that failed in this attempt, or empty. Marks those nobody can be told of.</summary>
    private async ValueTask<string> ReportFailuresAsync(Attempt attempt, RecipientState[] states, IReadOnlyList<SmtpReply?> replies)
    {
        var failed = attempt.Tried.Where(recipient => states[recipient] is RecipientState.Failed or RecipientState.Expired or RecipientState.Recalled).ToList();
        if (failed.Count == 0)
        {
            return "";
        }

        // RFC 5321 section 4.5.5: a report about a report would circle for ever. (What has no sender never waits for one to take it back.) Its fate is told in the trace.
        if (attempt.Envelope.ReversePath.IsNull)
        {
            failed.ForEach(recipient => states[recipient] = RecipientState.Dropped);
            return "";
        }

        if (_spool.FactsOf(attempt.Message.Id) is not { } about)
        {
            return "";
        }

        var report = DeliveryReport.Make(_spool, _hostName, attempt, about, failed, states, replies, _time);
        if (await _spool.AcceptReportAsync(report))
        {
            Enqueue(report.Id, report.Facts, report.Envelope);
        }

        return report.Id.ToString();
    }

    // Neighbours with the same reply share one entry.
    private static List<AttemptReply> Runs(IReadOnlyList<SmtpReply?> replies)
    {
        var runs = new List<AttemptReply>(1);
        for (var i = 0; i < replies.Count;)
        {
            var first = i;
            var reply = replies[i++];
            while (i < replies.Count && Equals(reply, replies[i]))
            {
                i++;
            }

            if (reply is not null)
            {
                var text = reply.ToString();
                runs.Add(new AttemptReply(first, i - first, text.Length <= 500 ? text : text[..500]));
            }
        }

        return runs;
    }
}
