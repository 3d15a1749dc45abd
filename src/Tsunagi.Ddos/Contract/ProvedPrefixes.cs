using System.Text.Json;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;

namespace Tsunagi.Ddos.Contract;

/// <summary>
/// Only a tenant's own addresses are watched and filtered for it: the most specific approved block around a prefix must be the tenant's or of one above it, and
/// no block inside it may be somebody else's. Checked when it is ordered, and again when it is to run.
/// </summary>
internal sealed class ProvedPrefixes(Stores stores) : ISubscriptionRule
{
    private const string Touching =
        "SELECT tenant_path, first_address, last_address FROM prefix WHERE state = 'proved' AND first_address <= @Last AND last_address >= @First ORDER BY id";

    /// <summary>Every approved block.</summary>
    public async ValueTask<IReadOnlyList<ProvedBlock>> ReadAsync(CancellationToken cancellationToken) =>
        await stores.Control.ReadAsync(
            static reader => reader.QueryAsync<ProvedBlock>("SELECT tenant_path, first_address, last_address FROM prefix WHERE state = 'proved' ORDER BY id"), cancellationToken);

    /// <summary>Every approved block, as it is written.</summary>
    public async ValueTask<IReadOnlyList<System.Net.IPNetwork>> CidrsAsync(CancellationToken cancellationToken) =>
        [.. (await stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT cidr FROM prefix WHERE state = 'proved' ORDER BY id"), cancellationToken)).Select(static cidr => System.Net.IPNetwork.Parse(cidr))];

    public async ValueTask<Refusal?> CheckAsync(ISqlTransaction transaction, Subscription subscription, string specification, string settings)
    {
        if (specification != ProtectionSettings.Kind)
        {
            return null;
        }

        foreach (var prefix in Read(settings)?.Prefixes ?? [])
        {
            if (CidrRange.Parse(prefix) is not { } range)
            {
                return Refusal.Invalid("ddos.protection.prefix", "settings.prefixes", $"'{prefix}' is not an address block");
            }

            var touching = await transaction.QueryAsync<ProvedBlock>(Touching, new { range.First, range.Last });
            if (!MayWatch(range, subscription.TenantPath, touching))
            {
                return Refusal.Invalid(
                    "ddos.protection.prefix", "settings.prefixes", $"the tenant has no approved address block that holds {prefix}, or a part of it is somebody else's",
                    "a block inside an approved one of the tenant");
            }
        }

        return null;
    }

    public IReadOnlyList<string> NeededBy(string specification, string settings) =>
        specification == ProtectionSettings.Kind ? [.. (Read(settings)?.Prefixes ?? []).Select(static prefix => CidrRange.Parse(prefix)?.Cidr ?? prefix)] : [];

    /// <param name="blocks">Approved blocks, at least those that touch the range.</param>
    public static bool MayWatch(CidrRange range, string tenantPath, IEnumerable<ProvedBlock> blocks)
    {
        ProvedBlock? around = null;
        foreach (var block in blocks)
        {
            var holds = string.CompareOrdinal(block.FirstAddress, range.First) <= 0 && string.CompareOrdinal(block.LastAddress, range.Last) >= 0;
            if (holds)
            {
                around = around is null || string.CompareOrdinal(block.FirstAddress, around.FirstAddress) > 0 || string.CompareOrdinal(block.LastAddress, around.LastAddress) < 0 ? block : around;
            }
            else if (string.CompareOrdinal(block.FirstAddress, range.First) >= 0 && string.CompareOrdinal(block.LastAddress, range.Last) <= 0
                && !block.TenantPath.StartsWith(tenantPath, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return around is not null && tenantPath.StartsWith(around.TenantPath, StringComparison.Ordinal);
    }

    private static ProtectionSettings? Read(string settings) => JsonSerializer.Deserialize<ProtectionSettings>(settings, SettingsJson.Options);
}

/// <summary>An approved block and whose it is.</summary>
internal sealed record ProvedBlock(string TenantPath, string FirstAddress, string LastAddress);
