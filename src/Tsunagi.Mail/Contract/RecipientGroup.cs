namespace Tsunagi.Mail.Contract;

/// <summary>The name of a group of recipients.</summary>
internal static class RecipientGroup
{
    public const string Allowed = "1 to 64 letters, digits, blanks, '-', '_', '.', '&'";

    public static bool IsName(string name) =>
        name.Length is > 0 and <= 64 && name.Trim().Length == name.Length && name.All(static c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_' or '.' or '&');
}
