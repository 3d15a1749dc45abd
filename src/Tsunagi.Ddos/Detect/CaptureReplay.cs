using System.Text.Json;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Proof;
using Tsunagi.Ddos.Collect;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Meters;
using Tsunagi.Ddos.Traffic;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Detect;

/// <summary>
/// Plays captured packets, or records that were kept, through the counters and the detector of the running program, on a clock of its own: (1) a contract protects the prefixes, (2) each
/// packet is counted at its time, sampled if that is asked for, (3) every 100 ms the detector looks, (4) the clock goes on until every incident is over.
/// </summary>
internal sealed class CaptureReplay : IDisposable
{
    /// <summary>The only contract of a replay.</summary>
    public const string Subscription = "replay";

    private const long SlotMicros = TrafficSlots.Milliseconds * 1_000L;

    private readonly DdosMetrics _metrics = new();
    private readonly ProtectionContracts _contracts = new();
    private readonly ReplayTime _time;
    private readonly TrafficCounter _traffic;
    private readonly Detector _detector;
    private readonly ProtectionSettings _settings;
    private long _lookAt;

    public CaptureReplay(ProtectionSettings settings, DdosOptions options, long startMicros)
    {
        // (1)
        _settings = settings;
        _time = new ReplayTime(startMicros);
        Baselines = new Baselines(options.Detect, _time);
        Incidents = new IncidentBook(_metrics);
        var watches = new WatchList(options.Detect);
        _traffic = new TrafficCounter(_contracts, options.Traffic, watches);
        _detector = new Detector(options, _contracts, _traffic, watches, Baselines, Incidents, new DoubtedTargets(), _time);
        var record = new DesiredRecord(Subscription, ProtectionSettings.Kind, "t", "t/", "", 0, JsonSerializer.Serialize(settings, SettingsJson.Options), [], null, 1);
        var all = settings.Prefixes.Select(static prefix => CidrRange.Parse(prefix)!.Value).Select(static range => new ProvedBlock("t/", range.First, range.Last)).ToList();
        _contracts.Apply(new DesiredSnapshot(1, new Dictionary<string, DesiredRecord> { [Subscription] = record }), all);
        _lookAt = startMicros + SlotMicros;
    }

    public Baselines Baselines { get; }

    public IncidentBook Incidents { get; }

    /// <summary>Told of each change of an incident instead of <see cref="Told"/>: for replays that are too long to keep them all.</summary>
    public Action<Incident, long>? Changed { get; init; }

    /// <summary>When it is over, the clock stands where it has come to: long silences are walked look by look.</summary>
    public CancellationToken Over { get; init; }

    /// <summary>Every incident as it was told last, in the order in which they opened.</summary>
    public SortedDictionary<string, Incident> Told { get; } = new(StringComparer.Ordinal);

    public TrafficCounter Traffic => _traffic;

    /// <summary>Counts a packet or record at its time; times only go on.</summary>
    public void Count(in FlowRecord record, long micros, long spanMilliseconds = 0)
    {
        GoTo(micros);
        if (Over.IsCancellationRequested)
        {
            return;
        }

        _traffic.Count(in record, _time.Micros / 1_000, spanMilliseconds);
    }

    /// <summary>The clock goes on; the detector looks whenever a slot is over.</summary>
    public void GoTo(long micros)
    {
        while (_lookAt <= micros)
        {
            if (Over.IsCancellationRequested)
            {
                return;
            }

            // (3)
            _time.Micros = _lookAt;
            _detector.Look(TrafficSlots.At(_time));
            foreach (var incident in Incidents.TakeChanged())
            {
                if (Changed is { } changed)
                {
                    changed(incident, _time.Micros);
                    continue;
                }

                Told[incident.Id] = incident;
            }

            _lookAt += SlotMicros;
        }

        _time.Micros = Math.Max(_time.Micros, micros);
    }

    /// <summary>(4)</summary>
    public void End() => GoTo(_time.Micros + ((_settings.QuietSeconds + TrafficShape.Seconds + 3) * 1_000_000L));

    public void Dispose() => _metrics.Dispose();
}
