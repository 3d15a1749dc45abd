using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Protocols.Mail.AuthResults;

/// <summary>What a host found of a message (RFC 8601 section 2.2), as it stands in Authentication-Results and, behind an instance, in ARC.</summary>
public sealed record AuthenticationResults
{
    /// <summary>The name of the field.</summary>
    public const string FieldName = "Authentication-Results";

    /// <summary>Most octets of a field that is read.</summary>
    public const int MostOctets = 64 * 1024;

    /// <summary>Who found it (section 2.5).</summary>
    public required string AuthservId { get; init; }

    /// <summary>The version; 1 unless something else stands there.</summary>
    public int Version { get; init; } = 1;

    /// <summary>The results; none means that nothing was checked ("none", section 2.2).</summary>
    public ImmutableArray<AuthenticationResult> Results { get; init; } = [];

    /// <summary>The message it is written on has a header section in UTF-8 (RFC 6532); without that what is not ASCII is written as question marks.</summary>
    public bool MayHoldUtf8 { get; init; }

    /// <summary>Reads what stands behind "Authentication-Results:". False, with the reason, for what is malformed.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out AuthenticationResults? results, out string reason)
    {
        results = null;
        if (body.Length > MostOctets)
        {
            reason = $"the field is longer than {MostOctets} octets";
            return false;
        }

        return AuthenticationResultsReader.TryRead(Encoding.UTF8.GetString(HeaderField.UnfoldOctets(body)), out results, out reason);
    }

    /// <summary>Reads no more than who wrote a field; null when not even that can be read.</summary>
    public static string? AuthservIdOf(ReadOnlySpan<byte> body) =>
        AuthenticationResultsReader.ReadAuthservId(Encoding.UTF8.GetString(HeaderField.UnfoldOctets(body[..Math.Min(body.Length, MostOctets)])));

    /// <summary>Writes the field, folded, with its line end; no line is longer than 998 octets, so what strangers made too long is cut.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Write(Encoding.UTF8.GetBytes(ToField(FieldName, "")));
    }

    /// <summary>The payload on one line.</summary>
    public override string ToString() => string.Join(' ', Pieces());

    internal string ToField(string name, string before)
    {
        var text = new StringBuilder(name).Append(": ").Append(before);
        int lineStart = 0;
        bool first = true;
        foreach (string piece in Pieces())
        {
            if (!first)
            {
                bool fits = text.Length - lineStart + 1 + piece.Length <= 76;
                text.Append(fits ? " " : "\r\n ");
                lineStart = fits ? lineStart : text.Length - 1;
            }

            text.Append(piece);
            first = false;
        }

        return text.Append("\r\n").ToString();
    }

    // Parts between which a line may be folded.
    private IEnumerable<string> Pieces()
    {
        string version = Version == 1 ? "" : " " + Version.ToString(System.Globalization.CultureInfo.InvariantCulture);
        yield return AuthenticationText.Value(AuthservId, MayHoldUtf8) + version + ";";
        if (Results.IsDefaultOrEmpty)
        {
            yield return "none";
            yield break;
        }

        for (int i = 0; i < Results.Length; i++)
        {
            string[] pieces = [.. Results[i].Pieces(MayHoldUtf8)];
            for (int p = 0; p < pieces.Length; p++)
            {
                yield return p == pieces.Length - 1 && i < Results.Length - 1 ? pieces[p] + ";" : pieces[p];
            }
        }
    }
}
