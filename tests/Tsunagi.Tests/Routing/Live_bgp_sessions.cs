using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Routing;

/// <summary>Debian's routing programs take every kind of announcement and its withdrawal.</summary>
public sealed class Live_bgp_sessions
{

    [Fact]
    public Task Gobgp_takes_and_forgets_every_kind() => RunAsync(LiveRouter.Gobgp());

    [Fact]
    public Task Bird_takes_and_forgets_every_kind() => RunAsync(LiveRouter.Bird());

    [Fact]
    public Task Frr_takes_and_forgets_every_kind() => RunAsync(LiveRouter.Frr());

    [Fact]
    public Task Exabgp_takes_and_forgets_every_kind() => RunAsync(LiveRouter.Exabgp());

    /// <summary>
    /// (1) A blackhole and a rule of each family go out and are seen; (2) each is withdrawn alone, the one with TCP flags too, and is gone while the others stay; (3) the
    /// session is cut by stopping the speaker and the new one's wishes are the router's whole table.
    /// </summary>
    private static async Task RunAsync(LiveRouter router)
    {
        await using var stopping = router;
        string[] rules =
        [
            "dst 192.0.2.7/32 proto udp sport 53 len 512-1500 then discard", "dst 192.0.2.8/32 proto tcp tcp-flags =syn then rate 12500", "dst 192.0.2.9/32 fragment is-fragment then discard",
            "dst 2001:db8::7/128 proto udp dport 80,443 then discard",
        ];
        var all = rules.Select(static rule => TestWishes.FlowSpec(rule)).Concat([TestWishes.Blackhole("192.0.2.1/32"), TestWishes.Blackhole("2001:db8::1/128")]).ToList();
        string[] traces = ["192.0.2.7/32", "192.0.2.8/32", "192.0.2.9/32", "2001:db8::7/128", "192.0.2.1/32", "2001:db8::1/128"];

        // (1)
        await using (var wishes = await TestWishes.StartAsync(TestWishes.To(router.Address, router.Port)))
        {
            wishes.Want(all);
            await router.ShowsAsync(shown => traces.All(trace => Has(shown, trace)), $"not every route arrived ({wishes.Speaker.Peers[0]})");

            // (2)
            for (var i = 0; i < all.Count; i++)
            {
                var (gone, stay) = (traces[i], traces.Skip(i + 1).ToList());
                wishes.Want(all.Skip(i + 1));
                await router.ShowsAsync(shown => !Has(shown, gone) && stay.TrueForAll(trace => Has(shown, trace)), $"{gone} is not withdrawn alone ({wishes.Speaker.Peers[0]})");
            }

            wishes.Want(all.Take(2));
            await router.ShowsAsync(static shown => Has(shown, "192.0.2.7/32"), "it was not announced again");
        }

        // (3)
        await using var next = await TestWishes.StartAsync(TestWishes.To(router.Address, router.Port));
        next.Want(all.Skip(4).Take(1));
        await router.ShowsAsync(static shown => Has(shown, "192.0.2.1/32") && !Has(shown, "192.0.2.7/32") && !Has(shown, "192.0.2.8/32"), $"its table is not what is wanted ({next.Speaker.Peers[0]})");
        await Eventually.HoldsAsync(() => next.Speaker.Peers[0].Announced == 1);
    }

    // FRR leaves the length of a host route out in tables of unicast routes; BIRD and others write rules in words of their own, always with the prefix.
    private static bool Has(string shown, string prefix) => shown.Contains(prefix, StringComparison.Ordinal);
}
