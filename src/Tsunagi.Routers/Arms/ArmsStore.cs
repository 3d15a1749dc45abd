using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.Routers.Arms;

/// <summary>Reads how far routers with ARMS are, and what they pulled, as one caller may see it.</summary>
internal sealed class ArmsStore(Stores stores)
{
    public static readonly TenantQuery State = new("routers.arms.state", $$"""SELECT {{ArmsState.Columns}} FROM router_arms WHERE {tenant} AND device_id = @Device""");

    public static readonly TenantQuery Pulls = new("routers.pull.list", $$"""
        SELECT {{ArmsPullRow.Columns}} FROM router_pull WHERE {tenant} AND device_id = @Device AND id < @Before ORDER BY id DESC LIMIT @Limit
        """);

    public ValueTask<ArmsState?> StateAsync(Caller caller, string device, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<ArmsState>(State, new { Device = device }, cancellationToken);

    public ValueTask<IReadOnlyList<ArmsPullRow>> PullsAsync(Caller caller, string device, string before, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<ArmsPullRow>(Pulls, new { Device = device, Before = before.Length == 0 ? "~" : before, Limit = (long)limit }, cancellationToken);
}
