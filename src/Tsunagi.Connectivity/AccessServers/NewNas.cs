using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tsunagi.Connectivity.Contract;

namespace Tsunagi.Connectivity.AccessServers;

/// <summary>The request to add an access server.</summary>
public sealed record NewNas
{
    [Required, MaxLength(100), Description("What people call it.")]
    public string Name { get; init; } = "";

    [MaxLength(64), Description("Addresses or networks its datagrams come from; needed unless it connects by TLS.")]
    public IReadOnlyList<string> Sources { get; init; } = [];

    [MaxLength(200), Description("The shared secret; without it one is made and shown once.")]
    public string? Secret { get; init; }

    [Description("Which vendor's attributes it understands.")]
    public NasDialect? Dialect { get; init; }

    [Description("Whether a request without Message-Authenticator is answered.")]
    public MessageAuthenticatorRule? MessageAuthenticator { get; init; }

    [MaxLength(60), Description("address:port that takes Disconnect and CoA requests; without it, where its accounting comes from, port 3799.")]
    public string? DynamicAuthorization { get; init; }

    [MaxLength(260), Description("What its certificate is known by when it connects by TLS: sha256: and the fingerprint, or a DNS name in it.")]
    public string? Certificate { get; init; }

    [MaxLength(100), Description("Name of the filter on it that holds suspended lines; without it they are rejected.")]
    public string? WalledGarden { get; init; }

    [Description("False: it sends no accounting.")]
    public bool? Accounts { get; init; }

    [MaxLength(500)]
    public string? Note { get; init; }
}

/// <summary>The request to change one. What is absent stays; an empty text takes the thing away.</summary>
public sealed record NasChange
{
    [Length(1, 100)]
    public string? Name { get; init; }

    [MaxLength(64)]
    public IReadOnlyList<string>? Sources { get; init; }

    [Length(1, 200), Description("A new shared secret.")]
    public string? Secret { get; init; }

    public NasDialect? Dialect { get; init; }

    public MessageAuthenticatorRule? MessageAuthenticator { get; init; }

    [MaxLength(60)]
    public string? DynamicAuthorization { get; init; }

    [MaxLength(260), Description("What its certificate is known by when it connects by TLS.")]
    public string? Certificate { get; init; }

    [MaxLength(100)]
    public string? WalledGarden { get; init; }

    public bool? Accounts { get; init; }

    [MaxLength(500)]
    public string? Note { get; init; }
}

/// <summary>An access server that was added.</summary>
/// <param name="Secret">Shown this once; null when the caller gave it.</param>
public sealed record NasMade(NasRow Nas, string? Secret);
