using System.Diagnostics;
using Tsunagi.Mail.Verdict;

namespace Tsunagi.Proofs.Mail;

/// <summary>What a recipient's policy costs the data path: one look for each recipient of each message.</summary>
internal sealed class PolicyLookup : IClaim
{
    private const int Tenants = 1_000;
    private const int Users = 100;
    private const int Looks = 2_000_000;
    private const double BarMicros = 5;

    public string Name => "mail.policy-lookup";

    public string Promise => "with 1,000 tenants that have policies of their own for domain, groups and users, what holds for a recipient is known in < 5 µs";

    public bool IsCorrectness => false;

    public Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        progress.Say("making 103,000 policies");
        var started = Stopwatch.GetTimestamp();
        var table = new PolicyTable(1, Policies());
        var made = Stopwatch.GetElapsedTime(started);
        var random = new Random(1);
        string[][] groups = [[], ["sales"], ["board", "sales"]];
        var asked = Enumerable.Range(0, 100_000).Select(_ => random.Next(Tenants)).Select(tenant => (Path: PathOf(tenant), Domain: $"d{tenant}.example", Groups: groups[random.Next(3)], Address: $"u{random.Next(Users * 2)}@d{tenant}.example")).ToArray();
        progress.Say("asking");
        var first = Measure(table, asked, asked.Length);
        var again = Measure(table, asked, Looks);
        return Task.FromResult<IReadOnlyList<Figure>>(
        [
            Figure.AtMost("a look, as mail asks (most recipients seen before)", again, BarMicros, "0.00", " µs"),
            new Figure("a look, each recipient for the first time", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{first:0.00} µs")),
            new Figure("the table made anew after a change", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{made.TotalMilliseconds:0} ms")),
        ]);
    }

    private static double Measure(PolicyTable table, (string Path, string Domain, string[] Groups, string Address)[] asked, int looks)
    {
        var points = 0L;
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < looks; i++)
        {
            var (path, domain, groups, address) = asked[i % asked.Length];
            points += table.For(path, domain, groups, address).TagPoints;
        }

        var elapsed = Stopwatch.GetElapsedTime(started);
        return points > 0 ? elapsed.TotalMicroseconds / looks : throw new InvalidOperationException("no policy said anything");
    }

    private static IEnumerable<FilterPolicyView> Policies()
    {
        yield return new FilterPolicyView("t_root/", "tenant", "", 1, new FilterPolicy { TagOnly = false }, 0, "proof");
        for (var tenant = 0; tenant < Tenants; tenant++)
        {
            FilterPolicyView Row(string scope, string name, FilterPolicy policy) => new(PathOf(tenant), scope, name, 1, policy, 0, "proof");
            yield return Row("tenant", "", new FilterPolicy { TagPoints = 3 + (tenant % 7) });
            yield return Row("domain", $"d{tenant}.example", new FilterPolicy { Actions = new Dictionary<string, PolicyAction> { ["attachment.macro"] = PolicyAction.Quarantine } });
            yield return Row("group", "sales", new FilterPolicy { TagPoints = 20 });
            for (var user = 0; user < Users; user++)
            {
                yield return Row("user", $"u{user}@d{tenant}.example", new FilterPolicy { QuarantinePoints = 30 + user });
            }
        }
    }

    private static string PathOf(int tenant) => $"t_root/t_{tenant}/";
}
