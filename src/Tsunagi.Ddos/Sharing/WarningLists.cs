using System.Net;
using System.Net.Sockets;
using Tsunagi.Core.Outbound;

namespace Tsunagi.Ddos.Sharing;

/// <summary>
/// What is never a source of attacks, asked before anything is imported and before anything of ours names it: networks of nobody, our own and our customers', public resolvers, whatever the
/// operator added, and blocks so large that they name the innocent with the guilty.
/// </summary>
internal sealed class WarningLists(SharingOptions options, IReadOnlyList<IPNetwork> own)
{
    // Resolvers that half the Internet asks: reflections come "from" them only where somebody forged it, and blocking them breaks their users.
    private static readonly IPNetwork[] Resolvers =
    [
        .. new[]
        {
            "8.8.8.8/32", "8.8.4.4/32", "1.1.1.1/32", "1.0.0.1/32", "9.9.9.9/32", "149.112.112.112/32", "208.67.222.222/32", "208.67.220.220/32", "2001:4860:4860::8888/128", "2001:4860:4860::8844/128",
            "2606:4700:4700::1111/128", "2606:4700:4700::1001/128", "2620:fe::fe/128", "2620:fe::9/128", "2620:119:35::35/128", "2620:119:53::53/128",
        }.Select(static text => IPNetwork.Parse(text)),
    ];

    private static readonly AddressPolicy Special = new([]);

    /// <summary>Null when the block may be named; else why not, as one sentence without a stop.</summary>
    public string? WhyNot(IPNetwork block)
    {
        var is6 = block.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;
        var shortest = is6 ? options.ShortestPrefix6 : options.ShortestPrefix4;
        if (block.PrefixLength < shortest)
        {
            return $"{block} is shorter than /{shortest}";
        }

        if (own.Any(network => Touches(network, block)))
        {
            return $"{block} is our own";
        }

        if (options.Warn.Any(network => Touches(network, block)))
        {
            return $"{block} is on the operator's list";
        }

        return Resolvers.Any(network => Touches(network, block)) ? $"{block} holds a public resolver"
            : !options.Allow.Any(network => network.Contains(block.BaseAddress) && network.PrefixLength <= block.PrefixLength) && Special.WhyNot(block.BaseAddress) is { } special ? $"{block} is {special}"
            : null;
    }

    private static bool Touches(IPNetwork one, IPNetwork other) =>
        one.BaseAddress.AddressFamily == other.BaseAddress.AddressFamily && (one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress));
}
