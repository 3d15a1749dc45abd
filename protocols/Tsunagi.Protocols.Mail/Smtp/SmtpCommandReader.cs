using System.Text;
using System.Text.Unicode;

namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>The grammar of RFC 5321 section 4.1.1, one method per kind of argument.</summary>
internal static class SmtpCommandReader
{
    public static bool TryRead(ReadOnlySpan<byte> line, SmtpLimits limits, out SmtpCommand command, out SmtpSyntaxError error)
    {
        command = default;
        line = TrimEnd(line); // RFC 5321 section 4.1.1: servers tolerate trailing white space
        int length = 0;
        while (length < line.Length && char.IsAsciiLetter((char)line[length]))
        {
            length++;
        }

        if (length == 0 || (length < line.Length && line[length] != ' ') || !TryReadVerb(line[..length], out SmtpVerb verb))
        {
            return Bad(SmtpSyntaxError.Unknown(), out error);
        }

        ReadOnlySpan<byte> rest = line[length..];
        return verb switch
        {
            SmtpVerb.Mail => TryReadMail(rest, length, limits, out command, out error),
            SmtpVerb.Rcpt => TryReadRcpt(rest, length, limits, out command, out error),
            SmtpVerb.Helo or SmtpVerb.Ehlo => TryReadGreeting(verb, rest, length, limits, out command, out error),
            SmtpVerb.Data or SmtpVerb.Rset or SmtpVerb.Quit or SmtpVerb.StartTls => TryReadBare(verb, rest, length, out command, out error),
            _ => TryReadFree(verb, rest, length, out command, out error),
        };
    }

    private static bool TryReadVerb(ReadOnlySpan<byte> word, out SmtpVerb verb)
    {
        verb = default;
        if (word.Length == 8 && Ascii.EqualsIgnoreCase(word, "STARTTLS"u8))
        {
            verb = SmtpVerb.StartTls;
            return true;
        }

        if (word.Length == 7 && Ascii.EqualsIgnoreCase(word, "XCLIENT"u8))
        {
            verb = SmtpVerb.XClient;
            return true;
        }

        if (word.Length != 4)
        {
            return false;
        }
        // Letters only, so clearing bit 5 is upper case.
        uint packed = (uint)(word[0] << 24 | word[1] << 16 | word[2] << 8 | word[3]) & 0xDFDFDFDF;
        (bool known, verb) = packed switch
        {
            0x48454C4F => (true, SmtpVerb.Helo),
            0x45484C4F => (true, SmtpVerb.Ehlo),
            0x4D41494C => (true, SmtpVerb.Mail),
            0x52435054 => (true, SmtpVerb.Rcpt),
            0x44415441 => (true, SmtpVerb.Data),
            0x42444154 => (true, SmtpVerb.Bdat),
            0x52534554 => (true, SmtpVerb.Rset),
            0x56524659 => (true, SmtpVerb.Vrfy),
            0x4558504E => (true, SmtpVerb.Expn),
            0x48454C50 => (true, SmtpVerb.Help),
            0x4E4F4F50 => (true, SmtpVerb.Noop),
            0x51554954 => (true, SmtpVerb.Quit),
            0x41555448 => (true, SmtpVerb.Auth),
            _ => (false, default),
        };
        return known;
    }

    // mail = "MAIL FROM:" Reverse-path [SP Mail-parameters]
    private static bool TryReadMail(ReadOnlySpan<byte> rest, int offset, SmtpLimits limits, out SmtpCommand command, out SmtpSyntaxError error)
    {
        command = default;
        if (!TryReadPrefix(rest, " FROM:"u8, out int at))
        {
            return Bad(SmtpSyntaxError.Argument("Syntax: MAIL FROM:<address>", offset), out error);
        }

        bool read = SmtpPathReader.TryReadPath(rest[at..], limits, out Mailbox? mailbox, out int consumed, out string reason);
        at += consumed;
        if (!read)
        {
            return Bad(SmtpSyntaxError.Sender(reason, offset + at), out error);
        }

        if (ReferenceEquals(mailbox, Mailbox.Postmaster)) // only a forward-path may stand without a domain
        {
            return Bad(SmtpSyntaxError.Sender("Address has no domain", offset + at), out error);
        }

        if (!TryReadParameters(rest[at..], offset + at, limits, out List<SmtpParameter>? parameters, out error)
            || !TrySortMailParameters(parameters, offset + at, out MailParameters mail, out error))
        {
            return false;
        }

        command = new SmtpCommand { Verb = SmtpVerb.Mail, ReversePath = new ReversePath(mailbox), Mail = mail };
        return true;
    }

