using System.Buffers;
using System.Text;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Outbound;
using Tsunagi.Core.Outcomes;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Delivery;

/// <summary>
/// What a next hop would be told of a message that waits, and, when a person asks, what it answers: greeting, EHLO, MAIL and every RCPT, then RSET. No
/// content is ever sent, so nothing is delivered.
/// </summary>
internal sealed class NextHopProbe(
    MailOptions options, MailSpool spool, GatewayContracts contracts, NextHopBook book, OutboundTcp outbound, TimeProvider time)
{
    /// <summary>More recipients are not asked about one by one.</summary>
    public const int MaxRecipients = 50;

    /// <summary>The SMTP commands of the transaction; null when this node does not hold the message, or nobody says where it goes.</summary>
    public EnvelopePreview? Preview(SpoolId id)
    {
        if (Find(id) is not ({ } envelope, { } nextHop, _))
        {
            return null;
        }

        var known = book.Of(nextHop);
        var output = new ArrayBufferWriter<byte>(512);
        WriteMail(output, envelope, known);
        foreach (var recipient in envelope.Recipients.Take(MaxRecipients))
        {
            SmtpCommandWriter.Rcpt(output, recipient);
        }

        SmtpCommandWriter.Data(output);
        var lines = Encoding.UTF8.GetString(output.WrittenSpan).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        return new EnvelopePreview(nextHop.ToString(), [.. lines, $"({envelope.SizeBytes} octets of content)"], known is not null);
    }

    /// <summary>Asks. A next hop that is silent or may not be dialled is an answer too.</summary>
    public async ValueTask<Outcome<ProbeView>> AskAsync(SpoolId id, CancellationToken cancellationToken)
    {
        if (Find(id) is not ({ } envelope, { } nextHop, var tls))
        {
            return Refusal.Conflict("mail.message.not-here", $"message {id} does not wait on this node, or no contract says where it goes");
        }

        var steps = new List<ProbeStep>();
        try
        {
            await using var connection = await NextHopConnection.OpenAsync(
                outbound, nextHop, tls, options.OwnName, Patience(), time, cancellationToken);
            book.Remember(nextHop, connection.Capabilities);
            steps.Add(new ProbeStep($"EHLO {options.OwnName}", connection.Tls.Length > 0 ? $"ok, {connection.Tls}" : "ok, not encrypted"));
            await connection.AskEnvelopeAsync(envelope, MaxRecipients, (command, reply) => steps.Add(new ProbeStep(command, reply.ToString())));
            await connection.QuitAsync();
        }
        catch (NextHopException failed)
        {
            cancellationToken.ThrowIfCancellationRequested();
            steps.Add(new ProbeStep($"connection to {nextHop}", failed.Message));
        }

        return new ProbeView(nextHop.ToString(), steps);
    }

    internal static void WriteMail(IBufferWriter<byte> output, Envelope envelope, SmtpCapabilities? known) => SmtpCommandWriter.Mail(output, envelope.ReversePath, new MailParameters
    {
        Size = known is null or { Size: true } ? envelope.SizeBytes : null,
        Body = envelope.Flags.HasFlag(MessageFlags.EightBit) ? SmtpBodyType.EightBitMime : SmtpBodyType.Unstated,
        SmtpUtf8 = envelope.Flags.HasFlag(MessageFlags.Utf8),
    });

    private (Envelope? Envelope, NextHop? NextHop, NextHopTls Tls) Find(SpoolId id)
    {
        try
        {
            if (spool.FactsOf(id) is not { } facts || !contracts.Table.BySubscription.TryGetValue(facts.Subscription, out var gateway))
            {
                return default;
            }

            // What leaves by MX has no one next hop: `tsunagi mail route DOMAIN` shows its way.
            return facts.Flags.HasFlag(MessageFlags.Outbound) && options.Outbound.Route == Routes.DepartureRoute.Mx ? default
                : facts.Flags.HasFlag(MessageFlags.Outbound)
                ? (Envelope.From(facts), NextHop.TryParse(options.Smarthost, out var smarthost, out _) ? smarthost : null, NextHopTls.Opportunistic)
                : (Envelope.From(facts), gateway.NextHop, gateway.Settings.NextHopTls);
        }
        catch (LogPoisonedException)
        {
            return default;
        }
    }

    // A person waits for the answer.
    private DeliveryOptions Patience() => options.Delivery with
    {
        ConnectDeadline = options.Delivery.CallAheadDeadline, ReplyDeadline = options.Delivery.CallAheadDeadline,
    };
}

/// <summary>The SMTP commands a next hop would be sent.</summary>
/// <param name="KnowsNextHop">They follow what it offered; else the usual extensions are assumed.</param>
public sealed record EnvelopePreview(string NextHop, IReadOnlyList<string> Commands, bool KnowsNextHop);

/// <summary>What a next hop answered when it was asked without being sent anything.</summary>
public sealed record ProbeView(string NextHop, IReadOnlyList<ProbeStep> Steps)
{
    /// <summary>The last answer: it decides.</summary>
    internal string Summary => Steps.Count > 0 ? Steps[^1].Reply : "";
}

/// <summary>One command and its answer.</summary>
public sealed record ProbeStep(string Command, string Reply);
