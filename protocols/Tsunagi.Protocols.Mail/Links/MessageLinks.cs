using Tsunagi.Protocols.Mail.Classify;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Mime;

namespace Tsunagi.Protocols.Mail.Links;

/// <summary>
/// The links of a message: what leads where, what an anchor's text shows instead, and what is peculiar. The buffers stay with the object: read one message after another into the same, never two at once.
/// <para>The walk of a message: (1) each text part is decoded within limits; (2) of HTML every attribute that leads somewhere is a link (<see cref="LinkPlace"/>), and its text is read like plain text; (3) text is read as mail programs
/// read it; (4) each link is taken apart: user information, host, and a link within its parameters (one level); (5) each different one is kept once.</para>
/// Nothing throws whatever the message is, and the time is linear in what is read.
/// </summary>
public sealed class MessageLinks
{
    private const int MaxUser = 300;
    private const int MaxNested = 600;
    private const int NestedTries = 3;

    private readonly List<FoundLink> _found = [];
    private readonly TextBuffers _buffers = new();
    private readonly char[] _href;
    private readonly char[] _base = new char[LinkHost.MaxCharacters];
    private int _baseLength;
    private LinkForm _baseForm;
    private int _places;

    /// <summary>Buffers for messages within the given limits.</summary>
    public MessageLinks(LinkLimits? limits = null)
    {
        Limits = limits ?? LinkLimits.Default;
        _href = new char[2 * Math.Max(16, Limits.LinkCharacters)];
    }

    /// <summary>The limits it was made for.</summary>
    public LinkLimits Limits { get; }

    /// <summary>The different links, in the order they stand; of the message read last.</summary>
    public IReadOnlyList<FoundLink> Found => _found;

    /// <summary>There were more than are read.</summary>
    public bool IsFull { get; private set; }

    /// <summary>There was more text than is read.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Reads a message; what was read before is forgotten.</summary>
    /// <param name="message">Header section and body.</param>
    /// <param name="tree">Its structure, where the caller has it.</param>
    public void Read(ReadOnlySpan<byte> message, MimeTree? tree = null)
    {
        Clear();
        tree ??= MimeTree.Read(message);
        (int texts, int left) = (0, Limits.Octets);
        foreach (MimePart part in tree.Parts)
        {
            bool isHtml = part.MediaType is "text/html" or "text/x-amp-html" or "application/xhtml+xml";
            if (part.IsComposite || !(isHtml || part.MediaType is "text/plain" or "text/enriched" or "text/richtext"))
            {
                continue;
            }

            if (texts == Limits.TextParts || left <= 0 || IsFull)
            {
                IsCut |= part.End > part.BodyStart;
                continue;
            }

            // (1)
            texts++;
            ReadOnlySpan<byte> body = message[part.BodyStart..part.End];
            int most = Math.Min(Limits.PartOctets, left);
            IsCut |= body.Length > most;
            body = body[..Math.Min(body.Length, most)];
            left -= body.Length;
            Span<byte> octets = _buffers.Octets(body.Length);
            octets = octets[..TransferEncoding.Decode(body, part.Encoding, octets, out _)];
            Span<char> characters = _buffers.Characters(octets.Length + 16);
            ReadPart(characters[..MailCharset.Decode(octets, part.Charset, characters)], isHtml);
        }
    }

    /// <summary>Reads text alone; what was read before is forgotten.</summary>
    /// <param name="text">Plain text, or HTML.</param>
    /// <param name="isHtml">Which of both.</param>
    public void ReadText(ReadOnlySpan<char> text, bool isHtml)
    {
        Clear();
        ReadPart(text, isHtml);
    }

    /// <summary>What <c>base</c> says, for the links that name no host.</summary>
    internal void SetBase(ReadOnlySpan<char> link)
    {
        if (_baseLength == 0 && LinkText.TrySplit(link, out LinkText split, out _))
        {
            _baseLength = LinkHost.Read(split.Host, _base, out _baseForm);
        }
    }

