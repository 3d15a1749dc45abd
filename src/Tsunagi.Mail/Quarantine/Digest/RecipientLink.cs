using Tsunagi.Mail.Reporting;

namespace Tsunagi.Mail.Quarantine.Digest;

/// <summary>What the link of a digest opens: one recipient's own held mail, until a time.</summary>
/// <param name="Recipient">Lower case.</param>
internal sealed record RecipientLink(string TenantPath, string Subscription, string Recipient, long ExpiresMicros) : ILetterLink;
