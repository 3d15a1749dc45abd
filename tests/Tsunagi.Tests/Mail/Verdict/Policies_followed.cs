using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail.Checks.Client;
using Tsunagi.Mail.Verdict;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Verdict;

/// <summary>Of a change the policies of who changed are read again, and what sessions read is as if everything had been.</summary>
public sealed class Policies_followed
{
    private static readonly Caller Provider = new("u_op", "op", new TenantScope("t_root", "t_root/"), new HashSet<string> { "*" }, false, "en");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void A_table_with_some_tenants_policies_in_the_place_of_others_is_as_one_made_of_all()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var before = Rows(random, [0, 1, 2, 3]);
            int[] changed = [.. Enumerable.Range(0, 4).Where(_ => random.Next(2) == 0)];
            var rows = Rows(random, changed);
            var whole = new PolicyTable(2, before.Where(row => !changed.Select(PathOf).Contains(row.TenantPath)).Concat(rows));
            var followed = new PolicyTable(1, before).With(2, changed.ToDictionary(PathOf, tenant => (IReadOnlyList<FilterPolicyView>)[.. rows.Where(row => row.TenantPath == PathOf(tenant))]));
            Assert.Equal(2, followed.Version);
            Assert.Equal(Zones(whole), Zones(followed));
            foreach (var path in Enumerable.Range(0, 4).Select(PathOf))
            {
                Assert.Equal(whole.HasTenantAlone(path), followed.HasTenantAlone(path));
                foreach (var user in (string[])["a@one.example", "b@one.example"])
                {
                    var (expected, got) = (whole.For(path, "one.example", ["g"], user), followed.For(path, "one.example", ["g"], user));
                    Assert.Equal((expected.TagPoints, expected.QuarantinePoints, expected.Lists.Count), (got.TagPoints, got.QuarantinePoints, got.Lists.Count));
                }
            }
        }
    }

    [Fact]
    public async Task Changes_of_one_and_of_many_are_seen_and_a_node_of_before_that_does_not_say_whose_they_are_is_believed_within_a_minute()
    {
        await using var node = await MailNode.StartAsync();
        await node.Stores.Control.WriteAsync(
            async transaction =>
            {
                for (var i = 0; i < 60; i++)
                {
                    await transaction.ExecuteAsync(
                        "INSERT INTO tenant (id, tenant_path, kind, name, locale, time_zone, currency, external_refs, version, created_at) VALUES (@Id, @Path, 'customer', @Id, 'en', 'Asia/Tokyo', 'JPY', '{}', 1, 0)", new { Id = $"t_{i}", Path = PathOf(i) });
                }

                return true;
            },
            Cancel);
        var time = new ManualTime();
        using var watch = new PolicyWatch(node.Stores, time, NullLogger<PolicyWatch>.Instance);
        await watch.LoadAsync(Cancel);
        var book = node.Services.GetRequiredService<PolicyBook>();

        await PutAsync(book, 3, 33);
        await watch.LoadAsync(Cancel);
        Assert.Equal(33, PointsOf(watch, 3));
        await PutAsync(book, 3, 34);
        await PutAsync(book, 4, 44);
        Assert.Null(await book.RemoveAsync(Provider, "t_3", "tenant", "", null, Cancel));
        await watch.LoadAsync(Cancel);
        Assert.Equal((EffectivePolicy.BuiltIn.TagPoints, 44), (PointsOf(watch, 3), PointsOf(watch, 4)));
        for (var i = 0; i < 60; i++)
        {
            await PutAsync(book, i, 100 + i);
        }

        await watch.LoadAsync(Cancel);
        Assert.All(Enumerable.Range(0, 60), i => Assert.Equal(100 + i, PointsOf(watch, i)));

        // A change of an older program alone is seen at once; one that hides behind a noted change within a minute.
        await OldAsync(node, 5, 55);
        await watch.LoadAsync(Cancel);
        Assert.Equal(55, PointsOf(watch, 5));
        await OldAsync(node, 6, 66);
        await PutAsync(book, 7, 77);
        await watch.LoadAsync(Cancel);
        Assert.Equal((106, 77), (PointsOf(watch, 6), PointsOf(watch, 7)));
        time.Advance(TimeSpan.FromMinutes(1));
        await watch.LoadAsync(Cancel);
        Assert.Equal((66, 77), (PointsOf(watch, 6), PointsOf(watch, 7)));
    }

    private static async Task PutAsync(PolicyBook book, int tenant, int points) =>
        Assert.True((await book.PutAsync(Provider, $"t_{tenant}", "tenant", "", new FilterPolicy { TagPoints = points }, null, Cancel)).Ok);

    private static async Task OldAsync(MailNode node, int tenant, int points) => await node.Stores.Control.WriteAsync(
        async transaction =>
        {
            await transaction.ExecuteAsync($"UPDATE mail_filter_policy SET policy = '{{\"tagPoints\":{points}}}' WHERE tenant_path = @Path", new { Path = PathOf(tenant) });
            await transaction.ExecuteAsync("UPDATE mail_filter_version SET version = version + 1");
            return true;
        },
        Cancel);

    private static int PointsOf(PolicyWatch watch, int tenant) => watch.Table.For(PathOf(tenant), "one.example", [], "a@one.example").TagPoints;

    private static IEnumerable<string> Zones(PolicyTable table) => table.ListZones.Select(static pair => $"{pair.Key}: {string.Join(' ', pair.Value.Order(StringComparer.Ordinal))}").Order(StringComparer.Ordinal);

    private static List<FilterPolicyView> Rows(Random random, IEnumerable<int> tenants)
    {
        var rows = new List<FilterPolicyView>();
        foreach (var path in tenants.Select(PathOf))
        {
            foreach (var (scope, name) in ((string, string)[])[("tenant", ""), ("domain", "one.example"), ("group", "g"), ("user", "a@one.example")])
            {
                if (random.Next(2) == 0)
                {
                    rows.Add(new FilterPolicyView(path, scope, name, 1, new FilterPolicy
                    {
                        TagPoints = random.Next(2) == 0 ? random.Next(50) : null, QuarantinePoints = random.Next(2) == 0 ? random.Next(50) : null,
                        BlockLists = random.Next(2) == 0 ? [new BlockList { Zone = $"z{random.Next(3)}.example", Codes = [new BlockListCode { Code = "127.0.0.2", Points = 1 }] }] : null,
                    }, 0, "test"));
                }
            }
        }

        return rows;
    }

    private static string PathOf(int tenant) => $"t_root/t_{tenant}/";
}
