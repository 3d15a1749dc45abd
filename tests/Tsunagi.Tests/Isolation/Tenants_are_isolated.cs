using System.Collections.Concurrent;
using System.Text;
using Tsunagi.Tests.Host;

namespace Tsunagi.Tests.Isolation;

/// <summary>
/// On each route of the API, each page and each form the owner gets what it asks for and every other tenant, reseller siblings included, 404; lists, exports,
/// streams and sums show others nothing. The scenario beside this one takes the filter out of each query in turn.
/// </summary>
[Collection(nameof(Tenants_are_isolated))]
public class Tenants_are_isolated
{
    // The claim isolation.fuzz asks far more often.
    private const int FuzzSeed = 1;
    private const int FuzzTimes = 150;

    [Fact]
    public async Task Each_route_page_and_form_serves_the_owner_and_is_404_to_everyone_else_and_streams_tell_them_nothing()
    {
        await using var world = await IsolationWorld.MakeAsync();

        await StreamsAsync(world);
        var leaks = await LeaksAsync(world);
        Assert.True(leaks.Count == 0, string.Join('\n', leaks));
        Assert.NotEmpty(await IsolationFuzz.OwnerAsync(world, FuzzSeed, FuzzTimes / 3, TestContext.Current.CancellationToken));
        var statuses = new SortedDictionary<int, int>();
        Assert.Equal([], await IsolationFuzz.AllAsync(world, FuzzSeed, FuzzTimes, statuses, TestContext.Current.CancellationToken));
        Assert.True(statuses.GetValueOrDefault(200) > FuzzTimes / 10, string.Join(", ", statuses));
        var wrong = await OwnerAsync(world);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>Live streams tell nobody of another's things.</summary>
    private static async Task StreamsAsync(IsolationWorld world)
    {
        var subscription = world.Things["subscription"];
        var path = $"/console/live?topics=events,subject:{subscription},figures:{world.Things["tenant"]}&last=0";
        using var owner = await OpenAsync(world.Owner, path);
        var others = new List<HttpResponseMessage>();
        foreach (var other in world.Others.Values)
        {
            others.Add(await OpenAsync(other, path));
        }

        using var changed = await world.Owner.AskAsync(HttpMethod.Patch, "/subscriptions/" + subscription, new { name = "Owner's changed" });
        Assert.True(changed.IsSuccessStatusCode);
        Assert.Contains("subject:" + subscription, await ReadAsync(owner, "subject:", TimeSpan.FromSeconds(10)), StringComparison.Ordinal);
        foreach (var other in others)
        {
            // The owner was told already, and everyone is told at once.
            Assert.DoesNotContain("event:", await ReadAsync(other, "event:", TimeSpan.FromMilliseconds(300)), StringComparison.Ordinal);
            other.Dispose();
        }
    }

    /// <summary>Everything another tenant learns or can do.</summary>
    internal static async Task<List<string>> LeaksAsync(IsolationWorld world)
    {
        var (reads, missing) = IsolationCheck.Reads(world);
        List<string> leaks = [.. missing, .. IsolationCheck.WritesWithoutCase(world)];
        leaks.AddRange(await EachAsync(reads, read => IsolationCheck.LeaksAsync(world, read)));
        leaks.AddRange(await EachAsync(IsolationCases.Writes(world), write => IsolationCheck.LeaksAsync(world, write)));
        return leaks;
    }

    /// <summary>Everything the owner cannot read or do; its things are used up by it.</summary>
    internal static async Task<List<string>> OwnerAsync(IsolationWorld world)
    {
        var wrong = await IsolationCheck.OwnerReadsAsync(world, IsolationCheck.Reads(world).Cases);
        foreach (var write in IsolationCases.Writes(world))
        {
            if (await IsolationCheck.OwnerWritesAsync(world, write) is { } refused)
            {
                wrong.Add(refused);
            }
        }

        return wrong;
    }

    /// <summary>Some at a time: what others ask changes nothing, or it is the leak that is looked for.</summary>
    private static async Task<IEnumerable<string>> EachAsync<T>(IEnumerable<T> cases, Func<T, Task<List<string>>> leaksOf)
    {
        var leaks = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (each, _) =>
        {
            foreach (var leak in await leaksOf(each))
            {
                leaks.Enqueue(leak);
            }
        });
        return leaks.Order(StringComparer.Ordinal);
    }

    private static async Task<HttpResponseMessage> OpenAsync(TestApi api, string path)
    {
        var response = await api.Http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        Assert.True(response.IsSuccessStatusCode);

        return response;
    }

    /// <summary>Reads until a word has come, or for this long.</summary>
    private static async Task<string> ReadAsync(HttpResponseMessage response, string until, TimeSpan atMost)
    {
        var stream = await response.Content.ReadAsStreamAsync();
        using var deadline = new CancellationTokenSource(atMost, TimeProvider.System);
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (!text.ToString().Contains(until, StringComparison.Ordinal))
            {
                var count = await stream.ReadAsync(buffer, deadline.Token);
                if (count == 0)
                {
                    break;
                }

                text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            }
        }
        catch (OperationCanceledException)
        {
            // What came is what there was.
        }

        return text.ToString();
    }
}
