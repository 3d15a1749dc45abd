using System.Net;
using Tsunagi.Ddos.Archive;
using Tsunagi.Ddos.Archive.Rollups;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.DryRun;
using Tsunagi.Ddos.Traffic;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Tests.Ddos.DryRun;

/// <summary>What sums are held against, and how much of them is held.</summary>
public sealed class Sums_of_many_kinds
{
    private const int Minute = 60_000;
    private static readonly ulong Dns = FlowVector.Of(17, 53, 40_000, 0, 1);

    [Fact]
    public void No_more_kinds_are_held_than_may_be_and_it_is_told()
    {
        var findings = Of(mostKinds: 2);
        Take(findings, 0, "192.0.2.0", packets: 1);
        Take(findings, 0, "192.0.3.0", packets: 1);
        findings.EndSteps(FlowLevel.Minute);
        Assert.False(findings.IsCut);

        // The same ones go on, one more does not.
        Take(findings, Minute, "192.0.2.0", packets: 1);
        findings.EndSteps(FlowLevel.Minute);
        Assert.False(findings.IsCut);
        Take(findings, 2 * Minute, "192.0.4.0", packets: 1);
        findings.EndSteps(FlowLevel.Minute);
        Assert.True(findings.IsCut);

        var rows = Of(mostKinds: 2);
        for (var step = 0; step < 3; step++)
        {
            Take(rows, step * Minute, "192.0.2.0", packets: 1);
        }

        Assert.True(rows.IsCut);
    }

    [Fact]
    public void What_comes_all_the_time_is_usual_whatever_is_not_known_and_whenever_it_began()
    {
        var findings = Of(mostKinds: 10);
        for (var step = 0; step < 1_000; step++)
        {
            // Others' traffic for long, then its own for a while, then nothing of anybody.
            if (step < 700)
            {
                findings.Known(step * (long)Minute);
            }

            if (step is >= 600 and < 700)
            {
                Take(findings, step * (long)Minute, "192.0.2.0", packets: 1_000 * 60);
            }

            findings.EndSteps(FlowLevel.Minute);
        }

        Assert.Empty(findings.End());
    }

    [Fact]
    public void What_came_for_a_moment_is_none_of_it()
    {
        var findings = Of(mostKinds: 10);
        for (var step = 0; step < 100; step++)
        {
            Take(findings, step * (long)Minute, "192.0.2.0", packets: step == 50 ? 1_000UL * 60 : 60);
            findings.EndSteps(FlowLevel.Minute);
        }

        Assert.Equal((50L * Minute * 1_000, 1_000L), (Assert.Single(findings.End()).From, findings.End()[0].Mean));
    }

    private static void Take(SumFindings findings, long step, string network, ulong packets)
    {
        var sums = new FlowSums(packets * 100, packets, 1);
        findings.Known(step);
        findings.Take(step, FlowAddress.From(IPAddress.Parse(network)), Dns, in sums);
    }

    private static SumFindings Of(int mostKinds) => new(
        new Protection
        {
            Subscription = "s", TenantId = "t", TenantPath = "t/", Prefixes = [BgpPrefix.TryParse("192.0.0.0/16", out var prefix) ? prefix : default], Host = new Limits(0, 0, 0), Prefix = new Limits(0, 0, 0), AttackPackets = 500,
            Quiet = TimeSpan.Zero, Series = new(),
        },
        usualTimes: 3, most: 100, mostKinds);
}
