using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Core.Net;
using Tsunagi.Protocols.Net.Stamp;

namespace Tsunagi.Connectivity.Probes;

/// <summary>
/// Reflects test packets at one address, on one thread (RFC 8762 section 4.3): (1) who floods or may not is not answered; (2) the packet is read, in authenticated mode with its HMAC; (3) its session counts
/// it; (4) the reply is written, (5) its time put in and the reply sent; (6) the kernel says when it truly left, which the session's next reply tells.
/// </summary>
internal sealed partial class StampReflector : IStampedReader, IDisposable
{
    private const int ReceiveBufferBytes = 4 * 1024 * 1024;
    private const int LongestReply = 9_000;
    private const int RememberedReplies = 4_096;
    private const long NanosecondsPerSecond = 1_000_000_000;
    private static readonly TimeSpan ReceivePause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan FailureEvery = TimeSpan.FromMinutes(1);

    private readonly StampedSocket _socket;
    private readonly StampKey? _key;
    private readonly IReadOnlyList<IPNetwork> _allowed;
    private readonly ReflectorSessions _sessions;
    private readonly int _mostPerSecond;
    private readonly StampReflectorClock _clock;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly byte[] _reply = new byte[LongestReply];
    private readonly (uint Number, uint Sequence, ReflectedSession? Session)[] _left = new (uint, uint, ReflectedSession?)[RememberedReplies];
    private readonly ManualResetEventSlim _stopping = new();
    private readonly Thread _thread;
    private long _second;
    private int _inSecond;
    private long _toldAt;

    public StampReflector(IPEndPoint at, StampKey? key, ProbeOptions options, TimeProvider time, ILogger log)
    {
        (_key, _time, _log, _mostPerSecond) = (key, time, log, options.MostReflectedPerSecond);
        _allowed = [.. options.ReflectFor.Select(static text => IPNetwork.Parse(text))];
        _sessions = new ReflectorSessions(options.MostReflected, options.ForgetReflected, time);
        var source = options.ClockIsSynchronized ? StampSyncSource.Ntp : StampSyncSource.FreeRunning;
        _clock = new StampReflectorClock(
            StampErrorEstimate.Of(options.ClockError.Ticks * 100, options.ClockIsSynchronized, StampFormat.Ntp), new(source, StampMethod.Software, source, StampMethod.ControlPlane), MarksReplies: true);
        _socket = new StampedSocket(at, ReceiveBufferBytes, time);
        _thread = new Thread(Run) { IsBackground = true, Name = $"STAMP {EndPoint}" };
    }

    /// <summary>Where it reflects; with port 0 the port that was given.</summary>
    public IPEndPoint EndPoint => _socket.EndPoint;

    public long Reflected { get; private set; }

    public long Dropped { get; private set; }

    public void Start()
    {
        LogReflecting(_log, EndPoint.ToString(), _socket.HasKernelStamps);
        _thread.Start();
    }

    public void OnDatagram(ReadOnlySpan<byte> datagram, SocketAddress from, in StampedArrival arrival)
    {
        // (1)
        var source = RadiusSource.Of(from);
        if (!IsAllowed(source) || !HasRoom(arrival.ReceivedAt / NanosecondsPerSecond))
        {
            Dropped++;
            return;
        }

        // (2)
        if (!StampTest.TryParse(datagram, _key is null ? StampMode.Unauthenticated : StampMode.Authenticated, _key, null, out var test, out _))
        {
            Dropped++;
            return;
        }

        // (3)
        var session = _sessions.Of(source, test.SessionId);
        var sequence = test.Sequence;
        var state = default(StampSessionState);
        if (session is not null)
        {
            session.Received++;
            sequence = session.Reflected;
            state = new StampSessionState(session.Received, session.Reflected, session.Before);
        }

        // (4)
        var came = new StampArrival(
            arrival.ReceivedAt, arrival.Ttl, arrival.TrafficClass, new IPEndPoint(source.ToAddress(), source.Port), arrival.Destination is { } to ? new IPEndPoint(to, EndPoint.Port) : null);
        if (!StampReflection.TryBegin(test, sequence, came, state, _clock, _key, _reply, out var reflection))
        {
            Dropped++;
            return;
        }

        // (5)
        reflection.Finish(_socket.NowNanoseconds, _key);
        if (!_socket.Send(_reply.AsSpan(0, reflection.Length), from, reflection.WantedDscp is > 0 and var dscp ? dscp : null, out var number))
        {
            Dropped++;
            return;
        }

        Reflected++;
        if (session is not null)
        {
            session.Reflected++;
            session.Before = default;
            _left[number % RememberedReplies] = (number, sequence, session);
        }
    }

    public void OnSent(uint number, long sentAt)
    {
        // (6)
        var (known, sequence, session) = _left[number % RememberedReplies];
        if (session is not null && known == number && session.Reflected == sequence + 1)
        {
            session.Before = new StampFollowUp(sequence, StampTimestamp.FromUnixNanoseconds(sentAt, StampFormat.Ntp), StampMethod.Software);
        }
    }

    public void Dispose()
    {
        if (!_stopping.IsSet)
        {
            _stopping.Set();
            if (_thread.IsAlive)
            {
                _thread.Join(TimeSpan.FromSeconds(5));
            }

            _socket.Dispose();
        }

        _stopping.Dispose();
    }

    private void Run()
    {
        while (!_stopping.IsSet)
        {
            try
            {
                _socket.Receive(this, ReceivePause);
            }
            catch (Exception) when (_stopping.IsSet)
            {
                return;
            }
            catch (Exception broken)
            {
                // The one place for what goes wrong with a datagram: it is not answered, the reflector lives.
                if (_toldAt == 0 || _time.GetElapsedTime(_toldAt) > FailureEvery)
                {
                    _toldAt = _time.GetTimestamp();
                    LogFault(_log, broken, EndPoint.ToString());
                }
            }
        }
    }

    private bool IsAllowed(RadiusSource source)
    {
        if (_allowed.Count == 0)
        {
            return true;
        }

        var address = source.ToAddress();
        return _allowed.Any(network => network.Contains(address));
    }

    private bool HasRoom(long second)
    {
        if (second != _second)
        {
            (_second, _inSecond) = (second, 0);
        }

        return _inSecond++ < _mostPerSecond;
    }

    [LoggerMessage(5301, LogLevel.Information, "STAMP test packets are reflected at {EndPoint}, stamped by the kernel: {Stamped}")]
    private static partial void LogReflecting(ILogger log, string endPoint, bool stamped);

    [LoggerMessage(5302, LogLevel.Error, "a STAMP test packet at {EndPoint} could not be reflected; its sender counts it as lost")]
    private static partial void LogFault(ILogger log, Exception exception, string endPoint);
}
