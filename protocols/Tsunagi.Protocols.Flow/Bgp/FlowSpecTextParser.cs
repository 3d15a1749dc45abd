using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Tsunagi.Protocols.Flow.Bgp;

/// <summary>Reads the words of one statement.</summary>
internal sealed class FlowSpecTextParser
{
    private static readonly char[] Between = [' ', '\t', '\r', '\n', ';'];

    private readonly string[] _words;
    private readonly SortedDictionary<FlowSpecType, FlowSpecComponent> _components = [];
    private readonly List<BgpExtendedCommunity> _actions = [];
    private readonly List<uint> _communities = [];
    private FlowAddress _nextHop;
    private bool? _isIPv6;
    private ulong? _distinguisher;
    private int _at;

    public FlowSpecTextParser(string text) => _words = text.Split(Between, StringSplitOptions.RemoveEmptyEntries);

    public string Error { get; private set; } = "";

    public FlowSpecStatement? Statement { get; private set; }

    public bool Read()
    {
        while (_at < _words.Length && !Is("then"))
        {
            if (!ReadMatch())
            {
                return false;
            }
        }

        if (_components.Count == 0)
        {
            return Fail("it matches on nothing");
        }

        _at++;
        while (_at < _words.Length)
        {
            if (!ReadAction())
            {
                return false;
            }
        }

        bool is6 = _isIPv6 ?? false;
        if (!is6 && _components.ContainsKey(FlowSpecType.FlowLabel))
        {
            return Fail("flow-label is of IPv6 only");
        }

        var rule = new FlowSpecRule(is6, [.. _components.Values], _distinguisher);
        Statement = new FlowSpecStatement(rule, [.. _actions]) { Communities = [.. _communities], NextHop = _nextHop };
        return true;
    }

    private bool ReadMatch()
    {
        string word = Take();
        if (word is "ipv6" or "ipv4")
        {
            return Family(word == "ipv6");
        }

        if (word == "rd")
        {
            return ReadDistinguisher(Take());
        }

        (string Name, FlowSpecType Type) kind = FlowSpecText.Kinds.FirstOrDefault(k => k.Name == word);
        if (kind.Name is null)
        {
            return Fail($"'{word}' is not one of {string.Join(", ", FlowSpecText.Kinds.Select(k => k.Name))}");
        }

        string value = Take();
        FlowSpecComponent? component = kind.Type <= FlowSpecType.Source ? ReadPrefix(kind.Type, value) : ReadList(kind.Type, kind.Name, value);
        return component is not null && (_components.TryAdd(kind.Type, component) || Fail($"'{word}' stands twice"));
    }

    private FlowSpecComponent? ReadPrefix(FlowSpecType type, string value)
    {
        if (!BgpPrefix.TryParse(value, out BgpPrefix prefix))
        {
            Fail($"'{value}' is no prefix, or has bits behind its length");
            return null;
        }

        byte offset = 0;
        if (Is("offset"))
        {
            _at++;
            if (!prefix.IsIPv6 || !byte.TryParse(Take(), NumberStyles.None, CultureInfo.InvariantCulture, out offset) || offset >= prefix.Length)
            {
                Fail("an offset is of IPv6 only and below the length of the prefix");
                return null;
            }
        }

        // The bits in front of the offset are not looked at.
        UInt128 number = new(prefix.Address.High, prefix.Address.Low);
        number = offset == 0 ? number : number << offset >> offset;
        prefix = prefix with { Address = new FlowAddress((ulong)(number >> 64), (ulong)number) };
        return Family(prefix.IsIPv6) ? new FlowSpecComponent(type) { Prefix = prefix, Offset = offset } : null;
    }

    private FlowSpecComponent? ReadList(FlowSpecType type, string name, string value)
    {
        var terms = ImmutableArray.CreateBuilder<FlowSpecTerm>();
        bool isBitmask = type is FlowSpecType.TcpFlags or FlowSpecType.Fragment;
        foreach (string product in value.Split(','))
        {
            bool first = true;
            foreach (string one in product.Split('&'))
            {
                byte and = first ? (byte)0 : FlowSpecTerm.And;
                if (!(isBitmask ? ReadFlags(type, one, and, terms) : ReadTerm(type, one, and, terms)))
                {
                    Fail($"'{one}' is no value of {name}");
                    return null;
                }

                first = false;
            }
        }

        return new FlowSpecComponent(type) { Terms = terms.ToImmutable() };
    }

