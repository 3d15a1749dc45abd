using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Mime;

namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>Steps (2), (3) and (5): the parts of a message, the names of its files, and the text of those that are text.</summary>
internal static class StructureTokens
{
    private const int MaxPartsTold = 50;

    public static void Read(ReadOnlySpan<byte> message, MimeTree tree, MessageTokens tokens, TextBuffers buffers)
    {
        int texts = 0, attachments = 0;
        Span<char> lower = stackalloc char[40];
        for (int i = 0; i < tree.Parts.Count; i++)
        {
            MimePart part = tree.Parts[i];
            if (i < MaxPartsTold)
            {
                // (2)
                tokens.Add(TokenKind.Structure, part.MediaType);
                if (part.Encoding != MimeEncoding.Identity)
                {
                    tokens.Add(TokenKind.Structure, Name(part.Encoding), part.MediaType);
                }

                if (part.Charset.Length > 0)
                {
                    tokens.Add(TokenKind.Structure, "charset ", lower[..TextTokens.Fold(part.Charset, lower)]);
                }

                if (part.Names.Length > 0)
                {
                    attachments++;
                    ReadName(part.Names[0], tokens);
                }
            }

            // (3), (4)
            bool isHtml = part.MediaType == "text/html";
            if (!part.IsComposite && (isHtml || part.MediaType is "text/plain" or "text/enriched" or "text/richtext") && texts < tokens.Limits.TextParts)
            {
                texts++;
                ReadText(message[part.BodyStart..part.End], part, isHtml, tokens, buffers);
            }
        }

        // (5)
        tokens.AddCount(TokenKind.Structure, "parts ", tree.Parts.Count);
        tokens.AddCount(TokenKind.Structure, "files ", attachments);
        tokens.AddCount(TokenKind.TextForm, "words ", tokens.Words);
        tokens.AddCount(TokenKind.TextForm, "links ", tokens.Links);
        tokens.Relation.Tell(tokens);
        foreach (MimeFlaw flaw in (ReadOnlySpan<MimeFlaw>)[MimeFlaw.BadBoundary, MimeFlaw.BoundaryPrefix, MimeFlaw.Unclosed, MimeFlaw.UnknownEncoding, MimeFlaw.MalformedHeader, MimeFlaw.BadType])
        {
            if ((tree.Flaws & flaw) != MimeFlaw.None)
            {
                tokens.Add(TokenKind.Structure, "flaw ", Name(flaw));
            }
        }
    }

    private static void ReadText(ReadOnlySpan<byte> body, MimePart part, bool isHtml, MessageTokens tokens, TextBuffers buffers)
    {
        body = body[..Math.Min(body.Length, tokens.Limits.PartOctets)];
        Span<byte> octets = buffers.Octets(body.Length);
        octets = octets[..TransferEncoding.Decode(body, part.Encoding, octets, out _)];
        Span<char> characters = buffers.Characters(octets.Length + 16);
        characters = characters[..MailCharset.Decode(octets, part.Charset, characters)];
        if (!isHtml)
        {
            TextTokens.ReadText(characters, tokens);
            return;
        }

        Span<char> plain = buffers.Plain(characters.Length + 16);
        TextTokens.ReadText(plain[..HtmlTokens.Read(characters, plain, tokens)], tokens);
    }

    private static void ReadName(string name, MessageTokens tokens)
    {
        Span<char> lower = stackalloc char[24];
        int dot = name.LastIndexOf('.');
        if (dot >= 0)
        {
            tokens.Add(TokenKind.Attachment, lower[..TextTokens.Fold(name.AsSpan(dot), lower)]);
            if (dot > 3 && name.LastIndexOf('.', dot - 1) is > 0 and int second && dot - second is > 1 and <= 5)
            {
                tokens.Add(TokenKind.Attachment, "two endings");
            }
        }

        tokens.StartRun();
        TextTokens.ReadWords(name.AsSpan(0, dot < 0 ? name.Length : dot), TokenKind.Attachment, tokens);
    }

    private static string Name(MimeEncoding encoding) => encoding switch
    {
        MimeEncoding.Base64 => "base64 ",
        MimeEncoding.QuotedPrintable => "quoted-printable ",
        _ => "unknown encoding ",
    };

    private static string Name(MimeFlaw flaw) => flaw switch
    {
        MimeFlaw.BadBoundary => "boundary",
        MimeFlaw.BoundaryPrefix => "boundary prefix",
        MimeFlaw.Unclosed => "unclosed",
        MimeFlaw.UnknownEncoding => "encoding",
        MimeFlaw.MalformedHeader => "header",
        _ => "type",
    };
}
