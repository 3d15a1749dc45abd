namespace Tsunagi.Mail.Teach;

/// <summary>What became of somebody's word about a message.</summary>
/// <param name="IsSpam">What was said.</param>
/// <param name="Changed">False when the same person had said the same before.</param>
/// <param name="Examples">Examples the tenant's model has now.</param>
/// <param name="Most">And how many it may have: beyond them the oldest makes room.</param>
internal sealed record Taught(string MessageId, string TenantPath, bool IsSpam, bool Changed, long Examples, int Most);
