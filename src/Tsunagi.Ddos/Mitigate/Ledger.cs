using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Events;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Meters;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Ddos.Mitigate;

/// <summary>
/// The truth about rules on this node. A rule is made in this order: (1) guards, (2) store, with budgets, audit and event in one transaction, (3) the node's file,
/// (4) announced. With the store away an attack is answered all the same: budgets are then those of this node, and (2) follows when the store is back.
/// A rule ends the other way round: (5) not wanted any more, at once; (6) the file; (7) the store, as soon as that can be. Several times a second the ledger
/// looks (a) for the switch, (b) for rules whose time is over, (c) whether the contract still covers each, and once a second (d) for what other nodes made and ended.
/// </summary>
internal sealed partial class Ledger : BackgroundService, IWantedRoutes
{
    // A read of the store may be so much older than what happened here when it is used.
    private const long ReadIsYoungMicros = 10 * UnixMicros.PerSecond;
    /// <summary>Why a rule was not made: there is one for the same match.</summary>
    public const string ThereCode = "ddos.mitigation.there";

    // The file tells when it was agreed with the store to so much.
    private const long AgreedEveryMicros = 60 * UnixMicros.PerSecond;

    private static readonly TimeSpan StoreEvery = TimeSpan.FromSeconds(1);

    // An attack does not wait longer for a store that does not answer.
    private static readonly TimeSpan StoreWithin = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Stores _stores;
    private readonly DdosOptions _options;
    private readonly ProtectionContracts _contracts;
    private readonly IRouteRealiser _routes;
    private readonly IScrubbers _scrubbers;
    private readonly ChangeRecorder _changes;
    private readonly Outbox _outbox;
    private readonly LedgerFile _file;
    private readonly Node _node;
    private readonly DdosMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<Ledger> _log;
    private readonly MitigationGuards _guards;
    private readonly Dictionary<string, MitigationRow> _active = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MitigationRow> _ended = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _endedHere = new(StringComparer.Ordinal);
    private readonly HashSet<string> _renewed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unstored = new(StringComparer.Ordinal);
    private readonly List<LedgerNote> _toTell = [];
    private IReadOnlyList<WantedRoute> _wanted = [];
    private SwitchStatus? _told;
    private (string Id, int Count) _withdrawn = ("", 0);
    private long _storeAt;
    private long _agreedAt;
    private long _agreedKept;
    private bool _wasFrozen;
    private bool _away;
    private bool _isMute;

    public Ledger(
        Stores stores, DdosOptions options, ProtectionContracts contracts, IRouteRealiser routes, ChangeRecorder changes, Outbox outbox, IDisk disk, Node node, DdosMetrics metrics, TimeProvider time,
        ILogger<Ledger> log, IScrubbers? scrubbers = null)
    {
        _scrubbers = scrubbers ?? IScrubbers.None;
        (_stores, _options, _contracts, _routes, _changes, _outbox, _node, _metrics, _time, _log) = (stores, options, contracts, routes, changes, outbox, node, metrics, time, log);
        Switch = new LedgerSwitch(node.DataDirectory);
        _file = new LedgerFile(disk, Switch.Directory);
        var peers = routes.Peers.Select(static peer => IPAddress.Parse(peer.Address)).Select(static address => new IPNetwork(address, address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128));
        _guards = new MitigationGuards(options, [.. options.Protected, .. options.Collect.Exporters.Select(static rule => rule.Network), .. peers]);
    }

    public LedgerSwitch Switch { get; }

    /// <summary>What every rule must pass first.</summary>
    public MitigationGuards Guards => _guards;

    public bool IsFrozen => Switch.Frozen is not null;

    public IReadOnlyList<WantedRoute> Wanted => Volatile.Read(ref _wanted);

    public event EventHandler? Changed;

