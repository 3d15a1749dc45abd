namespace Tsunagi.Protocols.Mail.Links;

/// <summary>One link's text taken apart as browsers do (RFC 3986 section 3, and what the WHATWG's URL standard takes besides): scheme, user information, host, and the rest.</summary>
internal readonly ref struct LinkText
{
    // "https://" is 8; more letters before a colon are no scheme of a place.
    private const int MaxScheme = 8;
    private const int KeptUser = 300;

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

    /// <summary>Without the controls and spaces around (URL standard: "leading or trailing C0 control or space").</summary>
    public static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text)
    {
        int start = 0, end = text.Length;
        while (start < end && text[start] <= ' ')
        {
            start++;
        }

        while (end > start && text[end - 1] <= ' ')
        {
            end--;
        }

        return text[start..end];
    }

    /// <summary>Takes out the middle of user information that fills a room before the host came.</summary>
    /// <param name="link">The beginning of a link.</param>
    /// <returns>Characters that are left; all of them where its host is over, or where nothing can be taken. What is kept of user information is longer than any host, so that it is never taken for one.</returns>
    public static int ShortenUser(Span<char> link)
    {
        _ = TrySplit(link, out LinkText split, out bool hasScheme);
        bool slashed = link.Length > 1 && link[0] is '/' or '\\' && link[1] is '/' or '\\';
        if (!(hasScheme || slashed) || !split.Rest.IsEmpty)
        {
            return link.Length;
        }

        int start = hasScheme ? link.IndexOf(':') + 1 : 0;
        while (start < link.Length && link[start] is '/' or '\\')
        {
            start++;
        }

        int at = link[start..].LastIndexOf('@');
        if ((at < 0 ? link.Length - start : at) <= KeptUser)
        {
            return link.Length;
        }

        Span<char> host = at < 0 ? [] : link[(start + at)..];
        host.CopyTo(link[(start + KeptUser)..]);
        return start + KeptUser + host.Length;
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
