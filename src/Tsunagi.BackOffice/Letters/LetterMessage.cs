using System.Buffers;
using System.Text;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.BackOffice.Letters;

/// <summary>A letter as a message of mail (RFC 5322): text in base64, so that it passes wherever mail passes. The same letter is the same message, id included. Pure.</summary>
internal static class LetterMessage
{
    private const int LineOctets = 76; // RFC 2045 section 6.8

    public static byte[] Write(Letter letter, string fromName, Mailbox from, Mailbox to, DateTimeOffset at)
    {
        var output = new ArrayBufferWriter<byte>(4_096);
        HeaderWriter.Structured(output, "Date", [MailDate.Format(at)]);
        HeaderWriter.Structured(output, "From", [.. EncodedWord.Encode(fromName), $"<{from}>"]);
        HeaderWriter.Structured(output, "To", [to.ToString()]);
        HeaderWriter.Unstructured(output, "Subject", letter.Subject);
        HeaderWriter.Structured(output, "Message-ID", [$"<{letter.Id}@{from.Domain}>"]);
        HeaderWriter.Structured(output, "Auto-Submitted", ["auto-generated"]); // RFC 3834 section 5
        HeaderWriter.Structured(output, "Content-Language", [letter.Language]);
        HeaderWriter.Structured(output, "MIME-Version", ["1.0"]);
        HeaderWriter.Structured(output, "Content-Type", ["text/plain;", "charset=utf-8"]);
        HeaderWriter.Structured(output, "Content-Transfer-Encoding", ["base64"]);
        output.Write("\r\n"u8);
        var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(letter.Body.ReplaceLineEndings("\r\n")));
        for (var at64 = 0; at64 < text.Length; at64 += LineOctets)
        {
            output.Write(Encoding.ASCII.GetBytes(text[at64..Math.Min(text.Length, at64 + LineOctets)] + "\r\n"));
        }

        return output.WrittenSpan.ToArray();
    }
}
