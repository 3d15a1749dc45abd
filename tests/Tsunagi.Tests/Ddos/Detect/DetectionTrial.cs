using Tsunagi.Ddos;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Detect;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Tests.Ddos.Detect;

/// <summary>One life of made traffic through the detector, judged against what is known of each packet.</summary>
internal sealed class DetectionTrial
{
    private static readonly ProtectionSettings Settings = new()
    {
        Prefixes = ["192.0.2.0/24"], HostPacketsPerSecond = 0, HostBitsPerSecond = 0, PrefixPacketsPerSecond = 0, PrefixBitsPerSecond = 0, QuietSeconds = 5,
    };

    private DetectionTrial(string what, IReadOnlyList<Incident> told) => (What, Told) = (what, told);

    public string What { get; }

    public IReadOnlyList<Incident> Told { get; }

    /// <summary>The attack was told, of its target and by its name, and nothing else was.</summary>
    public bool IsNamed { get; private init; }

    /// <summary>Seconds from the attack's first packet.</summary>
    public double Delay { get; private init; }

    public int Rules { get; private init; }

    /// <summary>The part of the attack's packets that the proposed rules match, by the packets themselves.</summary>
    public double Cover { get; private init; }

    /// <summary>The part of the same victim's other packets.</summary>
    public double Collateral { get; private init; }

    public string WhyNot { get; private init; } = "";

    public bool AreRulesGood => Rules is > 0 and <= 4 && Cover >= 0.95 && Collateral <= 0.005;

    public static DetectionTrial Attack(int seed, int sampling)
    {
        var made = MadeTraffic.Attack(seed, sampling);
        var (quiet, seconds) = (40.0, sampling == 1 ? 2.0 : 8.0);
        using var replay = new CaptureReplay(Settings, new DdosOptions(), MadeTraffic.Start);
        var packets = new List<(FlowRecord Record, bool IsAttack)>();
        foreach (var (record, micros, isAttack) in made.Packets(quiet, seconds))
        {
            replay.Count(in record, micros);
            packets.Add((record, isAttack));
        }

        replay.GoTo(MadeTraffic.Start + (long)((quiet + seconds) * 1e6));
        var told = replay.Told.Values.ToList();
        var what = $"seed {seed} at 1:{sampling}: {made.Vector} at {made.AttackPerSecond}/s beside {made.OwnPerSecond}/s: {string.Join(" | ", told.Select(static i => $"{i.Target} {i.Vector} ({i.Rule})"))}";
        if (told is not [var incident] || incident.Target != made.Victim + "/32" || incident.Proposal is not { } proposal)
        {
            return new DetectionTrial(what, told);
        }

        var rules = proposal.Rules.Select(static each => FlowSpecText.TryParse(each.Rule, out var statement, out var wrong) ? statement!.Rule : throw new FormatException(wrong)).ToList();
        double Part(bool attack)
        {
            var (all, matched) = (0, 0);
            foreach (var (record, isAttack) in packets)
            {
                if (isAttack == attack)
                {
                    var copy = record;
                    all++;
                    matched += rules.Exists(rule => rule.Matches(in copy)) ? 1 : 0;
                }
            }

            return all == 0 ? 0 : (double)matched / all;
        }

        return new DetectionTrial(what + " " + string.Join(" ; ", proposal.Rules.Select(static each => each.Rule)), told)
        {
            IsNamed = incident.Vector == made.Vector, Delay = ((incident.OpenedAt - MadeTraffic.Start) / 1e6) - quiet, Rules = rules.Count, Cover = Part(attack: true), Collateral = Part(attack: false),
            WhyNot = proposal.WhyNot,
        };
    }

    public static DetectionTrial Benign(int seed, int sampling)
    {
        var made = MadeTraffic.Benign(seed, sampling);
        using var replay = new CaptureReplay(Settings, new DdosOptions(), MadeTraffic.Start);
        foreach (var (record, micros, _) in made.Packets(0, sampling == 1 ? 3 : 12))
        {
            replay.Count(in record, micros);
        }

        replay.End();
        return new DetectionTrial($"seed {seed} at 1:{sampling}, no attack, {made.OwnPerSecond}/s: {string.Join(" | ", replay.Told.Values.Select(static i => $"{i.Target} {i.Vector} ({i.Rule})"))}", [.. replay.Told.Values]);
    }
}
