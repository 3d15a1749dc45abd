using System.Text.Json;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Time;
using Tsunagi.Ddos;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Detect;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Meters;
using Tsunagi.Ddos.Traffic;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Detect;

/// <summary>An incident that was open when the program stopped goes on, and ends as any other.</summary>
public sealed class Incidents_over_a_restart
{
    [Fact]
    public void It_closes_after_the_quiet_time_when_nothing_comes_any_more()
    {
        using var metrics = new DdosMetrics();
        var time = new ManualTime();
        var (detector, book) = Make(metrics, time);
        var incident = Open("s_1");
        book.Adopt(incident);
        detector.Adopt(incident, TrafficSlots.At(time));
        Run(detector, time, seconds: 4);
        Assert.Null(incident.ClosedAt);
        Assert.Single(book.OpenOnes);
        Run(detector, time, seconds: 2);
        Assert.NotNull(incident.ClosedAt);
        Assert.Empty(book.OpenOnes);
    }

    [Fact]
    public void It_closes_at_once_when_nobody_protects_its_target_any_more()
    {
        using var metrics = new DdosMetrics();
        var time = new ManualTime();
        var (detector, book) = Make(metrics, time);
        var incident = Open("s_other");
        book.Adopt(incident);
        detector.Adopt(incident, TrafficSlots.At(time));
        Assert.NotNull(incident.ClosedAt);
        Assert.Empty(book.OpenOnes);
    }

    [Fact]
    public void It_stays_open_as_long_as_droppers_count_the_attack_that_exporters_do_not_see()
    {
        using var metrics = new DdosMetrics();
        var time = new ManualTime();
        var (detector, book) = Make(metrics, time);
        var incident = Open("s_1");
        book.Adopt(incident);
        detector.Adopt(incident, TrafficSlots.At(time));
        for (var second = 0; second < 12; second++)
        {
            book.TellDropped(incident.Id, packets: 5_000, bits: 1_000_000, time.NowMicros());
            Run(detector, time, seconds: 1);
        }

        Assert.Null(incident.ClosedAt);

        // Hardly any more, then none at all.
        book.TellDropped(incident.Id, packets: 0, bits: 0, time.NowMicros());
        Run(detector, time, seconds: 4);
        Assert.Null(incident.ClosedAt);
        Run(detector, time, seconds: 2);
        Assert.NotNull(incident.ClosedAt);

        // Figures that nobody reads any more keep nothing open.
        var another = Open("s_1");
        book.Adopt(another);
        detector.Adopt(another, TrafficSlots.At(time));
        book.TellDropped(another.Id, packets: 5_000, bits: 1_000_000, time.NowMicros());
        Run(detector, time, seconds: 9);
        Assert.NotNull(another.ClosedAt);
    }

    private static void Run(Detector detector, ManualTime time, int seconds)
    {
        for (var i = 0; i < seconds * 10; i++)
        {
            time.Advance(TrafficSlots.Length);
            detector.Look(TrafficSlots.At(time));
        }
    }

    private static Incident Open(string subscription) => new()
    {
        Id = "di_1", TenantId = "t", TenantPath = "t/", SubscriptionId = subscription, Target = "192.0.2.1/32", Scope = "host", Vector = "mixed", Metric = "packets", LimitValue = 1, Rule = "r", Estimate = 2,
        Samples = 30, SamplingRate = 1, SamplingSource = "Header", ErrorPercent = 0, OpenedAt = 1,
    };

    private static (Detector Detector, IncidentBook Book) Make(DdosMetrics metrics, ManualTime time)
    {
        var options = new DdosOptions();
        var contracts = new ProtectionContracts();
        var range = CidrRange.Parse("192.0.2.0/24")!.Value;
        var settings = JsonSerializer.Serialize(new ProtectionSettings { Prefixes = ["192.0.2.0/24"], QuietSeconds = 5 }, SettingsJson.Options);
        contracts.Apply(
            new DesiredSnapshot(1, new Dictionary<string, DesiredRecord> { ["s_1"] = new("s_1", ProtectionSettings.Kind, "t", "t/", "", 0, settings, [], null, 1) }),
            [new ProvedBlock("t/", range.First, range.Last)]);
        var watches = new WatchList(options.Detect);
        var book = new IncidentBook(metrics);
        return (new Detector(options, contracts, new TrafficCounter(contracts, options.Traffic, watches), watches, new Baselines(options.Detect, time), book, new Tsunagi.Ddos.Collect.DoubtedTargets(), time), book);
    }
}
