using System.Globalization;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.BackOffice.Projects;

/// <summary>Amounts of milestones, and the part of the work in progress that goes with each, pure.</summary>
internal static class ProjectPlan
{
    private const long Most = 1_000_000_000_000_000;
    private const int LongestLabel = 200;

    /// <summary>Each milestone's amount. Shares are cut from the whole one after the other, each cut rounded once, so they add up to it.</summary>
    public static Outcome<IReadOnlyList<long>> Amounts(IReadOnlyList<NewMilestone> milestones, long? totalMinor)
    {
        var shared = milestones.Any(static milestone => milestone.SharePercent is not null);
        if (shared && (totalMinor is null or <= 0 or > Most))
        {
            return Refusal.Invalid("backoffice.project.total", "totalMinor", "milestones with a share need the whole", string.Create(CultureInfo.InvariantCulture, $"1 to {Most}"));
        }

        var (amounts, sum) = (new List<long>(), 0m);
        for (var i = 0; i < milestones.Count; i++)
        {
            var (milestone, field) = (milestones[i], $"milestones[{i}]");
            if (shared)
            {
                if (milestone is not { AmountMinor: null, SharePercent: > 0 and <= 100 and var share } || decimal.Round(share, 2) != share)
                {
                    return Refusal.Invalid("backoffice.project.share", field + ".sharePercent", "every milestone has a share, or every one an amount", "0.01 to 100, at most two places");
                }

                var before = Part(totalMinor!.Value, sum);
                sum += share;
                amounts.Add(Part(totalMinor.Value, sum) - before);
                continue;
            }

            if (milestone.AmountMinor is not { } amount || amount is <= 0 or > Most)
            {
                return Refusal.Invalid("backoffice.project.amount", field + ".amountMinor", "a milestone needs an amount or a share", string.Create(CultureInfo.InvariantCulture, $"1 to {Most}"));
            }

            amounts.Add(amount);
        }

        if (shared && sum != 100)
        {
            return Refusal.Invalid("backoffice.project.share", "milestones", string.Create(CultureInfo.InvariantCulture, $"the shares add up to {sum} per cent"), "100");
        }

        return !shared && totalMinor is { } whole && whole != amounts.Sum()
            ? Refusal.Invalid("backoffice.project.total", "totalMinor", string.Create(CultureInfo.InvariantCulture, $"the milestones add up to {amounts.Sum()}"), string.Create(CultureInfo.InvariantCulture, $"{amounts.Sum()}, or nothing"))
            : amounts.Exists(static amount => amount <= 0)
                ? Refusal.Invalid("backoffice.project.share", "milestones", "a share of the whole comes to nothing")
                : Outcome.Of<IReadOnlyList<long>>(amounts);
    }

    /// <summary>What of the work in progress goes to expenses with a milestone: its part of what is open; the last open one takes all that is left.</summary>
    public static long CostOf(long workMinor, long amountMinor, long openMinor) => amountMinor >= openMinor
        ? workMinor
        : (long)(Math.Sign(workMinor) * ((2 * Int128.Abs(workMinor) * amountMinor) + openMinor) / (2 * (Int128)openMinor));

    /// <summary>The text of a line: as long as a line by hand may be, at the cost of the project's name (its number stands in the explanation).</summary>
    public static string LabelOf(string project, string part)
    {
        var room = LongestLabel - part.Length - 2;
        if (project.Length <= room)
        {
            return $"{project}: {part}";
        }

        // No half of a pair of surrogates is left.
        var kept = room > 1 && char.IsHighSurrogate(project[room - 2]) ? room - 2 : room - 1;
        return kept > 0 ? $"{project[..kept]}…: {part}" : part;
    }

    private static long Part(long total, decimal percent) => (long)(((2 * (Int128)total * (Int128)decimal.Truncate(percent * 100)) + 10_000) / 20_000);
}
