using Tsunagi.Ddos.DryRun;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Mitigate;

namespace Tsunagi.Tests.Ddos.DryRun;

/// <summary>What a dry run says of traffic that is known, and of what is not.</summary>
public sealed class Dry_runs_over_kept_traffic
{
    private static readonly TimeSpan HalfADay = TimeSpan.FromHours(12);

    [Fact]
    public async Task Records_tell_the_attack_and_its_rules_and_sums_tell_what_they_can()
    {
        await using var world = await DryRunWorld.OpenAsync(keep: HalfADay);
        var attackAt = 0L;
        world.Hours(24, (hour, start) =>
        {
            if (hour == 3)
            {
                // Of this only sums are left: 10,000 packets a second for four minutes, over the prefix' limit.
                for (var at = start; at < start + 240_000; at += 1_000)
                {
                    world.Keep(at, "198.51.100.3", packets: 10_000, octets: 468, sourcePort: 123);
                }
            }
            else if (hour == 20)
            {
                world.Attack(attackAt = start + 600_000, seconds: 20);
            }
        });
        world.Roll();
        var report = await world.RunAsync();

        var attack = Assert.Single(report.Replayed);
        Assert.Equal((DryRunWorld.Victim + "/32", "dns-reflection", Incident.AttackMetric, ResponseMode.Automatic, "raw"), (attack.Target, attack.Vector, attack.Metric, attack.Response, attack.Level));
        Assert.InRange(attack.OpenedAt, attackAt * 1_000, (attackAt + 2_000) * 1_000);
        Assert.InRange(attack.ClosedAt!.Value, (attackAt + 50_000) * 1_000, (attackAt + 60_000) * 1_000);
        Assert.InRange(attack.PeakPacketsPerSecond, 2_900, 3_300);
        var rule = Assert.Single(attack.Rules);
        Assert.StartsWith("dst 192.0.2.1/32 proto udp", rule.Rule, StringComparison.Ordinal);
        Assert.Contains("sport 53", rule.Rule, StringComparison.Ordinal);
        Assert.Null(rule.Refused);

        // Everything beside the attack that records are left of was held against it: eleven hours and more, a hundred packets a second.
        Assert.InRange(attack.UsualPackets, 11 * 3_600 * 100, 13 * 3_600 * 100);
        Assert.Equal((0L, 1L, 1L, 1L, 1L), (attack.UsualTouched, report.Totals.Opened, report.Totals.RulesOut, report.Totals.RulesLifted, report.Totals.MostRulesAtOnce));

        Assert.Contains(report.Summed, static each => each is { IsCertain: true, Target: "192.0.2.0/24", Metric: "packets", Level: "1m", Limit: 5_000 } && each.Mean is > 9_900 and < 10_400 && each.To - each.From == 240_000_000);
        Assert.Contains(report.Summed, static each => each is { IsCertain: false, Target: "192.0.2.0/24", Vector: "ntp-reflection" });
        Assert.DoesNotContain(report.Summed, static each => each.Vector is "tcp" or "mixed" && !each.IsCertain);

        // The clock went on by half a minute when what is old was deleted.
        Assert.InRange(report.Coverage.Percent, 99.8, 100);
        Assert.Equal(["raw", "1m"], report.Coverage.Levels.Select(static level => level.Level));
        Assert.Equal(DryRunVerdict.Spares, report.Verdict.Code);
        Assert.Contains(report.Notes, static note => note.Code == "sums-hide-peaks");
    }

