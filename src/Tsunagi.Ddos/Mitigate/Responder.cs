using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Incidents;

namespace Tsunagi.Ddos.Mitigate;

/// <summary>
/// Answers attacks, in the mode of the protection: several times a second, for each open incident of this node, (1) where rules go out by themselves, those of the newest good proposal
/// that are not out yet are made, and what the attack no longer looks like makes room, (2) where somebody is asked, or a proposal is not good enough to go out by itself, it is told once
/// that rules wait, (3) rules that follow the
/// incident, whoever released them, are renewed while it is open, (4) and lifted when it is closed. An incident stays open over the pauses of a pulsing attack (the
/// protection's quiet time), so its rules do too. All goes through the ledger: its guards, budgets, audit, switch.
/// </summary>
internal sealed partial class Responder(
    Stores stores, DdosOptions options, IncidentBook book, Ledger ledger, ResponseModes modes, Outbox outbox, TimeProvider time, ILogger<Responder> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);
    // A proposal that is not good yet may be so in a moment, with more samples.
    private static readonly TimeSpan AskAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ClosedEvery = TimeSpan.FromSeconds(1);

    // Remembered so that each is not tried, and told, ten times a second; forgotten together.
    private const int MostRefused = 1_000;

    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _refused = new(StringComparer.Ordinal);
    private long _closedAt;

    /// <summary>Releases the rules that wait on an incident.</summary>
    public async ValueTask<Outcome<IReadOnlyList<MitigationRow>>> ReleaseAsync(Caller caller, IncidentRow incident, CancellationToken cancellationToken)
    {
        if (incident.ClosedAt is not null)
        {
            return Refusal.Conflict("ddos.incident.over", "the attack is over: there is nothing to stop");
        }

        if (modes.Of(incident.SubscriptionId) == ResponseMode.Observe)
        {
            return Refusal.Conflict("ddos.mode.observe", "this protection is only observed: an operator sets it to ask or automatic first");
        }

        if (IncidentRow.ProposalOf(incident.Proposal) is not { Rules.Count: > 0 } proposal)
        {
            return Refusal.Conflict("ddos.incident.no-rule", "no rule is proposed for this incident");
        }

        var made = new List<MitigationRow>();
        foreach (var rule in proposal.Rules)
        {
            var outcome = await ledger.AddAsync(caller, RequestOf(incident.Id, incident.Vector, rule), follows: true, cancellationToken);
            if (outcome.Ok)
            {
                made.Add(outcome.Value);
            }
            else if (outcome.Refusal.Code != Ledger.ThereCode)
            {
                return made.Count > 0 ? made : outcome.Refusal;
            }
        }

        return made;
    }

    /// <summary>Every rule of a proposal is in force already: there is nothing to release.</summary>
    public bool AreOut(Proposal proposal)
    {
        var active = ledger.Active.Select(static row => row.Rule).ToHashSet(StringComparer.Ordinal);
        return proposal.Rules.Count > 0 && proposal.Rules.All(rule => active.Contains(rule.Rule));
    }

    /// <summary>One look: (1) to (4).</summary>
    internal async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        var open = book.OpenOnes;
        var toAsk = new List<(Incident Incident, Proposal Proposal)>();
        foreach (var incident in open)
        {
            var own = ledger.Active.Where(row => row.Follows && row.IncidentId == incident.Id).ToList();
            switch (modes.Of(incident.SubscriptionId))
            {
                case ResponseMode.Automatic when incident.Proposal is { IsGood: true } proposal && !ledger.IsFrozen:
                    await MakeAsync(incident, proposal, own, cancellationToken);
                    break;
                case ResponseMode.Automatic when incident.Proposal is { Rules.Count: > 0, IsGood: false } proposal && own.Count == 0
                    && time.NowMicros() - incident.OpenedAt >= AskAfter.TotalMicroseconds && _asked.Add(incident.Id):
                    toAsk.Add((incident, proposal));
                    break;
                case ResponseMode.Ask when incident.Proposal is { Rules.Count: > 0 } proposal && own.Count == 0 && _asked.Add(incident.Id):
                    toAsk.Add((incident, proposal));
                    break;
            }

            // (3)
            var half = time.NowMicros() + ((long)options.Mitigate.FollowLife.TotalMicroseconds / 2);
            ledger.Renew([.. own.Where(row => row.ExpiresAt < half).Select(static row => row.Id)], options.Mitigate.FollowLife);
        }

        _asked.IntersectWith(open.Select(static incident => incident.Id));

        // What needs the store comes last: with it away, rules still go out and are renewed.
        foreach (var (incident, proposal) in toAsk)
        {
            await AskAsync(incident, proposal, cancellationToken);
        }

        await LiftAsync(open, cancellationToken);
        await modes.ReadAsync(cancellationToken);
    }

    // Rules that are out when the program stops stay out and end in time, or are taken up at the next start.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Looks.RunAsync("the attacks and their rules", Every, LookAsync, away => LogStoreAway(log, away), time, log, stoppingToken);

    // (1)
    private async ValueTask MakeAsync(Incident incident, Proposal proposal, List<MitigationRow> own, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var wanted = proposal.Rules.Select(static rule => rule.Rule).ToHashSet(StringComparer.Ordinal);
        var missing = proposal.Rules.Where(rule => own.TrueForAll(row => row.Rule != rule.Rule)).ToList();
        if (missing.Count == 0 || (own.Count > 0 && now - own.Max(static row => row.MadeAt) < options.Mitigate.ChangeEvery.TotalMicroseconds))
        {
            return;
        }

        var by = Caller.System(new TenantScope(incident.TenantId, incident.TenantPath)) with { ActorName = ResponseMode.Automatic };

        // The oldest that the attack no longer looks like make room: an incident has as many rules as a proposal may have.
        var old = own.Where(row => !wanted.Contains(row.Rule)).OrderBy(static row => row.MadeAt).Take(own.Count + missing.Count - options.Mitigate.MaxRulesPerIncident).ToList();
        foreach (var rule in missing)
        {
            if (_refused.TryGetValue(rule.Rule, out var at) && now - at < UnixMicros.PerSecond)
            {
                continue;
            }

            var made = await ledger.AddAsync(by, RequestOf(incident.Id, incident.Vector, rule), follows: true, cancellationToken);
            if (!made.Ok)
            {
                if (_refused.Count >= MostRefused)
                {
                    _refused.Clear();
                }

                _refused[rule.Rule] = now;
                LogRefused(log, rule.Rule, incident.Id, made.Refusal.Message);
            }
            else
            {
                _refused.Remove(rule.Rule);
            }
        }

        foreach (var row in old)
        {
            await ledger.LiftAsync(by, row, cancellationToken);
        }
    }

    // (2)
    private async ValueTask AskAsync(Incident incident, Proposal proposal, CancellationToken cancellationToken)
    {
        var facts = JsonSerializer.Serialize(new
        {
            target = incident.Target, vector = incident.Vector, rules = proposal.Rules.Select(static rule => rule.Rule), cover = proposal.Cover, collateral = proposal.Collateral, ownSamples = proposal.OwnSamples,
            collateralBound = proposal.CollateralBound, why = proposal.WhyNot.Length > 0 ? proposal.WhyNot : proposal.WhyAsk,
        });
        var told = new Event(Id.New("e", time), DdosEvents.MitigationProposed, time.NowMicros(), incident.TenantPath, incident.Id, facts);
        try
        {
            await stores.Control.WriteAsync(
                async transaction =>
                {
                    await outbox.AppendAsync(transaction, told);
                    return true;
                },
                cancellationToken);
        }
        catch (StoreUnavailableException)
        {
            // All that were not told: the next look tells them.
            _asked.Clear();
            throw;
        }
    }

    // (4) An incident that is not open here may be open on another node, or not taken up yet: its row says.
    private async ValueTask LiftAsync(IReadOnlyList<Incident> open, CancellationToken cancellationToken)
    {
        var here = open.Select(static incident => incident.Id).ToHashSet(StringComparer.Ordinal);
        var left = ledger.Active.Where(row => row.Follows && !here.Contains(row.IncidentId)).ToList();
        if (left.Count == 0 || (_closedAt != 0 && time.GetElapsedTime(_closedAt) < ClosedEvery))
        {
            return;
        }

        _closedAt = time.GetTimestamp();
        foreach (var row in left)
        {
            var closed = await stores.Control.ReadAsync(
                reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM ddos_incident WHERE id = @Id AND closed_at IS NOT NULL", new { Id = row.IncidentId }), cancellationToken);
            if (closed > 0)
            {
                var by = Caller.System(new TenantScope(row.TenantId, row.TenantPath)) with { ActorName = "over" };
                await ledger.LiftAsync(by, row, cancellationToken);
            }
        }
    }

    private MitigationRequest RequestOf(string incident, string vector, ProposedRule rule) => new()
    {
        Rule = rule.Rule, Incident = incident, Minutes = (int)Math.Ceiling(options.Mitigate.FollowLife.TotalMinutes),
        Reason = FormattableString.Invariant($"{vector}: stops {rule.Cover:P1} of the attack, {rule.Collateral:P2} of the traffic of the target's own"),
    };

    [LoggerMessage(3411, LogLevel.Warning, "the store is away; rules against attacks go out all the same, and end in time; who is to be asked is asked when it is back")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    [LoggerMessage(3413, LogLevel.Warning, "the rule {Rule} against {Incident} was not made: {Why}")]
    private static partial void LogRefused(ILogger log, string rule, string incident, string why);
}
