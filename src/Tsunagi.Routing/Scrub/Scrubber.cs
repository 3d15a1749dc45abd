using Microsoft.Extensions.Logging;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Time;

namespace Tsunagi.Routing.Scrub;

/// <summary>
/// Holds one scrubber to what is wanted. The way of a rule: (1) a wish is compiled, or refused with a reason; (2) one transaction brings the table from what was set to what is wanted; (3) what it made is read back, with
/// the last figures of rules that went; (4) once in a while counters are read and the table is held against what was set: changed by somebody else, it is made anew. (5) A transaction that nft does not take is
/// tried on a table made anew, then without the rules that it does not take one by one. At the end of the program the rules stay, each until its own time is over, which the kernel sees to.
/// </summary>
internal sealed partial class Scrubber
{
    // What a rule dropped in all can be asked for so long after it is gone.
    private const long GoneMicros = 10 * 60 * UnixMicros.PerSecond;
    private const int MostGone = 1_000;
    private const int IdleTimes = 10;

    private readonly string _name;
    private readonly RoutingOptions _options;
    private readonly Func<IReadOnlyList<WantedRoute>> _wanted;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ScrubCompiler _compiler;
    private readonly NftCommand _nft;
    private readonly ScrubbedTable _table;
    private readonly CoalescedSignal _signal = new();
    private readonly Dictionary<string, (WantedRoute Wish, ScrubRule? Rule, string WhyNot)> _compiled = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _unfit = new(StringComparer.Ordinal);
    private Dictionary<string, ScrubbedRule> _rows = new(StringComparer.Ordinal);
    private ScrubberView _view;
    private long _lookedAt;

    public Scrubber(ScrubberOptions scrubber, RoutingOptions options, Func<IReadOnlyList<WantedRoute>> wanted, TimeProvider time, ILogger log)
    {
        (_name, _options, _wanted, _time, _log) = (scrubber.Name, options, wanted, time, log);
        _compiler = new ScrubCompiler(options);
        _nft = new NftCommand(scrubber.Command, options.ScrubDeadline, time);
        _table = new ScrubbedTable(_nft, time);
        _view = new ScrubberView(_name, ScrubberView.Starting, time.NowMicros(), 0, null, []);
    }

    public ScrubberView View => Volatile.Read(ref _view);

    /// <summary>What is wanted has changed.</summary>
    public void Pulse() => _signal.Pulse();