    [Fact]
    public async Task What_nothing_is_known_of_is_told_and_nothing_follows_from_too_little()
    {
        await using var world = await DryRunWorld.OpenAsync(keep: TimeSpan.FromDays(3));
        world.Hours(9);
        var gap = world.Now;
        world.Silence(TimeSpan.FromHours(6));
        world.Hours(9);
        var report = await world.RunAsync();
        Assert.InRange(report.Coverage.Percent, 74.8, 75.2);
        Assert.Contains(report.Coverage.Gaps, each => Math.Abs(each.From - (gap * 1_000)) <= 60_000_000 && each.To - each.From is > 358 * 60_000_000L and <= 360 * 60_000_000L);
        Assert.Equal(DryRunVerdict.TooLittle, report.Verdict.Code);
        Assert.Contains(report.Notes, static note => note.Code == "gaps");
        Assert.Empty(report.Replayed);

        // Another's traffic says nothing of this protection: known is what came since its own began.
        world.Silence(TimeSpan.FromDays(1));
        for (var at = world.Now; at < world.Now + 60_000; at += 1_000)
        {
            world.Keep(at, "198.51.100.1", packets: 1, octets: 100, sourcePort: 443, owner: "s_2");
        }

        world.Write();
        world.Silence(TimeSpan.FromMinutes(1));
        Assert.Equal(0, (await world.RunAsync()).Coverage.Percent);
    }

    [Fact]
    public async Task Rules_that_match_what_the_customer_gets_at_other_times_are_told_before_they_go_out()
    {
        await using var world = await DryRunWorld.OpenAsync(keep: TimeSpan.FromDays(3));
        world.Hours(24, (hour, start) =>
        {
            if (hour == 6)
            {
                world.Attack(start + 600_000, seconds: 20);
            }
            else if (hour == 12)
            {
                // A transfer of a zone, hours later, of which no sample told: as large answers, from the same port.
                world.Keep(start + 60_000, "198.51.100.1", packets: 300_000, octets: 1_405, sourcePort: 53, lasted: 3_000_000);
            }
        });
        var report = await world.RunAsync();
        var attack = report.Replayed[0];
        Assert.Equal(ResponseMode.Automatic, attack.Response);
        Assert.Equal(300_000, attack.UsualTouched);
        Assert.InRange(report.Totals.UsualTouchedPart, 0.02, 0.05);
        Assert.Equal(DryRunVerdict.TakesOwn, report.Verdict.Code);

        // Asked, the same rules wait for a person.
        Assert.All((await world.RunAsync(ResponseMode.Ask)).Replayed, static each => Assert.Equal(ResponseMode.Ask, each.Response));
    }

    [Fact]
    public async Task A_rule_that_takes_all_of_one_address_is_not_made_up_for_by_what_another_gets()
    {
        const string Small = "192.0.2.9";
        await using var world = await DryRunWorld.OpenAsync(keep: TimeSpan.FromDays(3));
        world.Hours(9, (hour, start) =>
        {
            if (hour < 7)
            {
                for (var at = start; at < start + 3_600_000; at += 30_000)
                {
                    world.Keep(at, "198.51.100.1", packets: 10, octets: 1_200, sourcePort: 443, protocol: 6, flags: 0x18, lasted: 30_000, source: $"203.0.113.{(at / 30_000 % 200) + 1}", destination: Small);
                }
            }

            if (hour == 6)
            {
                world.Attack(start + 600_000, seconds: 20);
                world.Attack(start + 1_200_000, seconds: 20, Small);
            }
            else if (hour == 8)
            {
                world.Keep(start + 60_000, "198.51.100.1", packets: 9_000, octets: 1_405, sourcePort: 53, lasted: 3_000_000, destination: Small);
            }
        });
        var report = await world.RunAsync();
        Assert.Equal([(DryRunWorld.Victim + "/32", 0L), (Small + "/32", 9_000L)], report.Replayed.Select(static each => (each.Target, each.UsualTouched)));
        Assert.True(report.Totals.UsualPackets > 3_000_000, "the other gets much");
        Assert.InRange(report.Totals.UsualTouchedPart, 0.4, 0.7);
        var known = world.Options with { DryRun = world.Options.DryRun with { LeastCoverPercent = 30 } };
        Assert.Equal(DryRunVerdict.TakesOwn, DryRunVerdict.Of(report.Coverage, 1, report.Totals, 0, 0, ResponseMode.Automatic, isWhole: true, known).Code);

        // Not all was read: nothing follows, whatever is known of it.
        Assert.Equal(DryRunVerdict.TooLittle, DryRunVerdict.Of(report.Coverage, 1, report.Totals, 0, 0, ResponseMode.Automatic, isWhole: false, known).Code);
    }

