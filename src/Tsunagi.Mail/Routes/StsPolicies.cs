using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Protocols.Mail.MtaSts;
using Tsunagi.Protocols.Mail.Route;

namespace Tsunagi.Mail.Routes;

/// <summary>
/// Policies of MTA-STS (RFC 8461), kept in the control store so that a restart and the other nodes know them. (1) The DNS says whether there is one and which version; (2) one that is not known is fetched;
/// (3) one that cannot be looked up or fetched anew stays in force until its max_age is over: whoever silences the DNS or the policy host gains nothing (section 5.1). Policies in use are fetched again
/// once a day, so that they do not run out (section 3.3).
/// </summary>
internal sealed partial class StsPolicies(Stores stores, StsFetch fetch, MailOptions options, TimeProvider time, ILogger<StsPolicies> log, IRouteDns? dns = null) : BackgroundService
{
    private const int MostRemembered = 100_000;
    private const int Together = 100;
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan UsedWithin = TimeSpan.FromDays(14);

    // What could not be fetched, and until when it is not asked for again.
    private readonly ConcurrentDictionary<string, (string Id, StsState State, long UntilMicros)> _failed = new(StringComparer.Ordinal);

    /// <summary>What holds for a domain now. A store that is away means that what it holds is not known: then only the network is asked.</summary>
    public async ValueTask<StsState> OfAsync(string domain, CancellationToken cancellationToken)
    {
        if (!options.Outbound.MtaSts || dns is null)
        {
            return StsState.None;
        }

        // (1)
        var known = await KnownAsync(domain, cancellationToken);
        var texts = await dns.TextsAsync(StsLocation.RecordOf(domain), cancellationToken);
        if (texts.Status == MailDnsStatus.TempError)
        {
            return known with { Problem = $"its record cannot be looked up now ({texts.Problem})", ProblemAs = "" };
        }

        if (!StsRecord.TryRead(texts.Values, out var id, out _) || (known.Policy is not null && known.Id == id))
        {
            return known;
        }

        // (2), (3)
        return await FetchAsync(domain, id, known, cancellationToken);
    }

    /// <summary>Policies that were used lately are fetched again when they are a day old; those that are over and unused go. Returns how many were fetched.</summary>
    internal async ValueTask<int> RefreshAsync(CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var old = now - (long)options.Outbound.RefreshPolicies.TotalMicroseconds;
        await stores.Control.WriteAsync(transaction => transaction.ExecuteAsync("DELETE FROM mail_sts_policy WHERE expires_at < @Now", new { Now = now }), cancellationToken);
        var due = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<string>(
                "SELECT domain FROM mail_sts_policy WHERE fetched_at < @Old AND used_at > @Used ORDER BY expires_at, domain LIMIT @Limit",
                new { Old = old, Used = now - (long)UsedWithin.TotalMicroseconds, Limit = (long)Together }), cancellationToken);
        var fetched = 0;
        foreach (var domain in due)
        {
            var known = await KnownAsync(domain, cancellationToken);
            var texts = await dns!.TextsAsync(StsLocation.RecordOf(domain), cancellationToken);
            if (StsRecord.TryRead(texts.Values, out var id, out _) && await FetchAsync(domain, id, known, cancellationToken) is { Problem.Length: 0 })
            {
                fetched++;
            }
        }

        return fetched;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => options.Outbound.Route != DepartureRoute.Mx || dns is null
        ? Task.CompletedTask
        : Looks.RunAsync("policies of MTA-STS", LookEvery, async token => await RefreshAsync(token), away => LogStoreAway(log, away), time, log, stoppingToken);

    private async ValueTask<StsState> FetchAsync(string domain, string id, StsState known, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        if (_failed.TryGetValue(domain, out var failed) && failed.Id == id && failed.UntilMicros > now)
        {
            return known.Policy is null ? failed.State : known with { Problem = failed.State.Problem, ProblemAs = failed.State.ProblemAs };
        }

        var (policy, problem, problemAs) = await fetch.FetchAsync(domain, cancellationToken);
        if (policy is null)
        {
            if (_failed.Count >= MostRemembered)
            {
                _failed.Clear();
            }

            _failed[domain] = (id, StsState.None with { Problem = problem, ProblemAs = problemAs }, now + (long)AskAgainAfter.TotalMicroseconds);
            LogNotFetched(log, domain, problem);
            return known with { Problem = problem, ProblemAs = problemAs };
        }

        _failed.TryRemove(domain, out _);
        var state = new StsState(policy, id, now);
        await KeepAsync(domain, state, cancellationToken);
        return state;
    }

    private async ValueTask<StsState> KnownAsync(string domain, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        try
        {
            var row = await stores.Control.ReadAsync(
                reader => reader.FirstOrDefaultAsync<Row>("SELECT policy_id, policy, fetched_at, used_at FROM mail_sts_policy WHERE domain = @Domain AND expires_at > @Now", new { Domain = domain, Now = now }), cancellationToken);
            if (row is null || !StsPolicy.TryRead(Encoding.UTF8.GetBytes(row.Policy), out var policy, out _))
            {
                return StsState.None;
            }

            if (now - row.UsedAt > (long)TimeSpan.FromDays(1).TotalMicroseconds)
            {
                await stores.Control.WriteAsync(transaction => transaction.ExecuteAsync("UPDATE mail_sts_policy SET used_at = @Now WHERE domain = @Domain", new { Domain = domain, Now = now }), cancellationToken);
            }

            return new StsState(policy, row.PolicyId, row.FetchedAt);
        }
        catch (StoreUnavailableException away)
        {
            // A policy that may be in force must not be forgotten because the store is: mail waits.
            throw new RouteUnknownException("the store that keeps the policies of MTA-STS is away", away);
        }
    }

    private async ValueTask KeepAsync(string domain, StsState state, CancellationToken cancellationToken)
    {
        try
        {
            await stores.Control.WriteAsync(
                transaction => transaction.ExecuteAsync(
                    """
                    INSERT INTO mail_sts_policy (domain, policy_id, policy, fetched_at, expires_at, used_at) VALUES (@Domain, @Id, @Policy, @Fetched, @Expires, @Fetched)
                    ON CONFLICT (domain) DO UPDATE SET policy_id = excluded.policy_id, policy = excluded.policy, fetched_at = excluded.fetched_at, expires_at = excluded.expires_at
                    """,
                    new { Domain = domain, state.Id, Policy = state.Policy!.ToString(), Fetched = state.FetchedMicros, Expires = state.ExpiresMicros }),
                cancellationToken);
        }
        catch (StoreUnavailableException away)
        {
            // It holds for this mail all the same, and is fetched again for the next.
            LogStoreAway(log, away);
        }
    }

    private sealed record Row(string PolicyId, string Policy, long FetchedAt, long UsedAt);

    [LoggerMessage(2901, LogLevel.Warning, "the MTA-STS policy of {Domain} could not be fetched: {Problem}")]
    private static partial void LogNotFetched(ILogger log, string domain, string problem);

    [LoggerMessage(2902, LogLevel.Warning, "the store is away; policies of MTA-STS are kept later")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}

/// <summary>What holds for a domain cannot be known now: its mail waits.</summary>
internal sealed class RouteUnknownException(string message, Exception? inner) : Exception(message, inner);
