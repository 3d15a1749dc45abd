using Tsunagi.Core.Verbs;

namespace Tsunagi.Core.Catalogue;

/// <summary>tsunagi specification | plan.</summary>
internal static class PlanVerbs
{
    private static readonly VerbParameter Plan = new("PLAN", "its id (p_…) or code", Required: true);

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.List("specification list", "What the services can sell", "/api/v1/specifications", [], "id", "name", "category", "summary"),
        ApiVerb.List("plan list", "The provider's plans", "/api/v1/plans", [], "id", "code", "specification", "name=nameEn", "category", "version"),
        ApiVerb.Show("plan show", "One plan with its versions and prices", "/api/v1/plans/{PLAN}", Plan),
        ApiVerb.Send("plan put", "Make a plan, or its next version when the prices differ", HttpMethod.Put, "/api/v1/plans/{PLAN}",
            [Plan, new("FILE", "YAML or JSON: code, specification, nameEn, nameJa, category, currency, prices; - reads standard input", Required: true)],
            body: static context => ValueFiles.Read(context, context["FILE"]!).Root),
        ApiVerb.Send("plan change", "Put a plan into another category of the portfolio", HttpMethod.Patch, "/api/v1/plans/{PLAN}",
            [Plan, new("--category", "the category", Required: true, Allowed: [.. OfferingCategories.All.Select(OfferingCategories.Word)])]),
    ];
}
