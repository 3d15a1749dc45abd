using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Mime;

namespace Tsunagi.Mail.Content;

/// <summary>A message opened: its header fields and its plain text. Nothing of it is markup.</summary>
/// <param name="Text">The first text/plain part; absent when there is none (HTML alone, attachments).</param>
/// <param name="IsCut">There is more than is shown: download it whole.</param>
/// <param name="OpenUntil">When it closes again; absent for the tenant itself.</param>
public sealed record ContentView(string MessageId, long SizeBytes, IReadOnlyList<ContentField> Fields, string? Text, string? Charset, bool IsCut, long? OpenUntil)
{
    /// <summary>How much of a message is read to be shown.</summary>
    internal const int MaxShownBytes = 1024 * 1024;
    private const int MaxFields = 300;
    private const int MaxCharacters = 100_000;

    internal static ContentView Of(OpenedContent content)
    {
        var bytes = content.Bytes.Span;
        var fields = new List<ContentField>();
        var reader = new HeaderReader(bytes);
        while (fields.Count < MaxFields && reader.Read())
        {
            fields.Add(new ContentField(System.Text.Encoding.ASCII.GetString(reader.Field.Name), EncodedWord.Decode(reader.Field.Body, 2_000)));
        }

        var text = MessageText.Read(bytes, MaxCharacters);
        return new ContentView(
            content.Message, content.SizeBytes, fields, text.IsFound ? text.Text : null, text.Charset.Length > 0 ? text.Charset : null,
            text.IsCut || content.Bytes.Length < content.SizeBytes, content.OpenUntil);
    }
}

/// <summary>One header field, decoded for people.</summary>
public sealed record ContentField(string Name, string Value);
