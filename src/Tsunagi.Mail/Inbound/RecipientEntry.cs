namespace Tsunagi.Mail.Inbound;

/// <summary>A mailbox of the recipient directory.</summary>
/// <param name="Address">In lower case; for an alias, the address it stands for.</param>
/// <param name="Groups">In lower case, sorted.</param>
internal sealed record RecipientEntry(string Address, IReadOnlyList<string> Groups);
