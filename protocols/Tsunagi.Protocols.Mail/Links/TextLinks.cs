using System.Buffers;

namespace Tsunagi.Protocols.Mail.Links;

/// <summary>
/// Links in text as mail programs make them: with a scheme, or "www.", up to white space and what closes a quotation (RFC 3986 appendix C); in Japanese, where no space follows, up to the end of the name. Also those that are written so
/// that no program makes a link of them.
/// </summary>
internal static class TextLinks
{
    private const int EastAsia = 0x2E80;

    private static readonly SearchValues<string> Starts = SearchValues.Create(["://", ":\\\\", "[:]//", "www.", "[.]", "(.)", "[dot]", "(dot)"], StringComparison.OrdinalIgnoreCase);
    private static readonly SearchValues<string> Dots = SearchValues.Create(["[.]", "(.)", "[dot]", "(dot)"], StringComparison.OrdinalIgnoreCase);

    // RFC 3986 appendix C: what cannot stand in a link, and what East Asian text ends a sentence or quotation with.
    private static readonly string EndLetters =
        string.Concat(Enumerable.Range(0, 33).Select(static c => (char)c)) + "<>\"`{}|^\u007f\u0085\u00a0\u00ab\u00bb\u2018\u2019\u201c\u201d\u2026\u2028\u2029\u3000\u3001\u3002\uFF61\u3008\u3009\u300a\u300b\u300c\u300d\u300e\u300f\u3010\u3011\u3014\u3015\uFF08\uFF09\uFF0C\uFF01\uFF1F\uFF1B\uFF1A\uFF1E\uFF1C\uFF3B\uFF3D\uFF5B\uFF5D\uFF62\uFF63\uFF64\uFFE5\u2192\u25a0\u25bc\u2605";

    private static readonly SearchValues<char> Ends = SearchValues.Create(EndLetters);
    private static readonly SearchValues<char> EndsOfAuthority = SearchValues.Create(EndLetters + "/\\?#");

    private static readonly string[] Schemes = ["https", "http", "ftp", "hxxps", "hxxp"];

    /// <summary>Reads a whole text.</summary>
    public static void Read(ReadOnlySpan<char> text, MessageLinks links)
    {
        for (int at = 0; !links.IsFull && TryNext(text, ref at, links.Limits.LinkCharacters, out ReadOnlySpan<char> link);)
        {
            links.Add(link, LinkPlace.Text, default);
        }
    }

    /// <summary>The next link from a place on.</summary>
    /// <param name="text">Plain text.</param>
    /// <param name="at">Where to begin; then where to go on.</param>
    /// <param name="most">Characters of one link.</param>
    /// <param name="link">What was found.</param>
    public static bool TryNext(ReadOnlySpan<char> text, ref int at, int most, out ReadOnlySpan<char> link)
    {
        link = default;
        int from = at;
        while (from < text.Length)
        {
            int found = text[from..].IndexOfAny(Starts);
            if (found < 0)
            {
                at = text.Length;
                return false;
            }

            found += from;
            int start = StartOf(text, found, Math.Max(from, at));
            if (start < 0)
            {
                from = found + 2;
                continue;
            }

            int end = EndOf(text, start, LimitOf(text, start, most));
            at = Math.Max(end, found + 2);
            if (end > start)
            {
                link = text[start..end];
                return true;
            }

            from = at;
        }

        at = text.Length;
        return false;
    }