    /// <summary>Takes one link as it stands.</summary>
    /// <param name="link">Without references of HTML.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="label">The text of an anchor.</param>
    internal void Add(ReadOnlySpan<char> link, LinkPlace place, ReadOnlySpan<char> label)
    {
        if (IsFull || ++_places > Limits.Places)
        {
            IsFull = true;
            return;
        }

        // (4)
        Span<char> host = stackalloc char[LinkHost.MaxCharacters];
        Span<char> shown = stackalloc char[LinkHost.MaxCharacters];
        Span<char> leadsTo = stackalloc char[LinkHost.MaxCharacters];
        Span<char> user = stackalloc char[LinkHost.MaxCharacters];
        int userLength = 0, length;
        LinkForm form;
        ReadOnlySpan<char> rest;
        if (place == LinkPlace.Text && IsDefanged(link))
        {
            length = ReadDefanged(link, host, out form);
            form |= LinkForm.Defanged;
            rest = default;
        }
        else if (LinkText.TrySplit(link, out LinkText split, out bool hasScheme))
        {
            length = LinkHost.Read(split.Host, host, out form);
            form |= split.Form;
            rest = split.Rest;
            userLength = split.User.IsEmpty ? 0 : ReadUser(split.User, user, ref form);
            if (!hasScheme && place == LinkPlace.Text && host[..length].Count('.') < 2)
            {
                return;
            }
        }
        else if (_baseLength > 0 && place != LinkPlace.Text && !HasScheme(link))
        {
            (length, form) = (_baseLength, _baseForm);
            rest = link;
            _base.AsSpan(0, length).CopyTo(host);
        }
        else
        {
            return;
        }

        if (length == 0)
        {
            return;
        }

        int nested = rest.Length > 8 && (form & LinkForm.Defanged) == LinkForm.None ? ReadNested(rest, leadsTo, out LinkForm nestedForm) : ReadNothing(out nestedForm);
        int shownLength = place == LinkPlace.Anchor && !label.IsEmpty ? ShownHost.Read(label, shown, Limits.LinkCharacters) : 0;
        Keep(host[..length], place, form, shown[..shownLength], leadsTo[..nested], user[..userLength]);
        if (nested > 0)
        {
            Keep(leadsTo[..nested], place, nestedForm | LinkForm.Nested, default, default, default);
        }
    }

    private static int ReadNothing(out LinkForm form)
    {
        form = LinkForm.None;
        return 0;
    }

    private void Clear()
    {
        _found.Clear();
        (_places, _baseLength, IsFull, IsCut) = (0, 0, false, false);
    }

    private void ReadPart(ReadOnlySpan<char> characters, bool isHtml)
    {
        if (isHtml)
        {
            // (2)
            _baseLength = 0;
            HtmlLinks.Read(characters, _buffers.Plain(characters.Length + 16), _href, this);
        }
        else
        {
            TextLinks.Read(characters, this); // (3)
        }
    }

    // (5)
    private void Keep(ReadOnlySpan<char> host, LinkPlace place, LinkForm form, ReadOnlySpan<char> shown, ReadOnlySpan<char> leadsTo, ReadOnlySpan<char> user)
    {
        for (int i = 0; i < _found.Count; i++)
        {
            FoundLink known = _found[i];
            if (known.Form == form && host.SequenceEqual(known.Host) && shown.SequenceEqual(known.Shown) && leadsTo.SequenceEqual(known.LeadsTo) && user.SequenceEqual(known.User))
            {
                if (place < known.Place)
                {
                    _found[i] = known with { Place = place };
                }

                return;
            }
        }

        if (_found.Count == Limits.Links)
        {
            IsFull = true;
            return;
        }

        _found.Add(new FoundLink(host.ToString(), place, form, shown.ToString(), leadsTo.ToString(), user.ToString()));
    }

    private static bool HasScheme(ReadOnlySpan<char> link)
    {
        int end = link.IndexOfAny(":/?#");
        return end >= 0 && link[end] == ':';
    }

    // userinfo = *( unreserved / pct-encoded / sub-delims / ":" ): what people read before the "@".
    private static int ReadUser(ReadOnlySpan<char> user, Span<char> to, ref LinkForm form)
    {
        user = user[..Math.Min(user.Length, MaxUser)];
        int end = user.IndexOfAny(":;&=,$!@");
        user = end < 0 ? user : user[..end];
        int slash = user.IndexOf("%2f", StringComparison.OrdinalIgnoreCase);
        user = slash < 0 ? user : user[..slash];
        int length = LinkHost.Read(user, to, out LinkForm ofUser);
        ReadOnlySpan<char> name = to[..length];
        int dot = name.LastIndexOf('.');
        if ((ofUser & LinkForm.Address) == LinkForm.None && dot > 0 && TopDomains.Contains(name[(dot + 1)..]))
        {
            form |= LinkForm.UserIsHost;
            return length;
        }

        form |= LinkForm.User;
        return 0;
    }

