using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Protocols.Cpe.Arms;

namespace Tsunagi.Routers.Simulate;

/// <summary>
/// An honest box with ARMS, as the open client lives: (1) from the factory it knows its id, its key and the location server, and asks that one until it is answered; (2) it asks the
/// resource servers for its configuration, over every line and every server, round after round, and when all rounds failed begins anew at the location server; (3) it runs what it was
/// given, sends heartbeats for as long as it does, and asks by which way it can be pushed to; (4) it opens the tunnel, asks for confirmation, keeps it alive, and pulls again when it is told to. Results of the server end it, restart it or
/// let it ask again, as the protocol has it.
/// </summary>
internal sealed class SimulatedArmsBox(DistributionId id, string key, Uri locationServer, TimeProvider time)
{
    private readonly Dictionary<long, ArmsField> _modules = [];
    private readonly SortedDictionary<long, byte[]> _running = [];
    private readonly SimulatedHeartbeats _heartbeats = new(id, time);
    private IReadOnlyList<SimulatedHeartbeatServer> _heartbeatServers = [];
    private IReadOnlyList<(Uri Url, LocationConfig Line)> _servers = [];
    private IReadOnlyList<Uri> _queried = [];
    private IReadOnlyList<Uri> _tunnels = [];
    private TimeSpan _echoEvery = TimeSpan.FromSeconds(60);
    private TimeSpan _retryEvery = TimeSpan.FromSeconds(60);
    private string _trigger = "power on boot";
    private string _serverKey = "";
    private int _retryMax;
    private int _last;

    public DistributionId Id => id;

    public string Description { get; init; } = "armsd";

    public string Firmware { get; init; } = "0.8.0";

    /// <summary>What its location server must be certified by; null trusts any.</summary>
    public string? Root { get; init; }

    /// <summary>Speaks TLS 1.0, as boxes with the open client do.</summary>
    public bool IsLegacy { get; init; }

    /// <summary>
    /// What goes wrong, once each: wrong-key, invalid-config, refuse-confirmation, lose-tunnel, forget; at a pushed change refuse-configure (it refuses it), busy-configure (it has no time), fail-configure (it cannot run it), crash-configure
    /// (it loses its power while it runs it), cut-configure (it finds no way back until it has undone it), rollback-failure (not even then), silent-configure (it is never heard of again).
    /// </summary>
    public HashSet<string> Faults { get; init; } = [];

    /// <summary>A configuration that holds this text cuts the box off for as long as it runs it.</summary>
    public string? Poison { get; set; }

    /// <summary>How long it waits between two rounds at the location server, and for a restart.</summary>
    public TimeSpan LocationRetry { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How it posts; tests put recorded answers here.</summary>
    public Func<Uri, string, byte[], bool, CancellationToken, Task<byte[]>>? Post { get; init; }

    public ArmsBoxState State { get; private set; } = ArmsBoxState.Factory;

    /// <summary>What it runs, by module.</summary>
    public IReadOnlyDictionary<long, byte[]> Running => _running;

    /// <summary>How often it ran a configuration, and how long after the power came on, or the pull was asked for, that was.</summary>
    public int Configured { get; private set; }

    public TimeSpan ConfiguredAfter { get; private set; }

    public int Failed { get; private set; }

    public string Last { get; private set; } = "";

    /// <summary>Changes that were pushed to it, and what became of them: kept, or undone.</summary>
    public int Kept { get; private set; }

    public int Undone { get; private set; }

    /// <summary>Heartbeats it sent.</summary>
    public int Beats => _heartbeats.Sent;

    /// <summary>The triggers it told, in order.</summary>
    public List<string> Triggers { get; } = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var outcome = await LiveAsync(cancellationToken);
                if (outcome == ArmsOutcome.Stop)
                {
                    State = ArmsBoxState.Stopped;
                    return;
                }

                if (outcome == ArmsOutcome.Restart)
                {
                    State = ArmsBoxState.Factory;
                    (_servers, _trigger) = ([], "power on boot");
                    await Task.Delay(LocationRetry, time, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The power is off.
        }
    }

    /// <summary>One life: until something lets it pull anew, restart or stop.</summary>
    public async Task<ArmsOutcome> LiveAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var outcome = await PullAsync(cancellationToken);
        if (outcome != ArmsOutcome.Done)
        {
            return outcome;
        }

        using var beating = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var heartbeats = _heartbeats.RunAsync(_heartbeatServers, beating.Token);
        try
        {
            outcome = await QueryAsync(cancellationToken);
            if (outcome != ArmsOutcome.Done)
            {
                return outcome;
            }

            (Configured, ConfiguredAfter, State) = (Configured + 1, time.GetElapsedTime(started), ArmsBoxState.Configured);
            return await TunnelAsync(cancellationToken);
        }
        finally
        {
            await beating.CancelAsync();
            await heartbeats;
        }
    }

