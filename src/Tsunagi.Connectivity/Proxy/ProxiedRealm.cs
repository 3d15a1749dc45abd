namespace Tsunagi.Connectivity.Proxy;

/// <summary>A realm of others, ready to be served.</summary>
/// <param name="Reply">Attributes that each Access-Accept gets from us, encoded.</param>
internal sealed record ProxiedRealm(string Name, IReadOnlyList<HomeServer> Servers, bool IsBalanced, bool IsStripped, RelayedAccounting Accounting, ReplyFilter Filter, byte[] Reply);
