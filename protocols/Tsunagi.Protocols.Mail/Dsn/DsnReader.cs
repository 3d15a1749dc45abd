using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Protocols.Mail.Dsn;

/// <summary>What a delivery-status part says, as far as it can be read.</summary>
/// <param name="ReportingMta">The host that reports, without its type.</param>
/// <param name="EnvelopeId">Original-Envelope-Id; null when absent.</param>
/// <param name="ArrivalDate">Arrival-Date; null when absent.</param>
/// <param name="Recipients">The recipients with address, action and status.</param>
public sealed record DsnStatus(string ReportingMta, string? EnvelopeId, DateTimeOffset? ArrivalDate, ImmutableArray<DsnRecipient> Recipients);

/// <summary>Reads notifications of any host (RFC 3464), to match them with what was sent.</summary>
public static class DsnReader
{
    private const int MaxParts = 20;
    private const int MaxRecipients = 1000;

    /// <summary>Finds the delivery-status part of a multipart/report and reads it.</summary>
    /// <returns>False when the message is no report, or tells of no recipient.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, out DsnStatus? status)
    {
        status = null;
        MimeHead head = ReadHead(message);
        if (!head.Type.StartsWith("multipart/report", StringComparison.OrdinalIgnoreCase)
            || Parameter(head.Type, "boundary") is not { Length: > 0 and <= 70 } boundary)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = message[head.BodyOffset..];
        byte[] delimiter = Encoding.Latin1.GetBytes("--" + boundary);
        for (int parts = 0; parts < MaxParts && TryNextPart(ref rest, delimiter, out ReadOnlySpan<byte> part); parts++)
        {
            MimeHead partHead = ReadHead(part);
            if (IsStatus(partHead.Type))
            {
                return TryReadStatus(part[partHead.BodyOffset..], out status);
            }
        }
        return false;
    }

    /// <summary>Reads the content of a message/delivery-status part.</summary>
    public static bool TryReadStatus(ReadOnlySpan<byte> content, out DsnStatus? status)
    {
        string reportingMta = "";
        string? envelopeId = null;
        DateTimeOffset? arrival = null;
        var recipients = ImmutableArray.CreateBuilder<DsnRecipient>();
        var message = new HeaderReader(content);
        while (message.Read())
        {
            if (message.Field.Is("Reporting-MTA"u8))
            {
                reportingMta = Untyped(message.Field.Unfold());
            }
            else if (message.Field.Is("Original-Envelope-Id"u8))
            {
                envelopeId = message.Field.Unfold();
            }
            else if (message.Field.Is("Arrival-Date"u8) && MailDate.TryParse(message.Field.Body, out DateTimeOffset time))
            {
                arrival = time;
            }
        }
        int at = message.Offset;
        while (message.End == HeaderEnd.EmptyLine && at < content.Length && recipients.Count < MaxRecipients)
        {
            var fields = new HeaderReader(content[at..]);
            if (TryReadRecipient(ref fields, out DsnRecipient? recipient))
            {
                recipients.Add(recipient!);
            }

            if (fields.End != HeaderEnd.EmptyLine)
            {
                break;
            }

            at += fields.Offset;
        }
        status = new DsnStatus(reportingMta, envelopeId, arrival, recipients.ToImmutable());
        return recipients.Count > 0;
    }

