using Tsunagi.Core.Verbs;

namespace Tsunagi.Mail.Verbs;

/// <summary>tsunagi mail policy: what is done with arriving mail.</summary>
internal static class PolicyVerbs
{
    private const string Api = "/api/v1/mail/filter-policies";
    private static readonly VerbParameter Tenant = new("TENANT", "its id (t_…)", Required: true);
    private static readonly VerbParameter Scope = new("--scope", "whose policy (tenant)", Allowed: ["tenant", "domain", "group", "user"]);
    private static readonly VerbParameter Name = new("--name", "the domain, group or address");

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.List("policy list", "Policies for arriving mail", Api, [], "tenant=tenantId", "scope", "name", "version", "changed=updatedAt", "by=updatedBy"),
        ApiVerb.Show("policy show", "One policy", Api + "/{TENANT}", Tenant, Scope, Name),
        ApiVerb.Show("policy effective", "What holds for a recipient, and who says so", Api + "/{TENANT}/effective", Tenant, new("--recipient", "the address", Required: true)),
        new("policy put", "Make or replace a policy by a file", [Tenant, new("FILE", "the policy as YAML or JSON; - reads standard input", Required: true), Scope, Name], PutAsync),
        ApiVerb.Send("policy remove", "Take a policy away: the next wider scope says then", HttpMethod.Delete, Api + "/{TENANT}", [Tenant, Scope, Name], "the policy is gone"),
    ];

    private static async Task<int> PutAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var policy = ValueFiles.Read(context, context["FILE"]!).Root;
        var path = ApiCalls.WithQuery($"{Api}/{context.Segment("TENANT")}", [("scope", context["--scope"]), ("name", context["--name"])]);
        ApiVerb.PrintThing(context, await context.SendAsync(HttpMethod.Put, path, policy, cancellationToken));
        return 0;
    }
}
