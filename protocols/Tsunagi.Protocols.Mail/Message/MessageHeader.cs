using System.Text;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Protocols.Mail.Message;

/// <summary>What a gateway wants to know of a message without taking it apart: who, what about, when, how far it has come.</summary>
public sealed record MessageHeader
{
    /// <summary>Message-ID without its angle brackets; empty when there is none.</summary>
    public string MessageId { get; private init; } = "";

    /// <summary>Subject, decoded for people; empty when there is none.</summary>
    public string Subject { get; private init; } = "";

    /// <summary>The display name of the first From address.</summary>
    public string FromName { get; private init; } = "";

    /// <summary>The first address of From; null when there is none that can be read.</summary>
    public Mailbox? From { get; private init; }

    /// <summary>Date, when it can be read.</summary>
    public DateTimeOffset? Date { get; private init; }

    /// <summary>Received fields: how many hosts passed the message on (RFC 5321 section 6.3).</summary>
    public int ReceivedCount { get; private init; }

    /// <summary>From fields; more than one is the mark of a forger (RFC 5322 section 3.6 allows one).</summary>
    public int FromCount { get; private init; }

    /// <summary>Auto-Submitted says something other than "no" (RFC 3834 section 5): do not answer it automatically.</summary>
    public bool IsAutoSubmitted { get; private init; }

    /// <summary>The section holds octets above 127, which only SMTPUTF8 allows (RFC 6532).</summary>
    public bool HasEightBit { get; private init; }

    /// <summary>Fields read.</summary>
    public int Fields { get; private init; }

    /// <summary>Lines that were no field, and fields beyond their limit.</summary>
    public int Malformed { get; private init; }

    /// <summary>How the section ended.</summary>
    public HeaderEnd End { get; private init; }

    /// <summary>Where the body begins.</summary>
    public int BodyOffset { get; private init; }

    /// <summary>Reads the header section at the head of <paramref name="message"/>. Of a field that stands twice the first counts.</summary>
    public static MessageHeader Read(ReadOnlySpan<byte> message, HeaderLimits? limits = null)
    {
        limits ??= HeaderLimits.Default;
        var reader = new HeaderReader(message, limits);
        string? messageId = null, subject = null;
        string fromName = "";
        Mailbox? from = null;
        DateTimeOffset? date = null;
        int received = 0, fromCount = 0;
        bool autoSubmitted = false;
        while (reader.Read())
        {
            HeaderField field = reader.Field;
            switch (field.Name.Length)
            {
                case 4 when field.Is("From"u8):
                    if (fromCount++ == 0)
                    {
                        AddressField.TryReadFirst(field.Body, limits.TextCharacters, out fromName, out from);
                    }

                    break;
                case 4 when field.Is("Date"u8):
                    if (date is null && MailDate.TryParse(field.Body, out DateTimeOffset parsed))
                    {
                        date = parsed;
                    }

                    break;
                case 7 when field.Is("Subject"u8):
                    subject ??= EncodedWord.Decode(field.Body, limits.TextCharacters);
                    break;
                case 8 when field.Is("Received"u8):
                    received++;
                    break;
                case 10 when field.Is("Message-ID"u8):
                    messageId ??= ReadMessageId(field.Body, limits.TextCharacters);
                    break;
                case 14 when field.Is("Auto-Submitted"u8):
                    autoSubmitted |= !field.Unfold().StartsWith("no", StringComparison.OrdinalIgnoreCase);
                    break;
            }
        }
        return new MessageHeader
        {
            MessageId = messageId ?? "",
            Subject = subject ?? "",
            FromName = fromName,
            From = from,
            Date = date,
            ReceivedCount = received,
            FromCount = fromCount,
            IsAutoSubmitted = autoSubmitted,
            HasEightBit = !Ascii.IsValid(message[..reader.Offset]),
            Fields = reader.Fields,
            Malformed = reader.Malformed,
            End = reader.End,
            BodyOffset = reader.Offset,
        };
    }

    /// <summary>The identifier in a Message-ID field's body, without its angle brackets; what has none is taken as it stands.</summary>
    /// <param name="body">The field's body, folds included.</param>
    /// <param name="maxCharacters">Longest identifier.</param>
    // msg-id = [CFWS] "<" id-left "@" id-right ">" [CFWS]
    public static string ReadMessageId(ReadOnlySpan<byte> body, int maxCharacters)
    {
        ReadOnlySpan<byte> text = HeaderField.UnfoldOctets(body);
        int open = text.IndexOf((byte)'<');
        int close = open < 0 ? -1 : text[open..].IndexOf((byte)'>');
        if (close > 0)
        {
            text = text.Slice(open + 1, close - 1);
        }

        return DisplayText.Clean(Encoding.UTF8.GetString(text), maxCharacters);
    }
}
