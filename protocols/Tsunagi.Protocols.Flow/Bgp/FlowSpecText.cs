using System.Collections.Immutable;
using System.Globalization;

namespace Tsunagi.Protocols.Flow.Bgp;

/// <summary>
/// The readable form of rules, such as <c>dst 192.0.2.1/32 proto udp sport 53 len 512-1500 then discard</c>:
/// <code>
/// statement = [ "ipv6" ] 1*match [ "then" 1*action ]
/// match     = ("dst" / "src") prefix [ "offset" number ] / kind list / "rd" number ":" number
/// kind      = "proto" "port" "dport" "sport" "icmp-type" "icmp-code" "tcp-flags" "len" "dscp" "fragment" "flow-label"
/// list      = product *("," product)          ; any of them
/// product   = term *("&amp;" term)                ; all of them
/// term      = ["=" / "!=" / "&lt;" / "&lt;=" / "&gt;" / "&gt;="] value / value "-" value / "true" / "false"
/// flags     = ["!"] ["="] name *("+" name)    ; "=": all of the named and not only any of them
/// action    = "discard" / "rate" number ["as" number] / "rate-packets" number ["as" number] / "mark" dscp / "sample" / "terminal" / "sample-terminal"
///           / "redirect" (as ":" number / address ":" number) / "redirect-to-nexthop" address / "copy-to-nexthop" address
///           / "community" number ":" number / "extended" hex / "accept"
/// </code>
/// Rates are octets, or packets, a second. What is printed is read to the same rule.
/// </summary>
public static class FlowSpecText
{
    internal static readonly (string Name, FlowSpecType Type)[] Kinds =
    [
        ("dst", FlowSpecType.Destination), ("src", FlowSpecType.Source), ("proto", FlowSpecType.Protocol), ("port", FlowSpecType.Port),
        ("dport", FlowSpecType.DestinationPort), ("sport", FlowSpecType.SourcePort), ("icmp-type", FlowSpecType.IcmpType), ("icmp-code", FlowSpecType.IcmpCode),
        ("tcp-flags", FlowSpecType.TcpFlags), ("len", FlowSpecType.PacketLength), ("dscp", FlowSpecType.Dscp), ("fragment", FlowSpecType.Fragment),
        ("flow-label", FlowSpecType.FlowLabel),
    ];

    internal static readonly (string Name, ulong Value)[] Protocols =
        [("icmp", 1), ("igmp", 2), ("ipip", 4), ("tcp", 6), ("udp", 17), ("ipv6", 41), ("gre", 47), ("esp", 50), ("ah", 51), ("icmpv6", 58), ("ospf", 89), ("sctp", 132)];

    internal static readonly (string Name, ulong Value)[] TcpFlagNames =
        [("fin", 1), ("syn", 2), ("rst", 4), ("psh", 8), ("ack", 16), ("urg", 32), ("ece", 64), ("cwr", 128), ("ns", 256)];

    internal static readonly (string Name, ulong Value)[] FragmentNames = [("dont-fragment", 1), ("is-fragment", 2), ("first-fragment", 4), ("last-fragment", 8)];

    /// <summary>The text of a statement.</summary>
    public static string Print(FlowSpecStatement statement)
    {
        ArgumentNullException.ThrowIfNull(statement);
        IEnumerable<string> actions = statement.Actions.Select(a => a.Kind == 0x0800 && !statement.NextHop.IsUnspecified ? $"{a} {statement.NextHop}" : a.ToString())
            .Concat(statement.Communities.Select(c => $"community {c >> 16}:{(ushort)c}"));
        string all = string.Join(' ', actions);
        return $"{Print(statement.Rule)} then {(all.Length == 0 ? "accept" : all)}";
    }

    /// <summary>The text of a rule.</summary>
    public static string Print(FlowSpecRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var words = new List<string>();
        if (rule.IsIPv6 && !rule.Components.Any(c => c.IsPrefix))
        {
            words.Add("ipv6");
        }

        foreach (FlowSpecComponent component in rule.Components)
        {
            words.Add(Kinds.First(k => k.Type == component.Type).Name);
            words.Add(component.IsPrefix ? component.Prefix.ToString() : PrintTerms(component));
            if (component.Offset != 0)
            {
                words.Add($"offset {component.Offset}");
            }
        }

        if (rule.RouteDistinguisher is { } rd)
        {
            words.Add($"rd {PrintDistinguisher(rd)}");
        }

        return string.Join(' ', words);
    }

