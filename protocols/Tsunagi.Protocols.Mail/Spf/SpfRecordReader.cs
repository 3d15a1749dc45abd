using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Protocols.Mail.Spf;

/// <summary>Reads the grammar of RFC 7208 section 12.</summary>
internal static class SpfRecordReader
{
    // record = version terms *SP ; terms = *( 1*SP ( directive / modifier ) )
    public static bool TryRead(string text, out SpfRecord? record, out string reason)
    {
        record = null;
        if (!SpfRecord.IsSpf(text))
        {
            reason = "the record does not begin with v=spf1";
            return false;
        }

        var mechanisms = ImmutableArray.CreateBuilder<SpfMechanism>();
        var others = ImmutableArray.CreateBuilder<string>();
        SpfMacroString? redirect = null, explanation = null;
        foreach (string term in text[6..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int name = NameLength(term);
            if (name == 0 || name == term.Length || term[name] != '=')
            {
                if (!TryReadDirective(term, out SpfMechanism? mechanism, out string wrong))
                {
                    return Bad(term, wrong, out reason);
                }

                mechanisms.Add(mechanism!);
                continue;
            }

            // modifier = redirect / explanation / unknown-modifier
            ReadOnlySpan<char> value = term.AsSpan(name + 1);
            bool isRedirect = term.AsSpan(0, name).Equals("redirect", StringComparison.OrdinalIgnoreCase);
            if (isRedirect || term.AsSpan(0, name).Equals("exp", StringComparison.OrdinalIgnoreCase))
            {
                if ((isRedirect ? redirect : explanation) is not null) // section 6: at most once each
                {
                    return Bad(term, "it stands twice", out reason);
                }

                if (!SpfMacroString.TryParseDomain(value, out SpfMacroString? domain, out string wrong))
                {
                    return Bad(term, wrong, out reason);
                }

                (redirect, explanation) = isRedirect ? (domain, explanation) : (redirect, domain);
            }
            else if (!SpfMacroString.TryParse(value, explanation: false, out _, out string wrong))
            {
                return Bad(term, wrong, out reason);
            }
            else
            {
                others.Add(term);
            }
        }

        record = new SpfRecord { Mechanisms = mechanisms.ToImmutable(), Redirect = redirect, Explanation = explanation, OtherModifiers = others.ToImmutable(), Text = text };
        reason = "";
        return true;
    }

    // name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )
    private static int NameLength(string term)
    {
        if (!char.IsAsciiLetter(term[0]))
        {
            return 0;
        }

        int length = 1;
        while (length < term.Length && (char.IsAsciiLetterOrDigit(term[length]) || term[length] is '-' or '_' or '.'))
        {
            length++;
        }

        return length;
    }

    // directive = [ qualifier ] mechanism ; qualifier = "+" / "-" / "?" / "~"
    private static bool TryReadDirective(string term, out SpfMechanism? mechanism, out string wrong)
    {
        mechanism = null;
        SpfVerdict? qualifier = term[0] switch
        {
            '+' => SpfVerdict.Pass,
            '-' => SpfVerdict.Fail,
            '?' => SpfVerdict.Neutral,
            '~' => SpfVerdict.SoftFail,
            _ => null,
        };
        ReadOnlySpan<char> text = term.AsSpan(qualifier is null ? 0 : 1);
        int end = text.IndexOfAny(':', '/');
        ReadOnlySpan<char> name = end < 0 ? text : text[..end];
        ReadOnlySpan<char> rest = end < 0 ? default : text[end..];
        if (!TryReadKind(name, out SpfMechanismKind kind))
        {
            wrong = "there is no such mechanism";
            return false;
        }

        var read = new SpfMechanism { Qualifier = qualifier ?? SpfVerdict.Pass, Kind = kind, Text = term };
        switch (kind)
        {
            case SpfMechanismKind.All:
                mechanism = rest.IsEmpty ? read : null;
                wrong = "'all' takes nothing";
                return mechanism is not null;
            case SpfMechanismKind.Ip4 or SpfMechanismKind.Ip6:
                return TryReadNetwork(read, rest, out mechanism, out wrong);
            case SpfMechanismKind.A or SpfMechanismKind.Mx:
                // a = "a" [ ":" domain-spec ] [ dual-cidr-length ]
                if (!TryTakePrefixes(ref rest, out int v4, out int v6))
                {
                    wrong = "the prefix length is wrong";
                    return false;
                }

                read = read with { PrefixV4 = v4, PrefixV6 = v6 };
                return TryReadDomain(read, rest, required: false, out mechanism, out wrong);
            default:
                return TryReadDomain(read, rest, required: kind != SpfMechanismKind.Ptr, out mechanism, out wrong);
        }
    }

    private static bool TryReadKind(ReadOnlySpan<char> name, out SpfMechanismKind kind)
    {
        kind = default;
        Span<char> lower = stackalloc char[8];
        if (name.Length is 0 or > 8)
        {
            return false;
        }

        SpfMechanismKind? found = lower[..name.ToLowerInvariant(lower)] switch
        {
            "all" => SpfMechanismKind.All,
            "include" => SpfMechanismKind.Include,
            "a" => SpfMechanismKind.A,
            "mx" => SpfMechanismKind.Mx,
            "ptr" => SpfMechanismKind.Ptr,
            "ip4" => SpfMechanismKind.Ip4,
            "ip6" => SpfMechanismKind.Ip6,
            "exists" => SpfMechanismKind.Exists,
            _ => null,
        };
        kind = found ?? default;
        return found is not null;
    }

    private static bool TryReadDomain(SpfMechanism read, ReadOnlySpan<char> rest, bool required, out SpfMechanism? mechanism, out string wrong)
    {
        mechanism = null;
        wrong = "a domain is missing";
        if (rest.IsEmpty)
        {
            mechanism = required ? null : read;
            return !required;
        }

        if (rest[0] != ':')
        {
            wrong = "what follows the name is neither a domain nor a prefix length";
            return false;
        }

        if (!SpfMacroString.TryParseDomain(rest[1..], out SpfMacroString? domain, out wrong))
        {
            return false;
        }

        mechanism = read with { Domain = domain };
        return true;
    }

    // ip4 = "ip4" ":" ip4-network [ ip4-cidr-length ] ; ip6 = "ip6" ":" ip6-network [ ip6-cidr-length ]
    private static bool TryReadNetwork(SpfMechanism read, ReadOnlySpan<char> rest, out SpfMechanism? mechanism, out string wrong)
    {
        mechanism = null;
        wrong = "an address is missing";
        if (rest.Length < 2 || rest[0] != ':')
        {
            return false;
        }

        ReadOnlySpan<char> text = rest[1..];
        int slash = text.IndexOf('/');
        ReadOnlySpan<char> address = slash < 0 ? text : text[..slash];
        bool v4 = read.Kind == SpfMechanismKind.Ip4;
        int prefix = v4 ? 32 : 128;
        wrong = $"'{address}' is no {(v4 ? "IPv4" : "IPv6")} address";
        if (v4 ? !IsQuad(address) : address.ContainsAnyExcept("0123456789abcdefABCDEF:.") || !address.Contains(':'))
        {
            return false;
        }

        if (!IPAddress.TryParse(address, out IPAddress? network) || network.AddressFamily != (v4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6))
        {
            return false;
        }

        wrong = "the prefix length is wrong";
        if (slash >= 0 && !TryReadPrefix(text[(slash + 1)..], prefix, out prefix))
        {
            return false;
        }

        mechanism = v4 ? read with { Network = network, PrefixV4 = prefix } : read with { Network = network, PrefixV6 = prefix };
        return true;
    }

    // ip4-network = qnum "." qnum "." qnum "." qnum ; qnum has no leading zeros
    private static bool IsQuad(ReadOnlySpan<char> text)
    {
        int quads = 0;
        foreach (Range range in text.Split('.'))
        {
            ReadOnlySpan<char> quad = text[range];
            if (++quads > 4 || quad.Length is 0 or > 3 || quad.ContainsAnyExceptInRange('0', '9') || (quad.Length > 1 && quad[0] == '0') || (quad.Length == 3 && quad.CompareTo("255", StringComparison.Ordinal) > 0))
            {
                return false;
            }
        }

        return quads == 4;
    }

    // dual-cidr-length = [ ip4-cidr-length ] [ "/" ip6-cidr-length ]: taken from the end, since a domain-spec may hold slashes.
    private static bool TryTakePrefixes(ref ReadOnlySpan<char> rest, out int v4, out int v6)
    {
        v4 = 32;
        v6 = 128;
        int dual = rest.LastIndexOf("//");
        if (dual >= 0 && TryReadPrefix(rest[(dual + 2)..], 128, out int six))
        {
            v6 = six;
            rest = rest[..dual];
        }

        int slash = rest.LastIndexOf('/');
        if (slash >= 0 && TryReadPrefix(rest[(slash + 1)..], 32, out int four))
        {
            v4 = four;
            rest = rest[..slash];
        }

        return rest.IsEmpty || rest[0] == ':';
    }

    // ip4-cidr-length = "/" ("0" / %x31-39 0*1DIGIT) ; ip6-cidr-length = "/" ("0" / %x31-39 0*2DIGIT)
    private static bool TryReadPrefix(ReadOnlySpan<char> text, int most, out int prefix)
    {
        prefix = 0;
        if (text.Length is 0 or > 3 || text.ContainsAnyExceptInRange('0', '9') || (text.Length > 1 && text[0] == '0'))
        {
            return false;
        }

        prefix = int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        return prefix <= most;
    }

    private static bool Bad(string term, string wrong, out string reason)
    {
        reason = $"'{term}': {wrong}";
        return false;
    }
}
