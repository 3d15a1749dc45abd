using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Mime;

namespace Tsunagi.Mail.Quarantine.Preview;

/// <summary>A held message opened: header fields, files by name, and its words. Everything is text to be shown as text; HTML is read for its words and where its links lead.</summary>
/// <param name="Text">Absent when the message has no words (files alone).</param>
/// <param name="FromHtml">The words are those of an HTML body.</param>
/// <param name="IsCut">There is more than is shown.</param>
/// <param name="OpenUntil">When it closes again; absent for the tenant itself and the recipient.</param>
public sealed record HeldPreview(
    IReadOnlyList<HeldField> Fields, IReadOnlyList<HeldAttachment> Attachments, string? Text, bool FromHtml, bool IsCut, long SizeBytes, long? OpenUntil)
{
    /// <summary>How much of a message is read to be shown.</summary>
    internal const int MaxShownBytes = 2 * 1024 * 1024;
    private const int MaxFields = 300;
    private const int MaxCharacters = 100_000;
    private const int MaxHtmlCharacters = 1_000_000;

    internal static HeldPreview Of(ReadOnlySpan<byte> message, long sizeBytes, long? openUntil)
    {
        var fields = new List<HeldField>();
        var reader = new HeaderReader(message);
        while (fields.Count < MaxFields && reader.Read())
        {
            fields.Add(new HeldField(System.Text.Encoding.ASCII.GetString(reader.Field.Name), EncodedWord.Decode(reader.Field.Body, 2_000)));
        }

        var parts = HeldParts.Read(message);
        var plain = MessageText.Read(message, MaxCharacters);
        var (text, fromHtml) = plain.IsFound && plain.Text.AsSpan().Trim().Length > 0 ? (plain.Text, false)
            : parts.Html is { } html ? (HtmlText.Read(MessageText.Read(html, MaxHtmlCharacters).Text, MaxCharacters), true)
            : (plain.Text, false);
        return new HeldPreview(
            fields, parts.Attachments, text.Length > 0 ? text : null, fromHtml, plain.IsCut || message.Length < sizeBytes || text.Length >= MaxCharacters, sizeBytes, openUntil);
    }

    /// <summary>The first field of this name; empty when there is none.</summary>
    internal string this[string name] => Fields.FirstOrDefault(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value ?? "";
}

/// <summary>One header field, decoded for people.</summary>
public sealed record HeldField(string Name, string Value);
