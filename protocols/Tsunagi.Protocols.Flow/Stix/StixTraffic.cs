using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Protocols.Flow.Stix;

/// <summary>
/// What a pattern means for traffic: addresses and blocks that send, ports, protocols. Each is one way to match; a pattern is the OR of several. What a pattern says of anything else, or by
/// operators that speak of no set one can list, is not understood, and then nothing of the pattern is used: half of an AND would match too much.
/// </summary>
/// <param name="Source">Who sends; null when anybody.</param>
/// <param name="Protocol">"udp"; null when any.</param>
/// <param name="SourcePort">From which port; null when any.</param>
/// <param name="DestinationPort">To which port; null when any.</param>
public readonly record struct StixTraffic(IPNetwork? Source, string? Protocol, ushort? SourcePort, ushort? DestinationPort)
{
    private const int Most = 1_000;

    /// <summary>The ways in which the pattern matches.</summary>
    /// <param name="pattern">A pattern that was read.</param>
    /// <param name="ways">Any of them is enough; empty when it is not understood.</param>
    /// <param name="problem">Why it is not understood.</param>
    public static bool TryRead(StixPattern pattern, out ImmutableArray<StixTraffic> ways, out string problem)
    {
        var all = new List<StixTraffic>();
        problem = "";
        foreach (var observation in pattern.Observations)
        {
            if (Ways(observation, out problem) is not { } some)
            {
                ways = [];
                return false;
            }

            all.AddRange(some);
        }

        ways = [.. all.Distinct()];
        problem = all.Count > Most ? $"it means more than {Most} ways to match" : "";
        ways = all.Count > Most ? [] : ways;
        return all.Count <= Most;
    }

    /// <summary>The pattern that means this; reads back as the same.</summary>
    /// <exception cref="InvalidOperationException">It would match everything.</exception>
    public StixPattern ToPattern()
    {
        var parts = ImmutableArray.CreateBuilder<StixComparison>();
        var isTraffic = Protocol is not null || SourcePort is not null || DestinationPort is not null;
        if (Source is { } source)
        {
            var is6 = source.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;
            var single = source.PrefixLength == (is6 ? 128 : 32);
            var value = StixLiteral.Of(single ? source.BaseAddress.ToString() : source.ToString());
            parts.Add(new StixTest(
                isTraffic ? "network-traffic" : is6 ? "ipv6-addr" : "ipv4-addr", isTraffic ? "src_ref.value" : "value", single ? "=" : "ISSUBSET", IsNegated: false, [value]));
        }

        if (SourcePort is { } from)
        {
            parts.Add(new StixTest("network-traffic", "src_port", "=", IsNegated: false, [StixLiteral.Of(from)]));
        }

        if (DestinationPort is { } to)
        {
            parts.Add(new StixTest("network-traffic", "dst_port", "=", IsNegated: false, [StixLiteral.Of(to)]));
        }

        if (Protocol is { } protocol)
        {
            parts.Add(new StixTest("network-traffic", "protocols[*]", "=", IsNegated: false, [StixLiteral.Of(protocol)]));
        }

        return parts.Count switch
        {
            0 => throw new InvalidOperationException("a pattern that matches everything says nothing"),
            1 => new StixPattern([parts[0]]),
            _ => new StixPattern([new StixJunction(IsAny: false, parts.ToImmutable())]),
        };
    }

    private static List<StixTraffic>? Ways(StixComparison comparison, out string problem)
    {
        problem = "";
        if (comparison is StixTest test)
        {
            return Ways(test, out problem);
        }

        var junction = (StixJunction)comparison;
        List<StixTraffic> ways = junction.IsAny ? [] : [default];
        foreach (var part in junction.Parts)
        {
            if (Ways(part, out problem) is not { } some)
            {
                return null;
            }

            ways = junction.IsAny ? [.. ways, .. some] : [.. ways.SelectMany(_ => some, Both).OfType<StixTraffic>()];
            if (ways.Count > Most)
            {
                problem = $"it means more than {Most} ways to match";
                return null;
            }
        }

        return ways;
    }

    // Two that hold together; null when they cannot.
    private static StixTraffic? Both(StixTraffic one, StixTraffic other)
    {
        if (!Same(one.Protocol, other.Protocol) || !Same(one.SourcePort, other.SourcePort) || !Same(one.DestinationPort, other.DestinationPort))
        {
            return null;
        }

        var source = one.Source ?? other.Source;
        if (one.Source is { } first && other.Source is { } second)
        {
            var (narrow, wide) = first.PrefixLength >= second.PrefixLength ? (first, second) : (second, first);
            if (!wide.Contains(narrow.BaseAddress))
            {
                return null;
            }

            source = narrow;
        }

        return new StixTraffic(source, one.Protocol ?? other.Protocol, one.SourcePort ?? other.SourcePort, one.DestinationPort ?? other.DestinationPort);
    }

    private static bool Same<T>(T? one, T? other) => one is null || other is null || EqualityComparer<T>.Default.Equals(one, other);

    private static List<StixTraffic>? Ways(StixTest test, out string problem)
    {
        problem = $"{test.Type}:{test.Path} {(test.IsNegated ? "NOT " : "")}{test.Operator} is not understood";
        if (test.IsNegated || test.Operator is not ("=" or "IN" or "ISSUBSET"))
        {
            return null;
        }

        var ways = new List<StixTraffic>();
        foreach (var value in test.Values)
        {
            if (Way(test, value.Text) is not { } way)
            {
                return null;
            }

            ways.Add(way);
        }

        problem = "";
        return ways;
    }

    private static StixTraffic? Way(StixTest test, string value) => (test.Type, test.Path) switch
    {
        ("ipv4-addr" or "ipv6-addr", "value") => Block(value) is { } block && (block.BaseAddress.AddressFamily == AddressFamily.InterNetwork) == (test.Type == "ipv4-addr")
            ? new StixTraffic(block, null, null, null) : null,
        ("network-traffic", "src_ref.value") => Block(value) is { } block ? new StixTraffic(block, null, null, null) : null,
        ("network-traffic", "src_port") => Port(test, value) is { } port ? new StixTraffic(null, null, port, null) : null,
        ("network-traffic", "dst_port") => Port(test, value) is { } port ? new StixTraffic(null, null, null, port) : null,
        ("network-traffic", "protocols[*]" or "protocols[0]") => test.Operator != "ISSUBSET" && value.Length > 0 ? new StixTraffic(null, value.ToLowerInvariant(), null, null) : null,
        _ => null,
    };

    private static ushort? Port(StixTest test, string value) =>
        test.Operator != "ISSUBSET" && ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null;

    private static IPNetwork? Block(string value)
    {
        if (value.Contains('%', StringComparison.Ordinal))
        {
            return null;
        }

        if (IPAddress.TryParse(value, out var address) && address.ToString() is { } written && (address.AddressFamily == AddressFamily.InterNetworkV6 || written == value))
        {
            return new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32);
        }

        return IPNetwork.TryParse(value, out var network) ? network : null;
    }
}
