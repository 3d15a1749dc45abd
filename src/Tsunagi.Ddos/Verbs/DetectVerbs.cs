using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Detect;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Packet;
using Tsunagi.Protocols.Flow.Pcap;

namespace Tsunagi.Ddos.Verbs;

/// <summary>tsunagi ddos detect: the detector over a capture, in place.</summary>
internal static class DetectVerbs
{
    private const int MostPackets = 2_000_000;

    public static readonly IReadOnlyList<Verb> All =
    [
        new("detect", "Play a capture through the detector: attacks, how sure, and rules that would stop them", [
            new("FILE", "pcap or pcapng", Required: true),
            new("--rate", "play it at so many packets a second, over and over; without it, as it was captured", Value: VerbValue.Whole, Least: 1, Most: 10_000_000),
            new("--seconds", "for how long, with --rate (20)", Value: VerbValue.Whole, Least: 1, Most: 3_600),
            new("--sampling", "see only one of so many packets, as a sampling router would", Value: VerbValue.Whole, Least: 1, Most: 1_000_000),
            new("--prefix", "protect this prefix; every address without it", Many: true),
            new("--attack-packets-per-second", "packets of an attack's kind to one address from which it is told (500; 0 holds against limits only)", Value: VerbValue.Whole, Least: 0, Most: 1_000_000_000),
            new("--packets-per-second", "limit for one address, whatever flows (none)", Value: VerbValue.Whole, Least: 0, Most: 1_000_000_000),
            new("--bits-per-second", "limit for one address (none)", Value: VerbValue.Whole, Least: 0, Most: 1_000_000_000_000),
            new("--prefix-packets-per-second", "limit for each prefix as a whole (none)", Value: VerbValue.Whole, Least: 0, Most: 1_000_000_000),
        ], DetectAsync),
    ];

    private static Task<int> DetectAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var packets = Read(context, context["FILE"]!);
        if (packets.Count == 0)
        {
            throw new WrongInputException($"FILE: there is no IP packet in {context["FILE"]}");
        }

        var settings = new ProtectionSettings
        {
            Prefixes = context.Values("--prefix") is { Count: > 0 } given ? given : ["0.0.0.0/0", "::/0"],
            AttackPacketsPerSecond = Number(context, "--attack-packets-per-second", 500),
            HostPacketsPerSecond = Number(context, "--packets-per-second", 0),
            HostBitsPerSecond = Number(context, "--bits-per-second", 0),
            PrefixPacketsPerSecond = Number(context, "--prefix-packets-per-second", 0),
            PrefixBitsPerSecond = 0,
            QuietSeconds = 10,
        };
        if (settings.Check() is { } refusal)
        {
            throw new WrongInputException(refusal.Message);
        }

