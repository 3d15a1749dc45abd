namespace Tsunagi.Core.Audit;

/// <summary>One act: who did what to which thing, and what it was before and after.</summary>
/// <param name="Position">1, 2, 3 … without a gap: the place in the chain.</param>
/// <param name="Act">"tenant.created", "mail.body.read".</param>
/// <param name="Subject">The id of the thing.</param>
/// <param name="TenantPath">Whose it is: this tenant (and those above it) may read the entry, whoever acted.</param>
/// <param name="Before">JSON with secrets masked, or null.</param>
/// <param name="Hash">Lower-case hex SHA-256 over the former entry's hash and this entry.</param>
public sealed record AuditEntry(
    long Position, string Id, long At, string ActorId, string ActorName, string Act, string Subject, string TenantPath,
    string? Before, string? After, string? Reason, string Hash);
