namespace Tsunagi.Protocols.Mail.Dkim;

/// <summary>What a verifier accepts.</summary>
public sealed record DkimOptions
{
    /// <summary>The defaults.</summary>
    public static DkimOptions Default { get; } = new();

    /// <summary>Signatures of one message that are verified, from the top; those beyond are reported as passed over.</summary>
    public int Signatures { get; init; } = 10;

    /// <summary>An RSA key with fewer bits proves nothing (RFC 8301 section 3.2 forbids fewer than 1,024).</summary>
    public int LeastRsaBits { get; init; } = 1024;

    /// <summary>An RSA key with fewer bits is noted as weak.</summary>
    public int WeakRsaBits { get; init; } = 2048;

    /// <summary>An RSA key with more bits is not tried: the work grows with the square.</summary>
    public int MostRsaBits { get; init; } = 8192;

    /// <summary>How far t= may lie in the future, since clocks differ (RFC 6376 section 3.5).</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>TXT records at one key's name that are tried, where there are several (RFC 6376 section 3.6.2.2 leaves it open).</summary>
    public int KeysPerName { get; init; } = 3;

    /// <summary>A name with several TXT records holds no key, as DKIM2 has it.</summary>
    internal bool RefusesSeveralKeys { get; init; }
}
