using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Core.Net;
using Tsunagi.Protocols.Net.Stamp;

namespace Tsunagi.Connectivity.Probes;

/// <summary>What an engine gives away at a look.</summary>
internal sealed record ProbeFindings(IReadOnlyList<(ProbeRow Probe, MinuteTally Tally)> Minutes, IReadOnlyList<(ProbeRow Probe, PathChange Change)> Changes);

/// <summary>
/// Sends and receives test packets for all probes of a node: one socket and one receiving thread for each address family, one thread that sends what is due. The sessions are guarded by one lock, which is
/// held for one packet at a time; a reply is stamped by the kernel before it waits for anything.
/// </summary>
internal sealed partial class ProbeEngine : IDisposable
{
    private const int ReceiveBufferBytes = 8 * 1024 * 1024;
    private const int LongestTest = 2_000;
    private const int RememberedSends = 65_536;
    private const long NanosecondsPerMillisecond = 1_000_000;
    private static readonly TimeSpan ReceivePause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan FailureEvery = TimeSpan.FromMinutes(1);

    private readonly ProbeOptions _options;
    private readonly Func<bool> _may;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Run> _byProbe = new(StringComparer.Ordinal);
    private readonly Dictionary<ushort, Run> _bySession = [];
    private readonly PriorityQueue<Run, long> _due = new();
    private readonly List<(ProbeRow Probe, MinuteTally Tally)> _minutes = [];
    private readonly List<(ProbeRow Probe, PathChange Change)> _changes = [];
    private readonly List<MinuteTally> _closed = [];
    private readonly ManualResetEventSlim _stopping = new();
    private readonly AutoResetEvent _more = new(initialState: false);
    private readonly List<Thread> _threads = [];
    private readonly List<Family> _families = [];
    private readonly long _start;
    private ushort _nextSession = 1;
    private long _toldAt;

    public ProbeEngine(ProbeOptions options, Func<bool> may, TimeProvider time, ILogger log)
    {
        (_options, _may, _time, _log, _start) = (options, may, time, log, time.GetTimestamp());
        foreach (var any in (IPAddress[])[IPAddress.Any, IPAddress.IPv6Any])
        {
            try
            {
                _families.Add(new Family(this, new StampedSocket(new IPEndPoint(any, 0), ReceiveBufferBytes, time)));
            }
            catch (SocketException missing)
            {
                LogNoFamily(log, any.AddressFamily.ToString(), missing.Message);
            }
        }
    }

    /// <summary>Told each delay as it is settled, for whoever holds it against the truth: the packet's number, nanoseconds.</summary>
    internal Action<uint, long>? Settled { get; init; }

    /// <summary>Nanoseconds of a clock that is never set.</summary>
    private long Monotonic => _time.GetElapsedTime(_start).Ticks * 100;

    public void Start()
    {
        foreach (var family in _families)
        {
            StartThread($"STAMP {family.Socket.EndPoint}", () => family.Socket.Receive(family, ReceivePause));
        }

        StartThread("STAMP sender", SendDue);
    }

    /// <summary>Takes the probes that there are now: new ones begin, those that are gone end.</summary>
    public void Follow(IReadOnlyList<(ProbeRow Probe, StampKey? Key)> probes)
    {
        var wanted = probes.ToDictionary(static each => each.Probe.Id, StringComparer.Ordinal);
        lock (_lock)
        {
            foreach (var gone in _byProbe.Values.Where(run => !wanted.ContainsKey(run.Session.Probe.Id)).ToList())
            {
                End(gone);
            }

            foreach (var (probe, key) in probes)
            {
                if (!_byProbe.ContainsKey(probe.Id))
                {
                    Begin(probe, key);
                }
            }
        }

        _more.Set();
    }

    /// <summary>What is decided by now.</summary>
    public ProbeFindings Look()
    {
        lock (_lock)
        {
            var (now, monotonic) = (_families.Count == 0 ? 0 : _families[0].Socket.NowNanoseconds, Monotonic);
            foreach (var run in _byProbe.Values)
            {
                _closed.Clear();
                if (run.Session.Look(now, monotonic, _closed) is { } change)
                {
                    _changes.Add((run.Session.Probe, change));
                }

                _minutes.AddRange(_closed.Select(tally => (run.Session.Probe, tally)));
            }

            return Give();
        }
    }

    /// <summary>Ends all sessions and gives what they had.</summary>
    public ProbeFindings Close()
    {
        lock (_lock)
        {
            foreach (var run in _byProbe.Values.ToList())
            {
                End(run);
            }

            return Give();
        }
    }

    public void Stop()
    {
        _stopping.Set();
        _more.Set();
        foreach (var thread in _threads)
        {
            thread.Join(TimeSpan.FromSeconds(5));
        }

        _threads.Clear();
    }

    public void Dispose()
    {
        Stop();
        foreach (var family in _families)
        {
            family.Socket.Dispose();
        }

        _stopping.Dispose();
        _more.Dispose();
    }

    private void Begin(ProbeRow probe, StampKey? key)
    {
        var target = IPEndPoint.Parse(probe.Target);
        var address = target.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(target.Address.MapToIPv4(), target.Port) : target;
        if (_families.Find(family => family.Socket.EndPoint.AddressFamily == address.AddressFamily) is not { } family)
        {
            return;
        }

        while (_nextSession == 0 || _bySession.ContainsKey(_nextSession))
        {
            _nextSession++;
        }

        var to = address.Serialize();
        var run = new Run(new ProbeSession(probe, _nextSession++, key, _options) { Settled = Settled }, family, to, RadiusSource.Of(to));
        _byProbe[probe.Id] = run;
        _bySession[run.Session.Id] = run;

        // Spread over the interval, so that they do not all leave at once.
        run.Due = Monotonic + ((uint)StringComparer.Ordinal.GetHashCode(probe.Id) % (uint)probe.EveryMilliseconds * NanosecondsPerMillisecond);
        _due.Enqueue(run, run.Due);
    }

