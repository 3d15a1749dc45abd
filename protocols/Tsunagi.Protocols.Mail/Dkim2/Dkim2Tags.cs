using System.Globalization;
using System.Text;
using Tsunagi.Protocols.Mail.Dkim;

namespace Tsunagi.Protocols.Mail.Dkim2;

/// <summary>
/// The tag lists of DKIM2 (sections 6 and 7): like those of DKIM, but names are compared without case, and what is signed is the field without any white
/// space at all (section 8.5), so the values are kept that way.
/// </summary>
internal sealed class Dkim2Tags
{
    // Recipes that give parts of a message anew are long; with them a header section must still keep to its own limit.
    private const int MostOctets = 512 * 1024;
    private readonly List<(string Name, string Value)> _tags;

    private Dkim2Tags(List<(string Name, string Value)> tags) => _tags = tags;

    /// <summary>A value without white space; null when the tag is absent.</summary>
    public string? this[string name] => _tags.Find(tag => tag.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    // sig-tag-list = *([FWS] sig-tag [FWS] ";" [FWS]) ; the last semicolon is often missing
    public static bool TryParse(ReadOnlySpan<byte> body, out Dkim2Tags? tags)
    {
        tags = null;
        if (body.Length > MostOctets)
        {
            return false;
        }

        string text = Bare(body);
        var list = new List<(string Name, string Value)>(10);
        string[] parts = text.Split(';', TagList.MostTags + 2);
        if (parts.Length > TagList.MostTags + 1)
        {
            return false;
        }

        for (int i = 0; i < parts.Length; i++)
        {
            int equals = parts[i].IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                if (parts[i].Length == 0 && i == parts.Length - 1 && i > 0)
                {
                    break;
                }

                return false;
            }

            string name = parts[i][..equals];
            if (!char.IsAsciiLetter(name[0]) || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '_') || list.Exists(tag => tag.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            {
                return false;
            }

            list.Add((name, parts[i][(equals + 1)..]));
        }

        if (text.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return false;
        }

        tags = new Dkim2Tags(list);
        return true;
    }

    /// <summary>The octets of a field's body without any white space.</summary>
    public static string Bare(ReadOnlySpan<byte> body)
    {
        var text = new StringBuilder(body.Length);
        foreach (byte octet in body)
        {
            if (octet is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                text.Append((char)octet);
            }
        }

        return text.ToString();
    }

    /// <summary>A field as it is signed, with its line end.</summary>
    public static string Signed(string name, ReadOnlySpan<byte> body) => $"{name.ToLowerInvariant()}:{Bare(body)}\r\n";

    /// <summary>A signature's own field as it is signed: the same with the values of s= emptied.</summary>
    public static string Unsigned(string name, ReadOnlySpan<byte> body)
    {
        IEnumerable<string> tags = Bare(body).Split(';').Select(static tag => tag.StartsWith("s=", StringComparison.OrdinalIgnoreCase)
            ? tag[..2] + string.Join(',', tag[2..].Split(',').Select(static set => set[..(set.LastIndexOf(':') + 1)]))
            : tag);
        return $"{name.ToLowerInvariant()}:{string.Join(';', tags)}\r\n";
    }

    /// <summary>A number of at most nine digits from 1 on: of instances and signatures.</summary>
    public bool TryOrdinal(string name, out int number)
    {
        number = 0;
        return this[name] is { Length: > 0 and < 10 } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0;
    }
}