    /// <summary>(1) (2) Until it has a configuration.</summary>
    public async Task<ArmsOutcome> PullAsync(CancellationToken cancellationToken)
    {
        if (Faults.Remove("forget"))
        {
            _servers = [];
        }

        while (true)
        {
            if (_servers.Count == 0)
            {
                State = ArmsBoxState.Locating;
                var located = await LocateAsync(cancellationToken);
                if (located is ArmsOutcome.Stop or ArmsOutcome.Restart)
                {
                    return located;
                }

                if (located != ArmsOutcome.Done)
                {
                    await Task.Delay(LocationRetry, time, cancellationToken);
                    continue;
                }
            }

            State = ArmsBoxState.Pulling;
            var outcome = await RoundsAsync(cancellationToken);
            if (outcome != ArmsOutcome.Again)
            {
                return outcome;
            }

            _servers = [];
        }
    }

    /// <summary>(3)</summary>
    public async Task<ArmsOutcome> QueryAsync(CancellationToken cancellationToken)
    {
        for (var round = 0; round <= _retryMax; round++)
        {
            await WaitAsync(round, cancellationToken);
            foreach (var url in _queried)
            {
                var (outcome, answer) = await AskAsync(url, _serverKey, Request("push-method-query", [new("push-method", "https-simple"), new("push-method", "https-tunnel")]), isLocation: false, cancellationToken);
                if (outcome == ArmsOutcome.Done)
                {
                    _tunnels = answer!.All("push-method").Contains("https-tunnel") ? [.. answer.All("https-tunnel-url").Select(static tunnel => new Uri(tunnel))] : [];
                    _echoEvery = Seconds(answer["https-tunnel-echo-interval"], 60);
                    return outcome;
                }

                if (outcome != ArmsOutcome.Again)
                {
                    return outcome == ArmsOutcome.Restart && answer?.ResultCode < 300 ? ArmsOutcome.Pull : outcome;
                }
            }
        }

        _trigger = "retry is over";
        return ArmsOutcome.Pull;
    }

    // (1)
    private async Task<ArmsOutcome> LocateAsync(CancellationToken cancellationToken)
    {
        var shown = Faults.Remove("wrong-key") ? key + "x" : key;
        Triggers.Add(_trigger);
        var (outcome, answer) = await AskAsync(locationServer, shown, Request("rs-solicitation", [new("trigger", _trigger)]), isLocation: true, cancellationToken);
        if (outcome != ArmsOutcome.Done)
        {
            return outcome;
        }

        var servers = new List<(Uri, LocationConfig)>();
        foreach (var server in answer!.Body!.Where(static field => field.Name == "rs-info").Take(5))
        {
            if (Uri.TryCreate(server.Fields.FirstOrDefault(static f => f.Name == "url")?.Text.Trim(), UriKind.Absolute, out var url)
                && LocationConfig.TryParse(server.Fields.FirstOrDefault(static f => f.Name == "md-config")?.Text, out var line))
            {
                servers.Add((url, line!));
            }
        }

        (_servers, _last, _serverKey) = (servers, 0, answer["rs-preshared-key"] ?? "");
        (_retryMax, _retryEvery) = (int.TryParse(answer["rs-retry-max"], NumberStyles.None, CultureInfo.InvariantCulture, out var most) ? most : 0, Seconds(answer["rs-retry-interval"], 0));
        return servers.Count > 0 ? ArmsOutcome.Done : ArmsOutcome.Again;
    }