    private void End(Run run)
    {
        run.IsOver = true;
        _byProbe.Remove(run.Session.Probe.Id);
        _bySession.Remove(run.Session.Id);
        _closed.Clear();
        run.Session.Close(_closed);
        _minutes.AddRange(_closed.Select(tally => (run.Session.Probe, tally)));
    }

    private ProbeFindings Give()
    {
        var found = new ProbeFindings([.. _minutes], [.. _changes]);
        _minutes.Clear();
        _changes.Clear();
        return found;
    }

    private void SendDue()
    {
        TimeSpan wait;
        lock (_lock)
        {
            while (_due.TryPeek(out var run, out var due) && (run.IsOver || due <= Monotonic))
            {
                _due.Dequeue();
                if (run.IsOver)
                {
                    continue;
                }

                // Who comes late does not catch up: the interval is what is promised, not the count.
                run.Due = Math.Max(run.Due + (run.Session.Probe.EveryMilliseconds * NanosecondsPerMillisecond), Monotonic);
                _due.Enqueue(run, run.Due);
                if (_may())
                {
                    run.Family.Send(run);
                }
            }

            wait = _due.TryPeek(out _, out var next) ? TimeSpan.FromTicks(Math.Clamp((next - Monotonic) / 100, 0, ReceivePause.Ticks)) : ReceivePause;
        }

        // Waits end late rather than early: a rest below a millisecond is waited as one.
        _more.WaitOne((int)Math.Ceiling(wait.TotalMilliseconds));
    }

    private void StartThread(string name, Action step)
    {
        var thread = new Thread(() => Repeat(name, step)) { IsBackground = true, Name = name };
        _threads.Add(thread);
        thread.Start();
    }

    private void Repeat(string name, Action step)
    {
        while (!_stopping.IsSet)
        {
            try
            {
                step();
            }
            catch (Exception) when (_stopping.IsSet)
            {
                return;
            }
            catch (Exception broken)
            {
                // The one place for what goes wrong with a test packet: it counts as lost, the others go on.
                if (_toldAt == 0 || _time.GetElapsedTime(_toldAt) > FailureEvery)
                {
                    _toldAt = _time.GetTimestamp();
                    LogFault(_log, broken, name);
                }
            }
        }
    }

    private sealed class Run(ProbeSession session, Family family, SocketAddress to, RadiusSource target)
    {
        public ProbeSession Session => session;

        public Family Family => family;

        public SocketAddress To => to;

        public RadiusSource Target => target;

        public long Due { get; set; }

        public bool IsOver { get; set; }
    }

    private sealed class Family(ProbeEngine engine, StampedSocket socket) : IStampedReader
    {
        private readonly byte[] _buffer = new byte[LongestTest];
        private readonly (uint Number, uint Sequence, Run? Run)[] _left = new (uint, uint, Run?)[RememberedSends];

        public StampedSocket Socket => socket;

        /// <summary>With the lock held, so that the kernel's stamp finds whose it is.</summary>
        public void Send(Run run)
        {
            var now = socket.NowNanoseconds;
            var length = run.Session.Write(_buffer, now, out var sequence);
            if (socket.Send(_buffer.AsSpan(0, length), run.To, out var number))
            {
                _left[number % RememberedSends] = (number, sequence, run);
            }

            // What the kernel refuses (no route) never comes back: it is lost like any other.
            run.Session.OnSent(sequence, now, engine.Monotonic);
        }

        public void OnSent(uint number, long sentAt)
        {
            lock (engine._lock)
            {
                var (known, sequence, run) = _left[number % RememberedSends];
                if (known == number && run is { IsOver: false })
                {
                    run.Session.OnLeft(sequence, sentAt);
                }
            }
        }

        public void OnDatagram(ReadOnlySpan<byte> datagram, SocketAddress from, in StampedArrival arrival)
        {
            var source = RadiusSource.Of(from);
            lock (engine._lock)
            {
                // Whose it is stands in the SSID, whose place the mode decides: the far end is known, so is its mode.
                foreach (var mode in (ReadOnlySpan<StampMode>)[StampMode.Unauthenticated, StampMode.Authenticated])
                {
                    var at = mode == StampMode.Unauthenticated ? 14 : 26;
                    if (datagram.Length >= at + 2 && engine._bySession.TryGetValue((ushort)((datagram[at] << 8) | datagram[at + 1]), out var run) && run.Session.Mode == mode && run.Target == source
                        && StampReply.TryParse(datagram, mode, run.Session.Key, null, out var reply, out _))
                    {
                        if (run.Session.OnReply(reply, arrival.ReceivedAt, engine.Monotonic) is { } change)
                        {
                            engine._changes.Add((run.Session.Probe, change));
                        }

                        return;
                    }
                }
            }
        }
    }

    [LoggerMessage(5321, LogLevel.Warning, "lines are not probed by {Family}: {Reason}")]
    private static partial void LogNoFamily(ILogger log, string family, string reason);

    [LoggerMessage(5322, LogLevel.Error, "a test packet of the probes failed in {Thread} and counts as lost; the others go on")]
    private static partial void LogFault(ILogger log, Exception exception, string thread);
}
