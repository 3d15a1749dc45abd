using System.Buffers;
using Microsoft.Extensions.Logging;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Delivery;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Signing;

/// <summary>
/// Signs what a customer sends to others, when it is handed on: nothing is added to it after that, and mail that waited long is signed by the key that is in use then.
/// (1) The header section is read; (2) the domain is that of the one author in From, or one above it, as far as it is the customer's own: mail in anybody else's name is never signed;
/// (3) the domain's keys, of which every one signs; (4) the body is hashed; (5) the signatures stand on top of the content. What is signed must not be lengthened, and no field that people see be added
/// (no l=; From, To, Subject, Date and the like are named once more than they stand there).
/// </summary>
internal sealed partial class OutboundSigner(SigningKeys keys, GatewayContracts contracts, TimeProvider time, ILogger<OutboundSigner> log)
{
    private const int PieceBytes = 64 * 1024;

    // RFC 3463 codes X.7.5 (cryptographic failure) and X.6.0 (other content error).
    private static readonly EnhancedStatus KeyAway = new(4, 7, 5);
    private static readonly SmtpReply Unsignable = new(554, new EnhancedStatus(5, 6, 0), "The header of the message is too large to be signed");

    /// <summary>Null when it may go: signed, or unsigned where that is right. Else why it may not.</summary>
    public async ValueTask<SmtpReply?> SignAsync(string tenantPath, Envelope envelope, MessageContent content)
    {
        if (!envelope.Flags.HasFlag(MessageFlags.Outbound))
        {
            return null;
        }

        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            // (1)
            var count = ReadHead(content, ref piece);
            var header = HeaderSection.Read(piece.AsSpan(0, count));

            // (2)
            if (DomainOf(piece.AsSpan(0, Math.Min(count, header.BodyOffset)), tenantPath) is not { } domain || contracts.Table.ForDomain(domain)?.Settings.Signing is not { } wanted || wanted == MailSigning.Off)
            {
                content.Rewind();
                return null;
            }

            // (3)
            var choice = await keys.OfAsync(tenantPath, domain);
            if (choice.Signers.Count == 0 || header.End == HeaderEnd.Limit)
            {
                content.Rewind();
                return WhyNot(domain, wanted, choice);
            }

            // (4)
            using var message = new SignedMessage(header);
            var signing = new DkimSigning(message);
            message.Append(piece.AsSpan(header.BodyOffset, count - header.BodyOffset));
            while (content.Read(piece.AsSpan(0, PieceBytes)) is > 0 and var more)
            {
                message.Append(piece.AsSpan(0, more));
            }

            message.Complete();

            // (5)
            var signatures = new ArrayBufferWriter<byte>(2_048);
            signing.Complete(choice.Signers, time.GetUtcNow(), signatures);
            content.SignWith(signatures.WrittenSpan);
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    private SmtpReply? WhyNot(string domain, MailSigning wanted, SigningChoice choice)
    {
        if (choice.WhyNot is { } whyNot)
        {
            LogKeyAway(log, domain, whyNot);
            return wanted == MailSigning.Required ? new SmtpReply(451, KeyAway, $"Mail of {domain} must be signed, and {whyNot}") : null;
        }

        // Without keys in use nobody expects a signature.
        return choice.Signers.Count > 0 && wanted == MailSigning.Required ? Unsignable : null;
    }

    /// <summary>Reads until the header section is there; the buffer grows with it.</summary>
    private static int ReadHead(MessageContent content, ref byte[] piece)
    {
        var count = 0;
        while (true)
        {
            var searchFrom = Math.Max(0, count - 3);
            var read = content.Read(piece.AsSpan(count));
            count += read;
            if (read == 0 || piece.AsSpan(searchFrom, count - searchFrom).IndexOf("\r\n\r\n"u8) >= 0 || count > HeaderLimits.Default.SectionOctets)
            {
                return count;
            }

            if (count == piece.Length)
            {
                var larger = ArrayPool<byte>.Shared.Rent(piece.Length * 2);
                piece.AsSpan(0, count).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(piece);
                piece = larger;
            }
        }
    }

    /// <summary>The customer's domain that the one author belongs to. Null for other authors, for several, and where none can be read.</summary>
    private string? DomainOf(ReadOnlySpan<byte> section, string tenantPath)
    {
        string? from = null;
        var fields = new HeaderReader(section, HeaderLimits.Default);
        while (fields.Read())
        {
            if (!fields.Field.Is("From"u8))
            {
                continue;
            }

            if (from is not null || Authors(fields.Field.Body) != 1 || !AddressField.TryReadFirst(fields.Field.Body, 100, out _, out var author))
            {
                return null;
            }

            from = author!.Domain;
        }

        return from is null ? null : contracts.Table.DomainOf(from, tenantPath);
    }

    // Every address has one "@" outside quoted strings and comments (RFC 5322 section 3.4.1).
    private static int Authors(ReadOnlySpan<byte> body)
    {
        var (count, depth, quoted) = (0, 0, false);
        for (var i = 0; i < body.Length; i++)
        {
            switch (body[i])
            {
                case (byte)'\\' when quoted || depth > 0:
                    i++;
                    break;
                case (byte)'"' when depth == 0:
                    quoted = !quoted;
                    break;
                case (byte)'(' when !quoted:
                    depth++;
                    break;
                case (byte)')' when !quoted && depth > 0:
                    depth--;
                    break;
                case (byte)'@' when !quoted && depth == 0:
                    count++;
                    break;
            }
        }

        return count;
    }

    [LoggerMessage(2603, LogLevel.Warning, "mail of {Domain} could not be signed: {WhyNot}")]
    private static partial void LogKeyAway(ILogger log, string domain, string whyNot);
}
