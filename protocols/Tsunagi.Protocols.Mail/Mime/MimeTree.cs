using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Protocols.Mail.Mime;

/// <summary>
/// The entities of a message (RFC 2045, RFC 2046) as places in its octets: nothing is copied and nothing decoded. The structure is read once, an outer
/// boundary ends whatever stands within it, and what mail programs read differently is told as a flaw.
/// </summary>
public sealed class MimeTree
{
    private const int MaxBoundary = 70; // RFC 2046 section 5.1.1

    // bchars := bcharsnospace / " "
    private static readonly SearchValues<char> BoundaryCharacters = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'()+_,-./:=? ");

    private readonly List<MimePart> _parts = [];
    private readonly MimeLimits _limits;

    private MimeTree(MimeLimits limits) => _limits = limits;

    /// <summary>In the order they stand, each before what it holds; the first is the message.</summary>
    public IReadOnlyList<MimePart> Parts => _parts;

    /// <summary>Of all parts together.</summary>
    public MimeFlaw Flaws { get; private set; }

    /// <summary>Reads a whole message.</summary>
    public static MimeTree Read(ReadOnlySpan<byte> message, MimeLimits? limits = null)
    {
        var tree = new MimeTree(limits ?? MimeLimits.Default);
        tree.ReadEntity(message, 0, message.Length, -1, 0, "text/plain");
        foreach (MimePart part in tree._parts)
        {
            tree.Flaws |= part.Flaws;
        }

        return tree;
    }

    private void ReadEntity(ReadOnlySpan<byte> message, int start, int end, int parent, int depth, string defaultType)
    {
        if (_parts.Count >= _limits.Parts || depth > _limits.Depth)
        {
            Flaws |= MimeFlaw.Beyond;
            return;
        }

        Head head = ReadHead(message[start..end], defaultType);
        int bodyStart = start + head.BodyOffset;
        int own = _parts.Count;
        var part = new MimePart
        {
            Parent = parent, Depth = depth, Start = start, BodyStart = bodyStart, End = end, MediaType = head.MediaType, Encoding = head.Encoding,
            Charset = head.Charset, Names = head.Names, IsAttachment = head.IsAttachment, Flaws = head.Flaws,
        };
        _parts.Add(part);
        if (head.MediaType.StartsWith("multipart/", StringComparison.Ordinal))
        {
            if (head.Boundary is not { Length: > 0 and <= MaxBoundary } boundary)
            {
                _parts[own] = part with { Flaws = part.Flaws | MimeFlaw.BadBoundary };
                return;
            }

            MimeFlaw flaws = boundary.AsSpan().ContainsAnyExcept(BoundaryCharacters) || boundary[^1] == ' ' ? MimeFlaw.BadBoundary : MimeFlaw.None;
            flaws |= head.Encoding is MimeEncoding.Base64 or MimeEncoding.QuotedPrintable ? MimeFlaw.EncodedComposite : MimeFlaw.None;
            flaws |= ReadMultipart(message, bodyStart, end, own, depth, Encoding.Latin1.GetBytes("--" + boundary), head.MediaType == "multipart/digest" ? "message/rfc822" : "text/plain");
            bool isComposite = _parts.Count > own + 1;
            _parts[own] = part with { Flaws = part.Flaws | flaws, IsComposite = isComposite };
        }
        else if (head.MediaType is "message/rfc822" or "message/global")
        {
            if (head.Encoding is MimeEncoding.Base64 or MimeEncoding.QuotedPrintable)
            {
                _parts[own] = part with { Flaws = part.Flaws | MimeFlaw.EncodedComposite };
                return;
            }

            _parts[own] = part with { IsComposite = true };
            ReadEntity(message, bodyStart, end, own, depth + 1, "text/plain");
        }
    }

    // multipart-body = [preamble CRLF] dash-boundary transport-padding CRLF body-part *encapsulation close-delimiter transport-padding [CRLF epilogue]
    private MimeFlaw ReadMultipart(ReadOnlySpan<byte> message, int start, int end, int own, int depth, ReadOnlySpan<byte> delimiter, string defaultType)
    {
        MimeFlaw flaws = MimeFlaw.None;
        int partStart = -1;
        for (int at = start; ;)
        {
            int line = FindDelimiter(message[..end], at, delimiter, ref flaws, out int next, out bool closes);
            if (partStart >= 0)
            {
                // The line end before a delimiter belongs to the delimiter.
                int partEnd = line < 0 ? end : WithoutLineEnd(message, partStart, line);
                ReadEntity(message, partStart, partEnd, own, depth + 1, defaultType);
            }

            if (line < 0)
            {
                return flaws | MimeFlaw.Unclosed;
            }

            if (closes)
            {
                return partStart < 0 ? flaws | MimeFlaw.Unclosed : flaws;
            }

            if (Flaws.HasFlag(MimeFlaw.Beyond))
            {
                return flaws;
            }

            partStart = at = next;
        }
    }

