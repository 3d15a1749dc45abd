using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Tsunagi.Proofs;

/// <summary>What the command line asks for.</summary>
internal sealed record Selection(IReadOnlyList<IClaim> Claims, bool OnlyList = false, bool OldestFirst = false, TimeSpan? Budget = null, int Times = 1)
{
    private const int MostTimes = 20;
    private const string Usage = "usage: prove NAME... [--times N] | --all | --correctness [--minutes N] | --list";

    public static bool TryRead(string[] args, [NotNullWhen(true)] out Selection? selection, out string problem)
    {
        (selection, problem) = (null, Usage);
        var all = Proofs.Claims.All;
        var times = 1;
        if (args is [_, .., "--times", var text] && int.TryParse(text, CultureInfo.InvariantCulture, out times) && times is >= 1 and <= MostTimes)
        {
            args = args[..^2];
        }
        switch (args)
        {
            case ["--list"]:
                selection = new Selection([], OnlyList: true);
                break;
            case ["--all"]:
                selection = new Selection(all);
                break;
            case ["--correctness"]:
                selection = new Selection([.. all.Where(claim => claim.IsCorrectness)], OldestFirst: true);
                break;
            case ["--correctness", "--minutes", var minutes] when int.TryParse(minutes, CultureInfo.InvariantCulture, out var n) && n > 0:
                selection = new Selection([.. all.Where(claim => claim.IsCorrectness)], OldestFirst: true, Budget: TimeSpan.FromMinutes(n));
                break;
            case { Length: > 0 } when args.All(name => !name.StartsWith('-')):
                if (args.FirstOrDefault(name => all.All(claim => claim.Name != name)) is { } unknown)
                {
                    problem = $"no claim is called {unknown}; there are {string.Join(", ", all.Select(claim => claim.Name))}";
                    return false;
                }

                selection = new Selection([.. args.Select(name => all.Single(claim => claim.Name == name))], Times: times);
                break;
        }

        return selection is not null;
    }
}
