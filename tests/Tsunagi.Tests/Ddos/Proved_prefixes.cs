using Tsunagi.Core.Proof;
using Tsunagi.Ddos.Contract;

namespace Tsunagi.Tests.Ddos;

/// <summary>Whose addresses may be watched and filtered by whom.</summary>
public sealed class Proved_prefixes
{
    private static readonly ProvedBlock[] Blocks = [Block("p/r/", "192.0.0.0/16"), Block("p/r/a/", "192.0.2.0/24"), Block("p/r/b/", "192.0.3.0/24")];

    [Theory]
    [InlineData("p/r/a/", "192.0.2.0/24", true)]
    [InlineData("p/r/a/", "192.0.2.128/25", true)]
    [InlineData("p/r/a/d/", "192.0.2.1/32", true)]
    [InlineData("p/r/b/", "192.0.2.0/24", false)] // the neighbour's, although both are under one reseller's block
    [InlineData("p/r/b/", "192.0.2.0/23", false)] // holds the neighbour's
    [InlineData("p/r/b/", "192.0.4.0/24", true)] // the reseller's own, which serves those below it
    [InlineData("p/r/", "192.0.2.0/23", true)] // the reseller watches what is its customers'
    [InlineData("p/r/", "192.0.2.0/24", false)] // but the most specific owner decides
    [InlineData("p/x/", "192.0.4.0/24", false)]
    [InlineData("p/r/a/", "198.51.100.0/24", false)]
    [InlineData("p/r/a/", "2001:db8::/48", false)]
    public void Decide(string tenant, string prefix, bool may) => Assert.Equal(may, ProvedPrefixes.MayWatch(CidrRange.Parse(prefix)!.Value, tenant, Blocks));

    private static ProvedBlock Block(string tenant, string cidr) => new(tenant, CidrRange.Parse(cidr)!.Value.First, CidrRange.Parse(cidr)!.Value.Last);
}
