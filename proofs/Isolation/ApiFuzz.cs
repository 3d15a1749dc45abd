using Tsunagi.Tests.Isolation;

namespace Tsunagi.Proofs.Isolation;

/// <summary>
/// A customer with one of everything, and three other tenants (its sibling, another reseller, a stranger) who ask for it at random: any route, the owner's ids in any place and form, filters, orders, pages, headers and
/// bodies that nobody thought of. The short form is among the tests, beside every route asked as it is meant.
/// </summary>
internal sealed class ApiFuzz : IClaim
{
    private const int Seeds = 5;
    private const int Times = 2_000;

    public string Name => "isolation.fuzz";

    public string Promise => $"{Seeds * 3 * Times:N0} random requests by three other tenants to every route of a customer who has one of everything: nothing of the customer's is in any answer, and none fails inside";

    public bool IsCorrectness => true;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        await using var world = await IsolationWorld.MakeAsync();
        var (wrong, statuses) = (new List<string>(), new SortedDictionary<int, int>());
        for (var seed = 1; seed <= Seeds; seed++)
        {
            progress.Say($"seed {seed} of {Seeds}");
            wrong.AddRange(await IsolationFuzz.AllAsync(world, seed, Times, statuses, cancellationToken));
        }

        foreach (var line in wrong.Take(20))
        {
            Console.WriteLine("  " + line);
        }

        var asked = statuses.Values.Sum();
        return
        [
            Figure.AtMost($"answers of {asked:N0} that show something of the customer's, or failed inside", wrong.Count, 0, "0", ""),
            Figure.AtLeast("of them answered with what is the asker's own (200)", statuses.GetValueOrDefault(200), asked / 20, "0", "", string.Join(", ", statuses.Select(static pair => $"{pair.Key}: {pair.Value}"))),
        ];
    }
}
