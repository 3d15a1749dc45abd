using System.Text;

namespace Tsunagi.Protocols.Mail.Sasl;

/// <summary>The one message of PLAIN (RFC 4616 section 2), as it came: not yet prepared.</summary>
public readonly ref struct PlainMessage
{
    private PlainMessage(ReadOnlySpan<byte> authorizationIdentity, ReadOnlySpan<byte> userName, ReadOnlySpan<byte> secret)
    {
        AuthorizationIdentity = authorizationIdentity;
        UserName = userName;
        Secret = secret;
    }

    /// <summary>Whom the client wants to act as; empty for itself.</summary>
    public ReadOnlySpan<byte> AuthorizationIdentity { get; }

    /// <summary>Who the client is.</summary>
    public ReadOnlySpan<byte> UserName { get; }

    /// <summary>Its secret.</summary>
    public ReadOnlySpan<byte> Secret { get; }

    /// <summary>Reads the message; each of its texts is UTF-8, and name and secret are there.</summary>
    // message = [authzid] UTF8NUL authcid UTF8NUL passwd ; authzid, authcid, passwd = 1*SAFE, at most 255 octets
    public static bool TryParse(ReadOnlySpan<byte> octets, out PlainMessage message)
    {
        message = default;
        int first = octets.IndexOf((byte)0);
        if (first < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = octets[(first + 1)..];
        int second = rest.IndexOf((byte)0);
        if (second <= 0 || rest[(second + 1)..].Contains((byte)0))
        {
            return false;
        }

        message = new PlainMessage(octets[..first], rest[..second], rest[(second + 1)..]);
        return first <= SaslText.MaxOctets && second <= SaslText.MaxOctets && message.Secret.Length is > 0 and <= SaslText.MaxOctets && System.Text.Unicode.Utf8.IsValid(octets);
    }

    /// <summary>Name and identity, without the secret.</summary>
    public override string ToString() => $"{Encoding.UTF8.GetString(AuthorizationIdentity)} {Encoding.UTF8.GetString(UserName)}";
}
