using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Net.Dhcp;
using Tsunagi.Tests.Testing;
using FsCheck.Fluent;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>The desk and its book against the plain rule: a part is one line's at a time, what a client was given it keeps until it gives it back or its time is over, and what ended rests.</summary>
public sealed class Leases_against_a_model
{
    private const int Lines = 6;
    private const int Parts = 4;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_has_what_is_anothers_and_nobody_loses_what_lasts()
    {
        await using var world = await Dhcp6World.OpenAsync();
        var shares = world.World.Get<AddressShares>();
        var steps = from kind in Gen.Choose(0, 9) from line in Gen.Choose(0, Lines - 1) from client in Gen.Choose(0, 1) select (kind, line, client);
        var runs = Gen.ListOf(steps, 50).Sample(12, 1).ToList();
        for (var run = 0; run < runs.Count; run++)
        {
            var model = new Dictionary<string, (AddressBlock Part, string Duid, long Until)>(StringComparer.Ordinal);
            var restsUntil = new Dictionary<AddressBlock, long>();
            foreach (var (kind, number, client) in runs[run])
            {
                var now = world.World.Time.NowMicros();
                var line = world.Line($"m{run}_{number}", null, "tight");
                var asker = new LeaseAsker(line, "000" + client, "", "");
                var desk = world.World.Get<LeaseDesk>();
                var changes = new LeaseChanges();
                lock (world.Book.Turn)
                {
                    switch (kind)
                    {
                        case <= 4:
                            var offered = desk.Grant(asker, LeaseKind.Prefix, 1, 3_600, commits: false, new LeaseChanges(), out _);
                            var lease = desk.Grant(asker, LeaseKind.Prefix, 1, 3_600, commits: true, changes, out var why);
                            Assert.Equal(offered?.Prefix, lease?.Prefix);
                            if (lease is null)
                            {
                                Assert.Equal(LeaseRefusal.PoolUsedUp, why);
                                Assert.False(model.ContainsKey(line.LineId), "a line that has a prefix goes on having it");
                                break;
                            }

                            Assert.DoesNotContain(model, other => other.Key != line.LineId && other.Value.Part == lease.Part);
                            Assert.True(model.TryGetValue(line.LineId, out var had) ? had.Part == lease.Part : restsUntil.GetValueOrDefault(lease.Part) <= now, $"{lease.Part} is kept, or has rested");
                            model[line.LineId] = (lease.Part, asker.Duid, lease.ValidUntil);
                            break;
                        case <= 6:
                            var found = desk.Find(asker, 1, LeaseKind.Prefix);
                            Assert.Equal(model.TryGetValue(line.LineId, out var known) && known.Duid == asker.Duid ? known.Part : null, found?.Part);
                            if (found is not null)
                            {
                                desk.End(found, kind == 5 ? LeaseState.Released : LeaseState.Withdrawn, changes);
                                desk.Follow(changes);
                                model.Remove(line.LineId);
                                restsUntil[found.Part] = now + (300 * UnixMicros.PerSecond);
                            }

                            break;
                    }
                }

                if (kind is 7 or 8)
                {
                    world.World.Time.Advance(TimeSpan.FromSeconds(kind == 7 ? 200 : 1_900));
                    await world.World.Get<LeaseKeeper>().LookAsync(Cancel);
                    var over = world.World.Time.NowMicros() - (60 * UnixMicros.PerSecond);
                    foreach (var (id, ended) in model.Where(each => each.Value.Until < over).ToList())
                    {
                        model.Remove(id);
                        restsUntil[ended.Part] = world.World.Time.NowMicros() + (300 * UnixMicros.PerSecond);
                    }
                }

                await shares.LookAsync(Cancel);
                Assert.Equal(model.Count, world.Book.Bound);
                Assert.True(model.Values.Select(static each => each.Part).Distinct().Count() == model.Count && model.Count <= Parts);
            }

            // The next run begins with nothing held.
            world.World.Time.Advance(TimeSpan.FromHours(2));
            await world.World.Get<LeaseKeeper>().LookAsync(Cancel);
            world.World.Time.Advance(TimeSpan.FromSeconds(301));
            await shares.LookAsync(Cancel);
            Assert.Equal(0, world.Book.Bound);
        }
    }
}
