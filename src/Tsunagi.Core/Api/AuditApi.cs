using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Api;

/// <summary>The audit: <c>/api/v1/audit</c>.</summary>
public static class AuditApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var audit = api.MapGroup("/audit").WithTags("Audit");
        audit.MapGet("", ListAsync).Requires("core.audit.read").WithName("listAudit").WithSummary("Who did what, newest first");
        audit.MapGet("/{entry}", FindAsync).Requires("core.audit.read").WithName("getAuditEntry").WithSummary("One entry");
        audit.MapPost("/verify", VerifyAsync).Requires("core.audit.verify").WithName("verifyAudit").WithSummary("Recompute the whole chain");
    }

    private static async Task<ApiResult<Page<AuditShown>>> ListAsync(
        [AsParameters] PageRequest page, [AsParameters] AuditQuery query, HttpContext context, AuditTrail audit, CancellationToken cancellationToken)
    {
        if (page.After("audit", long.MaxValue, out var before) is { } refusal)
        {
            return refusal;
        }

        var rows = await audit.ListAsync(context.GetCaller(), query.ToFilter(), before, page.Size + 1, cancellationToken);
        return Page.Of([.. rows.Select(AuditShown.From)], page.Size, "audit", static entry => entry.Position.ToString(CultureInfo.InvariantCulture));
    }

    private static async Task<ApiResult<AuditShown>> FindAsync(string entry, HttpContext context, AuditTrail audit, CancellationToken cancellationToken) =>
        await audit.FindAsync(context.GetCaller(), entry, cancellationToken) is { } found ? AuditShown.From(found) : Refusal.NotFound("audit entry", entry);

    private static async Task<ApiResult<AuditVerification>> VerifyAsync(AuditTrail audit, CancellationToken cancellationToken) =>
        await audit.VerifyAsync(cancellationToken);
}

/// <summary>Which entries to list.</summary>
/// <param name="Act">The whole act, or a beginning that ends with a dot.</param>
public sealed record AuditQuery(
    [property: MaxLength(254)] string? Actor, [property: MaxLength(100)] string? Subject, [property: MaxLength(100)] string? Act,
    [property: MaxLength(40)] string? From, [property: MaxLength(40)] string? To) : ICheckedRequest
{
    internal AuditFilter ToFilter() => new(Actor, Subject, Act, Micros(From), Micros(To));

    Refusal? ICheckedRequest.Check() => Unreadable("from", From) ?? Unreadable("to", To);

    private static long? Micros(string? text) => MicrosConverter.TryParse(text, out var micros) ? micros : null;

    private static Refusal? Unreadable(string field, string? text) => text is null || MicrosConverter.TryParse(text, out _)
        ? null
        : Refusal.Invalid("field.type", field, $"{field} is not a time", "a time such as 2026-07-01T12:00:00Z");
}

/// <summary>An entry as the API shows it.</summary>
public sealed record AuditShown(
    string Id, long Position, long At, string ActorId, string ActorName, string Act, string Subject, string TenantId, JsonNode? Before, JsonNode? After, string? Reason, string Hash)
{
    public static AuditShown From(AuditEntry entry) => new(
        entry.Id, entry.Position, entry.At, entry.ActorId, entry.ActorName, entry.Act, entry.Subject, entry.TenantPath.TrimEnd('/').Split('/')[^1],
        Node(entry.Before), Node(entry.After), entry.Reason, entry.Hash);

    private static JsonNode? Node(string? json) => json is null ? null : JsonNode.Parse(json);
}
