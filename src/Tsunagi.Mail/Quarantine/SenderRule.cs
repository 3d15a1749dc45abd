namespace Tsunagi.Mail.Quarantine;

/// <summary>What somebody said of a sender.</summary>
internal enum SenderRule : byte
{
    None = 0,
    Allow = 1,
    Block = 2,
}

/// <summary>For whom it was said.</summary>
internal enum SenderScope : byte
{
    Recipient = 0,
    Domain = 1,
    Tenant = 2,
}

/// <summary>One entry of the book as lists show it.</summary>
/// <param name="Scope">"recipient", "domain" or "tenant".</param>
/// <param name="Owner">The recipient's address, the domain, or the tenant's path.</param>
/// <param name="Sender">An address, or "@domain" for all of a domain and those below it.</param>
/// <param name="Rule">"allow" or "block".</param>
public sealed record SenderEntry(string Id, string TenantPath, string Scope, string Owner, string Sender, string Rule, long ChangedAt, string ChangedBy);
