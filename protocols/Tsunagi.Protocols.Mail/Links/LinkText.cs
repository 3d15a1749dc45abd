namespace Tsunagi.Protocols.Mail.Links;

/// <summary>One link's text taken apart as browsers do (RFC 3986 section 3, and what the WHATWG's URL standard takes besides): scheme, user information, host, and the rest.</summary>
internal readonly ref struct LinkText
{
    // "https://" is 8; more letters before a colon are no scheme of a place.
    private const int MaxScheme = 8;

    private LinkText(ReadOnlySpan<char> user, ReadOnlySpan<char> host, ReadOnlySpan<char> rest, LinkForm form)
    {
        User = user;
        Host = host;
        Rest = rest;
        Form = form;
    }

    public ReadOnlySpan<char> User { get; }

    public ReadOnlySpan<char> Host { get; }

    /// <summary>Path, query and fragment.</summary>
    public ReadOnlySpan<char> Rest { get; }

    public LinkForm Form { get; }

    /// <summary>False for what leads to no host: "mailto:", "cid:", a path.</summary>
    /// <param name="text">Without white space within and around.</param>
    /// <param name="link">Its parts.</param>
    /// <param name="hasScheme">Text of an anchor may have none: "www.example.com".</param>
    // URI = scheme ":" "//" [ userinfo "@" ] host [ ":" port ] path-abempty [ "?" query ] [ "#" fragment ]
    public static bool TrySplit(ReadOnlySpan<char> text, out LinkText link, out bool hasScheme)
    {
        link = default;
        LinkForm form = LinkForm.None;
        int colon = text[..Math.Min(text.Length, MaxScheme)].IndexOf(':');
        hasScheme = colon > 0 && IsScheme(text[..colon], ref form);
        bool slashed = text.Length > 1 && text[0] is '/' or '\\' && text[1] is '/' or '\\';
        if (hasScheme)
        {
            text = text[(colon + 1)..];
        }
        else if (!slashed)
        {
            if (!text.StartsWith("www.", StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }

            form |= LinkForm.NoScheme;
        }

        // Browsers take any number of either slash; and the back one ends the host too.
        text = text.TrimStart("/\\");
        int end = text.IndexOfAny("/\\?#");
        ReadOnlySpan<char> authority = end < 0 ? text : text[..end];
        ReadOnlySpan<char> rest = end < 0 ? default : text[end..];
        int at = authority.LastIndexOf('@');
        ReadOnlySpan<char> user = at < 0 ? default : authority[..at];
        ReadOnlySpan<char> host = authority[(at + 1)..];
        int port = host.LastIndexOf(':');
        if (port >= 0 && host.IndexOf(']') < port)
        {
            host = host[..port];
        }

        link = new LinkText(user, host, rest, form);
        return !host.IsEmpty;
    }

    private static bool IsScheme(ReadOnlySpan<char> text, ref LinkForm form)
    {
        if (text.Equals("http", StringComparison.OrdinalIgnoreCase) || text.Equals("https", StringComparison.OrdinalIgnoreCase) || text.Equals("ftp", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        if (text.Equals("hxxp", StringComparison.OrdinalIgnoreCase) || text.Equals("hxxps", StringComparison.OrdinalIgnoreCase))
        {
            form |= LinkForm.Defanged;
            return true;
        }

        return false;
    }
}