    /// <summary>Reads a statement; false with what was wrong in words. Values must be possible: ports up to 65535, lengths up to 65535, DSCP up to 63.</summary>
    public static bool TryParse(string text, out FlowSpecStatement? statement, out string error)
    {
        ArgumentNullException.ThrowIfNull(text);
        statement = null;
        var reader = new FlowSpecTextParser(text);
        if (!reader.Read())
        {
            error = $"reading a FlowSpec rule: {reader.Error}";
            return false;
        }

        statement = reader.Statement;
        error = "";
        return true;
    }

    private static string PrintTerms(FlowSpecComponent component)
    {
        var text = new System.Text.StringBuilder();
        for (int i = 0; i < component.Terms.Length; i++)
        {
            FlowSpecTerm term = component.Terms[i];
            if (i > 0)
            {
                text.Append(term.IsAnd ? '&' : ',');
            }

            FlowSpecTerm? after = i + 1 < component.Terms.Length ? component.Terms[i + 1] : null;
            bool isRange = !component.IsBitmask && (term.Operator & 7) == (FlowSpecTerm.Greater | FlowSpecTerm.Equal) && !term.IsAnd
                && after is { IsAnd: true } end && PrintWidth(end) == PrintWidth(term) && (end.Operator & 7) == (FlowSpecTerm.Less | FlowSpecTerm.Equal) && end.Value >= term.Value
                && (i + 2 >= component.Terms.Length || !component.Terms[i + 2].IsAnd);
            if (isRange)
            {
                text.Append(CultureInfo.InvariantCulture, $"{term.Value}-{after!.Value.Value}{PrintWidth(term)}");
                i++;
            }
            else
            {
                text.Append(component.IsBitmask ? PrintFlags(component.Type, term) : PrintNumber(component.Type, term));
            }
        }

        return text.ToString();
    }

    private static string PrintNumber(FlowSpecType type, FlowSpecTerm term)
    {
        string? name = type == FlowSpecType.Protocol ? Protocols.FirstOrDefault(p => p.Value == term.Value).Name : null;
        string value = (name ?? term.Value.ToString(CultureInfo.InvariantCulture)) + PrintWidth(term);
        return (term.Operator & 7) switch
        {
            0 => $"false{value}",
            1 => value,
            2 => $">{value}",
            3 => $">={value}",
            4 => $"<{value}",
            5 => $"<={value}",
            6 => $"!={value}",
            _ => $"true{value}",
        };
    }

    private static string PrintFlags(FlowSpecType type, FlowSpecTerm term)
    {
        (string Name, ulong Value)[] names = type == FlowSpecType.TcpFlags ? TcpFlagNames : FragmentNames;
        var parts = new List<string>();
        ulong rest = term.Value;
        foreach ((string name, ulong bit) in names)
        {
            if ((rest & bit) != 0)
            {
                parts.Add(name);
                rest &= ~bit;
            }
        }

        if (rest != 0 || parts.Count == 0)
        {
            parts.Add($"0x{rest:x}");
        }

        return $"{((term.Operator & FlowSpecTerm.Not) != 0 ? "!" : "")}{((term.Operator & FlowSpecTerm.Match) != 0 ? "=" : "")}{string.Join('+', parts)}{PrintWidth(term)}";
    }

    // A value in more octets than it needs, as some routers send it, is another route: the width is part of the text.
    private static string PrintWidth(FlowSpecTerm term) => term.Octets == FlowSpecTerm.Of(0, term.Value).Octets ? "" : $"/{term.Octets}";

    private static string PrintDistinguisher(ulong rd) => (rd >> 48) switch
    {
        0 => $"{(ushort)(rd >> 32)}:{(uint)rd}",
        1 => $"{FlowAddress.FromIPv4((uint)(rd >> 16))}:{(ushort)rd}",
        2 => $"{(uint)(rd >> 16)}L:{(ushort)rd}",
        _ => $"0x{rd:x16}",
    };
}
