using System.Text.Json;
using Tsunagi.Mail.Limits;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Submission;

/// <summary>A credential as lists show it. Its secret is shown once, when it is made, and is nowhere else.</summary>
/// <param name="UserName">What the device gives as its name: NAME@DOMAIN, of a domain of the subscription.</param>
/// <param name="Senders">Addresses and "@domain"s it may send as, with blanks between.</param>
/// <param name="SecretAt">When the secret in use was set.</param>
/// <param name="LastUsedAt">0 for never.</param>
/// <param name="RevokedAt">0 while it is good.</param>
/// <param name="Limits">What it alone may send, as JSON; empty where the tenant's limit for devices says it all.</param>
/// <param name="PausedAt">When the brake stopped it; 0 while it sends.</param>
/// <param name="PausedWhy">Recipients of the hour until then, and of the busiest hour before, with a blank between.</param>
/// <param name="ResumedAt">When somebody let it go on; the brake leaves it alone for a day from then.</param>
public sealed record Credential(
    string Id, string TenantPath, string SubscriptionId, string UserName, string Label, string Senders, long CreatedAt, string CreatedBy, long SecretAt, long LastUsedAt, string LastUsedFrom,
    long RevokedAt, string Limits, long PausedAt, string PausedWhy, long ResumedAt)
{
    internal const string Columns = "id, tenant_path, subscription_id, user_name, label, senders, created_at, created_by, secret_at, last_used_at, last_used_from, revoked_at, limits, paused_at, paused_why, resumed_at";

    /// <summary>What it alone may send; null where nothing was said.</summary>
    public SendingLimit? OwnLimit => LimitOf(Limits);

    internal static SendingLimit? LimitOf(string json) => json.Length == 0 ? null : JsonSerializer.Deserialize<SendingLimit>(json, Verdict.PolicyBook.Json);

    /// <summary>The allowed senders one by one.</summary>
    public IReadOnlyList<string> SenderList => Senders.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>What of a credential a person decides.</summary>
/// <param name="UserName">What the device gives as its name.</param>
/// <param name="Label">What people call the device; the name without it.</param>
/// <param name="Senders">Addresses, or domains for all of them; the name itself without it.</param>
public sealed record NewCredential(string SubscriptionId, string UserName, string? Label, IReadOnlyList<string>? Senders);

/// <summary>A credential just made, or one whose secret was just set. <paramref name="Secret"/> is there once and only when it was made here.</summary>
public sealed record CredentialMade(Credential Credential, string? Secret);

/// <summary>Whom a credential may send as.</summary>
internal static class AllowedSenders
{
    public const int Most = 50;

    /// <summary>"a@b.example" or "@b.example" in lower case; a bare domain is all of it. Null for what is neither.</summary>
    public static string? Canonical(string text) => Quarantine.SenderBook.Canonical(text) is { } sender && !sender.Contains(' ', StringComparison.Ordinal) ? sender : null;

    public static string DomainOf(string sender) => sender[(sender.LastIndexOf('@') + 1)..];

    /// <summary>True when a list, as <see cref="Canonical"/> made it, names the address or its whole domain.</summary>
    public static bool Contains(IReadOnlyList<string> senders, Mailbox address)
    {
        var text = address.ToString().ToLowerInvariant();
        foreach (var sender in senders)
        {
            if (sender[0] == '@' ? sender.AsSpan(1).Equals(address.Domain, StringComparison.OrdinalIgnoreCase) : sender == text)
            {
                return true;
            }
        }

        return false;
    }
}
