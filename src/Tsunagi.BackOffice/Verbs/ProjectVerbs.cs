using System.Globalization;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;

namespace Tsunagi.BackOffice.Verbs;

/// <summary>tsunagi backoffice project: work that is built once, by milestones.</summary>
internal static class ProjectVerbs
{
    private const string Api = "/api/v1/backoffice/projects";

    private static readonly VerbParameter Project = new("PROJECT", "its id (pj_…)", Required: true), File = new("FILE", "YAML or JSON, as the API takes it", Required: true), Reason = new("--reason", "why", Required: true);

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.List("project list", "Project orders, newest first", Api, [new("--text", "a part of the number, the name or the customer's name, a reference"), new("--state", "only these", Allowed: ["open", "completed", "cancelled"])],
            "id", "number", "state", "name", "tenant=tenantId", "amount=amountMinor", "currency"),
        ApiVerb.Show("project show", "One project with its milestones and costs", Api + "/{PROJECT}", Project),
        ApiVerb.Send("project take", "Take a project order by a file", HttpMethod.Post, Api, [File], "the project is taken", Body),
        ApiVerb.Send("project change", "A change order by a file: milestones to add, numbers of milestones to cancel", HttpMethod.Post, Api + "/{PROJECT}/changes", [Project, File], "the project is changed", Body),
        ApiVerb.Send("project accept", "Record the acceptance of a milestone: it is on the next bill", HttpMethod.Post, Api + "/{PROJECT}/milestones/{MILESTONE}/accept",
            [Project, new("MILESTONE", "its number", Required: true), new("--evidence", "the document that shows it", Required: true), new("--sha256", "of the document", Required: true), new("--on", "the day (YYYY-MM-DD); today without it")], "it is accepted",
            static context => new JsonObject { ["evidence"] = context["--evidence"], ["documentSha256"] = context["--sha256"], ["acceptedOn"] = context["--on"] }),
        ApiVerb.Send("project cost", "Record a cost: work in progress until a milestone is accepted", HttpMethod.Post, Api + "/{PROJECT}/costs",
            [Project, new("--on", "the day (YYYY-MM-DD)", Required: true), new("--amount", "minor units; below zero takes back", Required: true, Value: VerbValue.Whole), new("--label", "what it is", Required: true), new("--key", "its number elsewhere", Required: true)],
            "the cost is recorded", static context => new JsonObject
            {
                ["onDay"] = context["--on"], ["amountMinor"] = long.Parse(context["--amount"]!, CultureInfo.InvariantCulture), ["label"] = context["--label"], ["foreignKey"] = context["--key"],
            }),
        ApiVerb.Send("project cancel", "Cancel what of a project is open", HttpMethod.Post, Api + "/{PROJECT}/cancel",
            [Project, Reason, new("--charge", "what the customer owes for what was done of it, minor units", Value: VerbValue.Whole, Least: 0)], "what was open is cancelled",
            static context => new JsonObject { ["reason"] = context["--reason"], ["chargeMinor"] = context["--charge"] is { } charge ? long.Parse(charge, CultureInfo.InvariantCulture) : 0L }),
    ];

    private static JsonNode Body(VerbContext context) => ValueFiles.Read(context, context["FILE"]!).Root.DeepClone();
}
