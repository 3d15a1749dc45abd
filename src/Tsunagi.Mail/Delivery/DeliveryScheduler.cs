using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Outbound;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Meters;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Reporting;
using Tsunagi.Mail.Reports;
using Tsunagi.Mail.Routes;
using Tsunagi.Mail.Signing;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Delivery;

/// <summary>
/// Hands accepted mail on. The walk of a message: (1) <see cref="Enqueue"/> puts it into the lane of its subscription, (2) the lane's next hop gives
/// it to an idle connection or opens one, lanes and next hops taking turns, (3) what a customer sends is signed (<see cref="OutboundSigner"/>), and the connection delivers it, (4) the outcome is made durable in the
/// spool, (5) what is left waits in the timer wheel and comes back to (2); what failed for good is reported to the sender.
/// A message that is to be held goes to the quarantine's line instead (<see cref="HoldLine"/>); one whose sender may still take it back is parked until that is decided (<see cref="CarryAsync"/>), and begins at (2).
/// One for the address of reports goes to the intake's line (<see cref="ReportLine"/>).
/// A next hop that does not answer stops as a whole: its mail waits ready, one probe at a time asks for all of it.
/// </summary>
internal sealed partial class DeliveryScheduler : IHostedService, IAsyncDisposable
{
    // The wheel turns in tenths of a second; the scheduler looks at it five times a second.
    private const long TickMicros = 100_000;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);
    private const string DryRun = "this is a dry run, nothing is delivered";
    private const string NotLoaded = "the contracts are not loaded yet";
    private const string NoSmarthost = "no smarthost is configured (mail.smarthost)";
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly MailSpool _spool;
    private readonly MailOptions _options;
    private readonly DeliveryOptions _delivery;
    private readonly GatewayContracts _contracts;
    private readonly NextHopBook _book;
    private readonly NextHopHolds _holds;
    private readonly HoldLine _quarantine;
    private readonly ReportLine _reports;
    private readonly OutboundSigner _signer;
    private readonly OutboundTcp _outbound;
    private readonly MailMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<DeliveryScheduler> _log;
    private readonly RetrySchedule _retries;
    private readonly RetrySchedule _probes;
    private readonly string _hostName;
    private readonly Dictionary<SpoolId, QueuedMessage> _messages = [];
    private readonly Dictionary<string, Lane> _lanes = new(StringComparer.Ordinal);
    private readonly Dictionary<(NextHop, NextHopTls, bool), NextHopQueue> _nextHops = [];
    private readonly Queue<NextHopQueue> _starved = new();
    private readonly TimerWheel<QueuedMessage> _wheel;
    private readonly CancellationTokenSource _abort = new();
    private readonly NextHop? _smarthost;
    private readonly MxDoor? _mx;
    private ITimer? _ticker;
    private int _connections;
    private bool _running;
    private bool _spoolFailed;
    private TaskCompletionSource? _drained;

    public DeliveryScheduler(
        MailSpool spool, MailOptions options, GatewayContracts contracts, NextHopBook book, NextHopHolds holds, HoldLine quarantine, ReportLine reports, OutboundSigner signer, OutboundTcp outbound, MailMetrics metrics,
        TimeProvider time, ILogger<DeliveryScheduler> log, MxDoor? mx = null)
    {
        _spool = spool;
        _quarantine = quarantine;
        _reports = reports;
        _signer = signer;
        _options = options;
        _delivery = options.Delivery;
        _contracts = contracts;
        _book = book;
        _holds = holds;
        _outbound = outbound;
        _metrics = metrics;
        _time = time;
        _log = log;
        _hostName = options.OwnName;
        _retries = new RetrySchedule(_delivery.FirstRetry, _delivery.LongestRetry);
        _probes = new RetrySchedule(_delivery.FirstProbe, _delivery.LongestProbe);
        _wheel = new TimerWheel<QueuedMessage>(time.NowMicros() / TickMicros);
        _smarthost = NextHop.TryParse(options.Smarthost, out var smarthost, out _) ? smarthost : null;
        _mx = options.Outbound.Route == DepartureRoute.Mx ? mx : null;
    }

    /// <summary>Takes over what the spool held at the start, then begins to deliver.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _holds.LoadAsync(cancellationToken);
        _contracts.Changed += OnChanged;
        _holds.Changed += OnChanged;
        _spool.Recovered += OnRecovered;
        _spool.Resumed += OnResumed;
        foreach (var item in _spool.TakeRecovered())
        {
            Recover(item);
        }

        lock (_gate)
        {
            _running = true;
        }

        ApplyContracts();
        _ticker = _time.CreateTimer(static state => ((DeliveryScheduler)state!).Look(), this, LookEvery, LookEvery);
    }

    /// <summary>Takes no new work, lets running deliveries end for a moment, then cuts them.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Task drained;
        lock (_gate)
        {
            _running = false;
            _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            drained = _connections == 0 ? Task.CompletedTask : _drained.Task;
            foreach (var queue in _nextHops.Values)
            {
                DismissIdle(queue, long.MaxValue);
            }
        }

        _contracts.Changed -= OnChanged;
        _holds.Changed -= OnChanged;
        _spool.Recovered -= OnRecovered;
        _spool.Resumed -= OnResumed;
        if (_ticker is not null)
        {
            await _ticker.DisposeAsync();
        }

        try
        {
            await drained.WaitAsync(StopGrace, _time, cancellationToken);
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            await _abort.CancelAsync();
            await drained.WaitAsync(StopGrace, TimeProvider.System, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public ValueTask DisposeAsync()
    {
        _abort.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>(1) A message the spool has made durable. Called by sessions and by the reporter; never blocks.</summary>
    public void Enqueue(SpoolId id, AcceptFacts facts, Envelope envelope)
    {
        if (facts.Hold != HoldClass.None)
        {
            _quarantine.Add(id);
            return;
        }

        if (facts.Flags.HasFlag(MessageFlags.Feedback))
        {
            _reports.Add(id);
            return;
        }

        lock (_gate)
        {
            var lane = LaneOf(facts);
            var message = new QueuedMessage
            {
                Id = id,
                AcceptedMicros = facts.AcceptedMicros,
                Lane = lane,
                TenantPath = Shared(facts.TenantPath, lane.TenantPath),
                Subscription = Shared(facts.Subscription, lane.Subscription),
                Envelope = envelope,
                PendingUntilMicros = facts.PendingUntilMicros,
                States = facts.PendingUntilMicros > 0 ? AllPending(facts) : null,
                Turns = TurnsOf(facts, lane),
            };
            if (!_messages.TryAdd(id, message))
            {
                return;
            }

            if (facts.PendingUntilMicros > 0)
            {
                Park(message);
                Pending.Add(id);
                return;
            }

            MakeReady(message);
        }
    }

    /// <summary>Where mail for others leaves; null when none is configured, or it leaves by MX.</summary>
    public NextHop? Smarthost => _mx is null ? _smarthost : null;

    /// <summary>Number of messages that are ours now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _messages.Count;
            }
        }
    }

    private void Recover(RecoveredMessage item)
    {
        if (item.Facts.Hold != HoldClass.None)
        {
            _quarantine.Add(item.Id);
            return;
        }

        if (item.Facts.Flags.HasFlag(MessageFlags.Feedback))
        {
            _reports.Add(item.Id);
            return;
        }

        var now = _time.NowMicros();
        lock (_gate)
        {
            var lane = LaneOf(item.Facts);
            var message = new QueuedMessage
            {
                Id = item.Id,
                AcceptedMicros = item.Facts.AcceptedMicros,
                Lane = lane,
                TenantPath = Shared(item.Facts.TenantPath, lane.TenantPath),
                Subscription = Shared(item.Facts.Subscription, lane.Subscription),
                Attempts = item.Last?.Attempt ?? 0,
                States = item.Last is { } last ? [.. last.States] : item.Facts.PendingUntilMicros > 0 ? AllPending(item.Facts) : null,
                PendingUntilMicros = item.Facts.PendingUntilMicros,
                Turns = TurnsOf(item.Facts, lane),
            };
            if (!_messages.TryAdd(item.Id, message))
            {
                return;
            }

            if (message.States is { } states && states.Contains(RecipientState.Pending))
            {
                Pending.Add(item.Id);
            }

            if (OnlyPending(message.States))
            {
                Park(message);
            }
            else if (item.Last is { NextMicros: var next } && next > now)
            {
                Wait(message, next);
            }
            else
            {
                MakeReady(message);
            }
        }
    }

    // A million messages share one copy of their tenant's path.
    private static string Shared(string own, string? known) => own == known ? known : own;

    // A lane is the subscription's own; what leaves by MX has one for each domain it goes to. Our reports and the bare postmaster's mail stand in the lane of the recipient's domain: of its subscription when a customer's is known to be it,
    // else in one that follows the contracts, which may not be loaded yet.
    private Lane LaneOf(AcceptFacts facts)
    {
        var domain = facts.Recipients.Count > 0 ? DomainOf(facts.Recipients[0]) : "";
        if (facts.Subscription.Length > 0 && !facts.Flags.HasFlag(MessageFlags.Report))
        {
            return !facts.Flags.HasFlag(MessageFlags.Outbound) ? LaneFor(facts.Subscription, facts.Subscription, facts.TenantPath)
                : _mx is null ? LaneFor("out:" + facts.Subscription, facts.Subscription, facts.TenantPath, isOutbound: true)
                : DomainLaneFor(facts.Subscription, facts.TenantPath, domain, isReport: false);
        }

        return _contracts.Table.ForDomain(domain) is { } gateway
            ? LaneFor(gateway.Subscription, gateway.Subscription, gateway.TenantPath)
            : DomainLaneFor(null, facts.TenantPath, domain, isReport: facts.Flags.HasFlag(MessageFlags.Outbound) && facts.Subscription.Length > 0);
    }

    private Lane DomainLaneFor(string? subscription, string tenantPath, string domain, bool isReport) =>
        LaneFor($"{(isReport ? "report" : "to")}:{subscription ?? tenantPath}@{domain}", subscription, tenantPath, subscription is not null, domain, isReport);

    private Lane LaneFor(string key, string? subscription, string tenantPath, bool isOutbound = false, string domain = "", bool isReport = false)
    {
        if (!_lanes.TryGetValue(key, out var lane))
        {
            _lanes[key] = lane = new Lane(key, subscription, tenantPath, isOutbound, domain, isReport);
            Direct(lane, _contracts.Table);
            OpenIfMay(lane);
        }

        return lane;
    }

    private void OnChanged(object? sender, EventArgs e) => ApplyContracts();

    /// <summary>The contract or an operator's hold changed: every lane learns anew where it goes and whether it may.</summary>
    private void ApplyContracts()
    {
        var table = _contracts.Table;
        lock (_gate)
        {
            foreach (var queue in _nextHops.Values)
            {
                queue.HeldBy = _holds.Of(queue.NextHop);
            }

            foreach (var lane in _lanes.Values)
            {
                lane.NextHop?.Close(lane);
                Direct(lane, table);
                OpenIfMay(lane);
            }

            foreach (var queue in _nextHops.Values)
            {
                Serve(queue);
            }

            Forget();
        }
    }

    private static void OpenIfMay(Lane lane)
    {
        if (lane.WhyNot is null)
        {
            lane.NextHop?.Open(lane);
        }
    }

    private void Direct(Lane lane, GatewayTable table)
    {
        lane.NextHop = null;
        lane.WhyNot = null;
        if (lane.Subscription is null)
        {
            DirectReports(lane, table);
        }
        else if (lane.Domain.Length > 0)
        {
            DirectByMx(lane, table);
        }
        else if (table.BySubscription.TryGetValue(lane.Subscription, out var gateway))
        {
            lane.NextHop = !lane.IsOutbound ? QueueFor(gateway.NextHop, gateway.Settings.NextHopTls) : _smarthost is null ? null : QueueFor(_smarthost, NextHopTls.Opportunistic);
            lane.WhyNot = _options.DryRun ? DryRun : lane.NextHop is null ? NoSmarthost : WhyHeld(gateway);
        }
        else
        {
            lane.WhyNot = _contracts.Loaded ? "the subscription has ended" : NotLoaded;
        }
    }

    // A report goes to a customer's own server where the recipient's domain is a customer's, and that is not known before the contracts are.
    private void DirectReports(Lane lane, GatewayTable table)
    {
        if (_options.DryRun || !_contracts.Loaded)
        {
            lane.WhyNot = _options.DryRun ? DryRun : NotLoaded;
        }
        else if (table.ForDomain(lane.Domain) is { } gateway)
        {
            lane.NextHop = QueueFor(gateway.NextHop, gateway.Settings.NextHopTls);
            lane.WhyNot = WhyHeld(gateway);
        }
        else if (_mx is not null && lane.Domain.Length > 0)
        {
            lane.NextHop = QueueFor(NextHop.OfDomain(lane.Domain), NextHopTls.Opportunistic, lane.IsReport);
        }
        else
        {
            lane.NextHop = _smarthost is null ? null : QueueFor(_smarthost, NextHopTls.Opportunistic);
            lane.WhyNot = _smarthost is null ? NoSmarthost : null;
        }
    }

    private static string? WhyHeld(Gateway gateway) => gateway.IsHeld ? "the subscription is on hold: " + string.Join(", ", gateway.Holds) : null;

    private NextHopQueue QueueFor(NextHop nextHop, NextHopTls tls, bool isReport = false)
    {
        if (!_nextHops.TryGetValue((nextHop, tls, isReport), out var queue))
        {
            _nextHops[(nextHop, tls, isReport)] = queue = new NextHopQueue(nextHop, tls, isReport) { HeldBy = _holds.Of(nextHop) };
        }

        return queue;
    }

    // Next hops and lanes that nothing uses any more.
    private void Forget()
    {
        foreach (var (key, lane) in _lanes)
        {
            if (lane is { ReadyCount: 0, WaitingCount: 0, PendingCount: 0, InDelivery: 0, NextHop: null })
            {
                _lanes.Remove(key);
            }
        }

        var used = _lanes.Values.Select(lane => lane.NextHop).ToHashSet();
        foreach (var (key, queue) in _nextHops)
        {
            if (queue is { Connections: 0, IsStarved: false } && !used.Contains(queue))
            {
                _nextHops.Remove(key);
            }
        }
    }

    [LoggerMessage(2101, LogLevel.Error, "the outcome of {Message} could not be written; it is written when the spool takes it")]
    private static partial void LogSpoolFailed(ILogger log, string message, Exception exception);

    [LoggerMessage(2102, LogLevel.Warning, "next hop {NextHop} does not answer: {Reason}")]
    private static partial void LogNextHopFailing(ILogger log, string nextHop, string reason);

    [LoggerMessage(2103, LogLevel.Information, "next hop {NextHop} answers again after {Failures} attempts")]
    private static partial void LogNextHopBack(ILogger log, string nextHop, int failures);

    [LoggerMessage(2104, LogLevel.Error, "a delivery connection to {NextHop} ended by an error of ours")]
    private static partial void LogConnectionFailed(ILogger log, string nextHop, Exception exception);

    [LoggerMessage(2107, LogLevel.Error, "delivering {Message} met an error of ours; it is tried again in its time")]
    private static partial void LogMessageFailed(ILogger log, string message, Exception exception);

    [LoggerMessage(2106, LogLevel.Error, "message {Message} was queued, and the spool that was opened again does not hold it")]
    private static partial void LogLost(ILogger log, string message);

    [LoggerMessage(2105, LogLevel.Error, "the content of {Message} could not be read from the spool; it is tried again")]
    private static partial void LogContentLost(ILogger log, string message, Exception exception);
}
