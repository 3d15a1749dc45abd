using System.Text;

namespace Tsunagi.Protocols.Mail.Sasl;

/// <summary>The final message of a SCRAM client (RFC 5802 section 7).</summary>
public sealed record ScramClientFinal
{
    /// <summary>What is signed of it: all before <c>,p=</c>.</summary>
    public required string WithoutProof { get; init; }

    /// <summary>The header of the first message, and the data of the channel behind it.</summary>
    public required ReadOnlyMemory<byte> ChannelBinding { get; init; }

    /// <summary>Both parts of the nonce.</summary>
    public required string Nonce { get; init; }

    /// <summary>The client's key, hidden by the signature.</summary>
    public required ReadOnlyMemory<byte> Proof { get; init; }

    /// <summary>Reads the message.</summary>
    // client-final-message = channel-binding "," nonce ["," extensions] "," proof ; channel-binding = "c=" base64 ; proof = "p=" base64
    public static bool TryParse(ReadOnlySpan<byte> octets, out ScramClientFinal? message)
    {
        message = null;
        if (!ScramText.TryRead(octets, out string text))
        {
            return false;
        }

        string[] parts = text.Split(',');
        if (parts.Length < 3 || !TryDecode(parts[0], "c=", out byte[] binding) || !parts[1].StartsWith("r=", StringComparison.Ordinal) || !ScramText.IsNonce(parts[1].AsSpan(2))
            || !Array.TrueForAll(parts[2..^1], ScramText.IsExtension) || !TryDecode(parts[^1], "p=", out byte[] proof))
        {
            return false;
        }

        message = new ScramClientFinal { WithoutProof = text[..text.LastIndexOf(',')], ChannelBinding = binding, Nonce = parts[1][2..], Proof = proof };
        return true;
    }

    private static bool TryDecode(string part, string prefix, out byte[] octets)
    {
        octets = [];
        return part.Length > 2 && part.StartsWith(prefix, StringComparison.Ordinal) && SaslText.TryDecode(Encoding.UTF8.GetBytes(part[2..]), out octets);
    }
}