        using var replay = new CaptureReplay(settings, new DdosOptions(), packets[0].Micros);
        var sampling = (int)Number(context, "--sampling", 1);
        Play(replay, packets, context["--rate"] is null ? null : Number(context, "--rate", 1), Number(context, "--seconds", 20), sampling, cancellationToken);
        replay.End();
        Print(context, replay, packets[0].Micros);
        return Task.FromResult(0);
    }

    internal static List<(FlowRecord Record, long Micros)> Read(VerbContext context, string name)
    {
        var packets = new List<(FlowRecord, long)>();
        try
        {
            using var file = File.OpenRead(context.Home.File(name));
            var reader = new PcapReader(file);
            PcapStatus status;
            while ((status = reader.Read(out var packet)) == PcapStatus.Packet)
            {
                var record = new FlowRecord { Packets = 1, SamplingRate = 1, SamplingSource = SamplingSource.Sample, Origin = FlowOrigin.Packet };
                if (packets.Count < MostPackets && PacketReader.TryRead(packet.Octets, PacketLinks.FromLinkType(packet.LinkType), FlowLimits.Default.PacketHeaders, PacketTunnels.None, ref record))
                {
                    record.Packets = 1;
                    packets.Add((record, packet.TimestampNanoseconds / 1_000));
                }
            }

            if (status is not (PcapStatus.End or PcapStatus.Truncated))
            {
                throw new WrongInputException($"FILE: {name} is no capture that can be read to its end ({status})");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new WrongInputException($"the file {name} cannot be read: {e.Message}");
        }

        return packets;
    }

    private static void Play(
        CaptureReplay replay, List<(FlowRecord Record, long Micros)> packets, long? rate, long seconds, int sampling, CancellationToken cancellationToken)
    {
        var count = rate is { } every ? every * seconds : packets.Count;
        var start = packets[0].Micros;
        for (var i = 0L; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (record, captured) = packets[(int)(i % packets.Count)];
            if (i % sampling != 0)
            {
                continue;
            }

            record.SamplingRate = (uint)sampling;
            replay.Count(in record, rate is { } perSecond ? start + (i * 1_000_000 / perSecond) : Math.Max(start, captured));
        }
    }

    private static void Print(VerbContext context, CaptureReplay replay, long startMicros)
    {
        string Text(double value) => value.ToString("#,0.###", CultureInfo.InvariantCulture);
        double After(long micros) => (micros - startMicros) / 1e6;
        var told = replay.Told.Values.ToList();
        context.Print(
            ["target", "vector", "rule", "estimate/s", "error", "peak packets/s", "peak bits/s", "sources", "opened after s"],
            told.Select(i => (IReadOnlyList<string>)[
                i.Target, i.Vector, i.Rule, Text(i.Estimate), $"±{Text(i.ErrorPercent)} %", Text(i.PeakPackets), Text(i.PeakBits), Text(i.Sources), Text(After(i.OpenedAt))]),
            new JsonArray([.. told.Select(i => (JsonNode)Json(i, After))]));
        foreach (var rule in told.Where(static i => i.Proposal is not null).SelectMany(i => i.Proposal!.Rules.Select(rule => (i.Proposal, Rule: rule))))
        {
            context.Say($"would stop {Text(rule.Rule.Cover * 100)} % of it, and {Text(rule.Rule.Collateral * 100)} % of {rule.Proposal.OwnSamples} samples of its own traffic (at most {Text(rule.Proposal.CollateralBound * 100)} %): {rule.Rule.Rule}");
        }

        foreach (var incident in told.Where(static i => i.Proposal is { WhyNot.Length: > 0 }))
        {
            context.Say($"{incident.Target}: {incident.Proposal!.WhyNot}");
        }

        context.Say(told.Count == 0 ? "no attack" : $"{told.Count} incidents");
    }

    private static JsonObject Json(Incident i, Func<long, double> after) => new()
    {
        ["target"] = i.Target, ["scope"] = i.Scope, ["vector"] = i.Vector, ["rule"] = i.Rule, ["metric"] = i.Metric, ["limit"] = i.LimitValue, ["estimate"] = i.Estimate,
        ["errorPercent"] = i.ErrorPercent, ["samples"] = i.Samples, ["samplingRate"] = i.SamplingRate, ["peakPacketsPerSecond"] = i.PeakPackets, ["peakBitsPerSecond"] = i.PeakBits,
        ["sources"] = i.Sources, ["meanOctets"] = i.MeanOctets, ["openedAfterSeconds"] = after(i.OpenedAt), ["closedAfterSeconds"] = i.ClosedAt is { } closed ? after(closed) : null,
        ["vectors"] = JsonSerializer.SerializeToNode(i.Vectors), ["proposal"] = i.Proposal is { } proposal ? JsonSerializer.SerializeToNode(proposal, JsonSerializerOptions.Web) : null,
        ["topSources"] = JsonSerializer.SerializeToNode(i.TopSources), ["topPorts"] = JsonSerializer.SerializeToNode(i.TopPorts),
    };

    private static long Number(VerbContext context, string option, long otherwise) => context[option] is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
