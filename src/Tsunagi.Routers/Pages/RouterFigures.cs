using Tsunagi.Core.Identity;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Routers.Devices;
using Tsunagi.Ui.Live;

namespace Tsunagi.Routers.Pages;

/// <summary>How many routers there are, and how many were not heard of in their time, for the dashboard.</summary>
internal sealed class RouterFigures(DeviceStore devices, TimeProvider time) : ILiveFigures
{
    public const string All = "routers.all", Silent = "routers.silent";

    public async ValueTask<(long All, long Silent)> CountAsync(Caller caller, CancellationToken cancellationToken)
    {
        var counts = await devices.CountAsync(caller, time.NowMicros(), cancellationToken);
        return (counts.Values.Sum(), counts.GetValueOrDefault("silent"));
    }

    public async ValueTask ReadAsync(TenantScope scope, IDictionary<string, double> figures, CancellationToken cancellationToken)
    {
        var (all, silent) = await CountAsync(Caller.System(scope), cancellationToken);
        figures[All] = all;
        figures[Silent] = silent;
    }
}