    private static bool TryReadRecipient(ref HeaderReader fields, out DsnRecipient? recipient)
    {
        Mailbox? final = null, original = null;
        DsnAction? action = null;
        EnhancedStatus status = default;
        string? remote = null;
        SmtpReply? reply = null;
        DateTimeOffset? last = null, until = null;
        while (fields.Read())
        {
            HeaderField field = fields.Field;
            string value = field.Unfold();
            if (field.Is("Final-Recipient"u8))
            {
                DsnAddress.TryRead(value, out final);
            }
            else if (field.Is("Original-Recipient"u8))
            {
                DsnAddress.TryRead(value, out original);
            }
            else if (field.Is("Action"u8))
            {
                action = ReadAction(value);
            }
            else if (field.Is("Status"u8))
            {
                _ = EnhancedStatus.TryParse(value, out status, out _); // what is no status code stays 0.0.0
            }
            else if (field.Is("Remote-MTA"u8))
            {
                remote = Untyped(value);
            }
            else if (field.Is("Diagnostic-Code"u8))
            {
                reply = ReadReply(value);
            }
            else if (field.Is("Last-Attempt-Date"u8) && MailDate.TryParse(field.Body, out DateTimeOffset time))
            {
                last = time;
            }
            else if (field.Is("Will-Retry-Until"u8) && MailDate.TryParse(field.Body, out time))
            {
                until = time;
            }
        }
        recipient = final is null || action is null ? null : new DsnRecipient
        {
            FinalRecipient = final,
            OriginalRecipient = original,
            Action = action.Value,
            Status = status,
            RemoteMta = remote,
            Reply = reply,
            LastAttempt = last,
            WillRetryUntil = until,
        };
        return recipient is not null;
    }

    private static DsnAction? ReadAction(string value) => value.Split(' ', '(')[0].ToUpperInvariant() switch
    {
        "FAILED" => DsnAction.Failed,
        "DELAYED" => DsnAction.Delayed,
        "DELIVERED" => DsnAction.Delivered,
        "RELAYED" => DsnAction.Relayed,
        "EXPANDED" => DsnAction.Expanded,
        _ => null,
    };

    private static SmtpReply? ReadReply(string value)
    {
        string text = Untyped(value);
        if (!value.StartsWith("smtp", StringComparison.OrdinalIgnoreCase) || text.Length < 3
            || !int.TryParse(text.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int code) || code is < 200 or > 599)
        {
            return null;
        }

        string rest = text[3..].TrimStart(' ', '-');
        bool hasStatus = EnhancedStatus.TryParse(rest, out EnhancedStatus status, out int length) && status.Class == code / 100;
        return hasStatus ? new SmtpReply(code, status, rest[length..].TrimStart(' ')) : new SmtpReply(code, null, rest);
    }

    private static string Untyped(string value)
    {
        int semicolon = value.IndexOf(';', StringComparison.Ordinal);
        return value[(semicolon + 1)..].Trim();
    }

    private static bool IsStatus(string type) =>
        type.StartsWith("message/delivery-status", StringComparison.OrdinalIgnoreCase)
            || type.StartsWith("message/global-delivery-status", StringComparison.OrdinalIgnoreCase);

    private static bool TryNextPart(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> delimiter, out ReadOnlySpan<byte> part)
    {
        part = default;
        int start = FindLine(rest, delimiter);
        if (start < 0)
        {
            return false;
        }

        rest = rest[(start + delimiter.Length)..];
        int line = rest.IndexOf((byte)'\n');
        if (line < 0 || rest.StartsWith("--"u8))
        {
            return false;
        }

        rest = rest[(line + 1)..];
        int end = FindLine(rest, delimiter);
        part = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[end..];
        return true;
    }

    private static int FindLine(ReadOnlySpan<byte> text, ReadOnlySpan<byte> head)
    {
        int from = 0;
        while (text[from..].IndexOf(head) is var found && found >= 0)
        {
            int at = from + found;
            if (at == 0 || text[at - 1] == '\n')
            {
                return at;
            }

            from = at + 1;
        }
        return -1;
    }

    private static MimeHead ReadHead(ReadOnlySpan<byte> entity)
    {
        string type = "";
        var reader = new HeaderReader(entity);
        while (reader.Read())
        {
            if (type.Length == 0 && reader.Field.Is("Content-Type"u8))
            {
                type = reader.Field.Unfold();
            }
        }

        return new MimeHead(type, reader.Offset);
    }

    // parameter = attribute "=" value ; quoted or not
    private static string? Parameter(string type, string attribute)
    {
        int at = type.IndexOf(attribute + "=", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return null;
        }

        string value = type[(at + attribute.Length + 1)..];
        return value.StartsWith('"') ? value[1..].Split('"')[0] : value.Split(';', ' ', '\t')[0];
    }

    private readonly record struct MimeHead(string Type, int BodyOffset);
}