    // rcpt = "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path ) [SP Rcpt-parameters]
    private static bool TryReadRcpt(ReadOnlySpan<byte> rest, int offset, SmtpLimits limits, out SmtpCommand command, out SmtpSyntaxError error)
    {
        command = default;
        if (!TryReadPrefix(rest, " TO:"u8, out int at))
        {
            return Bad(SmtpSyntaxError.Argument("Syntax: RCPT TO:<address>", offset), out error);
        }

        bool read = SmtpPathReader.TryReadPath(rest[at..], limits, out Mailbox? mailbox, out int consumed, out string reason);
        at += consumed;
        if (!read || mailbox is null)
        {
            return Bad(SmtpSyntaxError.Recipient(read ? "A recipient can not be empty" : reason, offset + at), out error);
        }

        if (!TryReadParameters(rest[at..], offset + at, limits, out List<SmtpParameter>? parameters, out error))
        {
            return false;
        }

        command = new SmtpCommand { Verb = SmtpVerb.Rcpt, ForwardPath = new ForwardPath(mailbox), RecipientParameters = parameters };
        return true;
    }

    // The grammar has no space behind the colon (RFC 5321 section 3.3); enough clients send one, and it can be read in one way only.
    private static bool TryReadPrefix(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> prefix, out int at)
    {
        at = prefix.Length;
        if (rest.Length < at || !Ascii.EqualsIgnoreCase(rest[..at], prefix))
        {
            return false;
        }

        while (at < rest.Length && rest[at] == ' ')
        {
            at++;
        }

        return true;
    }

    // esmtp-param *(SP esmtp-param) ; esmtp-param = esmtp-keyword ["=" esmtp-value]
    private static bool TryReadParameters(ReadOnlySpan<byte> rest, int offset, SmtpLimits limits, out List<SmtpParameter>? parameters,
        out SmtpSyntaxError error)
    {
        parameters = null;
        error = default;
        int at = 0;
        while (at < rest.Length)
        {
            if (rest[at] != ' ')
            {
                return Bad(SmtpSyntaxError.Argument("A space must stand before a parameter", offset + at), out error);
            }

            while (at < rest.Length && rest[at] == ' ')
            {
                at++;
            }

            int length = rest[at..].IndexOf((byte)' ');
            ReadOnlySpan<byte> text = length < 0 ? rest[at..] : rest.Slice(at, length);
            if (!TryReadParameter(text, out SmtpParameter parameter))
            {
                return Bad(SmtpSyntaxError.Argument("Malformed parameter", offset + at), out error);
            }

            parameters ??= [];
            if (parameters.Count == limits.Parameters)
            {
                return Bad(SmtpSyntaxError.Argument("Too many parameters", offset + at), out error);
            }

            if (parameters.Exists(p => p.Keyword == parameter.Keyword)) // RFC 5321 section 4.1.1.11: not twice
            {
                return Bad(SmtpSyntaxError.Argument("A parameter stands twice", offset + at), out error);
            }

            parameters.Add(parameter);
            at += text.Length;
        }
        return true;
    }

    private static bool TryReadParameter(ReadOnlySpan<byte> text, out SmtpParameter parameter)
    {
        parameter = default;
        int equals = text.IndexOf((byte)'=');
        ReadOnlySpan<byte> keyword = equals < 0 ? text : text[..equals];
        if (keyword.IsEmpty || keyword[0] == '-' || keyword.ContainsAnyExcept(SmtpText.Keyword))
        {
            return false;
        }

        string? value = null;
        if (equals >= 0)
        {
            ReadOnlySpan<byte> octets = text[(equals + 1)..];
            foreach (byte octet in octets)
            {
                if (!SmtpText.IsValue(octet))
                {
                    return false;
                }
            }

            if (octets.IsEmpty || !Utf8.IsValid(octets))
            {
                return false;
            }

            value = Encoding.UTF8.GetString(octets);
        }
        parameter = new SmtpParameter(Encoding.ASCII.GetString(keyword).ToUpperInvariant(), value);
        return true;
    }

    private static bool TrySortMailParameters(List<SmtpParameter>? parameters, int offset, out MailParameters mail, out SmtpSyntaxError error)
    {
        mail = default;
        error = default;
        List<SmtpParameter>? others = null;
        foreach (SmtpParameter parameter in parameters ?? [])
        {
            switch (parameter.Keyword)
            {
                case "SIZE": // size-value = 1*20DIGIT (RFC 1870 section 6)
                    if (!TryReadSize(parameter.Value, out long size))
                    {
                        return Bad(SmtpSyntaxError.Argument("SIZE must be a number of at most 20 digits", offset), out error);
                    }

                    mail = mail with { Size = size };
                    break;
                case "BODY":
                    if (!TryReadBody(parameter.Value, out SmtpBodyType body))
                    {
                        return Bad(SmtpSyntaxError.Argument("BODY must be 7BIT or 8BITMIME", offset), out error);
                    }

                    mail = mail with { Body = body };
                    break;
                case "SMTPUTF8": // RFC 6531 section 3.4: takes no value
                    if (parameter.Value is not null)
                    {
                        return Bad(SmtpSyntaxError.Argument("SMTPUTF8 takes no value", offset), out error);
                    }

                    mail = mail with { SmtpUtf8 = true };
                    break;
                default:
                    (others ??= []).Add(parameter);
                    break;
            }
        }
        mail = mail with { Others = others };
        return true;
    }

