using System.Globalization;

namespace Tsunagi.Proofs.Mail;

/// <summary>The rounds of a relay of ours and of Postfix, by their medians.</summary>
internal sealed class RelayComparison(IReadOnlyList<RelayRound> ours, IReadOnlyList<RelayRound> theirs)
{
    private const double Saturated = 0.9;

    /// <summary>Relayed per second, as a ratio. Where the client's core was saturated nothing was measured: that holds no bar.</summary>
    public Figure Wall(string subject, double bar)
    {
        var (rate, theirRate) = (Median(ours, static round => round.Rate), Median(theirs, static round => round.Rate));
        var wall = Figure.AtLeast(subject, rate / theirRate, bar, "n2", " ×", $"{rate:n0}/s ({Show(ours, static round => round.Rate, "n0")}), Postfix {theirRate:n0}/s ({Show(theirs, static round => round.Rate, "n0")})");
        return Median(ours, static round => round.ClientCpu) > Saturated ? wall with { Holds = false, Peer = "void: the client's core was saturated. " + wall.Peer } : wall;
    }

    /// <summary>Processor time of a message, as a ratio.</summary>
    /// <param name="bar">Null for none.</param>
    public Figure Cpu(double? bar)
    {
        const string subject = "CPU per message, ours / Postfix";
        var (cpu, theirCpu) = (Median(ours, static round => round.CpuMs), Median(theirs, static round => round.CpuMs));
        var peer = $"{cpu:n2} ms ({Show(ours, static round => round.CpuMs, "n2")}), Postfix {theirCpu:n2} ms ({Show(theirs, static round => round.CpuMs, "n2")})";
        return bar is { } most ? Figure.AtMost(subject, cpu / theirCpu, most, "n2", " ×", peer) : new Figure(subject, $"{cpu / theirCpu:n2} ×", Peer: peer);
    }

    /// <summary>What else is worth knowing of the rounds.</summary>
    public IEnumerable<Figure> Besides() =>
    [
        new Figure("accepted per second, ours / Postfix", $"{Median(ours, static round => round.Accepted) / Median(theirs, static round => round.Accepted):n2} ×"),
        new Figure("client's share of a core, our rounds / theirs", $"{Median(ours, static round => round.ClientCpu):n2} / {Median(theirs, static round => round.ClientCpu):n2}"),
        new Figure("load average of the machine", File.ReadAllText("/proc/loadavg").Split(' ')[0], Peer: $"{Environment.ProcessorCount} cores"),
    ];

    private static double Median(IReadOnlyList<RelayRound> rounds, Func<RelayRound, double> value) => rounds.Select(value).Order().ElementAt(rounds.Count / 2);

    private static string Show(IReadOnlyList<RelayRound> rounds, Func<RelayRound, double> value, string format) =>
        string.Join(", ", rounds.Select(round => value(round).ToString(format, CultureInfo.InvariantCulture)));
}
