using Tsunagi.Core.Store;
using Tsunagi.Tests.Isolation;

namespace Tsunagi.Scenarios.Isolation;

/// <summary>
/// Deleting the tenant filter of any one query turns the isolation test red. Each query is tried on the routes that ask it, reading ones first: (1) its filter
/// alone is off, and the test's own check must find a leak; (2) where an earlier query of the same route stands in front (a message's attempts are asked only
/// when the message was found), the filters of those are off as well, and taking this one's out must still make a difference.
/// </summary>
[Collection(nameof(Filters_off))]
[Trait("Process", "own")]
public class Tenant_filters
{
    /// <summary>Its answer serves everyone of a scope for five seconds, so it is looked at when the others' are old.</summary>
    private const string Kept = "mail.traffic.by-slot";

    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(5.5);

    [Fact]
    public async Task With_the_filter_of_any_one_query_off_the_test_turns_red()
    {
        await using var world = await IsolationWorld.MakeAsync();
        var (reads, missing) = IsolationCheck.Reads(world);
        List<string> red = [.. missing];
        foreach (var read in reads)
        {
            red.AddRange(await IsolationCheck.LeaksAsync(world, read));
        }

        Assert.Empty(red);
        var asked = await AskedAsync(world, reads);
        List<string> alone = [], behind = [], unnoticed = [];
        foreach (var query in Tsunagi.Tests.Architecture.Tenant_queries.All.Select(static query => query.Name).OrderBy(static name => name == Kept))
        {
            if (query == Kept)
            {
                await Task.Delay(KeptFor, TimeProvider.System, TestContext.Current.CancellationToken);
            }

            (await ShowsAloneAsync(world, asked, query) ? alone : await ShowsBehindAsync(world, asked, query) ? behind : await ShowsByWritingAsync(world, query) ? alone : unnoticed).Add(query);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{alone.Count} queries show by themselves, {behind.Count} behind another ({string.Join(", ", behind)}), {unnoticed.Count} do not show");
        Assert.True(unnoticed.Count == 0, "nothing showed with the filter off of: " + string.Join(", ", unnoticed));
    }

    /// <summary>Which queries each route asks, in order: seen as the operator, to whom everything is there.</summary>
    private static async Task<IReadOnlyList<(ReadCase Read, IReadOnlyList<string> Queries)>> AskedAsync(IsolationWorld world, IReadOnlyList<ReadCase> reads)
    {
        var asked = new List<(ReadCase, IReadOnlyList<string>)>();
        foreach (var read in reads)
        {
            var names = new System.Collections.Concurrent.ConcurrentQueue<string>();
            TenantQuery.Asked = names.Enqueue;
            try
            {
                await IsolationCheck.GetAsync(world.Node.Operator, read.Path);
            }
            finally
            {
                TenantQuery.Asked = null;
            }

            asked.Add((read, [.. names.Distinct()]));
        }

        return asked;
    }

    private static async Task<bool> ShowsAloneAsync(IsolationWorld world, IReadOnlyList<(ReadCase Read, IReadOnlyList<string> Queries)> asked, string query)
    {
        foreach (var (read, _) in asked.Where(each => each.Queries.Contains(query)))
        {
            if ((await OffAsync([query], () => IsolationCheck.LeaksAsync(world, read))).Count > 0)
            {
                return true;
            }
        }

        return false;
    }

    private static async Task<bool> ShowsBehindAsync(IsolationWorld world, IReadOnlyList<(ReadCase Read, IReadOnlyList<string> Queries)> asked, string query)
    {
        foreach (var (read, queries) in asked.Where(each => each.Queries.Contains(query)))
        {
            string[] front = [.. queries.TakeWhile(name => name != query)];
            foreach (var api in read.AskersIn(world).Values)
            {
                // What differs by itself from one time to the next says nothing.
                var before = await OffAsync(front, () => SaidAsync(api, read));
                var without = await OffAsync([.. front, query], () => SaidAsync(api, read));
                var after = await OffAsync(front, () => SaidAsync(api, read));
                if (before == after && without != before)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static async Task<bool> ShowsByWritingAsync(IsolationWorld world, string query)
    {
        foreach (var write in IsolationCases.Writes(world))
        {
            if ((await OffAsync([query], () => IsolationCheck.LeaksAsync(world, write))).Count > 0)
            {
                return true;
            }
        }

        return false;
    }

    private static async Task<string> SaidAsync(Tsunagi.Tests.Host.TestApi api, ReadCase read) => IsolationCheck.Settled((await IsolationCheck.GetAsync(api, read.Path)).Text);

    private static async Task<T> OffAsync<T>(IReadOnlyList<string> queries, Func<Task<T>> ask)
    {
        TenantQuery.FilterOffFor = string.Join(' ', queries);
        try
        {
            return await ask();
        }
        finally
        {
            TenantQuery.FilterOffFor = null;
        }
    }
}