    // (2) The one that answered last is asked first.
    private async Task<ArmsOutcome> RoundsAsync(CancellationToken cancellationToken)
    {
        for (var round = 0; round <= _retryMax; round++)
        {
            await WaitAsync(round, cancellationToken);
            for (var i = 0; i < _servers.Count; i++)
            {
                var at = (_last + i) % _servers.Count;
                Triggers.Add(_trigger);
                var (outcome, answer) = await AskAsync(
                    _servers[at].Url, _serverKey, Request("config-solicitation", [new("protocol-version", "4.0"), new("trigger", _trigger), new("firmware-info", Firmware)]), isLocation: false, cancellationToken);
                if (outcome == ArmsOutcome.Done && Take(answer!))
                {
                    (_last, _trigger) = (at, "power on boot");
                    return outcome;
                }

                if (outcome is ArmsOutcome.Stop or ArmsOutcome.Restart)
                {
                    return outcome;
                }
            }
        }

        return ArmsOutcome.Again;
    }

    /// <summary>Modules come before their configurations; what has no module is refused, and a module that is not told any more is gone.</summary>
    private bool Take(ArmsMessage answer)
    {
        if (Faults.Remove("invalid-config"))
        {
            _trigger = "invalid config";
            return false;
        }

        _modules.Clear();
        var taken = new SortedDictionary<long, byte[]>();
        foreach (var field in answer.Body ?? [])
        {
            if (field.Name is not ("module" or "md-config") || !long.TryParse(field.Attribute("id"), NumberStyles.None, CultureInfo.InvariantCulture, out var module))
            {
                continue;
            }

            if (field.Name == "module")
            {
                _modules[module] = field;
            }
            else if (!_modules.ContainsKey(module) || !field.TryGetContent(out var content))
            {
                return false;
            }
            else
            {
                taken[module] = content;
            }
        }

        _heartbeatServers = SimulatedHeartbeats.Servers(answer);
        _queried = [.. answer.All("rs-pull-server-url").Select(static url => new Uri(url.Trim()))];
        _running.Clear();
        foreach (var (module, content) in taken)
        {
            _running[module] = content;
        }

        return true;
    }

    // (4)
    private async Task<ArmsOutcome> TunnelAsync(CancellationToken cancellationToken)
    {
        if (_tunnels.Count == 0)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        }

        SimulatedChange? change = null;
        for (var round = 0; ; round++)
        {
            if (round > _retryMax && change is null or { IsUndone: true })
            {
                break;
            }

            if (round > _retryMax)
            {
                // No way back with what it runs: it takes what it ran before, and tries again.
                Undo(change!);
                round = 0;
            }

            await WaitAsync(round, cancellationToken);
            if (change is not null && IsCutOff(change))
            {
                continue;
            }

            try
            {
                await using var tunnel = await SimulatedArmsTunnel.OpenAsync(this, _tunnels[round % _tunnels.Count], _serverKey, _servers[_last].Line.Certificate, change, _echoEvery, time, cancellationToken);
                var confirmed = tunnel.ConfirmedAsync();
                _ = confirmed.ContinueWith(_ => State = ArmsBoxState.Connected, cancellationToken, TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                var end = await tunnel.LiveAsync(cancellationToken);
                if (end == ArmsTunnelEnd.Pull)
                {
                    (_trigger, State) = ("Pull requested by RS", ArmsBoxState.Configured);
                    return ArmsOutcome.Pull;
                }

                change = tunnel.Change;
                if (end == ArmsTunnelEnd.Change)
                {
                    if (await RunAsync(change!, cancellationToken) is { } over)
                    {
                        return over;
                    }

                    round = -1;
                    continue;
                }

                if (end == ArmsTunnelEnd.Undo)
                {
                    if (change!.IsUndone)
                    {
                        break;
                    }

                    Undo(change);
                    round = -1;
                    continue;
                }

                // It was there: the count begins anew.
                round = confirmed.IsCompletedSuccessfully ? 0 : round;
            }
            catch (IOException e)
            {
                Fail(e.Message);
            }

            State = ArmsBoxState.Configured;
        }

        if (change is not null)
        {
            _trigger = "rollback failure";
            return ArmsOutcome.Pull;
        }

        _trigger = "retry is over";
        return ArmsOutcome.Pull;
    }

