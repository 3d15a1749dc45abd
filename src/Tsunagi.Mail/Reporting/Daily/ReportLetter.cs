using System.Buffers;
using System.Text;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Mail.Reporting.Daily;

/// <summary>A report to another domain as a message: a text for people, and the packed file (RFC 8460 section 5.3, RFC 9990 section 3.5.2).</summary>
internal sealed record ReportLetter
{
    private const int Base64Line = 76;

    public required string Subject { get; init; }

    /// <summary>Fields beside those of every report: name and value.</summary>
    public IReadOnlyList<(string Name, string Value)> Fields { get; init; } = [];

    /// <summary>The type of the whole and its parameters, each with its semicolon but for the last.</summary>
    public required IReadOnlyList<string> Type { get; init; }

    /// <summary>For people, in ASCII.</summary>
    public required IReadOnlyList<string> Text { get; init; }

    public required string FileType { get; init; }

    public required string FileName { get; init; }

    public required byte[] File { get; init; }

    public byte[] Write(string from, string to, string messageId, long nowMicros)
    {
        var output = new ArrayBufferWriter<byte>(File.Length * 2);
        var boundary = "tsunagi-" + messageId.Split('@')[0];
        HeaderWriter.Structured(output, "From", [$"<{from}>"]);
        HeaderWriter.Structured(output, "To", [$"<{to}>"]);
        HeaderWriter.Unstructured(output, "Subject", Subject);
        HeaderWriter.Structured(output, "Date", [MailDate.Format(UnixMicros.ToDateTimeOffset(nowMicros))]);
        HeaderWriter.Structured(output, "Message-ID", [$"<{messageId}>"]);
        foreach (var (name, value) in Fields)
        {
            HeaderWriter.Structured(output, name, [value]);
        }

        HeaderWriter.Structured(output, "Auto-Submitted", ["auto-generated"]);
        HeaderWriter.Structured(output, "MIME-Version", ["1.0"]);
        HeaderWriter.Structured(output, "Content-Type", [.. Type.Select(static part => part + ";"), $"boundary=\"{boundary}\""]);
        Line(output, "");
        Line(output, "--" + boundary);
        Line(output, "Content-Type: text/plain; charset=us-ascii");
        Line(output, "");
        foreach (var line in Text)
        {
            Line(output, line);
        }

        Line(output, "");
        Line(output, "--" + boundary);
        Line(output, $"Content-Type: {FileType}");
        Line(output, "Content-Transfer-Encoding: base64");
        HeaderWriter.Structured(output, "Content-Disposition", ["attachment;", $"filename=\"{FileName}\""]);
        Line(output, "");
        foreach (var line in Convert.ToBase64String(File).Chunk(Base64Line))
        {
            Line(output, new string(line));
        }

        Line(output, "--" + boundary + "--");
        return output.WrittenSpan.ToArray();
    }

    private static void Line(ArrayBufferWriter<byte> output, string line) => output.Write(Encoding.ASCII.GetBytes(line + "\r\n"));
}