    [Fact]
    public async Task What_it_did_not_come_to_in_time_is_not_known_whichever_time_it_reads()
    {
        await using var world = await DryRunWorld.OpenAsync(keep: TimeSpan.FromDays(3));
        world.Hours(6, (hour, start) =>
        {
            if (hour == 1)
            {
                // It is still on when the hour's segment ends.
                world.Attack(start + 3_580_000, seconds: 19);
            }
        });
        var whole = await world.RunAsync();
        Assert.InRange(whole.Coverage.Percent, 24.8, 25.2);
        Assert.Equal((1L, 1L), (whole.Totals.RulesOut, whole.Totals.RulesLifted));

        // In the second reading: of the first block it is known what the rules match.
        var isOver = false;
        var again = await world.RunAsync(told: part =>
        {
            if (part > 0.7 && !isOver)
            {
                isOver = true;
                world.Provider.Time.Advance(world.Options.DryRun.Longest);
            }
        });
        Assert.True(isOver, "there was no second reading");
        Assert.InRange(again.Coverage.Percent, 4, 4.5);
        Assert.Equal(DryRunVerdict.TooLittle, again.Verdict.Code);
        Assert.Contains(again.Notes, static note => note.Code == "not-all-read");

        // In the first, with the attack open: nobody knows that it was over.
        var blocks = 0;
        var first = await world.RunAsync(told: _ =>
        {
            if (++blocks == 2)
            {
                world.Provider.Time.Advance(world.Options.DryRun.Longest);
            }
        });
        Assert.Null(Assert.Single(first.Replayed).ClosedAt);
        Assert.Equal((1L, 0L, DryRunVerdict.TooLittle), (first.Totals.RulesOut, first.Totals.RulesLifted, first.Verdict.Code));
        Assert.Equal(0, first.Coverage.Percent);
    }

    [Fact]
    public async Task What_was_recorded_comes_first_and_is_known_again_in_what_is_replayed()
    {
        await using var world = await DryRunWorld.OpenAsync(keep: TimeSpan.FromDays(3));
        var attackAt = 0L;
        world.Hours(2, (hour, start) =>
        {
            if (hour == 1)
            {
                world.Attack(attackAt = start + 600_000, seconds: 20);
            }
        });
        var incident = new Incident
        {
            Id = "di_1", TenantId = world.Provider.Root.Id, TenantPath = world.Provider.Root.TenantPath, SubscriptionId = DdosEngine.Subscription, Target = DryRunWorld.Victim + "/32", Scope = Incident.HostScope,
            Vector = "dns-reflection", Metric = Incident.AttackMetric, LimitValue = 500, Rule = "r", Estimate = 3_000, Samples = 3_000, SamplingRate = 1, SamplingSource = "Header", ErrorPercent = 0, OpenedAt = (attackAt + 500) * 1_000,
        };
        await world.Provider.Stores.Control.WriteAsync(
            transaction => transaction.ExecuteAsync(
                $"""
                INSERT INTO ddos_incident ({IncidentStore.Columns})
                VALUES (@Id, @TenantPath, @TenantId, @SubscriptionId, @Node, @Target, @Scope, @Vector, @Metric, @LimitValue, @Rule, @Estimate, @Samples, @SamplingRate, @SamplingSource,
                  @ErrorPercent, @OpenedAt, @LastAboveAt, @ClosedAt, @CloseReason, @PeakPackets, @PeakBits, @PeakFlows, @NowPackets, @NowBits, @Sources, @MeanOctets, @TopSources, @TopPorts, @Vectors, @Proposal)
                """,
                IncidentRow.Of(incident, "n")),
            TestContext.Current.CancellationToken);
        var report = await world.RunAsync();
        Assert.Equal(("di_1", DryRunner.None), (Assert.Single(report.Recorded).Id, report.Recorded[0].Response));
        Assert.Equal("di_1", Assert.Single(report.Replayed).Recorded);
    }
}
