using System.Text;

namespace Tsunagi.Proofs;

/// <summary>Runs one claim and prints what it found.</summary>
internal static class Run
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);

    /// <summary>The figures that missed their bar; one that says why, when the claim did not come to an end.</summary>
    public static async Task<IReadOnlyList<Figure>> OneAsync(IClaim claim, Results results, int times)
    {
        Console.WriteLine($"{claim.Name}: {claim.Promise}");
        using var deadline = new CancellationTokenSource(Deadline * times);
        IReadOnlyList<Figure> figures;
        try
        {
            figures = await claim.MeasureAsync(new Progress { Times = times }, deadline.Token);
        }
#pragma warning disable CA1031 // A claim that fails to run is a miss, and the next one runs all the same.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Console.Error.WriteLine(e);
            figures = [new Figure("the claim itself", e is OperationCanceledException ? $"no end within {(Deadline * times).TotalMinutes:0} minutes" : $"failed: {e.Message}", "runs to its end", Holds: false)];
        }

        var missed = figures.Where(static figure => !figure.Holds).ToArray();
        var output = Show(figures) + LastLine(claim, figures, missed.Length == 0);
        Console.WriteLine(output);
        results.Keep(claim, output + Environment.NewLine);
        return missed;
    }

    private static string Show(IReadOnlyList<Figure> figures)
    {
        var width = figures.Max(figure => figure.Subject.Length);
        var text = new StringBuilder();
        foreach (var figure in figures)
        {
            text.Append("  ").Append(figure.Subject.PadRight(width)).Append("  ").Append(figure.Measured.PadLeft(14));
            if (figure.Bar is not null)
            {
                text.Append("   bar ").Append(figure.Bar.PadRight(14)).Append(figure.Holds ? "  holds" : "  MISSED");
            }

            if (figure.Peer is not null)
            {
                text.Append("   ").Append(figure.Peer);
            }

            text.AppendLine();
        }

        return text.ToString();
    }

    private static string LastLine(IClaim claim, IReadOnlyList<Figure> figures, bool holds)
    {
        var barred = figures.Where(figure => figure.Bar is not null).ToArray();
        return $"{claim.Name}: measured {string.Join("; ", barred.Select(f => f.Measured))}, bar {string.Join("; ", barred.Select(f => f.Bar))}, {(holds ? "PASS" : "MISS")}";
    }
}
