using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Devices;

namespace Tsunagi.Routers.Arms;

/// <summary>Asks a router over its tunnel to pull (pull-config). It closes its tunnels, pulls, and runs what it was given; whether it did shows when it says so.</summary>
internal sealed class PullCalls(Stores stores, ArmsTunnels tunnels, ChangeRecorder changes)
{
    /// <summary>Null when the router said that it will.</summary>
    public async ValueTask<Refusal?> AskAsync(Caller caller, RouterDevice device, CancellationToken cancellationToken)
    {
        if (tunnels.Find(device.Id) is not { } tunnel)
        {
            return Refusal.Conflict("routers.pull.no-tunnel", "the router has no tunnel to this node; it takes the newest version at its next pull");
        }

        if (await stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM router_push_box WHERE device_id = @Id AND state IN ('asked', 'accepted')", new { device.Id }), cancellationToken) > 0)
        {
            return Refusal.Conflict("routers.pull.under-way", "a change is under way at the router; wait for its outcome");
        }

        await stores.Control.WriteAsync(
            async transaction =>
            {
                await changes.RecordAsync(transaction, caller, RouterEvents.PullAsked, device.Id, device.TenantPath, null, new { asked = "pull-config" }, JsonSerializer.Serialize(new { identity = device.Identity, site = device.SiteId }));
                return true;
            },
            cancellationToken);
        var answer = await tunnel.AskAsync(ArmsTunnelHandler.PullRequest(device), cancellationToken);
        return answer?.ResultCode switch
        {
            ArmsResult.Success => null,
            null => Refusal.Conflict("routers.pull.no-answer", "the router did not answer over its tunnel"),
            { } code => Refusal.Conflict("routers.pull.refused", $"the router answered {code} {ArmsResult.NameOf(code)}"),
        };
    }
}