    /// <summary>The active rules as this node knows them.</summary>
    public IReadOnlyList<MitigationRow> Active
    {
        get
        {
            lock (_gate)
            {
                return [.. _active.Values.OrderBy(static row => row.Id, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Makes a rule, or says why not.</summary>
    public ValueTask<Outcome<MitigationRow>> AddAsync(Caller caller, MitigationRequest request, CancellationToken cancellationToken) =>
        AddAsync(caller, request, follows: false, cancellationToken);

    /// <param name="follows">It is renewed while its incident is open, and lifted when that is closed.</param>
    public async ValueTask<Outcome<MitigationRow>> AddAsync(Caller caller, MitigationRequest request, bool follows, CancellationToken cancellationToken)
    {
        // (1)
        if (IsFrozen)
        {
            return Refusal.Conflict("ddos.frozen", "nothing new is announced: the switch was thrown on the node (tsunagi ddos thaw ends that)");
        }

        var guarded = _guards.Check(request, prefix => _contracts.Table.Holding(prefix) is { } owner && caller.Scope.Covers(owner.TenantPath) ? owner : null);
        if (!guarded.Ok)
        {
            return guarded.Refusal;
        }

        var (rule, now) = (guarded.Value, _time.NowMicros());
        var row = new MitigationRow(
            Id.New("mg", _time), rule.Owner.TenantPath, rule.Owner.TenantId, rule.Owner.Subscription, rule.Kind, rule.Rule, rule.MatchKey, request.Reason.Trim(), request.Incident ?? "", caller.ActorId,
            caller.ActorName, now, now + (request.Minutes * 60L * UnixMicros.PerSecond), null, "", "", follows);

        // (2)
        var (stored, refusal) = await StoreAsync(caller, row, cancellationToken);
        if (refusal is not null)
        {
            return refusal;
        }

        // (3) and (4)
        lock (_gate)
        {
            if (!stored && Room(row) is { } none)
            {
                return none;
            }

            _active[row.Id] = row;
            _ = stored || _unstored.Add(row.Id);
            Keep();
        }

        _metrics.MitigationMade();
        Publish();
        return row;
    }

    /// <summary>
    /// Rules live on for so long from now: here and in the node's file at once, in the store at the next look that reaches it. What has ended meanwhile stays so. Sessions need not
    /// be told: a rule's end is ours to keep.
    /// </summary>
    public void Renew(IReadOnlyCollection<string> ids, TimeSpan life)
    {
        if (ids.Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            foreach (var id in ids)
            {
                if (_active.TryGetValue(id, out var row) && row.Follows)
                {
                    _active[id] = row with { ExpiresAt = _time.NowMicros() + (long)life.TotalMicroseconds };
                    _renewed.Add(id);
                }
            }

            Keep();
        }

        Publish();
    }

    /// <summary>Lifts a rule. Lifting it again changes nothing.</summary>
    public async ValueTask<Outcome<MitigationRow>> LiftAsync(Caller caller, MitigationRow row, CancellationToken cancellationToken)
    {
        if (row.EndedAt is not null)
        {
            return row;
        }

        // (5) and (6)
        var ended = row with { EndedAt = _time.NowMicros(), EndedHow = "lifted", EndedBy = caller.ActorName };
        End([ended]);

        // (7)
        if (await _stores.Control.WriteAsync(transaction => StoreEndAsync(transaction, caller, ended), cancellationToken))
        {
            Stored([ended]);
        }

        return ended;
    }

    /// <summary>One look: (a) to (d). Waits for nothing but the store in (d).</summary>
    internal async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        LookAtSwitch();

        // (c)
        if (_contracts.Loaded)
        {
            End([.. Active.Where(row => !IsCovered(row)).Select(row => row with { EndedAt = _time.NowMicros(), EndedHow = "contract", EndedBy = "" })]);
        }

        // (d)
        if (_storeAt == 0 || _time.GetElapsedTime(_storeAt) >= StoreEvery)
        {
            _storeAt = _time.GetTimestamp();
            try
            {
                await SynchroniseAsync(cancellationToken);
                _away = false;
            }
            catch (StoreUnavailableException away)
            {
                if (!_away)
                {
                    LogStoreAway(_log, away);
                }

                _away = true;
            }
        }
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            Take(_file.Read(), _time.NowMicros());
            _file.Prepare();
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            // The store knows them too.
            LogNotRead(_log, e);
        }

        _wasFrozen = IsFrozen;
        Publish();
        return base.StartAsync(cancellationToken);
    }

    // What was over while the program was not there is not announced again, and the store is told.
    private void Take(LedgerContent content, long now)
    {
        lock (_gate)
        {
            foreach (var row in content.Active)
            {
                (row.ExpiresAt > now ? _active : _ended)[row.Id] = row.ExpiresAt > now ? row : row with { EndedAt = now, EndedHow = "expired", EndedBy = "" };
            }

            foreach (var row in content.Ended)
            {
                _ended[row.Id] = row;
            }

            _unstored.UnionWith(content.Unstored);
            _toTell.AddRange(content.Notes);
            _agreedAt = content.AgreedAt;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The switch must not wait for a store that is away: its part of a look runs by itself.
        Task? synchronising = null;
        using var timer = new PeriodicTimer(_options.Mitigate.LookEvery, _time);
        try
        {
            do
            {
                if (synchronising is null or { IsCompleted: true })
                {
                    synchronising = GuardedLookAsync(stoppingToken);
                }
                else
                {
                    GuardedLookAtSwitch();
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is active stays in the file and is announced again at the next start.
        }

        await (synchronising ?? Task.CompletedTask);
    }

    private void GuardedLookAtSwitch()
    {
        try
        {
            LookAtSwitch();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogLookFailed(_log, e);
        }
    }

    private async Task GuardedLookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LookAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
        catch (Exception e)
        {
            // The one place for whatever goes wrong in a look: the next one is a moment away.
            LogLookFailed(_log, e);
        }
    }

    /// <summary>(a) and (b): what must not wait for the store, also while a look waits for it.</summary>
    private void LookAtSwitch()
    {
        if (Switch.Withdraw is { } order)
        {
            var all = Active;
            Note(DdosEvents.WithdrawnAll, order, all.Count);
            End([.. all.Select(row => row with { EndedAt = _time.NowMicros(), EndedHow = "switch", EndedBy = order.By })]);
            (_withdrawn, _told) = ((order.Id, all.Count), null);
            Switch.WithdrawTaken();
            LogWithdrawnAll(_log, all.Count, order.By);
        }

        var freeze = Switch.Frozen;
        if ((freeze is not null) != _wasFrozen)
        {
            _wasFrozen = freeze is not null;
            Note(freeze is null ? DdosEvents.Thawed : DdosEvents.Frozen, freeze ?? new SwitchOrder("", 0, "", ""), Active.Count);
            LogFrozen(_log, freeze is not null);
        }

        var now = _time.NowMicros();
        End([.. Active.Where(row => row.ExpiresAt <= now).Select(row => row with { EndedAt = now, EndedHow = "expired", EndedBy = "" })]);
        Tell(freeze is not null);
    }

    private void Note(string type, SwitchOrder order, int rules)
    {
        lock (_gate)
        {
            _toTell.Add(LedgerNote.Of(type, order, rules, _node.Name, _time));
        }
    }

    private bool IsCovered(MitigationRow row) =>
        DestinationOf(row) is { } prefix && _contracts.Table.Holding(prefix) is { } owner && owner.TenantPath == row.TenantPath;

    internal static BgpPrefix? DestinationOf(MitigationRow row) => row.Kind == MitigationRow.Blackhole
        ? BgpPrefix.TryParse(row.Rule, out var prefix) ? prefix : null
        : FlowSpecText.TryParse(row.Rule, out var statement, out _) ? statement!.Rule.Find(FlowSpecType.Destination)?.Prefix : null;

    // (5) and (6)
    private void End(IReadOnlyList<MitigationRow> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            foreach (var row in rows)
            {
                if (_active.Remove(row.Id))
                {
                    _metrics.MitigationEnded(row.EndedHow);
                }

                _ended[row.Id] = row;
                _endedHere[row.Id] = _time.NowMicros();
            }
        }

        // Out of the sessions before anything is written: a disk that fails keeps no rule alive.
        Publish();
        lock (_gate)
        {
            Keep();
        }
    }

    private void Stored(IEnumerable<MitigationRow> rows)
    {
        lock (_gate)
        {
            foreach (var row in rows)
            {
                _ended.Remove(row.Id);
            }

            Keep();
        }
    }

    private void Keep()
    {
        try
        {
            _file.Write(new LedgerContent([.. _active.Values], [.. _ended.Values]) { Unstored = [.. _unstored], AgreedAt = _agreedAt, Notes = [.. _toTell] });
            _agreedKept = _agreedAt;
        }
        catch (IOException failed)
        {
            LogNotKept(_log, failed);
        }
    }

    /// <summary>A rule as routers and scrubbers are told it.</summary>
    internal static WantedRoute WishOf(MitigationRow row) => new(row.Id, row.Kind == MitigationRow.Blackhole ? WantedRouteKind.Blackhole : WantedRouteKind.FlowSpec, row.Rule, row.ExpiresAt);

    private void Publish()
    {
        lock (_gate)
        {
            Volatile.Write(ref _wanted, [.. _active.Values.Select(WishOf)]);
        }

        Changed?.Invoke(this, EventArgs.Empty);
    }

    private void Tell(bool frozen)
    {
        var status = new SwitchStatus(frozen, Active.Count, _routes.Peers.Sum(static peer => peer.Announced) + _scrubbers.All.Sum(static scrubber => scrubber.Rules.Count(static rule => rule.Acts)), _withdrawn.Id, _withdrawn.Count, 0, _node.Boot);
        if (status == _told)
        {
            return;
        }

        try
        {
            Switch.Tell(status with { AtMicros = _time.NowMicros() });
            (_told, _isMute) = (status, false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever gave the order waits in vain; it is carried out.
            if (!_isMute)
            {
                LogNotTold(_log, e);
            }

            _isMute = true;
        }
    }

    [LoggerMessage(3401, LogLevel.Warning, "the store is away; rules go on from the node's file, end in time and can be lifted by the switch")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    [LoggerMessage(3407, LogLevel.Warning, "the rule {Id} was made with the store away; it is written there when that is back")]
    private static partial void LogUnstored(ILogger log, Exception exception, string id);

    [LoggerMessage(3408, LogLevel.Warning, "the switch's answer could not be written: orders are carried out, and who gave them is not told")]
    private static partial void LogNotTold(ILogger log, Exception exception);

    [LoggerMessage(3402, LogLevel.Error, "the ledger's file could not be written: with the database away too, a restart would not know the newest changes of rules")]
    private static partial void LogNotKept(ILogger log, Exception exception);

    [LoggerMessage(3403, LogLevel.Warning, "the ledger's file could not be read; the store tells which rules are active")]
    private static partial void LogNotRead(ILogger log, Exception exception);

    [LoggerMessage(3404, LogLevel.Warning, "all {Count} rules were withdrawn by the switch ({By})")]
    private static partial void LogWithdrawnAll(ILogger log, int count, string by);

    [LoggerMessage(3405, LogLevel.Warning, "the switch stands on frozen: {Frozen}")]
    private static partial void LogFrozen(ILogger log, bool frozen);

    [LoggerMessage(3406, LogLevel.Error, "the ledger could not look for the switch and for rules whose time is over")]
    private static partial void LogLookFailed(ILogger log, Exception exception);
}
