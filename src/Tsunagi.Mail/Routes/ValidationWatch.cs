using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Trace;

namespace Tsunagi.Mail.Routes;

/// <summary>
/// Watches whether the resolver that is declared to validate ever does: after many answers without one AD bit it does not, DANE is never used though it is on, and that is told once for each start.
/// </summary>
internal sealed class ValidationWatch(Stores stores, Outbox outbox, GatewayContracts contracts, MailOptions options, TimeProvider time) : BackgroundService
{
    /// <summary>So many domains in a row without one that is signed: less than one in ten of all, but nobody writes to so many strangers' domains and never to a signed one.</summary>
    internal const int Enough = 200;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);
    private int _seen;
    private bool _validated;
    private bool _told;

    /// <summary>A resolver is declared to validate, and has not shown it yet.</summary>
    public bool IsDoubtful => options.Outbound.TrustResolver && !_validated;

    /// <summary>It was asked often enough to say that it does not validate.</summary>
    public bool IsIdle => IsDoubtful && Volatile.Read(ref _seen) >= Enough;

    public void Saw(bool isSecure)
    {
        _validated |= isSecure;
        Interlocked.Increment(ref _seen);
    }

    /// <summary>Tells it when it is time; true when it was told now.</summary>
    internal async ValueTask<bool> LookAsync(CancellationToken cancellationToken)
    {
        if (_told || !IsIdle || contracts.ProviderPath.Length == 0)
        {
            return false;
        }

        await stores.Control.WriteAsync(
            async transaction =>
            {
                await outbox.AppendAsync(transaction, new Event(Id.New("e", time), MailEvents.ResolverUnvalidated, time.NowMicros(), contracts.ProviderPath, "mail.outbound.trustResolver", JsonSerializer.Serialize(new { answers = _seen })));
                return true;
            },
            cancellationToken);
        _told = true;
        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Outbound.TrustResolver || options.Outbound.Route != DepartureRoute.Mx)
        {
            return;
        }

        try
        {
            using var timer = new PeriodicTimer(LookEvery, time);
            while (!_told && !_validated && await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await LookAsync(stoppingToken);
                }
                catch (StoreUnavailableException)
                {
                    // It is told at the next look.
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next start watches anew.
        }
    }
}
