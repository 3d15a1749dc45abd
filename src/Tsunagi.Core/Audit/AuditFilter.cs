namespace Tsunagi.Core.Audit;

/// <summary>What to list; a null member does not narrow.</summary>
/// <param name="Actor">The actor's id, or its name as the audit shows it.</param>
/// <param name="Act">The whole act ("tenant.created"), or a beginning that ends with a dot ("tenant.").</param>
/// <param name="FromMicros">Not before this time.</param>
/// <param name="ToMicros">Before this time.</param>
public sealed record AuditFilter(string? Actor = null, string? Subject = null, string? Act = null, long? FromMicros = null, long? ToMicros = null);
