using System.Net;
using System.Text.Json.Nodes;

namespace Tsunagi.Tests.Isolation;

/// <summary>On each route the owner gets 200 and every other tenant, reseller siblings included, 404. The scenario beside this one takes the filter out of each query in turn.</summary>
[Collection(nameof(Tenants_are_isolated))]
public class Tenants_are_isolated
{
    /// <summary>Routes whose parameter names something that belongs to nobody: the catalogue.</summary>
    private static readonly string[] OfNobody = ["/plans/{plan}"];

    [Fact]
    public async Task Each_route_gives_the_owner_200_and_everyone_else_404()
    {
        await using var world = await IsolationWorld.MakeAsync();

        Assert.Empty(await LeaksAsync(world));
    }

    [Fact]
    public async Task Lists_and_search_show_nobody_anything_of_another()
    {
        await using var world = await IsolationWorld.MakeAsync();

        Assert.Empty(await ListLeaksAsync(world));
    }

    internal static async Task<List<string>> LeaksAsync(IsolationWorld world)
    {
        var leaks = new List<string>();
        foreach (var pattern in world.RoutesWithThings().Except(OfNobody))
        {
            var (path, missing) = world.Fill(pattern);
            if (path is null)
            {
                leaks.Add($"{pattern}: the test has no {missing}");
                continue;
            }

            if (await world.Owner.StatusAsync(HttpMethod.Get, path) is var own and not HttpStatusCode.OK)
            {
                leaks.Add($"{pattern}: the owner gets {(int)own}");
            }

            foreach (var (name, api) in world.Others)
            {
                using var response = await api.AskAsync(HttpMethod.Get, path);
                if (response.StatusCode != HttpStatusCode.NotFound)
                {
                    leaks.Add($"{pattern}: {name} gets {(int)response.StatusCode} and {(await response.Content.ReadAsStringAsync()).Length} characters");
                }
            }
        }

        return leaks;
    }

    /// <summary>No id of the owner's things, and no name it gave, is in any list another one gets.</summary>
    internal static async Task<List<string>> ListLeaksAsync(IsolationWorld world)
    {
        var secrets = world.Things.Where(static t => t.Key is not "plan").Select(static t => t.Value).Append("owner.example").Append("Owner's").ToList();
        var lists = world.Routes().Where(static pattern => !pattern.Contains('{') && !pattern.EndsWith("/stream", StringComparison.Ordinal)).ToList();
        lists.AddRange(world.Things.Values.Append("owner.example").Append("owner").Append("192.0.2.1").Append("b@owner.example").Append("one@sender.example").Append("c@owner.example")
            .Select(static text => "/search?q=" + Uri.EscapeDataString(text)));
        lists.Add("/mail/messages?text=" + Uri.EscapeDataString("b@owner.example"));
        lists.Add("/mail/messages?state=delivered");
        lists.Add("/events?subject=" + world.Things["subscription"]);
        var leaks = new List<string>();
        foreach (var list in lists)
        {
            foreach (var (name, api) in world.Others)
            {
                using var response = await api.AskAsync(HttpMethod.Get, list);
                var text = await response.Content.ReadAsStringAsync();
                if (response.IsSuccessStatusCode && secrets.FirstOrDefault(secret => text.Contains(secret, StringComparison.Ordinal)) is { } secret && !Echo(list, text, secret))
                {
                    leaks.Add($"{list}: {name} sees {secret}");
                }
            }
        }

        return leaks;
    }

    /// <summary>What the asker wrote itself is no leak.</summary>
    private static bool Echo(string list, string text, string secret) =>
        list.Contains(Uri.EscapeDataString(secret), StringComparison.Ordinal) && JsonNode.Parse(text)?["items"] is JsonArray { Count: 0 };
}
