using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Cpe.Arms;

namespace Tsunagi.Routers.Devices;

/// <summary>Boxes that leave their site, and the one that comes in their place.</summary>
internal sealed partial class DeviceBook
{
    /// <summary>
    /// One box for another, in one call: (1) the contract names the new box, where it named the old, (2) in one transaction the old one is nobody's, with no key for the resource server, and the new one is the site's, with
    /// its own, (3) the old one's tunnels are closed. The configuration is the site's and stays. May be called again after a failure.
    /// </summary>
    public async ValueTask<Outcome<RouterDevice>> SwapAsync(Caller caller, SubscriptionOrders orders, SubscriptionBook subscriptions, Site site, DistributionId id, string key, CancellationToken cancellationToken)
    {
        if (sites.All.Values.FirstOrDefault(contract => contract.SiteId == site.Id) is not { } contract)
        {
            return Refusal.Conflict("routers.swap.contract", "the site has no running contract for a managed router");
        }

        var old = await stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<RouterDevice>($"SELECT {RouterDevice.Columns} FROM router_device WHERE subscription_id = @Subscription", new { contract.Subscription }), cancellationToken);
        var known = await KnownAsync(id.ToString(), cancellationToken);
        if (known is { State: not DeviceStates.Unclaimed })
        {
            return Refusal.Conflict("routers.swap.taken", known.Id == old?.Id ? "the site has this box already" : "the new box belongs to another site; take it off there first", "distributionId");
        }

        // (1)
        if (contract.Device is not null && await NameAsync(caller, orders, subscriptions, contract.Subscription, id, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        // (2)
        var provider = await ProviderAsync(cancellationToken);
        var kept = old is null ? null : await KeptAsync(old, provider, cancellationToken);
        var fresh = (known ?? NewArms(id, provider, "")) with
        {
            TenantPath = contract.TenantPath, TenantId = contract.TenantId, SubscriptionId = contract.Subscription, SiteId = contract.SiteId, SiteName = contract.SiteName, State = DeviceStates.Waiting,
        };
        var own = await secrets.CloseAsync(fresh.TenantPath, new DeviceCredentials(fresh.Identity, key), cancellationToken);
        var server = await secrets.CloseAsync(fresh.TenantPath, new DeviceCredentials(fresh.Identity, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))), cancellationToken);
        await stores.Control.WriteAsync(
            async transaction =>
            {
                if (old is not null)
                {
                    await ReleaseAsync(transaction, old, provider, kept, "its box was swapped");
                }

                await InsertAsync(transaction, fresh);
                await UpdateAsync(transaction, fresh);
                await DeviceSecrets.WriteAsync(transaction, fresh.Id, fresh.TenantPath, DeviceSecrets.Acs, own);
                await DeviceSecrets.WriteAsync(transaction, fresh.Id, fresh.TenantPath, DeviceSecrets.ResourceServer, server);
                await changes.RecordAsync(
                    transaction, caller, RouterEvents.Swapped, site.Id, fresh.TenantPath, new { device = old?.Identity }, new { device = fresh.Identity },
                    JsonSerializer.Serialize(new { site = site.Id, former = old?.Identity, device = fresh.Identity }));
                return true;
            },
            cancellationToken);

        // (3)
        if (old is not null)
        {
            tunnels.Close(old.Id);
            heartbeats.Forget(old.Identity);
        }

        return fresh;
    }

    // (1)
    private static async ValueTask<Refusal?> NameAsync(Caller caller, SubscriptionOrders orders, SubscriptionBook subscriptions, string subscription, DistributionId id, CancellationToken cancellationToken)
    {
        if (await subscriptions.FindAsync(caller, subscription, cancellationToken) is not { } view || JsonNode.Parse(view.Settings) is not JsonObject settings)
        {
            return Refusal.Conflict("routers.swap.contract", "the site has no running contract for a managed router");
        }

        settings["device"] = id.ToString();
        return (await orders.ChangeAsync(caller, subscription, new SubscriptionChange(Settings: JsonSerializer.SerializeToElement(settings)), null, cancellationToken)).Refusal;
    }

    /// <summary>The key by which a box shows that it is that box stays with it; what it was given for its site does not.</summary>
    private async ValueTask<byte[]?> KeptAsync(RouterDevice device, string provider, CancellationToken cancellationToken) =>
        device.IsArms && await secrets.FindAsync(device, DeviceSecrets.Acs, cancellationToken) is { } own ? await secrets.CloseAsync(provider, own, cancellationToken) : null;

    /// <summary>Makes a router nobody's: what was read of it and its tasks are forgotten, what was planned for it is not begun, what was under way is not known.</summary>
    private async ValueTask<RouterDevice> ReleaseAsync(ISqlTransaction transaction, RouterDevice device, string provider, byte[]? kept, string why)
    {
        foreach (var table in (string[])["router_tree", "router_secret", "router_task", "router_call", "router_arms", "router_pull", "router_heartbeat", "router_heartbeat_hour"])
        {
            await transaction.ExecuteAsync($"DELETE FROM {table} WHERE device_id = @Id", new { device.Id });
        }

        if (kept is not null)
        {
            await DeviceSecrets.WriteAsync(transaction, device.Id, provider, DeviceSecrets.Acs, kept);
        }

        var now = time.NowMicros();
        await transaction.ExecuteAsync("UPDATE router_push_box SET state = 'skipped', ended_at = @Now, cause = @Why WHERE device_id = @Id AND state = 'waiting'", new { device.Id, Now = now, Why = why });
        if (await transaction.ExecuteAsync(
            "UPDATE router_push_box SET state = 'silent', ended_at = @Now, cause = @Why WHERE device_id = @Id AND state IN ('asked', 'accepted')", new { device.Id, Now = now, Why = why + " with a change under way" }) > 0)
        {
            await TellAsync(transaction, RouterEvents.PushSilent, device, new { identity = device.Identity, site = device.SiteId, cause = why });
        }

        var after = device with
        {
            TenantPath = provider, TenantId = provider.TrimEnd('/'), SubscriptionId = "", SiteId = "", SiteName = "", State = DeviceStates.Unclaimed, AdoptedAt = 0, ReadAt = 0, Parameters = 0,
        };
        await UpdateAsync(transaction, after);
        return after;
    }
}
