using Tsunagi.Tests.Ddos.Detect;

namespace Tsunagi.Proofs.Ddos;

/// <summary>
/// Detection and rules over a thousand seeds: the generator draws everything about an attack and about what else flows to its target, and knows of each packet which of both it is. No
/// constant belongs to a capture.
/// </summary>
internal sealed class Detection : IClaim
{
    private const int Seeds = 1_000;
    private const double LeastNamed = 0.99;

    public string Name => "ddos.detection";

    public string Promise =>
        "1,000 seeds at 1:1 and at 1:100: at least 99 % of attacks told, of their target and by their name; no alert on everyday traffic at 1, 10 and 50 times its rate, speed tests and crowds; no rule that touches more than 0.5 % of the victim's packets, "
        + "at most 4 of them, and for at least 95 % of attacks rules that match 95 % of it";

    public bool IsCorrectness => true;

    public Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        var figures = new List<Figure>();
        foreach (var sampling in (int[])[1, 100])
        {
            var attacks = new DetectionTrial[Seeds];
            var quiet = new DetectionTrial[Seeds];
            var done = 0;
            Parallel.For(0, Seeds, new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = cancellationToken }, i =>
            {
                attacks[i] = DetectionTrial.Attack(i + 1, sampling);
                quiet[i] = DetectionTrial.Benign(i + 1, sampling);
                if (Interlocked.Increment(ref done) % 100 == 0)
                {
                    progress.Say($"1:{sampling}, {done} seeds");
                }
            });
            figures.AddRange(Judge($"1:{sampling}", attacks, quiet));
        }

        return Task.FromResult<IReadOnlyList<Figure>>(figures);
    }

    private static IEnumerable<Figure> Judge(string at, DetectionTrial[] attacks, DetectionTrial[] quiet)
    {
        Say(attacks.Where(static trial => !trial.IsNamed), static trial => "not told or not named: " + trial.What);
        Say(attacks.Where(static trial => trial.Collateral > 0.005), static trial => $"{trial.Collateral:P2} of its own: {trial.What}");
        Say(quiet.Where(static trial => trial.Told.Count > 0), static trial => "told without an attack: " + trial.What);
        var delays = attacks.Where(static trial => trial.IsNamed).Select(static trial => trial.Delay).Order().ToList();
        yield return Figure.AtLeast($"attacks told and named, {at}", 100.0 * delays.Count / Seeds, 100 * LeastNamed, "0.0", " %");
        yield return Figure.AtMost($"false alerts, {at}", quiet.Count(static trial => trial.Told.Count > 0), 0, "0", $" of {Seeds}");
        yield return Figure.AtLeast($"with rules that stop ≥ 95 % and touch ≤ 0.5 %, {at}", 100.0 * attacks.Count(static trial => trial.AreRulesGood) / Seeds, 95, "0.0", " %");
        yield return Figure.AtMost(
            $"with rules that touch > 0.5 % of its own, {at}", attacks.Count(static trial => trial.Collateral > 0.005), 0, "0", $" of {Seeds}", $"the worst {attacks.Max(static trial => trial.Collateral):P2}");
        yield return Figure.AtMost($"most rules, {at}", attacks.Max(static trial => trial.Rules), 4, "0", "");
        yield return new Figure(
            $"seconds until told, {at}: median, 99th of 100", delays.Count == 0 ? "none" : FormattableString.Invariant($"{delays[delays.Count / 2]:0.00}, {delays[delays.Count * 99 / 100]:0.00}"));
    }

    // Each can be run alone by its seed.
    private static void Say(IEnumerable<DetectionTrial> trials, Func<DetectionTrial, string> what)
    {
        foreach (var trial in trials)
        {
            Console.WriteLine("  " + what(trial));
        }
    }
}
