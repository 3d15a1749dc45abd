using Tsunagi.Core.Events;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Scenarios.TwoNodes;

/// <summary>
/// Two processes of the program on one PostgreSQL. The one that moves events to the feed is stopped (SIGSTOP) at its worst moment, when it has read the
/// outbox and has not written yet, until the other has taken over and moved the same events; then it goes on (SIGCONT).
/// </summary>
public class Stopped_lease_holder
{
    private const int Rounds = 4;
    private const string Lost = $"lease {OutboxProjector.LeaseName}: lost";
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(2);

    // What a process wrote to outbox or feed, told apart by a setting of its connections.
    private const string Watch = """
        CREATE TABLE public.effect (node TEXT NOT NULL, relation TEXT NOT NULL, at TIMESTAMPTZ NOT NULL);
        CREATE FUNCTION public.note_effect() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO public.effect VALUES (current_setting('tsunagi.node'), TG_TABLE_NAME, clock_timestamp());
            RETURN NULL;
        END $$;
        CREATE TRIGGER watch AFTER INSERT ON projections.event FOR EACH STATEMENT EXECUTE FUNCTION public.note_effect();
        CREATE TRIGGER watch AFTER UPDATE ON projections.event_feed FOR EACH STATEMENT EXECUTE FUNCTION public.note_effect();
        CREATE TRIGGER watch AFTER DELETE ON control.outbox FOR EACH STATEMENT EXECUTE FUNCTION public.note_effect();
        SELECT 1
        """;

    [Fact]
    public async Task Has_no_effect_any_more_when_it_goes_on_after_another_took_over()
    {
        using var directory = new TemporaryDirectory();
        await using var cluster = await PostgresCluster.StartAsync();
        var master = Path.Combine(directory.Path, "master.json");
        await using var firstWay = new HoldingRelay(cluster.Port);
        await using var secondWay = new HoldingRelay(cluster.Port);
        await using var first = await NodeProcess.StartAsync("first", directory.Path, WayOf("first", firstWay), master, TimeToLive);
        await using var second = await NodeProcess.StartAsync("second", directory.Path, WayOf("second", secondWay), master, TimeToLive);
        await cluster.RunAsync(Watch);
        var nodes = new Dictionary<string, (NodeProcess Node, HoldingRelay Way)> { ["first"] = (first, firstWay), ["second"] = (second, secondWay) };
        var stale = 0L;
        for (var round = 0; round < Rounds; round++)
        {
            // On a busy machine a holder gives the lease back now and then, and somebody takes it again.
            var (holder, epoch) = ("", 0L);
            await UntilAsync(
                async () =>
                {
                    (holder, epoch) = await HolderAsync(cluster);
                    return holder.Length > 0;
                },
                "some node holds the lease");
            var (stopped, way) = nodes[holder];
            var other = nodes.Values.Select(static each => each.Node).Single(node => node.Name != holder);

            // The stopped one has read this tenant's event from the outbox, and stands before its next word to the server.
            var name = $"tenant of round {round}";
            var held = way.HoldAt(name);
            await other.Operator.PostAsync("/tenants", new { parentId = (string?)null, kind = "customer", name });
            await held.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
            stopped.Pause();

            await UntilAsync(async () => await HolderAsync(cluster) is var (now, later) && now == other.Name && later > epoch, "the other node took over");
            await UntilAsync(async () => await CountAsync(cluster, "SELECT count(*) FROM control.outbox") == 0, "the other node moved the events");
            var takenOver = (DateTime)(await cluster.RunAsync("SELECT clock_timestamp()"))!;
            var lost = stopped.Logged(Lost);
            stopped.Resume();
            way.Release();
            await UntilAsync(() => Task.FromResult(stopped.Logged(Lost) > lost), $"node {stopped.Name} noticed", stopped.Log);

            // The other one moves on, and the stopped one's part in it is none.
            await stopped.Operator.PostAsync("/tenants", new { parentId = (string?)null, kind = "customer", name = $"after round {round}" });
            await UntilAsync(async () => await CountAsync(cluster, "SELECT count(*) FROM control.outbox") == 0, "events go on");
            stale += await CountAsync(cluster, $"SELECT count(*) FROM public.effect WHERE node = '{stopped.Name}' AND at > '{takenOver:O}'");
            Assert.Equal(1, await CountAsync(cluster, $"SELECT count(*) FROM projections.event WHERE type = 'tenant.created@1' AND data LIKE '%{name}%'"));
            Assert.True((await HolderAsync(cluster)).Epoch > epoch);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{Rounds} stops past the lease, {stale} stale effects");
        Assert.Equal(0, stale);
        Assert.Equal(
            await CountAsync(cluster, "SELECT count(*) FROM projections.event"), await CountAsync(cluster, "SELECT count(DISTINCT id) FROM projections.event"));
        Assert.True(await CountAsync(cluster, "SELECT count(*) FROM public.effect WHERE node = 'first'") > 0 && await CountAsync(cluster, "SELECT count(*) FROM public.effect WHERE node = 'second'") > 0);
    }

    private static string WayOf(string node, HoldingRelay way) => PostgresCluster.ConnectionStringFor(way.Port) + $";Options=-c tsunagi.node={node}";

    private static async Task<(string Holder, long Epoch)> HolderAsync(PostgresCluster cluster)
    {
        var text = (string)(await cluster.RunAsync($"SELECT coalesce(max(coalesce(holder, '') || ' ' || epoch), ' 0') FROM control.lease WHERE name = '{OutboxProjector.LeaseName}'"))!;
        var parts = text.Split(' ');
        return (parts[0], long.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    private static async Task<long> CountAsync(PostgresCluster cluster, string sql) => (long)(await cluster.RunAsync(sql))!;

    private static async Task UntilAsync(Func<Task<bool>> holds, string what, Func<string>? log = null)
    {
        for (var i = 0; !await holds(); i++)
        {
            Assert.True(i < 200, $"not within twenty seconds: {what}\n{log?.Invoke()}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
