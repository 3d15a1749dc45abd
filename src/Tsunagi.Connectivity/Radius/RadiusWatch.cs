using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Authenticate;
using Tsunagi.Connectivity.RadSec;
using Tsunagi.Connectivity.Sessions;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Radius;

/// <summary>
/// Tells what is wrong around RADIUS: every few seconds it looks (1) at rejects, each line's told once in a while to whom the line belongs, those of unknown names to the provider;
/// (2) at addresses that are no NAS, and certificates that are none's; (3) at NASes that do not sign their requests, or with another secret. What (2) and (3) find is told once until the program starts anew.
/// </summary>
internal sealed partial class RadiusWatch(Stores stores, NasHealth nases, RejectBook rejects, RefusedCertificates certificates, Outbox outbox, TimeProvider time, ILogger<RadiusWatch> log) : BackgroundService
{
    private const int MostToldStrangers = 100;
    private const int MostWaitingRejects = 1_000;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly Findings _found = new(stores, outbox, time);
    private int _strangers;
    private int _certificates;

    /// <summary>One look; what is found is told in one transaction.</summary>
    internal async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        // (1)
        foreach (var told in rejects.TakeToTell())
        {
            if (_found.Count < MostWaitingRejects)
            {
                _found.Add(SessionEvents.Rejected, told.Subject, told.Line?.TenantPath, told.Facts());
            }
        }

        // (2)
        foreach (var (address, datagrams) in nases.Strangers)
        {
            if (_strangers < MostToldStrangers && _told.Add("stranger " + address))
            {
                _strangers++;
                _found.Add(SessionEvents.UnknownNas, address.ToString(), null, JsonSerializer.Serialize(new { address = address.ToString(), datagrams }));
            }
        }

        foreach (var refused in certificates.All)
        {
            if (_certificates < MostToldStrangers && _told.Add("certificate " + refused.Key))
            {
                _certificates++;
                _found.Add(
                    SessionEvents.UnknownCertificate, refused.Address, null,
                    JsonSerializer.Serialize(new { address = refused.Address, subject = refused.Subject, fingerprint = refused.Fingerprint, problem = refused.Problem }));
            }
        }

        // (3)
        foreach (var nas in nases.Snapshot.Nases)
        {
            if (nases.StateOf(nas.NasId) is not { } state)
            {
                continue;
            }

            if (state.Unsigned > 0 && _told.Add("unsigned " + nas.NasId))
            {
                _found.Add(SessionEvents.Unsigned, nas.NasId, null, JsonSerializer.Serialize(new { nas = nas.Name, rule = nas.MessageAuthenticator.ToString() }));
            }

            if (state.BadSignatures > 0 && _told.Add("secret " + nas.NasId))
            {
                _found.Add(SessionEvents.BadSecret, nas.NasId, null, JsonSerializer.Serialize(new { nas = nas.Name }));
            }
        }

        await _found.TellAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Looks.RunAsync("access servers and requests", Every, LookAsync, away => LogAway(log, away), time, log, stoppingToken);

    [LoggerMessage(5171, LogLevel.Warning, "the store is away; what is wrong with access servers and requests is told when it is back")]
    private static partial void LogAway(ILogger log, Exception exception);
}
