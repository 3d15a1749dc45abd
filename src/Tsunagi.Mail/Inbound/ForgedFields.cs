using System.Text;

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
            && (!TryReadAuthor(field[(colon + 1)..], out var author) || author.Equals(authservId, StringComparison.OrdinalIgnoreCase));
    }

    // authres-payload = [CFWS] authserv-id ... ; authserv-id = value = token / quoted-string
    private static bool TryReadAuthor(ReadOnlySpan<byte> body, out string author)
    {
        author = "";
        var at = 0;
        for (var depth = 0; at < body.Length; at++)
        {
            var octet = body[at];
            if (octet == '\\' && depth > 0)
            {
                at++;
            }
            else if (octet is (byte)'(' or (byte)')')
            {
                depth += octet == '(' ? 1 : -1;
                if (depth < 0)
                {
                    return false;
                }
            }
            else if (depth == 0 && octet is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                break;
            }
        }

        if (at >= body.Length)
        {
            return false;
        }

        var text = new StringBuilder();
        if (body[at] == '"')
        {
            for (at++; at < body.Length && body[at] != '"'; at++)
            {
                at += body[at] == '\\' && at + 1 < body.Length ? 1 : 0;
                text.Append((char)body[at]);
            }
        }
        else
        {
            while (at < body.Length && body[at] is > (byte)' ' and not ((byte)';' or (byte)'(' or (byte)'/'))
            {
                text.Append((char)body[at++]);
            }
        }

        author = text.ToString().TrimEnd('.');
        return at < body.Length && author.Length > 0;
    }
}
