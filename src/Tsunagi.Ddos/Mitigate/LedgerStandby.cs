using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Incidents;

namespace Tsunagi.Ddos.Mitigate;

/// <summary>
/// The ledger of a node that waits at its start for a database that is away: (1) the rules of the last run's file are wanted as long as they live, so that routers and scrubbers keep them, (2) each ends with its time, and those that
/// follow an incident too, for nobody sees to it, (3) the switch withdraws them all, (4) and what ended, and what the switch did, is in the file for the ledger of the whole node, which tells the store. Nothing new is made. A file that is
/// not young any more announces nothing: its rules may have been lifted elsewhere.
/// </summary>
internal sealed partial class LedgerStandby : BackgroundService, IWantedRoutes
{
    private readonly LedgerFile _file;
    private readonly LedgerSwitch _switch;
    private readonly IServiceProvider _services;
    private readonly DdosOptions _options;
    private readonly Node _node;
    private readonly TimeProvider _time;
    private readonly ILogger<LedgerStandby> _log;
    private LedgerContent _content = LedgerContent.Empty;
    private IReadOnlyList<WantedRoute> _wanted = [];
    private SwitchStatus? _told;
    private (string Id, int Count) _withdrawn = ("", 0);
    private bool _isYoung;
    private bool _wasFrozen;
    private bool _isUnwritten;
    private bool _isFailing;

    public LedgerStandby(IDisk disk, Node node, IServiceProvider services, DdosOptions options, TimeProvider time, ILogger<LedgerStandby> log)
    {
        (_services, _options, _node, _time, _log) = (services, options, node, time, log);
        _switch = new LedgerSwitch(node.DataDirectory);
        _file = new LedgerFile(disk, _switch.Directory);
    }

    public IReadOnlyList<WantedRoute> Wanted => Volatile.Read(ref _wanted);

    public event EventHandler? Changed;

    /// <summary>The last run left rules that live, not long ago.</summary>
    public static bool HasRules(string dataDirectory)
    {
        try
        {
            var (content, now) = (new LedgerFile(new RealDisk(), new LedgerSwitch(dataDirectory).Directory).Read(), TimeProvider.System.NowMicros());
            return content.IsYoung(now) && content.Active.Any(row => row.ExpiresAt > now);
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            // The whole node tells of it.
            return false;
        }
    }

    public static void AddServices(IServiceCollection services, DdosOptions options)
    {
        services.TryAddSingleton(options);
        services.AddSingleton<LedgerStandby>();
        services.AddSingleton<IWantedRoutes>(static provider => provider.GetRequiredService<LedgerStandby>());
        services.AddHostedService(static provider => provider.GetRequiredService<LedgerStandby>());
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // (1)
        try
        {
            _content = _file.Read();
            _isYoung = _content.IsYoung(_time.NowMicros());
            LogStanding(_log, _isYoung ? _content.Active.Count : 0);
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            LogNotRead(_log, e);
        }

        _wasFrozen = _switch.Frozen is not null;
        Look();
        return base.StartAsync(cancellationToken);
    }

    /// <summary>One look: (2) to (4). A disk that fails ends neither it nor the switch.</summary>
    internal void Look()
    {
        var now = _time.NowMicros();
        var over = _content.Active.Where(row => row.ExpiresAt <= now).Select(row => row with { EndedAt = now, EndedHow = "expired", EndedBy = "" }).ToList();
        var order = _switch.Withdraw;
        if (order is not null)
        {
            over.AddRange(_content.Active.Where(row => row.ExpiresAt > now).Select(row => row with { EndedAt = now, EndedHow = "switch", EndedBy = order.By }));

            // An order that could not be taken away is seen again.
            if (over.Count > 0 || order.Id != _withdrawn.Id)
            {
                _withdrawn = (order.Id, over.Count);
                Note(DdosEvents.WithdrawnAll, order, over.Count);
                LogWithdrawnAll(_log, over.Count, order.By);
            }
        }

        var gone = over.Select(static row => row.Id).ToHashSet(StringComparer.Ordinal);
        _content = _content with { Active = [.. _content.Active.Where(row => !gone.Contains(row.Id))], Ended = [.. _content.Ended, .. over] };

        // Out of the sessions before anything is written: a disk that fails keeps no rule alive.
        List<WantedRoute> wanted = _isYoung ? [.. _content.Active.Select(Ledger.WishOf)] : [];
        if (!wanted.SequenceEqual(Wanted))
        {
            Volatile.Write(ref _wanted, wanted);
            Changed?.Invoke(this, EventArgs.Empty);
        }

        var freeze = _switch.Frozen;
        if ((freeze is not null) != _wasFrozen)
        {
            _wasFrozen = freeze is not null;
            Note(freeze is null ? DdosEvents.Thawed : DdosEvents.Frozen, freeze ?? new SwitchOrder("", 0, "", ""), _content.Active.Count);
        }

        _isUnwritten |= over.Count > 0;
        var isWell = Try(Keep);
        if (order is not null)
        {
            isWell &= Try(_switch.WithdrawTaken);
        }

        _isFailing = !(Try(Tell) && isWell);
    }

    private void Note(string type, SwitchOrder order, int rules)
    {
        _content = _content with { Notes = [.. _content.Notes, LedgerNote.Of(type, order, rules, _node.Name, _time)] };
        _isUnwritten = true;
    }

    private void Keep()
    {
        if (_isUnwritten)
        {
            _file.Write(_content);
            _isUnwritten = false;
        }
    }

    // Out of the sessions it is; the next look tries again.
    private bool Try(Action write)
    {
        try
        {
            write();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_isFailing)
            {
                LogNotKept(_log, e);
            }

            _isFailing = true;
            return false;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_options.Mitigate.LookEvery, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Look();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The database answers: the whole node's ledger takes the file from here.
        }
    }

    private void Tell()
    {
        var announced = (_services.GetService<IRouteRealiser>()?.Peers.Sum(static peer => peer.Announced) ?? 0) + (_services.GetService<IScrubbers>()?.All.Sum(static scrubber => scrubber.Rules.Count(static rule => rule.Acts)) ?? 0);
        var status = new SwitchStatus(_switch.Frozen is not null, _content.Active.Count, announced, _withdrawn.Id, _withdrawn.Count, 0, _node.Boot);
        if (status != _told)
        {
            _switch.Tell(status with { AtMicros = _time.NowMicros() });
            _told = status;
        }
    }

    [LoggerMessage(3431, LogLevel.Information, "the database is away: {Rules} rules of the last run go on until their time is over, and nothing new is made")]
    private static partial void LogStanding(ILogger log, int rules);

    [LoggerMessage(3432, LogLevel.Warning, "the ledger's file of the last run could not be read: its rules are not announced before the database is back")]
    private static partial void LogNotRead(ILogger log, Exception exception);

    [LoggerMessage(3433, LogLevel.Warning, "all {Rules} rules were withdrawn by the switch, by {By}")]
    private static partial void LogWithdrawnAll(ILogger log, int rules, string by);

    [LoggerMessage(3434, LogLevel.Warning, "what ended of the ledger could not be written down; it is out of the sessions, and tried again")]
    private static partial void LogNotKept(ILogger log, Exception exception);
}
