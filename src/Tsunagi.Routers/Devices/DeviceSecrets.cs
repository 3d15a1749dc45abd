using System.Text.Json;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;

namespace Tsunagi.Routers.Devices;

/// <summary>
/// Names and passwords: what a router gives us ("acs": the ACS, or the location server), what it asks of us at a connection request ("connection"), and what a router with
/// ARMS was given for the resource server ("rs") and for its heartbeats ("heartbeat").
/// </summary>
internal sealed class DeviceSecrets(Stores stores, ISecretBox secrets)
{
    public const string Acs = "acs";
    public const string Connection = "connection";
    public const string ResourceServer = "rs";
    public const string Heartbeat = "heartbeat";

    private const string Purpose = "routers.credentials";

    public async ValueTask<DeviceCredentials?> FindAsync(RouterDevice device, string name, CancellationToken cancellationToken)
    {
        var row = await stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<Row>("SELECT name, box FROM router_secret WHERE device_id = @Id AND name = @Name AND tenant_path = @TenantPath", new { device.Id, Name = name, device.TenantPath }),
            cancellationToken);
        return row is null ? null : await OpenAsync(device.TenantPath, row.Box, cancellationToken);
    }

    public ValueTask<byte[]> CloseAsync(string tenantPath, DeviceCredentials credentials, CancellationToken cancellationToken) =>
        secrets.ProtectAsync(tenantPath, Purpose, JsonSerializer.SerializeToUtf8Bytes(credentials), cancellationToken);

    public static async ValueTask WriteAsync(ISqlTransaction transaction, string device, string tenantPath, string name, byte[] box) =>
        await transaction.ExecuteAsync(
            """
            INSERT INTO router_secret (device_id, name, tenant_path, box) VALUES (@Device, @Name, @TenantPath, @Box)
            ON CONFLICT (device_id, name) DO UPDATE SET tenant_path = excluded.tenant_path, box = excluded.box
            """,
            new { Device = device, Name = name, TenantPath = tenantPath, Box = box });

    /// <summary>The same secrets under another tenant's key: for a router that changes hands from the provider to a site.</summary>
    public async ValueTask<IReadOnlyList<(string Name, byte[] Box)>> CarryAsync(RouterDevice device, string toTenantPath, CancellationToken cancellationToken)
    {
        var rows = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<Row>("SELECT name, box FROM router_secret WHERE device_id = @Id ORDER BY name", new { device.Id }), cancellationToken);
        var carried = new List<(string, byte[])>();
        foreach (var row in rows)
        {
            if (await OpenAsync(device.TenantPath, row.Box, cancellationToken) is { } credentials)
            {
                carried.Add((row.Name, await CloseAsync(toTenantPath, credentials, cancellationToken)));
            }
        }

        return carried;
    }

    public async ValueTask<DeviceCredentials?> OpenAsync(string tenantPath, byte[] box, CancellationToken cancellationToken) =>
        await secrets.UnprotectAsync(tenantPath, Purpose, box, cancellationToken) is { } plain ? JsonSerializer.Deserialize<DeviceCredentials>(plain) : null;

    private sealed record Row(string Name, byte[] Box);
}

/// <summary>A name and a password.</summary>
internal sealed record DeviceCredentials(string Username, string Password);
