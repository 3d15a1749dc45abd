using Tsunagi.Core.Logs;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Meters;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Delivery;

/// <summary>The life of one connection: open, deliver one message after another, close.</summary>
internal sealed partial class DeliveryScheduler
{
    // RFC 3463 codes X.4.1 (no answer from host) and X.7.0 (other security status).
    private static readonly EnhancedStatus NoAnswer = new(4, 4, 1);
    private static readonly EnhancedStatus Forbidden = new(4, 7, 0);

    // (3)
    private async Task RunConnectionAsync(NextHopQueue queue)
    {
        var opened = false;
        try
        {
            var (open, never) = await OpenAsync(queue);
            await using var connection = open;
            opened = true;
            Answered(queue);
            await (connection is null ? RefuseAsync(queue, never!) : ServeAsync(queue, connection));
        }
        catch (NextHopException failed) when (!_abort.IsCancellationRequested)
        {
            await NextHopFailedAsync(queue, failed, opened);
        }
        catch (NextHopException)
        {
            // The program stops.
        }
        catch (Exception ours)
        {
            LogConnectionFailed(_log, queue.NextHop.ToString(), ours);
            lock (_gate)
            {
                if (!opened)
                {
                    // Else the next is opened at once, and fails alike, for ever.
                    CountFailure(queue, "an error of this program, which its log has", opened: false);
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                if (!opened)
                {
                    queue.Opening--;
                }

                ConnectionEnded(queue);
            }
        }
    }

    /// <summary>A connection, or what all mail for the domain is answered for good.</summary>
    private async ValueTask<(NextHopConnection? Connection, SmtpReply? Never)> OpenAsync(NextHopQueue queue)
    {
        if (queue.NextHop.IsDomain && _mx is not null)
        {
            return await _mx.OpenAsync(queue.NextHop.Host, queue.IsReport, _abort.Token);
        }

        var connection = await NextHopConnection.OpenAsync(_outbound, queue.NextHop, queue.Tls, _hostName, _delivery, _time, _abort.Token);
        _book.Remember(queue.NextHop, connection.Capabilities);
        return (connection, null);
    }

    private async ValueTask ServeAsync(NextHopQueue queue, NextHopConnection connection)
    {
        for (var served = 0; served < _delivery.MaxMessagesPerConnection; served++)
        {
            if (await NextAsync(queue) is not { } message)
            {
                break;
            }

            try
            {
                if (!await DeliverAsync(queue, connection, message))
                {
                    return;
                }
            }
            catch (Exception ours)
            {
                PutOffByFault(message, ours);
                return;
            }
        }

        await connection.QuitAsync();
    }

    /// <summary>False when the connection is of no further use.</summary>
    private async ValueTask<bool> DeliverAsync(NextHopQueue queue, NextHopConnection connection, QueuedMessage message)
    {
        var started = _time.NowMicros();
        if (!TryReadEnvelope(message, out var envelope))
        {
            return false;
        }

        if (envelope is null)
        {
            await GiveUpAsync(message, started);
            return true;
        }

        var tried = StillWaiting(message, envelope);
        if (tried.Count == 0 && OnlyPending(message.States))
        {
            Rest(message);
            return true;
        }

        var activity = MailTracing.StartAttempt(message.Id, queue.NextHop);
        DeliveryResult result;
        try
        {
            using var content = _spool.OpenContent(message.Id);
            var unsigned = await _signer.SignAsync(message.TenantPath, envelope, content);
            if (unsigned is null)
            {
                result = await connection.DeliverAsync(envelope with { SizeBytes = envelope.SizeBytes + content.SignatureBytes }, tried, content);
            }
            else
            {
                result = new DeliveryResult(envelope.Recipients.Count);
                result.FillIn(unsigned, tried);
            }
        }
        catch (LogPoisonedException)
        {
            // The spool is being opened again: nothing was sent yet.
            activity?.Dispose();
            Return(message);
            return false;
        }
        catch (IOException unreadable)
        {
            // Perhaps the disk only stumbled: it is tried again, and the sender is told when the queue life ends. Half of it may have been sent, so
            // this connection is of no further use.
            LogContentLost(_log, message.Id.ToString(), unreadable);
            result = new DeliveryResult(envelope.Recipients.Count) { ConnectionLost = true };
            result.FillIn(UnreadableNow, tried);
        }
        // A program that stops has not heard the next hop out: the message stays as it was.
        if (result.ConnectionLost && _abort.IsCancellationRequested)
        {
            activity?.Dispose();
            Return(message);
            return false;
        }

        var attempt = new Attempt(message, envelope, tried, started, connection.NextHop.ToString(), connection.Address, connection.Described) { Activity = activity };
        if (result.NextHopUnavailable)
        {
            await NextHopRefusedAsync(queue, attempt, result.Replies[tried[0]]!);
        }
        else
        {
            await SettleAsync(attempt, result);
        }

        return !result.ConnectionLost;
    }

    /// <summary>False when the spool is being opened again: the message then stands where it stood. A null envelope can no longer be read.</summary>
    private bool TryReadEnvelope(QueuedMessage message, out Envelope? envelope)
    {
        envelope = message.Envelope;
        if (envelope is not null)
        {
            return true;
        }

        try
        {
            envelope = _spool.FactsOf(message.Id) is { } facts ? Envelope.From(facts) : null;
            return true;
        }
        catch (LogPoisonedException)
        {
            Return(message);
            return false;
        }
    }

    private static List<int> StillWaiting(QueuedMessage message, Envelope envelope)
    {
        var tried = new List<int>(envelope.Recipients.Count);
        for (var i = 0; i < envelope.Recipients.Count; i++)
        {
            if ((message.States is not { } states || states[i] == RecipientState.Waiting) && (message.Turns is not { } turns || turns[message.Turn].Positions.Contains(i)))
            {
                tried.Add(i);
            }
        }

        return tried;
    }

    private void Answered(NextHopQueue queue)
    {
        int failures;
        lock (_gate)
        {
            queue.Opening--;
            queue.AnsweredMicros = _time.NowMicros();
            failures = queue.Failures;
            queue.Failures = 0;
            queue.FailingSinceMicros = 0;
            queue.Reason = "";
            if (failures > 0)
            {
                // Everything waited for this: open more than the probe's one connection.
                Serve(queue);
            }
        }

        if (failures > 0)
        {
            LogNextHopBack(_log, queue.NextHop.ToString(), failures);
        }
    }

    /// <summary>
    /// No connection came about. The oldest message of the next lane carries the note of it; all stay ready for the next probe, but those past the
    /// queue life are given up.
    /// </summary>
    private async ValueTask NextHopFailedAsync(NextHopQueue queue, NextHopException failed, bool opened)
    {
        QueuedMessage? witness;
        lock (_gate)
        {
            if (!CountFailure(queue, failed.Message, opened))
            {
                return;
            }

            witness = queue.Take();
            LetPass(queue);
        }

        LogNextHopFailing(_log, queue.NextHop.ToString(), failed.Message);
        if (witness is null)
        {
            return;
        }

        var started = _time.NowMicros();
        if (!TryReadEnvelope(witness, out var envelope))
        {
            return;
        }

        if (envelope is null)
        {
            await GiveUpAsync(witness, started);
            return;
        }

        var attempt = new Attempt(witness, envelope, StillWaiting(witness, envelope), started, queue.NextHop.ToString(), "", "");
        await NoteNextHopFailureAsync(queue, attempt, new SmtpReply(451, failed.Status ?? (failed.IsForbidden ? Forbidden : NoAnswer), failed.Message));
    }

    private async ValueTask NextHopRefusedAsync(NextHopQueue queue, Attempt attempt, SmtpReply reply)
    {
        lock (_gate)
        {
            CountFailure(queue, reply.ToString(), opened: true);
        }

        LogNextHopFailing(_log, queue.NextHop.ToString(), reply.ToString());
        await NoteNextHopFailureAsync(queue, attempt, reply);
    }

    // Under the lock. Of connections that fail together only the first counts; the others began before it was known.
    private bool CountFailure(NextHopQueue queue, string reason, bool opened)
    {
        var now = _time.NowMicros();
        if (queue.Failures > 0 && now < queue.NextProbeMicros && !opened)
        {
            return false;
        }

        queue.Failures++;
        queue.Reason = reason;
        queue.FailingSinceMicros = queue.FailingSinceMicros == 0 ? now : queue.FailingSinceMicros;
        queue.NextProbeMicros = now + (long)_probes.WaitAfter(queue.Failures, (uint)queue.NextHop.GetHashCode()).TotalMicroseconds;
        return true;
    }

    private void Return(QueuedMessage message)
    {
        lock (_gate)
        {
            message.Lane.InDelivery--;
            message.Lane.PutBack(message);
            if (message.Lane is { IsOpen: true, NextHop: { } queue })
            {
                queue.Announce(message.Lane);
            }
        }
    }
}
