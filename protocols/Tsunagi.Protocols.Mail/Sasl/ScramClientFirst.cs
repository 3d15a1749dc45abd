using System.Text;

namespace Tsunagi.Protocols.Mail.Sasl;

/// <summary>What a client says of binding its proof to the TLS connection (RFC 5802 section 6).</summary>
public enum ScramBinding
{
    /// <summary><c>n</c>: it cannot.</summary>
    None,
    /// <summary><c>y</c>: it could, and believes that the server cannot.</summary>
    ClientOnly,
    /// <summary><c>p=</c>: it does.</summary>
    Required,
}

/// <summary>The first message of a SCRAM client (RFC 5802 section 7).</summary>
public sealed record ScramClientFirst
{
    // A nonce has no limit of its own; 24 octets are usual, and the challenge that repeats it must fit a line of a reply.
    private const int MaxNonce = 128;

    /// <summary>The first part, as it is to be repeated in <c>c=</c>, its closing comma included.</summary>
    public required string Header { get; init; }

    /// <summary>The rest, which is part of what is signed.</summary>
    public required string Bare { get; init; }

    /// <summary>What it says of channel binding.</summary>
    public required ScramBinding Binding { get; init; }

    /// <summary>The kind of binding, behind <c>p=</c>; empty otherwise.</summary>
    public required string BindingName { get; init; }

    /// <summary>Whom the client wants to act as; empty for itself.</summary>
    public required string AuthorizationIdentity { get; init; }

    /// <summary>Who the client is, not yet prepared.</summary>
    public required string UserName { get; init; }

    /// <summary>The client's part of the nonce.</summary>
    public required string Nonce { get; init; }

    /// <summary>Reads the message; false for what is none, and for an extension that must be understood (<c>m=</c>).</summary>
    // client-first-message = gs2-header client-first-message-bare ; gs2-header = gs2-cbind-flag "," [ authzid ] ","
    // client-first-message-bare = [reserved-mext ","] username "," nonce ["," extensions]
    public static bool TryParse(ReadOnlySpan<byte> octets, out ScramClientFirst? message)
    {
        message = null;
        if (!ScramText.TryRead(octets, out string text))
        {
            return false;
        }

        int first = text.IndexOf(',', StringComparison.Ordinal);
        int second = first < 0 ? -1 : text.IndexOf(',', first + 1);
        if (second < 0 || !TryReadBinding(text[..first], out ScramBinding binding, out string name) || !TryReadIdentity(text[(first + 1)..second], out string identity))
        {
            return false;
        }

        string bare = text[(second + 1)..];
        string[] parts = bare.Split(',');
        if (parts.Length < 2 || !parts[0].StartsWith("n=", StringComparison.Ordinal) || !ScramText.TryReadName(parts[0].AsSpan(2), out string user)
            || !parts[1].StartsWith("r=", StringComparison.Ordinal) || !ScramText.IsNonce(parts[1].AsSpan(2)) || parts[1].Length > MaxNonce + 2
            || !Array.TrueForAll(parts[2..], ScramText.IsExtension))
        {
            return false;
        }

        message = new ScramClientFirst
        {
            Header = text[..(second + 1)], Bare = bare, Binding = binding, BindingName = name, AuthorizationIdentity = identity, UserName = user, Nonce = parts[1][2..],
        };
        return true;
    }

    // gs2-cbind-flag = ("p=" cb-name) / "n" / "y" ; cb-name = 1*(ALPHA / DIGIT / "." / "-")
    private static bool TryReadBinding(string flag, out ScramBinding binding, out string name)
    {
        name = flag.StartsWith("p=", StringComparison.Ordinal) ? flag[2..] : "";
        binding = name.Length > 0 ? ScramBinding.Required : flag == "y" ? ScramBinding.ClientOnly : ScramBinding.None;
        return flag is "n" or "y" || (name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-'));
    }

    private static bool TryReadIdentity(string text, out string identity)
    {
        identity = "";
        return text.Length == 0 || (text.StartsWith("a=", StringComparison.Ordinal) && ScramText.TryReadName(text.AsSpan(2), out identity));
    }
}

/// <summary>The characters of SCRAM messages (RFC 5802 section 7).</summary>
internal static class ScramText
{
    private const int MaxMessage = 4096;

    /// <summary>UTF-8 without NUL, of bounded length.</summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, out string text)
    {
        text = "";
        if (octets.Length > MaxMessage || octets.Contains((byte)0) || !System.Text.Unicode.Utf8.IsValid(octets))
        {
            return false;
        }

        text = Encoding.UTF8.GetString(octets);
        return true;
    }

    // saslname = 1*(value-safe-char / "=2C" / "=3D") ; value-safe-char: UTF-8 without NUL, "=" and ","
    public static bool TryReadName(ReadOnlySpan<char> text, out string name)
    {
        var read = new StringBuilder(text.Length);
        name = "";
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] != '=')
            {
                read.Append(text[at]);
            }
            else if (text[at..] is ['=', '2', 'C', ..] or ['=', '3', 'D', ..])
            {
                read.Append(text[at + 1] == '2' ? ',' : '=');
                at += 2;
            }
            else
            {
                return false;
            }
        }

        name = read.ToString();
        return name.Length > 0;
    }

    // printable = %x21-2B / %x2D-7E
    public static bool IsNonce(ReadOnlySpan<char> text) => text.Length > 0 && !text.ContainsAnyExceptInRange('!', '~') && !text.Contains(',');

    // attr-val = ALPHA "=" value ; "m" is an extension that must be understood
    public static bool IsExtension(string part) => part.Length > 2 && char.IsAsciiLetter(part[0]) && part[0] != 'm' && part[1] == '=';
}
