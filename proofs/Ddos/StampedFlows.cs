using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Ipfix;
using Tsunagi.Protocols.Flow.Sflow;

namespace Tsunagi.Proofs.Ddos;

/// <summary>
/// Stands between exporter and collector: each datagram is stamped when it comes and handed on unchanged before anything else is done with it; then it is read, so that it is known which
/// was the first that told of the attack.
/// </summary>
internal sealed class StampedFlows : IDisposable
{
    private readonly Socket _in = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Socket _out = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly FlowExporter _exporter = new();
    private readonly Lock _gate = new();
    private FlowAddress _target;
    private readonly long _floor;
    private long _firstMicros;
    private long _floorMicros;
    private ulong _packets;
    private ulong _firstPackets;

    /// <param name="from">The address on loopback that the collector knows the exporter by.</param>
    /// <param name="floor">So many packets told of are an attack.</param>
    public StampedFlows(IPAddress from, IPEndPoint collector, long floor)
    {
        _floor = floor;
        _in.ReceiveBufferSize = 4 << 20;
        _in.Bind(new IPEndPoint(AttackNetwork.Here, 0));
        _out.Bind(new IPEndPoint(from, 0));
        _out.Connect(collector);
        new Thread(Run) { IsBackground = true, Name = "stamps flows" }.Start();
    }

    public int Port => ((IPEndPoint)_in.LocalEndPoint!).Port;

    /// <summary>When the first datagram came that tells of an attack on <see cref="Watch"/>'s target, µs UTC; 0 before it.</summary>
    public long FirstMicros
    {
        get
        {
            lock (_gate)
            {
                return _firstMicros;
            }
        }
    }

    /// <summary>When so many of its packets had been told of as make it an attack.</summary>
    public long FloorMicros
    {
        get
        {
            lock (_gate)
            {
                return _floorMicros;
            }
        }
    }

    /// <summary>Of how many of its packets that first datagram told.</summary>
    public ulong FirstPackets
    {
        get
        {
            lock (_gate)
            {
                return _firstPackets;
            }
        }
    }

    public void Watch(string target)
    {
        lock (_gate)
        {
            (_target, _firstMicros, _floorMicros, _packets, _firstPackets) = (FlowAddress.From(IPAddress.Parse(target)), 0, 0, 0, 0);
        }
    }

    public void Dispose()
    {
        _in.Dispose();
        _out.Dispose();
    }

    private void Run()
    {
        var buffer = new byte[65_535];
        try
        {
            while (true)
            {
                var length = _in.Receive(buffer);
                var at = TimeProvider.System.NowMicros();
                _out.Send(buffer.AsSpan(0, length));
                lock (_gate)
                {
                    var sink = new AttackSink(_target);
                    _exporter.Decode(buffer.AsSpan(0, length), at / 1_000, ref sink);
                    _packets += sink.Packets;
                    _firstPackets = _firstMicros == 0 ? _packets : _firstPackets;
                    _firstMicros = _firstMicros == 0 && _packets > 0 ? at : _firstMicros;
                    _floorMicros = _floorMicros == 0 && _packets >= (ulong)_floor ? at : _floorMicros;
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The collector does not listen any more, or this was closed.
        }
    }

    // Ordinary answers of name servers go to other ports.
    [StructLayout(LayoutKind.Auto)]
    private struct AttackSink(FlowAddress target) : IFlowSink
    {
        public ulong Packets { get; private set; }

        public void OnFlow(in FlowRecord record, in RawRecord raw) =>
            Packets += record is { Protocol: 17, SourcePort: 53, DestinationPort: 80 } && record.Destination == target ? Math.Max(1, record.ScaledPackets) : 0;

        public readonly void OnOptions(in RawRecord raw)
        {
        }

        public readonly void OnCounters(in SflowCounterSample sample)
        {
        }

        public readonly void OnTemplate(in TemplateEvent change)
        {
        }

        public readonly void OnProblem(in FlowProblem problem)
        {
        }
    }
}
