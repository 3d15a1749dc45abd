using Tsunagi.Connectivity.AccessServers;

namespace Tsunagi.Connectivity.Api;

/// <summary>An access server as the API tells it: never its secret.</summary>
internal sealed record NasView(
    string Id, string Name, IReadOnlyList<string> Sources, string Dialect, string MessageAuthenticator, string? DynamicAuthorization, string? WalledGarden, bool Accounts, string? Note, string? Certificate,
    long SecretSetAt, long Version, long CreatedAt, long? RemovedAt)
{
    public static NasView Of(NasRow row) => new(
        row.Id, row.Name, row.SourceList, LineView.Camel(row.Dialect), LineView.Camel(row.MessageAuthenticator), LineView.Some(row.DynamicAuthorization), LineView.Some(row.WalledGarden), row.Accounts,
        LineView.Some(row.Note), LineView.Some(row.Certificate), row.SecretSetAt, row.Version, row.CreatedAt, row.RemovedAt);
}

/// <summary>An access server that was added.</summary>
/// <param name="Secret">Shown this once; absent when the caller gave it.</param>
internal sealed record NasMadeView(NasView Nas, string? Secret);