    private static bool TryReadSize(string? value, out long size)
    {
        size = 0;
        if (value is not { Length: > 0 and <= 20 })
        {
            return false;
        }

        foreach (char digit in value)
        {
            if (!char.IsAsciiDigit(digit))
            {
                return false;
            }
            // 20 digits can pass long; such a message is larger than any limit all the same.
            size = size > (long.MaxValue - 9) / 10 ? long.MaxValue : size * 10 + (digit - '0');
        }
        return true;
    }

    private static bool TryReadBody(string? value, out SmtpBodyType body)
    {
        body = value?.ToUpperInvariant() switch
        {
            "7BIT" => SmtpBodyType.SevenBit,
            "8BITMIME" => SmtpBodyType.EightBitMime,
            "BINARYMIME" => SmtpBodyType.BinaryMime,
            _ => SmtpBodyType.Unstated,
        };
        return body != SmtpBodyType.Unstated;
    }

    // ehlo = "EHLO" SP ( Domain / address-literal ) ; helo = "HELO" SP Domain, and every server takes a literal there too.
    private static bool TryReadGreeting(SmtpVerb verb, ReadOnlySpan<byte> rest, int offset, SmtpLimits limits, out SmtpCommand command,
        out SmtpSyntaxError error)
    {
        command = default;
        ReadOnlySpan<byte> name = rest.TrimStart((byte)' ');
        if (name is [.. var front, (byte)'.'])
        {
            name = front; // a root dot is not in the grammar, says nothing wrong, and is sent
        }

        if (!Ascii.IsValid(name) || !TryReadName(name, limits, out string domain))
        {
            return Bad(SmtpSyntaxError.Argument(verb == SmtpVerb.Ehlo ? "Syntax: EHLO domain" : "Syntax: HELO domain", offset), out error);
        }

        command = new SmtpCommand { Verb = verb, Argument = domain };
        error = default;
        return true;
    }

    private static bool TryReadName(ReadOnlySpan<byte> name, SmtpLimits limits, out string domain) =>
        SmtpPathReader.TryReadDomain(name, limits, out domain, out int consumed, out _) && consumed == name.Length;

    // data = "DATA" CRLF ; rset, quit, STARTTLS alike
    private static bool TryReadBare(SmtpVerb verb, ReadOnlySpan<byte> rest, int offset, out SmtpCommand command, out SmtpSyntaxError error)
    {
        command = new SmtpCommand { Verb = verb };
        error = default;
        return rest.IsEmpty || Bad(SmtpSyntaxError.Argument("This command takes no argument", offset), out error);
    }

    // vrfy = "VRFY" SP String ; help = "HELP" [SP String] ; noop = "NOOP" [SP String]
    private static bool TryReadFree(SmtpVerb verb, ReadOnlySpan<byte> rest, int offset, out SmtpCommand command, out SmtpSyntaxError error)
    {
        command = default;
        error = default;
        ReadOnlySpan<byte> text = rest.TrimStart((byte)' ');
        foreach (byte octet in text)
        {
            if (octet is < 32 or 127)
            {
                return Bad(SmtpSyntaxError.Argument("Control characters are not allowed", offset), out error);
            }
        }

        if (!Utf8.IsValid(text))
        {
            return Bad(SmtpSyntaxError.Argument("Argument is not UTF-8", offset), out error);
        }

        bool keeps = verb is not (SmtpVerb.Noop or SmtpVerb.Help);
        if (keeps && text.IsEmpty)
        {
            return Bad(SmtpSyntaxError.Argument("This command needs an argument", offset), out error);
        }

        command = new SmtpCommand { Verb = verb, Argument = keeps ? Encoding.UTF8.GetString(text) : null };
        return true;
    }

    private static ReadOnlySpan<byte> TrimEnd(ReadOnlySpan<byte> line)
    {
        int end = line.Length;
        while (end > 0 && line[end - 1] is (byte)' ' or (byte)'\t')
        {
            end--;
        }

        return line[..end];
    }

    private static bool Bad(SmtpSyntaxError why, out SmtpSyntaxError error)
    {
        error = why;
        return false;
    }
}
