using Microsoft.AspNetCore.Http;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Time;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Heartbeats;

namespace Tsunagi.Routers.Api;

/// <summary>/api/v1/routers/devices/{device}/heartbeat.</summary>
internal static class HeartbeatApi
{
    public static async Task<ApiResult<RouterHeartbeatView>> FindAsync(HttpContext http, DeviceStore store, HeartbeatStore heartbeats, TimeProvider time, string device, CancellationToken cancellationToken) =>
        await store.FindAsync(http.GetCaller(), device, cancellationToken) is not { } row ? Refusal.NotFound("router", device)
        : RouterHeartbeatView.Of(await heartbeats.FindAsync(http.GetCaller(), row, cancellationToken), time.NowMicros());
}

/// <summary>What a router with ARMS tells by its heartbeats.</summary>
/// <param name="Expected">Whether it was told to send any.</param>
/// <param name="HeardAt">Its last heartbeat, µs; absent before the first.</param>
/// <param name="Silent">It missed several, and did not beat twice in succession since.</param>
/// <param name="CpuPercent">The mean over its CPUs.</param>
/// <param name="MemoryUsed">Octets of its first memory.</param>
/// <param name="Interfaces">At most four.</param>
/// <param name="Minutes">Its last hour, oldest first; minutes without a heartbeat are left out.</param>
public sealed record RouterHeartbeatView(
    bool Expected, long? HeardAt, bool Silent, string? Address, int? CpuPercent, long? MemoryUsed, long? MemoryAvailable, IReadOnlyList<RouterInterfaceView> Interfaces, IReadOnlyList<RouterMinuteView> Minutes)
{
    private const long MinuteMicros = 60 * UnixMicros.PerSecond;

    internal static RouterHeartbeatView Of(HeartbeatState? state, long now)
    {
        if (state is not { Reading: { HeardAt: > 0 } reading })
        {
            return new RouterHeartbeatView(state is not null, null, false, null, null, null, null, [], []);
        }

        List<RouterMinuteView> minutes = [];
        for (var minute = (now / MinuteMicros) - HeartbeatMinutes.Length + 1; minute <= now / MinuteMicros; minute++)
        {
            if (RouterMinuteView.Of(minute * MinuteMicros, reading.Minutes.At(minute), reading.Interfaces.Count) is { } view)
            {
                minutes.Add(view);
            }
        }

        var hasMemory = reading.MemoryUsed + reading.MemoryAvailable > 0;
        return new RouterHeartbeatView(
            true, reading.HeardAt, state.IsSilent, reading.Address, Percent(reading.Cpu), hasMemory ? reading.MemoryUsed : null, hasMemory ? reading.MemoryAvailable : null,
            [.. reading.Interfaces.Select(static one => new RouterInterfaceView(one.Index, one.InOctets, one.OutOctets, one.InBps, one.OutBps))], minutes);
    }

    internal static int? Percent(byte told) => told == HeartbeatMinutes.NoPercent ? null : told;
}

/// <summary>An interface of a router at its last heartbeat.</summary>
/// <param name="Index">As the router numbers them.</param>
/// <param name="InOctets">Counted since it is there.</param>
/// <param name="InBps">Bits per second since the heartbeat before; absent where there was none to compare with.</param>
public sealed record RouterInterfaceView(int Index, decimal InOctets, decimal OutOctets, double? InBps, double? OutBps);

/// <summary>A minute of a router's last hour.</summary>
/// <param name="At">Its beginning, µs.</param>
/// <param name="InBps">Bits per second of each interface, in their order; null for none.</param>
public sealed record RouterMinuteView(long At, int? CpuPercent, int? MemoryPercent, IReadOnlyList<double?> InBps, IReadOnlyList<double?> OutBps)
{
    internal static RouterMinuteView? Of(long at, HeartbeatMinute minute, int interfaces)
    {
        var view = new RouterMinuteView(
            at, RouterHeartbeatView.Percent(minute.Cpu), RouterHeartbeatView.Percent(minute.Memory), [.. Enumerable.Range(0, interfaces).Select(i => minute.In(i))], [.. Enumerable.Range(0, interfaces).Select(i => minute.Out(i))]);
        return view.CpuPercent is null && view.MemoryPercent is null && view.InBps.All(static rate => rate is null) && view.OutBps.All(static rate => rate is null) ? null : view;
    }
}
