using System.Text;

namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>How a message has come (RFC 5321 section 4.4): the form of each hop, the hosts and networks named. The time is not read.</summary>
internal static class RouteTokens
{
    public static void Read(ReadOnlySpan<byte> body, MessageTokens tokens)
    {
        Span<char> text = stackalloc char[400];
        int length = Encoding.Latin1.GetChars(body[..Math.Min(body.Length, 400)], text);
        Span<char> line = text[..length];
        for (int i = 0; i < line.Length; i++)
        {
            line[i] = char.IsWhiteSpace(line[i]) ? ' ' : char.ToLowerInvariant(line[i]);
        }

        ReadOnlySpan<char> hop = line.Trim();
        ReadOnlySpan<char> from = Behind(hop, "from ");
        if (hop.StartsWith("from ", StringComparison.Ordinal))
        {
            ReadFrom(from, hop, tokens);
        }
        else
        {
            tokens.Add(TokenKind.Route, "no from");
        }

        int time = hop.LastIndexOf(';');
        ReadHosts(time < 0 ? hop : hop[..time], tokens);
        ReadOnlySpan<char> with = Behind(hop, " with ");
        if (!with.IsEmpty)
        {
            tokens.Add(TokenKind.Route, "with ", Word(with));
        }

        if (hop.IndexOf("forged") >= 0)
        {
            tokens.Add(TokenKind.Route, "may be forged");
        }

        if (hop.IndexOf("[127.") >= 0 || hop.IndexOf("localhost") >= 0)
        {
            tokens.Add(TokenKind.Route, "local hop");
        }
    }

    private static void ReadFrom(ReadOnlySpan<char> from, ReadOnlySpan<char> hop, MessageTokens tokens)
    {
        ReadOnlySpan<char> host = Word(from);
        bool isAddress = host.StartsWith("[") || (host.Length > 0 && host.IndexOfAnyExcept("0123456789.") < 0);
        bool hasNoDot = host.IndexOf('.') < 0;
        tokens.Add(TokenKind.Route, isAddress ? "greets by address" : hasNoDot ? "greets by a bare name" : "greets by a host name");
        if (hop.IndexOf("(unknown") >= 0 || hop.IndexOf("unknown [") >= 0)
        {
            tokens.Add(TokenKind.Route, "host unknown");
        }

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

        foreach (string word in (ReadOnlySpan<string>)["dsl", "dial", "ppp", "cable", "dyn", "pool", "dhcp", "client", "modem"])
        {
            if (host.Contains(word, StringComparison.Ordinal))
            {
                tokens.Add(TokenKind.Route, "line ", word);
            }
        }
    }

    // Whatever has dots: names with the part that was registered, addresses with their networks.
    private static void ReadHosts(ReadOnlySpan<char> hop, MessageTokens tokens)
    {
        for (int at = 0; at < hop.Length;)
        {
            int start = at;
            while (at < hop.Length && (char.IsAsciiLetterOrDigit(hop[at]) || hop[at] is '.' or '-'))
            {
                at++;
            }

            ReadOnlySpan<char> host = hop[start..at].Trim(".-");
            at += at == start ? 1 : 0;
            int last = host.LastIndexOf('.');
            if (last <= 0)
            {
                continue;
            }

            if (host.IndexOfAnyExcept("0123456789.") >= 0)
            {
                tokens.Add(TokenKind.Hop, host[^Math.Min(host.Length, 64)..]);
                tokens.Add(TokenKind.Hop, LinkTokens.Registered(host));
            }
            else if (host.Count('.') == 3)
            {
                tokens.Add(TokenKind.Hop, host[..last]);
                tokens.Add(TokenKind.Hop, host[..host[..last].LastIndexOf('.')]);
            }
        }
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