    private static int FindDelimiter(ReadOnlySpan<byte> text, int from, ReadOnlySpan<byte> delimiter, ref MimeFlaw flaws, out int next, out bool closes)
    {
        while (text[from..].IndexOf(delimiter) is var found && found >= 0)
        {
            int at = from + found;
            int behind = at + delimiter.Length;
            from = at + 1;
            if (at > 0 && text[at - 1] != '\n')
            {
                continue;
            }

            closes = text[behind..].StartsWith("--"u8);
            ReadOnlySpan<byte> rest = text[(closes ? behind + 2 : behind)..];
            int lf = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> padding = lf < 0 ? rest : rest[..lf];
            if (padding.IndexOfAnyExcept(" \t\r"u8) >= 0)
            {
                flaws |= MimeFlaw.BoundaryPrefix;
                continue;
            }

            next = lf < 0 ? text.Length : text.Length - rest.Length + lf + 1;
            return at;
        }

        (next, closes) = (text.Length, false);
        return -1;
    }

    private static int WithoutLineEnd(ReadOnlySpan<byte> message, int start, int end)
    {
        end -= end > start && message[end - 1] == '\n' ? 1 : 0;
        return end > start && message[end - 1] == '\r' ? end - 1 : end;
    }

    private Head ReadHead(ReadOnlySpan<byte> entity, string defaultType)
    {
        MimeField? type = null, disposition = null;
        string? encoding = null;
        MimeFlaw flaws = MimeFlaw.None;
        var reader = new HeaderReader(entity, _limits.Header);
        while (reader.Read())
        {
            HeaderField field = reader.Field;
            if (field.Is("Content-Type"u8))
            {
                flaws |= type is null ? MimeFlaw.None : MimeFlaw.DuplicateField;
                type ??= MimeField.Read(field.Body);
            }
            else if (field.Is("Content-Disposition"u8))
            {
                flaws |= disposition is null ? MimeFlaw.None : MimeFlaw.DuplicateField;
                disposition ??= MimeField.Read(field.Body);
            }
            else if (field.Is("Content-Transfer-Encoding"u8))
            {
                flaws |= encoding is null ? MimeFlaw.None : MimeFlaw.DuplicateField;
                encoding ??= MimeField.Read(field.Body).Value;
            }
        }

        flaws |= reader.Malformed > 0 ? MimeFlaw.MalformedHeader : MimeFlaw.None;
        flaws |= reader.End == HeaderEnd.Limit ? MimeFlaw.Beyond : MimeFlaw.None;
        flaws |= type is { HasDuplicate: true } || disposition is { HasDuplicate: true } ? MimeFlaw.DuplicateParameter : MimeFlaw.None;
        string mediaType = type?.Value ?? defaultType;
        if (!IsMediaType(mediaType))
        {
            flaws |= MimeFlaw.BadType;
            mediaType = "text/plain";
        }

        MimeEncoding how = TransferEncoding.Of(encoding ?? "");
        return new Head(
            mediaType, how, DisplayText.Clean(type?["charset"] ?? "", 40), type?["boundary"], NamesOf(type, disposition, ref flaws),
            disposition is { Value: "attachment" }, flaws | (how == MimeEncoding.Unknown ? MimeFlaw.UnknownEncoding : MimeFlaw.None), reader.Offset);
    }

    private ImmutableArray<string> NamesOf(MimeField? type, MimeField? disposition, ref MimeFlaw flaws)
    {
        string? first = disposition?.Text("filename");
        string? second = type?.Text("name");
        var names = ImmutableArray.CreateBuilder<string>(2);
        foreach (string? name in (ReadOnlySpan<string?>)[first, second])
        {
            if (name is null)
            {
                continue;
            }

            string clean = DisplayText.Clean(name, _limits.NameCharacters);
            flaws |= name.AsSpan().IndexOfAnyInRange('\u202a', '\u202e') >= 0 || name.AsSpan().IndexOfAnyInRange('\u2066', '\u2069') >= 0 || name.AsSpan().IndexOfAnyInRange('\0', '\u001f') >= 0
                ? MimeFlaw.DeceptiveName : MimeFlaw.None;
            if (!names.Contains(clean))
            {
                flaws |= names.Count > 0 ? MimeFlaw.ConflictingNames : MimeFlaw.None;
                names.Add(clean);
            }
        }

        return names.ToImmutable();
    }

    // type "/" subtype, both tokens (RFC 2045 section 5.1)
    private static bool IsMediaType(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < text.Length - 1 && text.IndexOf('/', slash + 1) < 0 && !text.AsSpan().ContainsAnyExceptInRange('!', '~')
            && text.AsSpan().IndexOfAny("()<>@,;:\\\"[]?=") < 0;
    }

    private readonly record struct Head(
        string MediaType, MimeEncoding Encoding, string Charset, string? Boundary, ImmutableArray<string> Names, bool IsAttachment, MimeFlaw Flaws, int BodyOffset);
}
