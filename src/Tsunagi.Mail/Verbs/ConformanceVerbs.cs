using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;
using Tsunagi.Mail.Conformance;

namespace Tsunagi.Mail.Verbs;

/// <summary>tsunagi mail conformance: a public suite against the protocol libraries, without the program.</summary>
internal static class ConformanceVerbs
{
    public static readonly IReadOnlyList<Verb> All =
    [
        new("conformance", "Run a public test suite: prints each miss, then passed/total", [
            new("SUITE", "what it tests", Required: true, Allowed: ["spf", "arc", "dkim2"]),
            new("FILE", "a file in the suite's own format (of dkim2 its cases.json); - reads standard input", Required: true),
        ], RunAsync),
        .. ConformanceChecks.All,
    ];

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var file = context["FILE"]!;
        var suite = Encoding.UTF8.GetString(await ConformanceChecks.ReadAsync(context, file, cancellationToken));
        var name = context["SUITE"]!;
        IReadOnlyList<SuiteCase> cases;
        try
        {
            cases = name switch
            {
                "spf" => await SpfSuite.RunAsync(suite, cancellationToken),
                "arc" => await ArcSuite.RunAsync(suite, TimeProvider.System.GetUtcNow(), cancellationToken),
                _ => await Dkim2Suite.RunAsync(context.Home.File(file), cancellationToken),
            };
        }
        catch (FormatException e)
        {
            throw new WrongInputException($"{file}: {e.Message}");
        }

        if (cases.Count == 0)
        {
            throw new WrongInputException($"{file} holds no tests");
        }

        var passed = cases.Count(static one => one.Passed);
        if (context.Json)
        {
            context.Print([], [], new JsonObject
            {
                ["passed"] = passed,
                ["total"] = cases.Count,
                ["misses"] = new JsonArray([.. cases.Where(static one => !one.Passed).Select(static one => (JsonNode)new JsonObject
                {
                    ["name"] = one.Name, ["wanted"] = one.Wanted, ["got"] = one.Got, ["why"] = one.Why,
                })]),
            });
        }

        foreach (var miss in cases.Where(static one => !one.Passed))
        {
            context.Say($"{miss.Name}: wanted {miss.Wanted}, got {miss.Got} ({miss.Why})", VerbTone.Removed);
        }

        context.Say(string.Create(CultureInfo.InvariantCulture, $"{passed}/{cases.Count}"));
        return passed == cases.Count ? 0 : 1;
    }
}
