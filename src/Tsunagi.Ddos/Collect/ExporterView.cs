using System.Globalization;
using Tsunagi.Ddos.Detect;
using Tsunagi.Ddos.Traffic;

namespace Tsunagi.Ddos.Collect;

/// <summary>An exporter as pages and API tell it.</summary>
/// <param name="Lost">By its sequence numbers, in the unit of its protocol.</param>
/// <param name="LongestFlowMilliseconds">The longest time a record told of: its active time-out, as far as traffic shows it.</param>
/// <param name="LongestPauseMilliseconds">The longest silence before a burst: what it gathers before it tells.</param>
/// <param name="FloorPackets">Below so many packets a second an attack can not be told from chance: what the sampling and the least number of samples come to.</param>
/// <param name="FloorSeconds">So long after its start an attack is seen at the earliest, by time-outs and looks.</param>
/// <param name="Doubt">Why what comes in its name may be forged; null when nothing says so.</param>
public sealed record ExporterView(
    string Exporter, string Name, string Protocol, long LastAt, long Datagrams, long Records, long Lost, long Restarts, long Problems, string? LastProblem, long SamplingRate,
    string SamplingSource, int Templates, long LongestFlowMilliseconds, long LongestPauseMilliseconds, long FloorPackets, double FloorSeconds, string? Doubt)
{
    internal static ExporterView Of(Exporter exporter, DetectOptions detect) => new(
        exporter.Key.ToString(), exporter.Name, exporter.Origin.ToString(), exporter.LastMicros, exporter.Datagrams, exporter.Records, (long)exporter.Lost, (long)exporter.Restarts, exporter.Problems,
        exporter.Problems > 0 ? exporter.LastProblem.ToString() : null, Math.Max(1, exporter.SamplingRate), exporter.SamplingSource.ToString(), exporter.Templates, exporter.LongestFlowMilliseconds,
        exporter.LongestPauseMilliseconds, detect.MinSamples * Math.Max(1L, exporter.SamplingRate),
        Math.Round((Math.Max(exporter.LongestPauseMilliseconds, exporter.LongestFlowMilliseconds) + (detect.LooksAbove * TrafficSlots.Milliseconds)) / 1_000.0, 1), exporter.Doubt.IsTold ? exporter.Doubt.Why : null);

    /// <summary>"1:1000 (options of the domain)".</summary>
    public string Sampling => $"1:{SamplingRate.ToString(CultureInfo.InvariantCulture)}";
}
