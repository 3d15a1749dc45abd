using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tsunagi.Protocols.Cpe.Arms;

namespace Tsunagi.Routers.Simulate;

/// <summary>The heartbeats of a simulated box: to each server it was told of, at once and then at the interval it was told, with two CPUs, a memory and two interfaces that count on for as long as the box has power.</summary>
internal sealed class SimulatedHeartbeats(DistributionId id, TimeProvider time)
{
    private const ulong Memory = 256 << 20;
    private const int Interfaces = 2;
    private readonly Lock _turn = new();
    private readonly ulong[] _in = new ulong[Interfaces];
    private readonly ulong[] _out = new ulong[Interfaces];
    private readonly long _started = time.GetTimestamp();
    private uint _chance = (uint)id.Value | 1;
    private double _load = 0.2;
    private TimeSpan _counted;

    /// <summary>How many were sent.</summary>
    public int Sent { get; private set; }

    /// <summary>The servers in the answer of a resource server; those it could not use are passed over.</summary>
    public static IReadOnlyList<SimulatedHeartbeatServer> Servers(ArmsMessage answer)
    {
        List<SimulatedHeartbeatServer> servers = [];
        foreach (var told in (answer.Body ?? []).Where(static field => field.Name == "heartbeat-info").Take(5))
        {
            string Text(string name) => told.Fields.FirstOrDefault(field => field.Name == name)?.Text.Trim() ?? "";
            if (IPAddress.TryParse(Text("host"), out var host) && ushort.TryParse(Text("port"), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                && int.TryParse(Text("interval"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 && told.Fields.Any(static field => field.Name == "algorithm" && field.Text.Trim() == "HMAC-SHA1"))
            {
                servers.Add(new SimulatedHeartbeatServer(new IPEndPoint(host, port), Encoding.ASCII.GetBytes(Text("passphrase")), TimeSpan.FromSeconds(seconds)));
            }
        }

        return servers;
    }

    /// <summary>Until cancelled.</summary>
    public Task RunAsync(IReadOnlyList<SimulatedHeartbeatServer> servers, CancellationToken cancellationToken) => Task.WhenAll(servers.Select(server => RunAsync(server, cancellationToken)));

    /// <summary>The next heartbeat.</summary>
    internal byte[] Next(ReadOnlySpan<byte> passphrase)
    {
        lock (_turn)
        {
            var elapsed = time.GetElapsedTime(_started);
            _load = Math.Clamp(_load + ((Chance(1_000) - 500) / 8_000.0), 0.02, 0.95);
            var octets = (elapsed - _counted).TotalSeconds * _load * 12_000_000;
            _counted = elapsed;
            List<HeartbeatRecord> records = [];
            for (ushort cpu = 0; cpu < 2; cpu++)
            {
                records.Add(new HeartbeatCpu(cpu, (byte)(_load * (80 + Chance(20)))).ToRecord());
            }

            var used = (ulong)(Memory * (0.3 + (_load / 4)));
            records.Add(new HeartbeatSpace(0, used, Memory - used).ToRecord(HeartbeatType.Memory));
            for (ushort i = 0; i < Interfaces; i++)
            {
                // What comes in at one goes out at the other.
                _in[i] += (ulong)(octets / (1 + (9 * i))) + (ulong)Chance(1_000);
                _out[i] += (ulong)(octets / (10 - (9 * i))) + (ulong)Chance(1_000);
                records.Add(new HeartbeatTraffic(i, _in[i], _out[i], _in[i] / 800, _out[i] / 700, 0, 0).ToRecord(HeartbeatType.TrafficCount));
            }

            return new Heartbeat { DistributionId = id, Records = records }.Write(passphrase);
        }
    }

    // Xorshift, so that a box of one id lives the same life each time.
    private int Chance(int below)
    {
        _chance ^= _chance << 13;
        _chance ^= _chance >> 17;
        _chance ^= _chance << 5;
        return (int)(_chance % (uint)below);
    }

    private async Task RunAsync(SimulatedHeartbeatServer server, CancellationToken cancellationToken)
    {
        try
        {
            using var socket = new Socket(server.Address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            while (true)
            {
                try
                {
                    await socket.SendToAsync(Next(server.Passphrase), server.Address, cancellationToken);
                    Sent++;
                }
                catch (SocketException)
                {
                    // Nobody is there: so it is with datagrams.
                }

                await Task.Delay(server.Interval, time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The box does something else now.
        }
    }
}

/// <summary>Where heartbeats go.</summary>
internal sealed record SimulatedHeartbeatServer(IPEndPoint Address, byte[] Passphrase, TimeSpan Interval);
