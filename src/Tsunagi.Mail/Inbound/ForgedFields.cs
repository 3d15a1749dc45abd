using System.Text;
using Tsunagi.Protocols.Mail.AuthResults;

namespace Tsunagi.Mail.Inbound;

/// <summary>
/// Fields that only this gateway writes: one of them in arriving mail is forged, or was ours for somebody else, and must not be taken for our word by the
/// customer's server (RFC 8601 section 5).
/// </summary>
internal sealed class ForgedFields(string authservId)
{
    public const string OwnPrefix = "X-Tsunagi-";

    /// <summary>What stands before the colon of fields that only we write.</summary>
    private static ReadOnlySpan<byte> Prefix => "X-Tsunagi-"u8;

    private static ReadOnlySpan<byte> Results => "Authentication-Results"u8;

    /// <param name="field">A whole field, folds and last line end included, or the head of one that is too long to be kept.</param>
    public bool Contains(ReadOnlySpan<byte> field)
    {
        var colon = field.IndexOf((byte)':');
        if (colon <= 0)
        {
            return false;
        }

        // White space before the colon is of the obsolete syntax, and a reader may take a fold there for the same.
        var name = field[..colon].TrimEnd(" \t\r\n"u8);
        if (name.Length >= Prefix.Length && Ascii.EqualsIgnoreCase(name[..Prefix.Length], Prefix))
        {
            return true;
        }

        // One whose author cannot be read is taken away too: another reader might understand it as ours.
        return name.Length == Results.Length && Ascii.EqualsIgnoreCase(name, Results)
            && (AuthorOf(field[(colon + 1)..]) is not { } author || author.TrimEnd('.').Equals(authservId, StringComparison.OrdinalIgnoreCase));
    }

    private static string? AuthorOf(ReadOnlySpan<byte> body) =>
        AuthenticationResults.TryParse(body, out var read, out _) ? read!.AuthservId : null;
}
