using Tsunagi.Core.Identity;

namespace Tsunagi.Mail.Quarantine;

/// <summary>Who does something with held mail: somebody signed in who may, or a recipient who came by the link of a digest and has the own mail only.</summary>
/// <param name="Recipient">The recipient's address in lower case; null for somebody signed in.</param>
internal sealed record HeldActor(Caller Caller, string? Recipient)
{
    public bool IsRecipient => Recipient is not null;

    /// <summary>What the row says of who changed it last.</summary>
    public string Name => Recipient ?? Caller.ActorName;
}
