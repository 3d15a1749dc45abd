namespace Tsunagi.Core.Configuration;

/// <summary>What is wrong with one value of a file a person wrote.</summary>
/// <param name="Key">"mail.inbound.maxRecipients".</param>
public sealed record ConfigProblem(string File, long Line, long Column, string Key, string Message, string? Allowed)
{
    public override string ToString() => $"{File}:{Line}:{Column}: {(Key.Length == 0 ? "" : Key + ": ")}{Message}{(Allowed is null ? "" : $" (allowed: {Allowed})")}";
}