    /// <summary>The end of the name within a host, where East Asian text follows without a space: "example.jpをご覧ください"; -1 where all may be a name.</summary>
    public static int EndOfName(ReadOnlySpan<char> host)
    {
        int label = 0;
        for (int i = 0; i < host.Length; i++)
        {
            if (host[i] == '.')
            {
                label = i + 1;
            }
            else if (host[i] >= EastAsia && !IsFullWidth(host[i]) && label > 0 && i - label >= 2 && TopDomains.Contains(host[label..i]))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>It has a dot that is written so that nobody makes a link of it: "[.]", "(dot)".</summary>
    public static bool HasDefangedDot(ReadOnlySpan<char> host) => host.IndexOfAny(Dots) >= 0;

    // Where the link begins that one of the starts belongs to; -1 for none.
    private static int StartOf(ReadOnlySpan<char> text, int found, int from)
    {
        ReadOnlySpan<char> before = text[from..found];
        if (text[found] == ':' || text[found..].StartsWith("[:]"))
        {
            foreach (string scheme in Schemes)
            {
                if (before.EndsWith(scheme, StringComparison.OrdinalIgnoreCase))
                {
                    return found - scheme.Length;
                }
            }

            return -1;
        }

        if (text[found] is 'w' or 'W')
        {
            return before.IsEmpty || !(char.IsAsciiLetterOrDigit(before[^1]) || before[^1] is '.' or '-' or '_' or '@' or '/' or '=') ? found : -1;
        }

        // A defanged dot: the name it stands in.
        int start = found;
        while (start > from && found - start < 64 && (char.IsAsciiLetterOrDigit(text[start - 1]) || text[start - 1] is '.' or '-' or '_'))
        {
            start--;
        }

        int behind = found + (text[found + 1] == '.' ? 3 : 5);
        return start < found && behind < text.Length && char.IsAsciiLetterOrDigit(text[behind]) ? start : -1;
    }

    // A path is cut, never what stands before the host. The slashes of the next scheme end it, so that no letter is looked at for many links.
    private static int LimitOf(ReadOnlySpan<char> text, int start, int most)
    {
        int limit = start + most;
        if (limit >= text.Length)
        {
            return text.Length;
        }

        int authority = AuthorityOf(text[start..limit]);
        if (authority == 0)
        {
            return limit;
        }

        int length = text[(start + authority)..].IndexOfAny(EndsOfAuthority);
        return Math.Max(limit, length < 0 ? text.Length : start + authority + length);
    }

    private static int EndOf(ReadOnlySpan<char> text, int start, int limit)
    {
        int length = text[start..limit].IndexOfAny(Ends);
        int end = length < 0 ? limit : start + length;

        // An ideographic full stop in the host is a dot to browsers (UTS 46); behind a whole name it ends the sentence.
        if (end + 1 < limit && text[end] is '\u3002' or '\uFF61' && char.IsAsciiLetterOrDigit(text[end + 1]) && !text[start..end].TrimStart("htpsHTPSfF:/").ContainsAny("./"))
        {
            length = text[(end + 1)..limit].IndexOfAny(Ends);
            end = length < 0 ? limit : end + 1 + length;
        }

        ReadOnlySpan<char> link = text[start..end];
        int authority = AuthorityOf(link);
        int path = link[authority..].IndexOfAny("/\\?#");
        path = path < 0 ? link.Length : authority + path;
        int user = link[authority..path].LastIndexOf('@');
        int host = user < 0 ? authority : authority + user + 1;
        int cut = EndOfHost(link[host..path]);
        if (cut >= 0)
        {
            return start + host + cut;
        }

        // Text that follows a path without a space.
        for (int i = path; i < link.Length; i++)
        {
            if (link[i] >= EastAsia)
            {
                return start + i;
            }
        }

        return start + link.TrimEnd(".,;:!?'*_").Length;
    }

    /// <summary>Where its authority begins; 0 where nothing stands before it.</summary>
    public static int AuthorityOf(ReadOnlySpan<char> link)
    {
        int slashes = link.IndexOf("//");
        slashes = slashes < 0 ? link.IndexOf("\\\\") : slashes;
        return slashes is > 0 and < 12 && link[slashes - 1] is ':' or ']' ? slashes + 2 : 0;
    }

    // Signs that no host has end it, where they stand bare: "(see https://example.com)"; brackets belong to IPv6 and to defanged dots.
    private static int EndOfHost(ReadOnlySpan<char> host)
    {
        int sign = host.IndexOfAny("'(),;*!$&+=~]");
        while (sign >= 0)
        {
            if (host[sign] == ']' && host[..sign].Contains('[') || (host[sign] == '(' && host[sign..].IndexOfAny(Dots) == 0))
            {
                int next = host[sign] == ']' ? 1 : host[sign..].IndexOf(')') + 1;
                int after = host[(sign + next)..].IndexOfAny("'(),;*!$&+=~]");
                sign = after < 0 ? -1 : sign + next + after;
                continue;
            }

            break;
        }

        int name = EndOfName(sign < 0 ? host : host[..sign]);
        return name >= 0 ? name : sign;
    }

    private static bool IsFullWidth(char c) => c is >= '\uFF01' and <= '\uFF5E';
}