    // "?url=https%3A%2F%2Fexample.com%2F", "/redirect/https://example.com/".
    private static int ReadNested(ReadOnlySpan<char> rest, Span<char> host, out LinkForm form)
    {
        form = LinkForm.None;
        Span<char> decoded = stackalloc char[MaxNested];
        for (int tries = 0; tries < NestedTries; tries++)
        {
            int found = rest.IndexOf("http", StringComparison.OrdinalIgnoreCase);
            if (found < 0)
            {
                return 0;
            }

            rest = rest[found..];
            int end = rest.IndexOfAny("&#");
            ReadOnlySpan<char> link = end < 0 ? rest : rest[..end];
            link = link[..Math.Min(link.Length, MaxNested)];

            // Encoded once, or twice by a redirector within another's parameters.
            int length = Decode(link, decoded);
            length = Decode(decoded[..length], decoded);
            if (LinkText.TrySplit(decoded[..length], out LinkText split, out bool hasScheme) && hasScheme)
            {
                int cut = split.Host.IndexOfAny("&;,'\"<>() ");
                ReadOnlySpan<char> written = cut < 0 ? split.Host : split.Host[..cut];
                length = written.Contains('.') || written.Contains('[') ? LinkHost.Read(written, host, out form) : 0;
                if (length > 0)
                {
                    return length;
                }
            }

            rest = rest[4..];
        }

        return 0;
    }

    private static int Decode(ReadOnlySpan<char> text, Span<char> to)
    {
        int length = 0;
        for (int at = 0; at < text.Length; at++)
        {
            char c = text[at];
            if (c == '%' && at + 2 < text.Length && char.IsAsciiHexDigit(text[at + 1]) && char.IsAsciiHexDigit(text[at + 2]))
            {
                int value = (Digit(text[at + 1]) << 4) | Digit(text[at + 2]);
                if (value < 0x80)
                {
                    (c, at) = ((char)value, at + 2);
                }
            }

            to[length++] = c;
        }

        return length;
    }

    private static int Digit(char c) => char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;

    // Of the scheme and the host: what stands in a path makes no link unclickable.
    private static bool IsDefanged(ReadOnlySpan<char> link)
    {
        int authority = TextLinks.AuthorityOf(link);
        ReadOnlySpan<char> host = link[authority..].TrimStart("/\\");
        int end = host.IndexOfAny("/\\?#");
        host = end < 0 ? host : host[..end];
        host = host[(host.LastIndexOf('@') + 1)..];
        return link.StartsWith("hxxp", StringComparison.OrdinalIgnoreCase) || link[..authority].Contains("[:]", StringComparison.Ordinal) || host.Contains("[:]", StringComparison.Ordinal) || TextLinks.HasDefangedDot(host);
    }

    private static int ReadDefanged(ReadOnlySpan<char> link, Span<char> host, out LinkForm form)
    {
        int slashes = link.IndexOf("//");
        link = slashes is > 0 and < 12 ? link[(slashes + 2)..] : link;
        int end = link.IndexOfAny("/\\?#:");
        link = end < 0 ? link : link[..end];
        Span<char> plain = stackalloc char[400];
        int length = 0;
        for (int at = 0; at < link.Length && length < plain.Length;)
        {
            bool isOpen = link[at] is '[' or '(';
            int used = !isOpen ? 1 : link[at..].StartsWith("[.]") || link[at..].StartsWith("(.)") ? 3
                : link[at..].StartsWith("[dot]", StringComparison.OrdinalIgnoreCase) || link[at..].StartsWith("(dot)", StringComparison.OrdinalIgnoreCase) ? 5 : 1;
            plain[length++] = used > 1 ? '.' : link[at];
            at += used;
        }

        return LinkHost.Read(plain[..length], host, out form);
    }
}
