using System.Buffers;
using System.Text;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Delivery;

internal sealed partial class NextHopConnection
{
    // With PIPELINING the recipients go out in groups, so that neither side waits for the other with full windows (RFC 2920 section 3.1).
    private const int RecipientsPerGroup = 100;

    private const int PieceBytes = 64 * 1024;

    private static readonly SmtpReply NoUtf8 = new(554, new EnhancedStatus(5, 6, 7), "The next hop does not take SMTPUTF8");
    private static readonly SmtpReply NoEightBit = new(554, new EnhancedStatus(5, 6, 3), "The next hop does not take 8BITMIME");
    private static readonly SmtpReply TooLarge = new(552, new EnhancedStatus(5, 3, 4), "The message is larger than the next hop takes");

    /// <summary>
    /// One transaction: (1) what this next hop cannot take is refused without asking, (2) MAIL and RCPT, with DATA in the same group where it knows
    /// PIPELINING, (3) the content, (4) the reply to the final dot, which is the reply to every accepted recipient.
    /// </summary>
    /// <param name="tried">Positions in the envelope of the recipients still waiting.</param>
    public async ValueTask<DeliveryResult> DeliverAsync(Envelope envelope, IReadOnlyList<int> tried, MessageContent content)
    {
        var result = new DeliveryResult(envelope.Recipients.Count);
        var dotSent = false;
        try
        {
            // (1)
            if (CannotTake(envelope) is { } refusal)
            {
                result.FillIn(refusal, tried);
                return result;
            }

            // (2)
            if (!await SendEnvelopeAsync(envelope, tried, result))
            {
                return result;
            }

            // (3)
            await SendContentAsync(content, () => dotSent = true);

            // (4)
            var reply = await ReadReplyAsync(_options.FinalReplyDeadline);
            result.FillIn(reply, tried);
            result.ConnectionLost = reply.Code == 421;
        }
        catch (NextHopException broken)
        {
            result.ConnectionLost = true;
            result.Ambiguous = dotSent;
            result.FillIn(new SmtpReply(451, new EnhancedStatus(4, 4, 2), broken.Message), tried);
        }

        return result;
    }

    /// <summary>Asks whether the next hop would take this recipient, with MAIL FROM:&lt;&gt;, RCPT and RSET.</summary>
    public async ValueTask<SmtpReply> AskRecipientAsync(ForwardPath recipient)
    {
        var utf8 = !recipient.Mailbox.IsAscii;
        SmtpCommandWriter.Mail(_output, ReversePath.Null, new MailParameters { SmtpUtf8 = utf8 && Capabilities.SmtpUtf8 });
        await FlushAsync(_options.CallAheadDeadline);
        var reply = await ReadReplyAsync(_options.CallAheadDeadline);
        if (reply.IsPositive)
        {
            SmtpCommandWriter.Rcpt(_output, recipient);
            await FlushAsync(_options.CallAheadDeadline);
            reply = await ReadReplyAsync(_options.CallAheadDeadline);
        }

        SmtpCommandWriter.Rset(_output);
        await FlushAsync(_options.CallAheadDeadline);
        await ReadReplyAsync(_options.CallAheadDeadline);
        return reply;
    }

    /// <summary>MAIL and each RCPT of an envelope, in turn, then RSET: never a content.</summary>
    /// <param name="heard">Told each command, as people read it, and its reply.</param>
    public async ValueTask AskEnvelopeAsync(Envelope envelope, int maxRecipients, Action<string, SmtpReply> heard)
    {
        if (CannotTake(envelope) is { } refusal)
        {
            heard("(not asked: its own offer rules it out)", refusal);
            return;
        }

        NextHopProbe.WriteMail(_output, envelope, Capabilities);
        var mail = await AskAsync(heard);
        for (var i = 0; mail.IsPositive && i < Math.Min(maxRecipients, envelope.Recipients.Count); i++)
        {
            SmtpCommandWriter.Rcpt(_output, envelope.Recipients[i]);
            await AskAsync(heard);
        }

        SmtpCommandWriter.Rset(_output);
        await FlushAsync(_options.ReplyDeadline);
        await ReadReplyAsync(_options.ReplyDeadline);
    }

    private async ValueTask<SmtpReply> AskAsync(Action<string, SmtpReply> heard)
    {
        var command = Encoding.UTF8.GetString(_output.WrittenSpan).TrimEnd();
        await FlushAsync(_options.ReplyDeadline);
        var reply = await ReadReplyAsync(_options.ReplyDeadline);
        heard(command, reply);
        return reply;
    }

    private SmtpReply? CannotTake(Envelope envelope)
    {
        if (envelope.Flags.HasFlag(MessageFlags.Utf8) && !Capabilities.SmtpUtf8)
        {
            return NoUtf8;
        }

        if (envelope.Flags.HasFlag(MessageFlags.EightBit) && !Capabilities.EightBitMime)
        {
            return NoEightBit;
        }

        return envelope.SizeBytes > Capabilities.MaxMessageOctets ? TooLarge : null;
    }