    /// <summary>A change is run after the tunnel was closed; a second later the box is back, if it finds the way. Null: it goes on with its tunnel.</summary>
    private async Task<ArmsOutcome?> RunAsync(SimulatedChange change, CancellationToken cancellationToken)
    {
        if (Faults.Remove("silent-configure"))
        {
            State = ArmsBoxState.Stopped;
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        }

        change.Formerly = new SortedDictionary<long, byte[]>(_running);
        Run(change.Wanted);
        if (Faults.Remove("crash-configure"))
        {
            // What it ran is in no storage of it: it starts, and pulls.
            _trigger = "power on boot";
            return ArmsOutcome.Pull;
        }

        if (Faults.Remove("fail-configure"))
        {
            Undo(change);
        }

        change.IsCut = Faults.Remove("cut-configure");
        change.IsLost = Faults.Remove("rollback-failure");
        await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
        return null;
    }

    private bool IsCutOff(SimulatedChange change) =>
        change.IsLost || (change.IsCut && !change.IsUndone) || (Poison is { } poison && _running.Values.Any(content => Encoding.UTF8.GetString(content).Contains(poison, StringComparison.Ordinal)));

    private void Undo(SimulatedChange change)
    {
        change.IsUndone = true;
        Run(change.Formerly);
    }

    private void Run(IReadOnlyDictionary<long, byte[]> configuration)
    {
        _running.Clear();
        foreach (var (module, content) in configuration)
        {
            _running[module] = content;
        }
    }

    /// <summary>The server has heard what became of a change.</summary>
    internal void Settled(SimulatedChange change)
    {
        Kept += change.IsUndone ? 0 : 1;
        Undone += change.IsUndone ? 1 : 0;
    }

    private ArmsMessage Request(string type, IReadOnlyList<ArmsField> body) => new() { Type = type, DistributionId = id, Description = Description, Body = body };

    private async Task<(ArmsOutcome Outcome, ArmsMessage? Answer)> AskAsync(Uri url, string shown, ArmsMessage request, bool isLocation, CancellationToken cancellationToken)
    {
        byte[] octets;
        try
        {
            var message = ArmsWriter.Write(request, declared: false);
            octets = Post is not null
                ? await Post(url, shown, message, isLocation, cancellationToken)
                : await ArmsWire.PostAsync(url, id.ToString(), shown, message, isLocation ? Root : _servers.FirstOrDefault().Line?.Certificate is { Length: > 0 } told ? told : null, isLocation, IsLegacy, cancellationToken);
        }
        catch (IOException e)
        {
            Fail(e.Message);
            return (ArmsOutcome.Again, null);
        }

        if (!ArmsReader.TryRead(octets, null, out var answer, out var error) || answer!.ResultCode is not { } code)
        {
            Fail(error.Reason ?? "the answer has no result");
            return (ArmsOutcome.Again, null);
        }

        Last = string.Create(CultureInfo.InvariantCulture, $"{request.Type} {code}");
        var outcome = code switch { >= 100 and < 200 => ArmsOutcome.Done, >= 300 and < 500 => ArmsOutcome.Again, ArmsResult.OutOfService => ArmsOutcome.Stop, 502 or 508 => ArmsOutcome.Pull, _ => ArmsOutcome.Restart };
        Failed += outcome == ArmsOutcome.Done ? 0 : 1;
        return (outcome, answer);
    }

    private void Fail(string why)
    {
        Failed++;
        Last = why;
    }

    private Task WaitAsync(int round, CancellationToken cancellationToken) => round == 0 ? Task.CompletedTask : Task.Delay(_retryEvery, time, cancellationToken);

    private static TimeSpan Seconds(string? text, int otherwise) => TimeSpan.FromSeconds(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : otherwise);

    /// <summary>"0001-…-DEAD-BEEF" and 1: the next code.</summary>
    public static DistributionId Next(DistributionId first, int more) => new(first.Value + (UInt128)more);

    public string Text(long module) => _running.TryGetValue(module, out var content) ? Encoding.UTF8.GetString(content) : "";

    internal static int NewChunkId() => RandomNumberGenerator.GetInt32(1, int.MaxValue);
}

/// <summary>How far a box is.</summary>
internal enum ArmsBoxState
{
    Factory,
    Locating,
    Pulling,
    Configured,
    Connected,
    Stopped,
}

/// <summary>What a box does next.</summary>
internal enum ArmsOutcome
{
    Done,
    Again,
    Pull,
    Restart,
    Stop,
}
