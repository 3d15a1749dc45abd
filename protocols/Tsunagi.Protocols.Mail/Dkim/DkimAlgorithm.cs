namespace Tsunagi.Protocols.Mail.Dkim;

/// <summary>Signature algorithms (RFC 6376 section 3.3, RFC 8301, RFC 8463).</summary>
public enum DkimAlgorithm
{
    /// <summary>One this library does not know.</summary>
    Unknown,
    /// <summary>rsa-sha1, which must not be used any more (RFC 8301 section 3.1).</summary>
    RsaSha1,
    /// <summary>rsa-sha256.</summary>
    RsaSha256,
    /// <summary>ed25519-sha256.</summary>
    Ed25519Sha256,
}
