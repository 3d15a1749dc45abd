using System.Net;

namespace Tsunagi.Connectivity.Contract;

/// <summary>Whether a request without Message-Authenticator is answered (RFC 3579 section 3.2, draft-ietf-radext-deprecating-radius).</summary>
public enum MessageAuthenticatorRule
{
    /// <summary>Not needed until the NAS has once sent a valid one; from then on needed (until the node restarts). Who lacks it is reported.</summary>
    Auto,

    /// <summary>Needed in every Access-Request.</summary>
    Yes,

    /// <summary>Never needed: for a NAS that sends it only sometimes.</summary>
    No,
}

/// <summary>Which vendor's attributes a NAS understands: what speeds, walled gardens and pools are told in.</summary>
public enum NasDialect
{
    Standard,
    MikroTik,
    Cisco,
    Juniper,
    Huawei,
    AccelPpp,
    WISPr,
}

/// <summary>A network access server (BRAS, BNG, PPPoE concentrator, hotspot) that asks this provider's RADIUS servers.</summary>
public sealed record Nas
{
    public const string FingerprintPrefix = "sha256:";

    /// <summary>Id of the NAS ("na_…").</summary>
    public required string NasId { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>Where its datagrams come from: single addresses (as /32, /128) or networks; the longest match among all NASes wins. None: it only connects by TLS.</summary>
    public required IReadOnlyList<IPNetwork> Sources { get; init; }

    /// <summary>The shared secret, bytes as configured (RFC 2865 section 3: not empty).</summary>
    public required ReadOnlyMemory<byte> Secret { get; init; }

    /// <summary>
    /// What its certificate is known by when it connects by TLS: <see cref="FingerprintPrefix"/> and the SHA-256 of the certificate in 64 lower-case hexadecimal digits, or a DNS name in it
    /// that an authority of ours vouches for. Null: it does not connect by TLS.
    /// </summary>
    public string? Certificate { get; init; }

    public NasDialect Dialect { get; init; }

    public MessageAuthenticatorRule MessageAuthenticator { get; init; }

    /// <summary>Where Disconnect and CoA requests go (RFC 5176); null: the address that the session's accounting came from, port 3799.</summary>
    public IPEndPoint? DynamicAuthorization { get; init; }

    /// <summary>The name of the filter, address list or service on this NAS that holds suspended lines; null: suspended lines are rejected here.</summary>
    public string? WalledGarden { get; init; }

    /// <summary>False: the NAS sends no accounting, so simultaneous use is not counted for it.</summary>
    public bool Accounts { get; init; } = true;

    public bool Equals(Nas? other) =>
        other is not null && NasId == other.NasId && Name == other.Name && Sources.SequenceEqual(other.Sources) && Secret.Span.SequenceEqual(other.Secret.Span) && Certificate == other.Certificate && Dialect == other.Dialect &&
        MessageAuthenticator == other.MessageAuthenticator && Equals(DynamicAuthorization, other.DynamicAuthorization) && WalledGarden == other.WalledGarden && Accounts == other.Accounts;

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(NasId);

    /// <summary>Never the secret.</summary>
    public override string ToString() => $"{Name} ({NasId})";
}
