namespace Tsunagi.Protocols.Mail.Dkim;

/// <summary>Results as RFC 8601 section 2.7.1 names them.</summary>
public enum DkimVerdict
{
    /// <summary>The message is not signed.</summary>
    None,
    /// <summary>The signature verifies.</summary>
    Pass,
    /// <summary>It does not, or proves nothing: another body or header, too weak a key, too old an algorithm, expired.</summary>
    Fail,
    /// <summary>It was passed over for reasons of our own: too many of them.</summary>
    Policy,
    /// <summary>It can not be judged here.</summary>
    Neutral,
    /// <summary>The key could not be fetched; asking again later may help.</summary>
    TempError,
    /// <summary>It can never be verified: malformed, or its key is missing, withdrawn or unfit.</summary>
    PermError,
}

/// <summary>What became of one signature.</summary>
public sealed record DkimResult
{
    /// <summary>The result.</summary>
    public required DkimVerdict Verdict { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>The signature; null when it could not be read.</summary>
    public DkimSignature? Signature { get; init; }

    /// <summary>Bits of the key; 0 when none was had.</summary>
    public int KeyBits { get; init; }

    /// <summary>The key is an RSA key with fewer bits than are good today (RFC 8301 section 3.2).</summary>
    public bool IsWeakKey { get; init; }

    /// <summary>l= leaves octets of the body unsigned: anyone may have put them there (RFC 6376 section 8.2).</summary>
    public bool IsPartial => UnsignedOctets > 0;

    /// <summary>Octets of the canonical body behind l=.</summary>
    public long UnsignedOctets { get; init; }

    /// <summary>The owner of the key is testing (t=y).</summary>
    public bool IsTesting { get; init; }
}
