namespace Tsunagi.Core.Identity;

/// <summary>What people sign in with.</summary>
internal static class EmailAddress
{
    public const int MaxLength = 254;

    /// <summary>One spelling for one person: without blanks around, in lower case.</summary>
    public static string Canonical(string text) => text.Trim().ToLowerInvariant();

    /// <summary>Not RFC 5321 whole: one @ with something on both sides, and nothing that could hide in a log or a header.</summary>
    public static bool IsPlausible(string text) =>
        text.Length is >= 3 and <= MaxLength && text.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at == text.LastIndexOf('@') && at < text.Length - 1
        && !text.Any(static c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '<' or '>' or '"' or ',' or ';');
}
