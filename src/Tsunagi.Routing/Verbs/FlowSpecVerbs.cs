using System.Text.Json.Nodes;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Verbs;
using Tsunagi.Protocols.Flow.Bgp;
using Tsunagi.Routing.Scrub;

namespace Tsunagi.Routing.Verbs;

/// <summary>tsunagi bgp flowspec …: rules as text and as octets, in place.</summary>
internal static class FlowSpecVerbs
{
    private const int LongestHex = 2 * 65_535;
    private static readonly TimeSpan ShownLife = TimeSpan.FromMinutes(5);

    public static readonly IReadOnlyList<Verb> All =
    [
        new("bgp flowspec encode", "A FlowSpec rule as the octets of its route and of its UPDATE message", [
            new("RULE", "such as: dst 192.0.2.1/32 proto udp sport 53 then discard", Required: true, Many: true),
        ], EncodeAsync),
        new("bgp flowspec decode", "Octets of a FlowSpec route, or of a whole UPDATE message, as text", [
            new("HEX", "hexadecimal digits; blanks and colons between them do not count", Required: true, Many: true),
            new("--family", "of a route alone (ipv4)", Allowed: ["ipv4", "ipv6", "ipv4-vpn", "ipv6-vpn"]),
        ], DecodeAsync),
        new("bgp flowspec nft", "A FlowSpec rule as a scrubber gives it to nftables: its whole table with this rule alone, for nft -f -", [
            new("RULE", "such as: dst 192.0.2.1/32 proto udp sport 53 then discard", Required: true, Many: true),
        ], NftAsync),
    ];

    private static Task<int> NftAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var wish = new WantedRoute("rule", WantedRouteKind.FlowSpec, string.Join(' ', context.Values("RULE")), long.MaxValue);
        if (new ScrubCompiler(new RoutingOptions()).Compile(wish, out var whyNot) is not { } rule)
        {
            throw new WrongInputException(whyNot);
        }

        var text = NftTable.Rebuild([rule], static _ => new ScrubStart(ShownLife, 0, 0));
        context.Print([], [], !context.Json ? null : new JsonObject { ["table"] = NftTable.Full, ["matches"] = new JsonArray([.. rule.Matches.Select(static match => (JsonNode)match)]), ["transaction"] = text });
        context.Say(text.TrimEnd());
        return Task.FromResult(0);
    }

    private static Task<int> EncodeAsync(VerbContext context, CancellationToken cancellationToken)
    {
        if (!FlowSpecText.TryParse(string.Join(' ', context.Values("RULE")), out var statement, out var error))
        {
            throw new WrongInputException(error);
        }

        var nlri = Convert.ToHexStringLower(FlowSpecNlri.Write(statement!.Rule));
        var announce = Convert.ToHexStringLower(BgpMessageWriter.Write(statement.Announce(BgpAsPath.Of(), localPreference: 100)));
        var withdraw = Convert.ToHexStringLower(BgpMessageWriter.Write(statement.Withdraw()));
        context.Print(
            ["what", "octets"],
            [["rule", statement.ToString()], ["family", statement.Rule.Family.ToString()], ["route", nlri], ["announce", announce], ["withdraw", withdraw]],
            new JsonObject { ["rule"] = statement.ToString(), ["family"] = statement.Rule.Family.ToString(), ["route"] = nlri, ["announce"] = announce, ["withdraw"] = withdraw });
        return Task.FromResult(0);
    }

    private static Task<int> DecodeAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var octets = Octets(string.Concat(context.Values("HEX")));
        var found = octets.Length >= 19 && octets.AsSpan(0, 16).IndexOfAnyExcept((byte)0xFF) < 0 ? OfMessage(octets) : OfRoutes(octets, FamilyOf(context["--family"]));
        context.Print(
            ["act", "family", "rule"],
            found.Select(static rule => (IReadOnlyList<string>)[rule.Act, rule.Family, rule.Text]),
            new JsonArray([.. found.Select(static rule => (JsonNode)new JsonObject { ["act"] = rule.Act, ["family"] = rule.Family, ["rule"] = rule.Text })]));
        return Task.FromResult(0);
    }

    private static List<(string Act, string Family, string Text)> OfMessage(byte[] octets)
    {
        var read = BgpMessageReader.Read(octets);
        if (read.Message is not BgpUpdate update)
        {
            throw new WrongInputException(read.Reason.Length > 0 ? read.Reason : $"reading a message: {read.Message?.Type} is no UPDATE");
        }

        var actions = update.Find<BgpExtendedCommunities>()?.Values ?? [];
        var communities = update.Find<BgpCommunities>()?.Values ?? [];
        var reach = update.Find<BgpMpReach>();
        var found = new List<(string, string, string)>();
        found.AddRange((reach?.FlowSpecs ?? []).Select(rule => (
            "announce", rule.Family.ToString(), new FlowSpecStatement(rule, actions) { Communities = communities, NextHop = reach!.NextHopAddress }.ToString())));
        found.AddRange((update.Find<BgpMpUnreach>()?.FlowSpecs ?? []).Select(static rule => ("withdraw", rule.Family.ToString(), rule.ToString())));
        return found;
    }

    private static List<(string Act, string Family, string Text)> OfRoutes(ReadOnlySpan<byte> octets, BgpFamily family)
    {
        var found = new List<(string, string, string)>();
        while (!octets.IsEmpty)
        {
            if (!FlowSpecNlri.TryRead(octets, family, FlowSpecOffset.Rfc8956, out var rule, out var length))
            {
                throw new WrongInputException($"reading FlowSpec route {found.Count + 1} of {family}: it is malformed");
            }

            found.Add(("route", family.ToString(), rule!.ToString()));
            octets = octets[length..];
        }

        return found;
    }

    private static BgpFamily FamilyOf(string? name) => name switch
    {
        "ipv6" => BgpFamily.IPv6FlowSpec, "ipv4-vpn" => BgpFamily.IPv4FlowSpecVpn, "ipv6-vpn" => BgpFamily.IPv6FlowSpecVpn, _ => BgpFamily.IPv4FlowSpec,
    };

    private static byte[] Octets(string text)
    {
        var digits = string.Concat(text.Where(static c => c is not (' ' or ':' or '\n' or '\t')));
        if (digits.Length is 0 or > LongestHex || digits.Length % 2 != 0 || !digits.All(char.IsAsciiHexDigit))
        {
            throw new WrongInputException("HEX: an even number of hexadecimal digits, not more than a message has");
        }

        return Convert.FromHexString(digits);
    }
}
