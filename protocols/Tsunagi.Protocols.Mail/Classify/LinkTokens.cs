namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>Links and domains: the host with its ends, words of the path, and what is peculiar (RFC 3986).</summary>
internal static class LinkTokens
{
    private const int MaxLink = 500;

    /// <summary>
    /// A link of text or HTML.
    /// </summary>
    /// <returns>Its host as it stands; empty for something that leads nowhere.</returns>
    // URI = scheme ":" "//" [ userinfo "@" ] host [ ":" port ] path [ "?" query ] [ "#" fragment ]
    public static ReadOnlySpan<char> Read(ReadOnlySpan<char> link, MessageTokens tokens)
    {
        if (tokens.Links >= tokens.Limits.Links)
        {
            return default;
        }

        tokens.Links++;
        link = link[..Math.Min(link.Length, MaxLink)].Trim();
        int scheme = link.IndexOf(':');
        ReadOnlySpan<char> rest = link;
        Span<char> lower = stackalloc char[64];
        if (scheme is > 0 and <= 12)
        {
            int length = link[..scheme].ToLowerInvariant(lower);
            ReadOnlySpan<char> name = lower[..length];
            tokens.Add(TokenKind.LinkForm, name);
            rest = link[(scheme + 1)..];
            if (name is "mailto")
            {
                int sign = rest.IndexOf('@');
                int end = rest.IndexOfAny('?', '>', ' ');
                if (sign >= 0 && (end < 0 || end > sign))
                {
                    AddDomainOf(rest[(sign + 1)..(end < 0 ? rest.Length : end)], TokenKind.Address, tokens);
                }

                return default;
            }

            if (name is "cid" or "data" or "javascript" or "tel" or "about")
            {
                return default;
            }
        }

        rest = rest.TrimStart("/\\");
        int authorityEnd = rest.IndexOfAny("/\\?#");
        ReadOnlySpan<char> authority = authorityEnd < 0 ? rest : rest[..authorityEnd];
        ReadOnlySpan<char> path = authorityEnd < 0 ? default : rest[authorityEnd..];
        int at = authority.LastIndexOf('@');
        if (at >= 0)
        {
            tokens.Add(TokenKind.LinkForm, "user in link");
            authority = authority[(at + 1)..];
        }

        int port = authority.LastIndexOf(':');
        if (port > 0)
        {
            tokens.Add(TokenKind.LinkForm, "port in link");
            authority = authority[..port];
        }

        AddHost(authority, tokens);
        AddPath(path, tokens);
        return authority;
    }

    /// <summary>A domain with its ends: "mail.example.co.jp", "example.co.jp", ".jp".</summary>
    public static void AddDomain(ReadOnlySpan<char> domain, TokenKind kind, MessageTokens tokens)
    {
        domain = domain.Trim('.');
        tokens.Add(kind, domain);
        ReadOnlySpan<char> registered = Registered(domain);
        if (registered.Length != domain.Length)
        {
            tokens.Add(kind, registered);
        }

        int dot = domain.LastIndexOf('.');
        if (dot >= 0)
        {
            tokens.Add(kind, domain[dot..]);
        }
    }

    /// <summary>The part of a domain that somebody registered, as far as its form tells: two labels, three where the second is one of those under country codes.</summary>
    public static ReadOnlySpan<char> Registered(ReadOnlySpan<char> domain)
    {
        int last = domain.LastIndexOf('.');
        if (last <= 0)
        {
            return domain;
        }

        int second = domain[..last].LastIndexOf('.');
        if (second < 0)
        {
            return domain;
        }

        ReadOnlySpan<char> label = domain[(second + 1)..last];
        bool isShared = domain.Length - last == 3 && (label.Length <= 2 || label is "com" or "net" or "org" or "edu" or "gov");
        if (!isShared)
        {
            return domain[(second + 1)..];
        }

        int third = domain[..second].LastIndexOf('.');
        return domain[(third + 1)..];
    }

    internal static void AddDomainOf(ReadOnlySpan<char> domain, TokenKind kind, MessageTokens tokens)
    {
        Span<char> lower = stackalloc char[64];
        domain = domain[..Math.Min(domain.Length, lower.Length)];
        int length = domain.ToLowerInvariant(lower);
        AddDomain(lower[..length], kind, tokens);
    }

    private static void AddHost(ReadOnlySpan<char> host, MessageTokens tokens)
    {
        if (host.IsEmpty)
        {
            return;
        }

        if (host.IndexOf('%') >= 0)
        {
            tokens.Add(TokenKind.LinkForm, "encoded host");
        }

        tokens.Relation.AddLink(host);
        if (host.IndexOfAnyExcept("0123456789.xX") < 0 || host[0] == '[')
        {
            tokens.Add(TokenKind.LinkForm, "address instead of a host");
            return;
        }

        if (host.StartsWith("xn--", StringComparison.OrdinalIgnoreCase) || host.IndexOf(".xn--", StringComparison.OrdinalIgnoreCase) >= 0 || host.IndexOfAnyExceptInRange('\0', '\u007f') >= 0)
        {
            tokens.Add(TokenKind.LinkForm, "international host");
        }

        AddDomainOf(host, TokenKind.LinkHost, tokens);
    }

    private static void AddPath(ReadOnlySpan<char> path, MessageTokens tokens)
    {
        if (path.Length <= 1)
        {
            return;
        }

        int query = path.IndexOf('?');
        if (query >= 0)
        {
            tokens.Add(TokenKind.LinkForm, "query");
            if (path[query..].IndexOf('@') >= 0)
            {
                tokens.Add(TokenKind.LinkForm, "address in query");
            }
        }

        if (path.IndexOf('%') >= 0)
        {
            tokens.Add(TokenKind.LinkForm, "encoded path");
        }

        Span<char> word = stackalloc char[24];
        int words = 0;
        for (int at = 0; at < path.Length && words < 8;)
        {
            int start = at;
            while (at < path.Length && char.IsAsciiLetterOrDigit(path[at]))
            {
                at++;
            }

            // Pieces of codes are letters by chance.
            ReadOnlySpan<char> found = path[start..at];
            if (found.Length is > 2 and <= 20 && !found.ContainsAnyInRange('0', '9'))
            {
                words++;
                tokens.Add(TokenKind.LinkPath, word[..TextTokens.Fold(found, word)]);
            }

            at += at == start ? 1 : 0;
        }
    }
}
