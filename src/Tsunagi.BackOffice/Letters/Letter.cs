namespace Tsunagi.BackOffice.Letters;

/// <summary>A letter to a customer, as it is kept: what it says is written once and not changed.</summary>
/// <param name="State">One of <see cref="LetterState"/>'s words.</param>
/// <param name="NextAt">Not tried before.</param>
/// <param name="SentOn">The civil date of the account's zone on which it went out.</param>
/// <param name="SentBy">The relay's reply, or the person who delivered it otherwise.</param>
internal sealed record Letter(
    string Id, string TenantPath, string AccountId, string StepId, string Language, string Recipient, string Subject, string Body, string State, long Tries, long NextAt, string? Problem, long MadeAt, long? SentAt,
    string? SentOn, string? SentBy)
{
    internal const string Columns = "id, tenant_path, account_id, step_id, language, recipient, subject, body, state, tries, next_at, problem, made_at, sent_at, sent_on, sent_by";
}

/// <summary>Where a letter stands.</summary>
internal static class LetterState
{
    public const string Waiting = "waiting";

    /// <summary>The relay is given the text; its answer is not known yet. A program that ends here does not know either.</summary>
    public const string Handing = "handing";

    public const string Sent = "sent";

    /// <summary>Refused for good, or too often: a person looks.</summary>
    public const string Failed = "failed";

    /// <summary>Perhaps sent: the connection or the program ended before the relay's answer. It is never sent again by itself.</summary>
    public const string Unknown = "unknown";
}
