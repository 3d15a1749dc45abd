using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Authenticate;
using Tsunagi.Connectivity.Sessions;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Radius;

/// <summary>
/// Tells what is wrong around RADIUS: every few seconds it looks (1) at rejects, each line's told once in a while to whom the line belongs, those of unknown names to the provider;
/// (2) at addresses that are no NAS; (3) at NASes that do not sign their requests, or with another secret. What (2) and (3) find is told once until the program starts anew.
/// </summary>
internal sealed partial class RadiusWatch(Stores stores, NasHealth nases, RejectBook rejects, Outbox outbox, TimeProvider time, ILogger<RadiusWatch> log) : BackgroundService
{
    private const int MostToldStrangers = 100;
    private const int MostAtATime = 200;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly List<(string? TenantPath, string Type, string Subject, string Facts)> _toTell = [];
    private int _strangers;
    private string? _provider;

    /// <summary>One look; what is found is told in one transaction.</summary>
    internal async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        // (1)
        foreach (var told in rejects.TakeToTell())
        {
            if (_toTell.Count < MostAtATime * 5)
            {
                _toTell.Add((told.Line?.TenantPath, SessionEvents.Rejected, told.Subject, told.Facts()));
            }
        }

        // (2)
        foreach (var (address, datagrams) in nases.Strangers)
        {
            if (_strangers < MostToldStrangers && _told.Add("stranger " + address))
            {
                _strangers++;
                _toTell.Add((null, SessionEvents.UnknownNas, address.ToString(), JsonSerializer.Serialize(new { address = address.ToString(), datagrams })));
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
                _toTell.Add((null, SessionEvents.Unsigned, nas.NasId, JsonSerializer.Serialize(new { nas = nas.Name, rule = nas.MessageAuthenticator.ToString() })));
            }

            if (state.BadSignatures > 0 && _told.Add("secret " + nas.NasId))
            {
                _toTell.Add((null, SessionEvents.BadSecret, nas.NasId, JsonSerializer.Serialize(new { nas = nas.Name })));
            }
        }

        await TellAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var timer = new PeriodicTimer(Every, time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await LookAsync(stoppingToken);
                }
                catch (StoreUnavailableException away)
                {
                    LogAway(log, away);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    private async ValueTask TellAsync(CancellationToken cancellationToken)
    {
        if (_toTell.Count == 0)
        {
            return;
        }

        _provider ??= await stores.Control.ReadAsync(
            static reader => reader.FirstOrDefaultAsync<string>("SELECT tenant_path FROM tenant WHERE kind = @Kind", new { Kind = TenantKind.Provider }), cancellationToken);
        if (_provider is not { } provider)
        {
            return;
        }

        var events = _toTell.Take(MostAtATime).Select(told => new Event(Id.New("e", time), told.Type, time.NowMicros(), told.TenantPath ?? provider, told.Subject, told.Facts)).ToList();
        await stores.Control.WriteAsync(
            async transaction =>
            {
                foreach (var item in events)
                {
                    await outbox.AppendAsync(transaction, item);
                }

                return true;
            },
            cancellationToken);
        _toTell.RemoveRange(0, events.Count);
    }

    [LoggerMessage(5171, LogLevel.Warning, "the store is away; what is wrong with access servers and requests is told when it is back")]
    private static partial void LogAway(ILogger log, Exception exception);
}
