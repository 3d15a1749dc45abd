using System.Net;
using System.Text.Json;
using Tsunagi.Connectivity.Contract;

namespace Tsunagi.Connectivity.AccessServers;

/// <summary>An access server as its table holds it; its secret stays encrypted.</summary>
/// <param name="Sources">JSON array of networks it sends from.</param>
/// <param name="Certificate">What its certificate is known by over TLS (<see cref="Nas.Certificate"/>); empty for none.</param>
/// <param name="DynamicAuthorization">"address:port" for Disconnect and CoA requests; empty: where its accounting came from, port 3799.</param>
public sealed record NasRow(
    string Id, string TenantPath, string Name, string Sources, long SecretSetAt, string Dialect, string MessageAuthenticator, string DynamicAuthorization, string WalledGarden, bool Accounts, string Note,
    string Certificate, long Revision, long Version, long CreatedAt, long? RemovedAt, byte[]? SecretBox = null)
{
    internal const string Columns =
        "id, tenant_path, name, sources, secret_set_at, dialect, message_authenticator, dynamic_authorization, walled_garden, accounts, note, certificate, revision, version, created_at, removed_at";

    public bool IsRemoved => RemovedAt is not null;

    public IReadOnlyList<string> SourceList => JsonSerializer.Deserialize<string[]>(Sources) ?? [];

    internal Nas ToNas(byte[] secret) => new()
    {
        NasId = Id, Name = Name, Sources = [.. SourceList.Select(IPNetwork.Parse)], Secret = secret, Dialect = Enum.Parse<NasDialect>(Dialect),
        MessageAuthenticator = Enum.Parse<MessageAuthenticatorRule>(MessageAuthenticator), DynamicAuthorization = DynamicAuthorization.Length > 0 ? IPEndPoint.Parse(DynamicAuthorization) : null,
        WalledGarden = WalledGarden.Length > 0 ? WalledGarden : null, Accounts = Accounts, Certificate = Certificate.Length > 0 ? Certificate : null,
    };
}
