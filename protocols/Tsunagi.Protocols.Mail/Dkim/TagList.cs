using System.Buffers;
using System.Text;

namespace Tsunagi.Protocols.Mail.Dkim;

/// <summary>
/// The tag=value lists of RFC 6376 section 3.2, which ARC (RFC 8617) and keys use too. Names are compared with their case; a name that stands twice makes
/// the whole list invalid. Values may hold UTF-8 (RFC 8616 section 5).
/// </summary>
public sealed class TagList
{
    /// <summary>Octets of a list that is read.</summary>
    public const int MostOctets = 64 * 1024;

    /// <summary>Tags of a list that is read; the RFCs know some twenty.</summary>
    public const int MostTags = 100;

    private readonly byte[] _text;
    private readonly List<Tag> _tags;

    private TagList(byte[] text, List<Tag> tags)
    {
        _text = text;
        _tags = tags;
    }

    /// <summary>The names in their order.</summary>
    public IEnumerable<string> Names => _tags.Select(tag => tag.Name);

    /// <summary>A value without folds and without white space at its ends; null when the tag is absent.</summary>
    public string? this[string name] => Find(name) is { } tag ? Encoding.UTF8.GetString(Unfold(tag, keepSpaces: true)) : null;

    /// <summary>Reads a list. False, with what is wrong, for what is none.</summary>
    // tag-list = tag-spec *( ";" tag-spec ) [ ";" ] ; tag-spec = [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]
    // tag-name = ALPHA *( ALPHA / DIGIT / "_" ) ; tag-value = [ tval *( 1*(WSP / FWS) tval ) ] ; tval = 1*( %x21-3A / %x3C-7E )
    public static bool TryParse(ReadOnlySpan<byte> text, out TagList? tags, out string reason)
    {
        tags = null;
        if (text.Length > MostOctets)
        {
            return Bad($"the list is longer than {MostOctets} octets", out reason);
        }

        byte[] copy = text.ToArray();
        var list = new List<Tag>(12);
        for (int at = 0; at <= copy.Length;)
        {
            int semicolon = copy.AsSpan(at).IndexOf((byte)';');
            int end = semicolon < 0 ? copy.Length : at + semicolon;
            int equals = copy.AsSpan(at, end - at).IndexOf((byte)'=');
            if (equals < 0)
            {
                bool last = semicolon < 0 && list.Count > 0 && copy.AsSpan(at, end - at).Trim(" \t\r\n"u8).IsEmpty;
                if (last)
                {
                    break;
                }

                return Bad("a tag without a value", out reason);
            }

            ReadOnlySpan<byte> name = copy.AsSpan(at, equals).Trim(" \t\r\n"u8);
            if (name.IsEmpty || !char.IsAsciiLetter((char)name[0]) || name.ContainsAnyExcept(NameOctets))
            {
                return Bad("a tag whose name is none", out reason);
            }

            ReadOnlySpan<byte> value = copy.AsSpan(at + equals + 1, end - at - equals - 1);
            if (value.ContainsAny(Controls))
            {
                return Bad("a control character in a value", out reason);
            }

            string known = Encoding.ASCII.GetString(name);
            if (list.Exists(tag => tag.Name == known))
            {
                return Bad($"the tag {known} stands twice", out reason);
            }

            if (list.Count == MostTags)
            {
                return Bad($"there are more than {MostTags} tags", out reason);
            }

            list.Add(new Tag(known, at + equals + 1, value.Length));
            if (semicolon < 0)
            {
                break;
            }

            at = end + 1;
        }

        tags = new TagList(copy, list);
        reason = "";
        return true;
    }

    private static readonly SearchValues<byte> NameOctets = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"u8);

    private static readonly SearchValues<byte> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 32).Where(octet => octet is not (9 or 10 or 13)).Select(octet => (byte)octet), 127]);

    /// <summary>A value without any white space: base64 and colon-separated lists.</summary>
    internal string? Compact(string name) => Find(name) is { } tag ? Encoding.UTF8.GetString(Unfold(tag, keepSpaces: false)) : null;

    /// <summary>Where everything between the "=" of a tag and the next ";" stands.</summary>
    internal bool TryFind(string name, out int start, out int length)
    {
        Tag? tag = Find(name);
        (start, length) = (tag?.Start ?? 0, tag?.Length ?? 0);
        return tag is not null;
    }

    private Tag? Find(string name)
    {
        foreach (Tag tag in _tags)
        {
            if (tag.Name == name)
            {
                return tag;
            }
        }

        return null;
    }

    private byte[] Unfold(Tag tag, bool keepSpaces)
    {
        ReadOnlySpan<byte> value = _text.AsSpan(tag.Start, tag.Length).Trim(" \t\r\n"u8);
        byte[] plain = new byte[value.Length];
        int length = 0;
        foreach (byte octet in value)
        {
            if (octet is not ((byte)'\r' or (byte)'\n') && (keepSpaces || octet is not ((byte)' ' or (byte)'\t')))
            {
                plain[length++] = octet;
            }
        }

        return plain[..length];
    }

    private static bool Bad(string what, out string reason)
    {
        reason = what;
        return false;
    }

    private sealed record Tag(string Name, int Start, int Length);
}