    private static bool ReadTerm(FlowSpecType type, string text, byte and, ImmutableArray<FlowSpecTerm>.Builder terms)
    {
        (string prefix, int operation) = text switch
        {
            ['!', '=', ..] => ("!=", FlowSpecTerm.Less | FlowSpecTerm.Greater),
            ['<', '=', ..] => ("<=", FlowSpecTerm.Less | FlowSpecTerm.Equal),
            ['>', '=', ..] => (">=", FlowSpecTerm.Greater | FlowSpecTerm.Equal),
            ['<', ..] => ("<", FlowSpecTerm.Less),
            ['>', ..] => (">", FlowSpecTerm.Greater),
            ['=', ..] => ("=", FlowSpecTerm.Equal),
            ['t', 'r', 'u', 'e', ..] => ("true", 7),
            ['f', 'a', 'l', 's', 'e', ..] => ("false", 0),
            _ => ("", FlowSpecTerm.Equal),
        };
        string rest = text[prefix.Length..];
        rest = rest.Length == 0 && prefix is "true" or "false" ? rest + "0" : rest;
        int dash = prefix.Length == 0 ? rest.IndexOf('-', StringComparison.Ordinal) : -1;
        if (dash < 0)
        {
            return TryValue(type, rest, out ulong value, out byte octets) && Add(terms, (byte)(operation | and), value, octets);
        }

        // a range
        string upper = rest[(dash + 1)..];
        byte width = 0;
        return TryValue(type, rest[..dash], out ulong from, out _) && TryValue(type, upper, out ulong to, out width) && from <= to
            && Add(terms, (byte)(FlowSpecTerm.Greater | FlowSpecTerm.Equal | and), from, upper.Contains('/', StringComparison.Ordinal) ? width : (byte)0)
            && Add(terms, FlowSpecTerm.Less | FlowSpecTerm.Equal | FlowSpecTerm.And, to, width);
    }

    private static bool ReadFlags(FlowSpecType type, string text, byte and, ImmutableArray<FlowSpecTerm>.Builder terms)
    {
        byte operation = and;
        if (text.StartsWith('!'))
        {
            operation |= FlowSpecTerm.Not;
            text = text[1..];
        }

        if (text.StartsWith('='))
        {
            operation |= FlowSpecTerm.Match;
            text = text[1..];
        }

        if (!TryWidth(ref text, out byte octets))
        {
            return false;
        }

        ulong bits = 0;
        foreach (string name in text.Split('+'))
        {
            (string Name, ulong Value) known = (type == FlowSpecType.TcpFlags ? FlowSpecText.TcpFlagNames : FlowSpecText.FragmentNames).FirstOrDefault(n => n.Name == name);
            ulong value = known.Value;
            if (known.Name is null && !(name.StartsWith("0x", StringComparison.Ordinal) && ulong.TryParse(name[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)))
            {
                return false;
            }

            bits |= value;
        }

        return bits <= (type == FlowSpecType.TcpFlags ? 0xFFFUL : 0xFF) && Add(terms, operation, bits, octets);
    }

    private static bool TryValue(FlowSpecType type, string text, out ulong value, out byte octets)
    {
        value = 0;
        if (!TryWidth(ref text, out octets))
        {
            return false;
        }

        ulong most = type switch
        {
            FlowSpecType.Protocol or FlowSpecType.IcmpType or FlowSpecType.IcmpCode => byte.MaxValue,
            FlowSpecType.Dscp => 63,
            FlowSpecType.FlowLabel => 0xF_FFFF,
            _ => ushort.MaxValue,
        };
        (string Name, ulong Value) known = type == FlowSpecType.Protocol ? FlowSpecText.Protocols.FirstOrDefault(p => p.Name == text) : default;
        value = known.Value;
        return (known.Name is not null || ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value)) && value <= most;
    }

    private static bool TryWidth(ref string text, out byte octets)
    {
        octets = 0;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return true;
        }

