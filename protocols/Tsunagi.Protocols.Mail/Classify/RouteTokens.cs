using System.Text;

namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// Where a message comes from (RFC 5321 section 4.4): of each hop the host that handed it over, unless that host is one of the relays on the way, which are the same for wanted
/// mail. Neither the hosts that took it (the receiving side's own) nor the recipient named there are read.
/// </summary>
internal static class RouteTokens
{
    public const int MaxHop = 400;
    private static readonly string[] Lines = ["dsl", "dial", "ppp", "cable", "dyn", "pool", "dhcp", "client", "modem"];

    /// <summary>A hop in lower case on one line.</summary>
    public static ReadOnlySpan<char> Text(ReadOnlySpan<byte> body, Span<char> text)
    {
        int length = Encoding.Latin1.GetChars(body[..Math.Min(body.Length, MaxHop)], text);
        Span<char> line = text[..length];
        for (int i = 0; i < line.Length; i++)
        {
            line[i] = char.IsWhiteSpace(line[i]) ? ' ' : char.ToLowerInvariant(line[i]);
        }

        return line.Trim();
    }

    /// <summary>The host that took the message.</summary>
    public static ReadOnlySpan<char> By(ReadOnlySpan<char> hop) => hop.StartsWith("by ") ? Word(hop[3..]) : Word(Behind(hop, " by ").TrimStart());

    public static void Read(ReadOnlySpan<byte> body, MessageTokens tokens)
    {
        Span<char> text = stackalloc char[MaxHop];
        ReadOnlySpan<char> hop = Text(body, text);
        int by = hop.IndexOf(" by ");
        if (!hop.StartsWith("from ") || by < 0)
        {
            return;
        }

        ReadOnlySpan<char> from = hop[5..by];
        if (IsLocal(from) || IsRelay(from, tokens.Passage))
        {
            return;
        }

        ReadGreeting(Word(from), tokens);
        if (from.IndexOf("unknown") >= 0)
        {
            tokens.Add(TokenKind.Route, "host unknown");
        }

        if (from.IndexOf("forged") >= 0)
        {
            tokens.Add(TokenKind.Route, "may be forged");
        }

        ReadOnlySpan<char> with = Behind(hop[by..], " with ");
        tokens.Add(TokenKind.Route, "with ", with.IsEmpty ? "nothing" : Word(with));
        int time = body.LastIndexOf((byte)';');
        if (time < 0 || !Message.MailDate.TryParse(body[(time + 1)..], out _))
        {
            tokens.Add(TokenKind.Route, "time unreadable");
        }

        ReadHosts(from, tokens);
    }

    private static bool IsLocal(ReadOnlySpan<char> from) =>
        from.IndexOf("[127.") >= 0 || from.IndexOf("localhost") >= 0 || from.IndexOf("[10.") >= 0 || from.IndexOf("[192.168.") >= 0 || from.IndexOf("[169.254.") >= 0 || from.IndexOf("(127.") >= 0;

    // All names it is known by are of relays: one that only greets by a relay's name is none.
    private static bool IsRelay(ReadOnlySpan<char> from, Passage passage)
    {
        int names = 0;
        for (int at = 0; NextHost(from, ref at, out ReadOnlySpan<char> host);)
        {
            if (host.IndexOfAnyExcept("0123456789.") < 0)
            {
                continue;
            }

            names++;
            if (!passage.IsRelay(host))
            {
                return false;
            }
        }

        return names > 0 && from.IndexOf("unknown") < 0;
    }

    private static void ReadGreeting(ReadOnlySpan<char> host, MessageTokens tokens)
    {
        bool isAddress = host.StartsWith("[") || (host.Length > 0 && host.IndexOfAnyExcept("0123456789.") < 0);
        bool hasNoDot = host.IndexOf('.') < 0;
        tokens.Add(TokenKind.Route, isAddress ? "greets by address" : hasNoDot ? "greets by a bare name" : "greets by a host name");

        // Names as access providers give to lines: digits of the address in the name.
        int digits = 0;
        foreach (char c in host)
        {
            digits += char.IsAsciiDigit(c) ? 1 : 0;
        }

        if (!isAddress && digits >= 6)
        {
            tokens.Add(TokenKind.Route, "host name of digits");
        }

        foreach (string word in Lines)
        {
            if (host.Contains(word, StringComparison.Ordinal))
            {
                tokens.Add(TokenKind.Route, "line ", word);
            }
        }
    }

    // Names with the part that was registered, addresses with their networks.
    private static void ReadHosts(ReadOnlySpan<char> from, MessageTokens tokens)
    {
        ReadOnlySpan<char> first = default;
        int names = 0;
        for (int at = 0; NextHost(from, ref at, out ReadOnlySpan<char> host);)
        {
            if (host.IndexOfAnyExcept("0123456789.") >= 0)
            {
                ReadOnlySpan<char> registered = LinkTokens.Registered(host);
                tokens.Add(TokenKind.Hop, host[^Math.Min(host.Length, 64)..]);
                tokens.Add(TokenKind.Hop, registered);
                tokens.Add(TokenKind.Relation, tokens.Relation.AddSource(registered) ? "comes from the author's domain" : "comes from another domain");
                if (names++ == 0)
                {
                    first = registered;
                }
                else
                {
                    tokens.Add(TokenKind.Route, registered.SequenceEqual(first) ? "greets by its own name" : "greets by another name");
                }
            }
            else if (host.Count('.') == 3)
            {
                int last = host.LastIndexOf('.');
                tokens.Add(TokenKind.Hop, host[..last]);
                tokens.Add(TokenKind.Hop, host[..host[..last].LastIndexOf('.')]);
            }
        }
    }

    // Whatever has dots.
    private static bool NextHost(ReadOnlySpan<char> text, scoped ref int at, out ReadOnlySpan<char> host)
    {
        while (at < text.Length)
        {
            int start = at;
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '.' or '-'))
            {
                at++;
            }

            host = text[start..at].Trim(".-");
            at += at == start ? 1 : 0;
            if (host.LastIndexOf('.') > 0)
            {
                return true;
            }
        }

        host = default;
        return false;
    }

    private static ReadOnlySpan<char> Behind(ReadOnlySpan<char> text, ReadOnlySpan<char> what)
    {
        int at = text.IndexOf(what);
        return at < 0 ? default : text[(at + what.Length)..];
    }

    private static ReadOnlySpan<char> Word(ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAny(' ', ';', '(');
        return end < 0 ? text : text[..end];
    }
}
