using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Devices;

namespace Tsunagi.Routers.Heartbeats;

/// <summary>Reads what was heard of a box, as one caller may see it: what this node holds where it is the newer, else what any node wrote.</summary>
internal sealed class HeartbeatStore(Stores stores, HeartbeatBook book)
{
    public static readonly TenantQuery Of = new("routers.heartbeat.of", """
        SELECT first_at, heard_at, address, cpu, memory_used, memory_available, interfaces, silent_told FROM router_heartbeat WHERE {tenant} AND device_id = @Device
        """);

    public static readonly TenantQuery HourOf = new("routers.heartbeat.hour", "SELECT first_at, minute, cells FROM router_heartbeat_hour WHERE {tenant} AND device_id = @Device");

    /// <summary>Null where the box is none of the caller's, or was never told to send heartbeats.</summary>
    public async ValueTask<HeartbeatState?> FindAsync(Caller caller, RouterDevice device, CancellationToken cancellationToken)
    {
        var store = new TenantStore(stores.Control, caller.Scope);
        if (await store.FirstOrDefaultAsync<Row>(Of, new { Device = device.Id }, cancellationToken) is not { } row)
        {
            return null;
        }

        if (DistributionId.TryParse(device.Identity, out var id) && book.Read(id) is { } here && here.FirstAt == row.FirstAt && here.HeardAt >= row.HeardAt)
        {
            return new HeartbeatState(here, row.SilentTold != 0);
        }

        var hour = await store.FirstOrDefaultAsync<Hour>(HourOf, new { Device = device.Id }, cancellationToken);
        return new HeartbeatState(
            new HeartbeatReading(
                row.FirstAt, row.HeardAt, row.Address, (byte)row.Cpu, row.MemoryUsed, row.MemoryAvailable, HeartbeatInterfaces.Read(row.Interfaces), hour is null ? default : HeartbeatMinutes.Of(hour.Cells, hour.Minute)),
            row.SilentTold != 0);
    }

    private sealed record Row(long FirstAt, long HeardAt, string Address, long Cpu, long MemoryUsed, long MemoryAvailable, string Interfaces, long SilentTold);

    private sealed record Hour(long FirstAt, long Minute, string Cells);
}

/// <summary>What is known of a box's heartbeats.</summary>
/// <param name="IsSilent">That was told, and it was not heard twice since.</param>
internal sealed record HeartbeatState(HeartbeatReading Reading, bool IsSilent);