        bool good = byte.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out octets) && octets is 1 or 2 or 4 or 8;
        text = text[..slash];
        return good;
    }

    private static bool Add(ImmutableArray<FlowSpecTerm>.Builder terms, byte operation, ulong value, byte octets)
    {
        FlowSpecTerm shortest = FlowSpecTerm.Of(operation, value);
        terms.Add(octets > shortest.Octets ? shortest with { Octets = octets } : shortest);
        return true;
    }

    private bool ReadAction()
    {
        string word = Take();
        switch (word)
        {
            case "accept":
                return true;
            case "discard":
                return Do(BgpExtendedCommunity.RateBytes(0));
            case "rate" or "rate-packets":
                return ReadRate(word == "rate");
            case "mark":
                return byte.TryParse(Take(), NumberStyles.None, CultureInfo.InvariantCulture, out byte dscp) && dscp < 64
                    ? Do(BgpExtendedCommunity.Mark(dscp)) : Fail("mark takes a DSCP of 0 to 63");
            case "sample":
                return Do(BgpExtendedCommunity.Action(sample: true, terminal: false));
            case "terminal":
                return Do(BgpExtendedCommunity.Action(sample: false, terminal: true));
            case "sample-terminal":
                return Do(BgpExtendedCommunity.Action(sample: true, terminal: true));
            case "redirect":
                return ReadRedirect(Take());
            case "redirect-to-nexthop" or "copy-to-nexthop":
                if (_at < _words.Length && IPAddress.TryParse(_words[_at], out IPAddress? hop))
                {
                    _nextHop = FlowAddress.From(hop);
                    _at++;
                }

                return Do(BgpExtendedCommunity.RedirectToNextHop(word[0] == 'c'));
            case "community":
                return TryPair(Take(), ushort.MaxValue, ushort.MaxValue, out ulong upper, out ulong lower) ? Community((uint)(upper << 16 | lower)) : Fail("community takes two numbers of 0 to 65535");
            case "extended":
                string hex = Take();
                return hex.Length == 18 && hex.StartsWith("0x", StringComparison.Ordinal) && ulong.TryParse(hex[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value)
                    ? Do(new BgpExtendedCommunity(value)) : Fail("extended takes 0x and 16 hexadecimal digits");
            default:
                return Fail($"'{word}' is no action");
        }
    }

    private bool ReadRate(bool bytes)
    {
        if (!float.TryParse(Take(), NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out float rate) || !float.IsFinite(rate) || rate < 0)
        {
            return Fail("a rate is a number, 0 or more");
        }

        ushort informative = 0;
        if (Is("as"))
        {
            _at++;
            if (!ushort.TryParse(Take(), NumberStyles.None, CultureInfo.InvariantCulture, out informative))
            {
                return Fail("the AS of a rate is a number of 0 to 65535");
            }
        }

        return Do(bytes ? BgpExtendedCommunity.RateBytes(rate, informative) : BgpExtendedCommunity.RatePackets(rate, informative));
    }

    private bool ReadRedirect(string target)
    {
        int colon = target.LastIndexOf(':');
        if (colon > 0 && target.AsSpan(0, colon).Contains('.') && IPAddress.TryParse(target.AsSpan(0, colon), out IPAddress? address)
            && ushort.TryParse(target.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort number))
        {
            return Do(BgpExtendedCommunity.RedirectIPv4(FlowAddress.From(address).IPv4, number));
        }

        return TryPair(target, uint.MaxValue, uint.MaxValue, out ulong administrator, out ulong value) && (administrator <= ushort.MaxValue || value <= ushort.MaxValue)
            ? Do(BgpExtendedCommunity.Redirect((uint)administrator, (uint)value)) : Fail($"'{target}' is no route target");
    }

    private bool ReadDistinguisher(string text)
    {
        if (text.StartsWith("0x", StringComparison.Ordinal) && ulong.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong raw))
        {
            _distinguisher = raw;
            return true;
        }

        int colon = text.LastIndexOf(':');
        string left = colon < 0 ? "" : text[..colon];
        bool wide = left.EndsWith('L');
        if (left.Contains('.', StringComparison.Ordinal) && IPAddress.TryParse(left, out IPAddress? address)
            && ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort number))
        {
            _distinguisher = 1UL << 48 | (ulong)FlowAddress.From(address).IPv4 << 16 | number;
            return true;
        }

        if (!TryPair(wide ? left[..^1] + text[colon..] : text, uint.MaxValue, uint.MaxValue, out ulong administrator, out ulong value)
            || (administrator > ushort.MaxValue || wide) && value > ushort.MaxValue)
        {
            return Fail($"'{text}' is no route distinguisher");
        }

        _distinguisher = administrator > ushort.MaxValue || wide ? 2UL << 48 | administrator << 16 | value : administrator << 32 | value;
        return true;
    }

    private static bool TryPair(string text, ulong leftMost, ulong rightMost, out ulong left, out ulong right)
    {
        right = left = 0;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && ulong.TryParse(text[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out left) && left <= leftMost
            && ulong.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out right) && right <= rightMost;
    }

    private bool Family(bool is6)
    {
        if (_isIPv6 is { } before && before != is6)
        {
            return Fail("IPv4 and IPv6 do not go into one rule");
        }

        _isIPv6 = is6;
        return true;
    }

    private bool Do(BgpExtendedCommunity action)
    {
        _actions.Add(action);
        return true;
    }

    private bool Community(uint community)
    {
        _communities.Add(community);
        return true;
    }

    private bool Is(string word) => _at < _words.Length && _words[_at] == word;

    private string Take() => _at < _words.Length ? _words[_at++] : "";

    private bool Fail(string error)
    {
        Error = Error.Length == 0 ? error : Error;
        return false;
    }
}
