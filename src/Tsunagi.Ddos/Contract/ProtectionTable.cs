using System.Collections.Frozen;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Ddos.Contract;

/// <summary>Whose an address is: longest match over every protected prefix, one look-up for each length that occurs. Readers take one table and keep it for a datagram.</summary>
internal sealed class ProtectionTable
{
    public static readonly ProtectionTable Empty = new([]);

    private readonly (int Length, Dictionary<FlowAddress, Protection> ByAddress)[] _prefixes4;
    private readonly (int Length, Dictionary<FlowAddress, Protection> ByAddress)[] _prefixes6;

    public ProtectionTable(IReadOnlyCollection<Protection> protections)
    {
        All = protections.ToFrozenDictionary(static each => each.Subscription, StringComparer.Ordinal);
        var prefixes = protections.SelectMany(static each => each.Prefixes.Select(prefix => (prefix, each))).ToList();
        _prefixes4 = ByLength(prefixes.Where(static pair => !pair.prefix.IsIPv6));
        _prefixes6 = ByLength(prefixes.Where(static pair => pair.prefix.IsIPv6));
    }

    /// <summary>By subscription.</summary>
    public FrozenDictionary<string, Protection> All { get; }

    public Protection? Find(FlowAddress address, out BgpPrefix prefix)
    {
        var is6 = !address.IsIPv4;
        foreach (var (length, byAddress) in is6 ? _prefixes6 : _prefixes4)
        {
            var start = address.Prefix(length);
            if (byAddress.TryGetValue(start, out var protection))
            {
                prefix = new BgpPrefix(start, (byte)length, is6);
                return protection;
            }
        }

        prefix = default;
        return null;
    }

    /// <summary>The protection whose prefix holds all of this one; null when none does.</summary>
    public Protection? Holding(BgpPrefix wanted)
    {
        var found = wanted.IsIPv6 == wanted.Address.IsIPv4 ? null : Find(wanted.Address, out var prefix) is { } protection && prefix.Length <= wanted.Length ? protection : null;
        return found ?? All.Values.FirstOrDefault(each => each.Prefixes.Any(own => Holds(own, wanted)));
    }

    public static bool Holds(BgpPrefix outer, BgpPrefix inner) =>
        outer.IsIPv6 == inner.IsIPv6 && outer.Length <= inner.Length && inner.Address.IsIPv4 != inner.IsIPv6 && inner.Address.Prefix(outer.Length) == outer.Address;

    // The longest first.
    private static (int Length, Dictionary<FlowAddress, Protection> ByAddress)[] ByLength(IEnumerable<(BgpPrefix Prefix, Protection Protection)> prefixes) =>
    [
        .. prefixes.GroupBy(static pair => (int)pair.Prefix.Length).OrderByDescending(static group => group.Key)
            .Select(static group => (group.Key, group.ToDictionary(static pair => pair.Prefix.Address, static pair => pair.Protection))),
    ];
}
