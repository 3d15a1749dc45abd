using Tsunagi.Protocols.Mail.Dkim;

namespace Tsunagi.Protocols.Mail.Dkim2;

/// <summary>What a Message-Instance field says (section 6): the hashes of the message, and how its previous form is made from it.</summary>
public sealed record MessageInstance
{
    /// <summary>m=, 1 for the first.</summary>
    public int Revision { get; init; }

    /// <summary>The SHA-256 of the header; empty when only other hashes are given.</summary>
    public ReadOnlyMemory<byte> HeaderHash { get; init; }

    /// <summary>The SHA-256 of the body; empty when only other hashes are given.</summary>
    public ReadOnlyMemory<byte> BodyHash { get; init; }

    /// <summary>r=; null when the form before was the same, or there was none.</summary>
    public MessageRecipe? Recipe { get; init; }

    /// <summary>Reads what stands behind "Message-Instance:".</summary>
    /// <param name="body">The field's body, folds included.</param>
    /// <param name="instance">What was read.</param>
    /// <param name="reason">The error in the draft's words, without the m= before it.</param>
    public static bool TryParse(ReadOnlySpan<byte> body, out MessageInstance? instance, out string reason)
    {
        instance = null;
        reason = "syntax error";
        if (!Dkim2Tags.TryParse(body, out Dkim2Tags? tags))
        {
            return false;
        }

        if (tags!["m"] is null || tags["h"] is null)
        {
            reason = $"tag={(tags["m"] is null ? "m" : "h")} missing";
            return false;
        }

        MessageRecipe? recipe = null;
        if (!tags.TryOrdinal("m", out int revision) || (tags["r"] is { } encoded && !(DkimSignatureReader.TryReadBase64(encoded, out byte[] json) && MessageRecipe.TryParse(json, out recipe))))
        {
            return false;
        }

        // hash-set = hash-name ":" header-hash ":" body-hash; hashes of names that are not known are passed over
        var read = new MessageInstance { Revision = revision, Recipe = recipe };
        foreach (string set in tags["h"]!.Split(','))
        {
            string[] parts = set.Split(':');
            if (parts.Length != 3 || !DkimSignatureReader.TryReadBase64(parts[1], out byte[] header) || !DkimSignatureReader.TryReadBase64(parts[2], out byte[] content))
            {
                return false;
            }

            if (parts[0] == "sha256")
            {
                read = read with { HeaderHash = header, BodyHash = content };
            }
        }

        instance = read;
        return true;
    }
}