    public async Task RunAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await GuardedStepAsync(stoppingToken);
                var isIdle = _view is { State: ScrubberView.Up } && !_rows.Values.Any(static row => row.State != ScrubbedRule.Gone);
                await _signal.WaitAsync(isIdle ? _options.ScrubLookEvery * IdleTimes : _options.ScrubLookEvery, _time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops. The rules stay until their time is over, or the next start.
        }
    }

    /// <summary>One step: (1) to (5).</summary>
    internal async ValueTask StepAsync(CancellationToken cancellationToken)
    {
        var now = _time.NowMicros();
        var wanted = _wanted().Where(wish => wish.UntilMicros > now).ToList();
        var wishes = Compile(wanted);
        var failed = await BringAsync(wishes, now, cancellationToken);
        if (_unfit.Count > 0)
        {
            wishes = Compile(wanted);
        }

        // (4)
        var repaired = _view.Repaired;
        if (failed is null && (_lookedAt == 0 || _time.GetElapsedTime(_lookedAt) >= _options.ScrubLookEvery))
        {
            _lookedAt = _time.GetTimestamp();
            failed = await _table.LookAsync(_time.NowMicros(), cancellationToken);
            if (failed == ScrubbedTable.Changed)
            {
                repaired++;
                LogRepaired(_log, _name);
                failed = await BringAsync(wishes, _time.NowMicros(), cancellationToken);
            }
        }

        Show(wanted, failed, repaired);
    }

    private async Task GuardedStepAsync(CancellationToken stoppingToken)
    {
        try
        {
            await StepAsync(stoppingToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The one place for whatever goes wrong in a step: the next one is a moment away, and begins from nothing.
            _table.Doubt();
            LogFailed(_log, failure, _name);
        }
    }

    // (1)
    private List<ScrubWish> Compile(IReadOnlyList<WantedRoute> wanted)
    {
        var wishes = new List<ScrubWish>();
        foreach (var wish in wanted)
        {
            if (!_compiled.TryGetValue(wish.Key, out var known) || known.Wish.Text != wish.Text || known.Wish.Kind != wish.Kind)
            {
                if (known.Rule is not null)
                {
                    // The same key for something else: what is set under its name is not it.
                    _table.Doubt();
                }

                var rule = _compiler.Compile(wish, out var whyNot);
                _compiled[wish.Key] = known = (wish, rule, whyNot);
            }

            if (known.Rule is { } fit && !_unfit.ContainsKey(fit.Name))
            {
                wishes.Add(new ScrubWish(fit, wish.UntilMicros));
            }
        }

        return wishes;
    }

    // (2), (3) and (5)
    private async ValueTask<string?> BringAsync(List<ScrubWish> wishes, long nowMicros, CancellationToken cancellationToken)
    {
        var wasStrange = _table.IsStrange;
        var failed = await _table.BringAsync(wishes, nowMicros, cancellationToken);
        if (failed is null)
        {
            return null;
        }

        _table.Doubt();
        failed = wasStrange ? failed : await _table.BringAsync(wishes, nowMicros, cancellationToken);
        if (failed is null || await _nft.CheckAsync($"add table {NftTable.Full}\n", cancellationToken) is not null)
        {
            return failed;
        }

        var fit = new List<ScrubWish>();
        foreach (var wish in wishes)
        {
            if (await _nft.CheckAsync(NftTable.Rebuild([wish.Rule], static _ => new ScrubStart(TimeSpan.FromSeconds(1), 0, 0)), cancellationToken) is { } why)
            {
                _unfit[wish.Rule.Name] = why;
                LogUnfit(_log, wish.Rule.Comment, _name, why);
            }
            else
            {
                fit.Add(wish);
            }
        }

        _table.Doubt();
        return fit.Count == wishes.Count ? failed : await _table.BringAsync(fit, nowMicros, cancellationToken);
    }

    private void Show(IReadOnlyList<WantedRoute> wanted, string? failed, long repaired)
    {
        var now = _time.NowMicros();
        var rows = new Dictionary<string, ScrubbedRule>(StringComparer.Ordinal);
        foreach (var wish in wanted)
        {
            var (_, rule, whyNot) = _compiled[wish.Key];
            rows[wish.Key] = rule is null ? Row(wish.Key, ScrubbedRule.Refused, whyNot, default, now)
                : _table.Acts(rule.Name, now) ? Row(wish.Key, ScrubbedRule.InPlace, null, _table.DropsOf(rule.Name), now)
                : _unfit.TryGetValue(rule.Name, out var why) ? Row(wish.Key, ScrubbedRule.Refused, why, default, now)
                : Row(wish.Key, ScrubbedRule.Waiting, null, _table.DropsOf(rule.Name), now);
        }

        var gone = _rows.Values.Where(row => !rows.ContainsKey(row.Key) && (row.Acts || (row.State == ScrubbedRule.Gone && now - row.SinceAt < GoneMicros)))
            .OrderByDescending(static row => row.SinceAt).Take(MostGone).ToList();
        foreach (var row in gone)
        {
            var name = ScrubCompiler.NameOf(row.Key);
            rows[row.Key] = _table.Acts(name, now) ? Row(row.Key, ScrubbedRule.InPlace, null, _table.DropsOf(name), now) : Row(row.Key, ScrubbedRule.Gone, null, _table.DropsOf(name), now);
        }

        foreach (var key in _compiled.Keys.Where(key => !rows.ContainsKey(key)).ToList())
        {
            _compiled.Remove(key);
            _unfit.Remove(ScrubCompiler.NameOf(key));
            _table.Forget(ScrubCompiler.NameOf(key));
        }

        _rows = rows;
        var state = failed is null ? ScrubberView.Up : ScrubberView.Failing;
        if (state != _view.State)
        {
            LogState(_log, _name, state, failed ?? "");
        }

        Volatile.Write(ref _view, new ScrubberView(_name, state, state == _view.State ? _view.SinceAt : now, repaired, failed ?? _view.LastError, [.. rows.Values.OrderBy(static row => row.Key, StringComparer.Ordinal)]));
    }

    private ScrubbedRule Row(string key, string state, string? why, DropCount drops, long now) =>
        new(key, state, why, _rows.TryGetValue(key, out var before) && before.State == state ? before.SinceAt : now, drops.Packets, drops.Octets, drops.AtMicros);

    [LoggerMessage(3351, LogLevel.Warning, "the scrubber {Name} is {State}: {Why}")]
    private static partial void LogState(ILogger log, string name, string state, string why);

    [LoggerMessage(3352, LogLevel.Warning, "the table of the scrubber {Name} was changed by somebody else; it is made anew")]
    private static partial void LogRepaired(ILogger log, string name);

    [LoggerMessage(3353, LogLevel.Warning, "the rule {Rule} cannot be set on the scrubber {Name}: {Why}")]
    private static partial void LogUnfit(ILogger log, string rule, string name, string why);

    [LoggerMessage(3354, LogLevel.Error, "a step of the scrubber {Name} failed; the next one begins anew")]
    private static partial void LogFailed(ILogger log, Exception exception, string name);
}
