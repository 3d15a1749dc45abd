using Tsunagi.BackOffice.Accounts;

namespace Tsunagi.BackOffice.Facts;

/// <summary>Which account pays for a place in the tree: the nearest one at or above it.</summary>
internal sealed class AccountTree(IEnumerable<(string Id, string TenantPath)> accounts)
{
    private readonly Dictionary<string, string> _byPath = accounts.ToDictionary(static each => each.TenantPath, static each => each.Id, StringComparer.Ordinal);

    public string? PayerOf(string tenantPath)
    {
        for (var path = tenantPath; path.Length > 0; path = path[..(path.LastIndexOf('/', path.Length - 2) + 1)])
        {
            if (_byPath.TryGetValue(path, out var id))
            {
                return id;
            }

            if (path.LastIndexOf('/', path.Length - 2) < 0)
            {
                break;
            }
        }

        return null;
    }

    /// <summary>The range of paths that these accounts, in the order of their paths, pay for.</summary>
    public static (string From, string To) RangeOf(IReadOnlyList<BillingAccount> accounts) =>
        (accounts[0].TenantPath, accounts.Select(static each => each.TenantPath[..^1] + "0").Max(StringComparer.Ordinal)!);
}