    /// <summary>True when the next hop waits for the content of at least one recipient.</summary>
    private async ValueTask<bool> SendEnvelopeAsync(Envelope envelope, IReadOnlyList<int> tried, DeliveryResult result)
    {
        NextHopProbe.WriteMail(_output, envelope, Capabilities);
        var accepted = Capabilities.Pipelining
            ? await SendPipelinedAsync(envelope, tried, result)
            : await SendInTurnAsync(envelope, tried, result);
        return accepted;
    }

    private async ValueTask<bool> SendPipelinedAsync(Envelope envelope, IReadOnlyList<int> tried, DeliveryResult result)
    {
        var accepted = 0;
        SmtpReply? mail = null;
        for (var start = 0; start < tried.Count; start += RecipientsPerGroup)
        {
            var end = Math.Min(start + RecipientsPerGroup, tried.Count);
            for (var i = start; i < end; i++)
            {
                SmtpCommandWriter.Rcpt(_output, envelope.Recipients[tried[i]]);
            }

            if (end == tried.Count)
            {
                SmtpCommandWriter.Data(_output);
            }

            await FlushAsync(_options.ReplyDeadline);
            mail ??= await ReadReplyAsync(_options.ReplyDeadline);
            for (var i = start; i < end; i++)
            {
                var reply = await ReadReplyAsync(_options.ReplyDeadline);
                accepted += Take(reply, mail, tried[i], result);
            }
        }

        var data = await ReadReplyAsync(_options.ReplyDeadline);
        if (data.IsIntermediate && accepted == 0)
        {
            // RFC 2920 section 3.1: DATA was accepted though every recipient was refused; an empty message ends it, for nobody.
            _output.Write(".\r\n"u8);
            await FlushAsync(_options.ReplyDeadline);
            await ReadReplyAsync(_options.FinalReplyDeadline);
            return false;
        }

        return await AfterEnvelopeAsync(mail!, data, accepted, tried, result);
    }

    private async ValueTask<bool> SendInTurnAsync(Envelope envelope, IReadOnlyList<int> tried, DeliveryResult result)
    {
        await FlushAsync(_options.ReplyDeadline);
        var mail = await ReadReplyAsync(_options.ReplyDeadline);
        var accepted = 0;
        for (var i = 0; mail.IsPositive && i < tried.Count; i++)
        {
            SmtpCommandWriter.Rcpt(_output, envelope.Recipients[tried[i]]);
            await FlushAsync(_options.ReplyDeadline);
            accepted += Take(await ReadReplyAsync(_options.ReplyDeadline), mail, tried[i], result);
        }

        if (accepted == 0)
        {
            return await AfterEnvelopeAsync(mail, null, accepted, tried, result);
        }

        SmtpCommandWriter.Data(_output);
        await FlushAsync(_options.ReplyDeadline);
        return await AfterEnvelopeAsync(mail, await ReadReplyAsync(_options.ReplyDeadline), accepted, tried, result);
    }

    // A recipient behind a refused MAIL earns MAIL's reply, not the 503 that follows from it.
    private static int Take(SmtpReply reply, SmtpReply mail, int recipient, DeliveryResult result)
    {
        if (mail.IsPositive && reply.IsPositive)
        {
            return 1;
        }

        result.Replies[recipient] = mail.IsPositive ? reply : mail;
        return 0;
    }

    private async ValueTask<bool> AfterEnvelopeAsync(SmtpReply mail, SmtpReply? data, int accepted, IReadOnlyList<int> tried, DeliveryResult result)
    {
        if (data is { IsIntermediate: true })
        {
            return true;
        }

        result.FillIn(accepted > 0 && data is not null ? data : mail, tried);
        if (mail.Code == 421 || data?.Code == 421)
        {
            result.ConnectionLost = true;
            result.NextHopUnavailable = mail.Code == 421;
            return false;
        }

        // The transaction stands open at the next hop: end it, so that the connection serves the next message.
        if (mail.IsPositive)
        {
            SmtpCommandWriter.Rset(_output);
            await FlushAsync(_options.ReplyDeadline);
            await ReadReplyAsync(_options.ReplyDeadline);
        }

        return false;
    }

    private async ValueTask SendContentAsync(MessageContent content, Action lastOctets)
    {
        var writer = new SmtpDataWriter();
        if (content.TryGetMemory(out var stored))
        {
            writer.Write(content.Added.Span, _output);
            writer.Write(stored.Span, _output);
        }
        else
        {
            var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
            try
            {
                while (content.Read(piece.AsSpan(0, PieceBytes)) is > 0 and var count)
                {
                    writer.Write(piece.AsSpan(0, count), _output);
                    await FlushAsync(_options.ContentDeadline);
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(piece);
            }
        }

        writer.Complete(_output);
        lastOctets();
        await FlushAsync(_options.ContentDeadline);
    }
}
