using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Ddos.Try;

/// <summary>
/// A router for a demonstration: tells a collector on loopback, ten times a second, of made traffic to one address: everyday traffic always, and for a while an attack (answers of many name servers that
/// nobody asked). It sends flow records only, never a packet of what they tell of.
/// </summary>
public sealed class TrialExporter : IDisposable
{
    /// <summary>Packets a second that the attack is told to have.</summary>
    public const int AttackPackets = 3_000;

    private const int RecordsEach = 30;
    private const int Reflectors = 24;
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly IPEndPoint _collector;
    private readonly string _target;
    private readonly TimeProvider _time;
    private uint _sequence;
    private long _ticks;
    private long _attackUntil;

    /// <exception cref="ArgumentException">The collector is not on this machine.</exception>
    public TrialExporter(IPEndPoint collector, string target, TimeProvider time)
    {
        if (!IPAddress.IsLoopback(collector.Address))
        {
            throw new ArgumentException($"made flows go to loopback only, not to {collector}", nameof(collector));
        }

        (_collector, _target, _time) = (collector, target, time);
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    }

    public string Target => _target;

    public bool IsAttacking => Volatile.Read(ref _attackUntil) > _time.GetTimestamp();

    /// <summary>From now on, and for so long at most, an attack is told of too.</summary>
    public void Attack(TimeSpan atMost) => Volatile.Write(ref _attackUntil, _time.GetTimestamp() + (long)(atMost.TotalSeconds * _time.TimestampFrequency));

    public void Calm() => Volatile.Write(ref _attackUntil, 0);

    /// <summary>Until cancelled. A collector that is away misses what is sent meanwhile.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Every, _time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            _ticks++;
            Send(Everyday);
            if (IsAttacking)
            {
                Send(Reflected);
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Send(Func<int, TrialFlow> make)
    {
        var datagram = NetFlow5Datagram.Write(_sequence, [.. Enumerable.Range(0, RecordsEach).Select(make)], _time.GetUtcNow().ToUnixTimeSeconds());
        _sequence += RecordsEach;
        try
        {
            _socket.SendTo(datagram, _collector);
        }
        catch (SocketException)
        {
            // Nobody listens there just now.
        }
    }

    // Pages, calls, names: about 1,000 packets a second in 300 flows, more and less of it as time goes on.
    private TrialFlow Everyday(int i)
    {
        var from = string.Create(CultureInfo.InvariantCulture, $"203.0.113.{(i * 7) % 200}");
        var port = (ushort)(20_000 + (((_ticks * 31) + (i * 977)) % 30_000));
        var more = (uint)(2 + ((_ticks / 10) % 4));
        return (i % 6) switch
        {
            0 => new(from, _target, 17, 53, port, 1, 90 + (uint)((_ticks + i) % 120)),
            1 => new(from, _target, 17, 443, port, more, more * 1_100) { Lasted = 80 },
            2 => new(from, _target, 6, port, 443, more, more * 70) { Lasted = 60, Flags = 0x18 },
            3 => new(from, _target, 6, port, 443, 9, 1_400) { Lasted = 90, Flags = 0x1B },
            4 => new(from, _target, 6, 443, port, more + 2, (more + 2) * 1_300) { Lasted = 90, Flags = 0x18 },
            _ => new(from, _target, 6, 443, port, 8, 9_000) { Lasted = 90, Flags = 0x1B },
        };
    }

    private TrialFlow Reflected(int i)
    {
        var each = (uint)(AttackPackets / (RecordsEach * 10));
        var reflector = ((_ticks * RecordsEach) + i) % Reflectors;
        return new(
            string.Create(CultureInfo.InvariantCulture, $"198.51.100.{1 + reflector}"), _target, 17, 53, (ushort)(1_024 + ((_ticks * 61) + (i * 523)) % 60_000), each, each * (1_200 + (uint)((_ticks + (i * 7)) % 200))) { Lasted = 90 };
    }
}
