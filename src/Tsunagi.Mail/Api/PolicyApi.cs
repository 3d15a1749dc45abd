using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Mail.Verdict;

namespace Tsunagi.Mail.Api;

/// <summary>/api/v1/mail/filter-policies: what is done with arriving mail, for whom.</summary>
internal static class PolicyApi
{
    private const int MaxListed = 10_000;

    public static void Map(RouteGroupBuilder api)
    {
        var policies = api.MapGroup("/filter-policies").WithTags("Mail");
        policies.MapGet("", ListAsync).Requires(MailPermissions.PolicyRead).WithName("listMailFilterPolicies").WithSummary("Policies for arriving mail, of every scope");
        policies.MapGet("/{tenant}", FindAsync).Requires(MailPermissions.PolicyRead).WithName("getMailFilterPolicy").WithSummary("One policy, with its version as ETag");
        policies.MapPut("/{tenant}", PutAsync).Requires(MailPermissions.PolicyWrite).WithName("putMailFilterPolicy")
            .WithSummary("Make or replace one policy; every node's sessions know it within a second");
        policies.MapDelete("/{tenant}", RemoveAsync).Requires(MailPermissions.PolicyWrite).WithName("deleteMailFilterPolicy").WithSummary("Take one policy away: the next wider scope says then");
        policies.MapGet("/{tenant}/effective", EffectiveAsync).Requires(MailPermissions.PolicyRead).WithName("getMailEffectivePolicy")
            .WithSummary("What holds for a recipient, and which scope says so");
    }

    private static async Task<ApiResult<Page<PolicyView>>> ListAsync(HttpContext http, PolicyBook book, CancellationToken cancellationToken) =>
        new Page<PolicyView>([.. (await book.ListAsync(http.GetCaller(), MaxListed, cancellationToken)).Select(PolicyView.Of)], null);

    private static async Task<ApiResult<PolicyView>> FindAsync(
        HttpContext http, PolicyBook book, string tenant, [AsParameters] PolicyName name, CancellationToken cancellationToken) =>
        Of(await book.FindAsync(http.GetCaller(), tenant, name.Scope ?? "tenant", name.Name ?? "", cancellationToken));

    private static async Task<ApiResult<PolicyView>> PutAsync(
        HttpContext http, PolicyBook book, string tenant, [AsParameters] PolicyName name, FilterPolicy policy, IfMatch ifMatch, CancellationToken cancellationToken) =>
        Of(await book.PutAsync(http.GetCaller(), tenant, name.Scope ?? "tenant", name.Name ?? "", policy, ifMatch.Version, cancellationToken));

    private static async Task<ApiDone> RemoveAsync(
        HttpContext http, PolicyBook book, string tenant, [AsParameters] PolicyName name, IfMatch ifMatch, CancellationToken cancellationToken) =>
        await book.RemoveAsync(http.GetCaller(), tenant, name.Scope ?? "tenant", name.Name ?? "", ifMatch.Version, cancellationToken) is { } refusal ? refusal : ApiDone.Instance;

    private static async Task<ApiResult<EffectiveView>> EffectiveAsync(
        HttpContext http, PolicyDesk desk, string tenant, [AsParameters] EffectiveQuery query, CancellationToken cancellationToken)
    {
        var effective = await desk.ForAsync(http.GetCaller(), tenant, query.Recipient ?? "", cancellationToken);
        return effective.Ok ? EffectiveView.Of(effective.Value) : effective.Refusal;
    }

    private static ApiResult<PolicyView> Of(Outcome<FilterPolicyView> outcome) =>
        ApiResult.From(outcome.Ok ? (Outcome<PolicyView>)PolicyView.Of(outcome.Value) : outcome.Refusal, static view => view.Version);
}

/// <summary>Whose policy, beside the tenant.</summary>
internal sealed record PolicyName(
    [property: MaxLength(10), Description("tenant (the default), domain, group or user.")] string? Scope,
    [property: MaxLength(320), Description("The domain, group or address; left out for the tenant's own.")] string? Name);

/// <summary>For whom.</summary>
internal sealed record EffectiveQuery([property: MaxLength(320), Description("The recipient's address; left out for what holds for the tenant as a whole.")] string? Recipient);

/// <summary>A policy as it is kept.</summary>
public sealed record PolicyView(string TenantId, string Scope, string? Name, long Version, FilterPolicy Policy, long UpdatedAt, string UpdatedBy)
{
    internal static PolicyView Of(FilterPolicyView view) =>
        new(MessageView.TenantOf(view.TenantPath), view.Scope, MessageView.Some(view.Name), view.Version, view.Policy, view.UpdatedAt, view.UpdatedBy);
}

/// <summary>What holds for one recipient.</summary>
/// <param name="SaidBy">For each code of evidence the scope that says what is done; the program's own policy is left out.</param>
public sealed record EffectiveView(FilterPolicy Policy, IReadOnlyDictionary<string, string> SaidBy)
{
    internal static EffectiveView Of(EffectivePolicy policy) => new(
        policy.ToPolicy(),
        (policy.ToPolicy().Actions ?? new Dictionary<string, PolicyAction>()).Keys.Select(code => (code, policy.ActionOn(code).By)).Where(static said => said.By.Length > 0)
            .ToDictionary(static said => said.code, static said => said.By, StringComparer.Ordinal));
}
