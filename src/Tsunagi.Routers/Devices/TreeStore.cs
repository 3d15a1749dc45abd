using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;

namespace Tsunagi.Routers.Devices;

/// <summary>Keeps what routers told, encrypted under their tenant's key: among the values are passwords.</summary>
internal sealed class TreeStore(Stores stores, ISecretBox secrets)
{
    private const string Purpose = "routers.values";

    public async ValueTask<DeviceTree> ReadAsync(RouterDevice device, CancellationToken cancellationToken)
    {
        // The row is that of a router the caller has found already.
        var row = await stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<Row>("SELECT box FROM router_tree WHERE device_id = @Id AND tenant_path = @TenantPath", new { device.Id, device.TenantPath }), cancellationToken);
        return row is null ? DeviceTree.Empty : await OpenAsync(device.TenantPath, row.Box, cancellationToken);
    }

    public ValueTask<byte[]> CloseAsync(string tenantPath, DeviceTree tree, CancellationToken cancellationToken) => secrets.ProtectAsync(tenantPath, Purpose, tree.Write(), cancellationToken);

    public async ValueTask<DeviceTree> OpenAsync(string tenantPath, byte[] box, CancellationToken cancellationToken) =>
        await secrets.UnprotectAsync(tenantPath, Purpose, box, cancellationToken) is { } plain ? DeviceTree.Read(plain) : DeviceTree.Empty;

    /// <summary>Inside the transaction of what was read.</summary>
    public static async ValueTask WriteAsync(ISqlTransaction transaction, RouterDevice device, byte[] box, int parameters, long at)
    {
        await transaction.ExecuteAsync(
            """
            INSERT INTO router_tree (device_id, tenant_path, at, box) VALUES (@Id, @TenantPath, @At, @Box)
            ON CONFLICT (device_id) DO UPDATE SET tenant_path = excluded.tenant_path, at = excluded.at, box = excluded.box
            """,
            new { device.Id, device.TenantPath, At = at, Box = box });
        await transaction.ExecuteAsync("UPDATE router_device SET read_at = @At, parameters = @Count WHERE id = @Id", new { At = at, Count = (long)parameters, device.Id });
    }

    private sealed record Row(byte[] Box);
}
