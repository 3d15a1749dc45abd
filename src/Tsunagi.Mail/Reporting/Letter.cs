using System.Buffers;
using System.Text;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Mail.Reporting;

/// <summary>A message of our own to a person: plain text and HTML of the same content, marked as made by a program (RFC 3834 section 5).</summary>
internal static class Letter
{
    private const int Base64Line = 76;

    /// <param name="from">The address it is from; <paramref name="name"/> stands before it.</param>
    public static void Write(
        IBufferWriter<byte> output, string from, string name, string recipient, string subject, long nowMicros, string messageId, string language, string plain, string html)
    {
        var boundary = "tsunagi-" + messageId.Split('@')[0];
        HeaderWriter.Structured(output, "From", [.. Ascii.IsValid(name) ? name.Split(' ') : EncodedWord.Encode(name), $"<{from}>"]);
        HeaderWriter.Structured(output, "To", [$"<{recipient}>"], utf8: !Ascii.IsValid(recipient));
        HeaderWriter.Unstructured(output, "Subject", subject);
        HeaderWriter.Structured(output, "Date", [MailDate.Format(UnixMicros.ToDateTimeOffset(nowMicros))]);
        HeaderWriter.Structured(output, "Message-ID", [$"<{messageId}>"]);
        HeaderWriter.Structured(output, "Auto-Submitted", ["auto-generated"]);
        HeaderWriter.Structured(output, "Content-Language", [language]);
        HeaderWriter.Structured(output, "MIME-Version", ["1.0"]);
        HeaderWriter.Structured(output, "Content-Type", ["multipart/alternative;", $"boundary=\"{boundary}\""]);
        Line(output, "");
        Part(output, boundary, "text/plain", plain);
        Part(output, boundary, "text/html", html);
        Line(output, "--" + boundary + "--");
    }

    private static void Part(IBufferWriter<byte> output, string boundary, string type, string text)
    {
        Line(output, "--" + boundary);
        Line(output, $"Content-Type: {type}; charset=utf-8");
        Line(output, "Content-Transfer-Encoding: base64");
        Line(output, "");
        foreach (var line in Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).Chunk(Base64Line))
        {
            Line(output, new string(line));
        }
    }

    private static void Line(IBufferWriter<byte> output, string line) => output.Write(Encoding.ASCII.GetBytes(line + "\r\n"));
}
