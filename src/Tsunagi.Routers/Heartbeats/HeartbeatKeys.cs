using System.Net;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Devices;

namespace Tsunagi.Routers.Heartbeats;

/// <summary>
/// The passphrases of heartbeats: made anew at each pull, so that what was recorded before it can be sent again to no end, and kept sealed with the box's other secrets. With the first one of a site a box gets its row: without
/// that row nothing it sends is kept, and a box that leaves its site loses it.
/// </summary>
internal sealed class HeartbeatKeys(DeviceSecrets secrets)
{
    public async ValueTask<NewHeartbeatKey> MakeAsync(RouterDevice device, CancellationToken cancellationToken)
    {
        var passphrase = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(HeartbeatKey.Length / 2));
        return new NewHeartbeatKey(passphrase, await secrets.CloseAsync(device.TenantPath, new DeviceCredentials(device.Identity, passphrase), cancellationToken));
    }

    /// <summary>Null where the box lost its site meanwhile.</summary>
    public static async ValueTask<HeartbeatBox?> WriteAsync(ISqlTransaction transaction, RouterDevice device, NewHeartbeatKey key, long now)
    {
        if (!DistributionId.TryParse(device.Identity, out var id)
            || await transaction.FirstOrDefaultAsync<long>(
                "SELECT count(*) FROM router_device WHERE id = @Id AND subscription_id = @SubscriptionId AND state <> 'unclaimed'", new { device.Id, device.SubscriptionId }) == 0)
        {
            return null;
        }

        await DeviceSecrets.WriteAsync(transaction, device.Id, device.TenantPath, DeviceSecrets.Heartbeat, key.Box);
        var row = (await transaction.FirstOrDefaultAsync<Standing>(
            """
            INSERT INTO router_heartbeat (device_id, tenant_path, first_at, keyed_at, heard_at, address, streak, cpu, memory_used, memory_available, interfaces, silent_at, silent_told)
            VALUES (@Id, @TenantPath, @Now, @Now, 0, '', 0, 255, 0, 0, '', 0, 0) ON CONFLICT (device_id) DO UPDATE SET keyed_at = excluded.keyed_at RETURNING first_at, heard_at
            """,
            new { device.Id, device.TenantPath, Now = now }))!;
        await transaction.ExecuteAsync(
            "INSERT INTO router_heartbeat_hour (device_id, tenant_path, first_at, minute, cells) VALUES (@Id, @TenantPath, @FirstAt, 0, '') ON CONFLICT (device_id) DO NOTHING",
            new { device.Id, device.TenantPath, row.FirstAt });
        return new HeartbeatBox(id, device.Id, row.FirstAt, now, Encoding.ASCII.GetBytes(key.Passphrase), row.HeardAt, default, default);
    }

    private sealed record Standing(long FirstAt, long HeardAt);
}

/// <summary>A passphrase that was just made, open and sealed.</summary>
internal sealed record NewHeartbeatKey(string Passphrase, byte[] Box);

/// <summary>What a box is told of its heartbeats.</summary>
internal sealed record ToldHeartbeat(IReadOnlyList<IPEndPoint> Servers, string Passphrase, TimeSpan Interval);
