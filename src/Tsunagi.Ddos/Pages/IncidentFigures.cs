using Tsunagi.Core.Identity;
using Tsunagi.Core.Tenants;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ui.Live;

namespace Tsunagi.Ddos.Pages;

/// <summary>How many attacks go on, for the dashboard.</summary>
internal sealed class IncidentFigures(IncidentStore incidents) : ILiveFigures
{
    public const string Open = "ddos.open";
    private const int Most = 1_000;

    public async ValueTask<long> CountAsync(Caller caller, CancellationToken cancellationToken) => (await incidents.ListAsync(caller, "", "open", "", Most, cancellationToken)).Count;

    public async ValueTask ReadAsync(TenantScope scope, IDictionary<string, double> figures, CancellationToken cancellationToken) =>
        figures[Open] = await CountAsync(Caller.System(scope), cancellationToken);
}
