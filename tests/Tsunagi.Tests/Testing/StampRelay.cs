using System.Buffers.Binary;
using System.Net;
using Tsunagi.Core.Net;

namespace Tsunagi.Tests.Testing;

/// <summary>
/// A path with a delay, in this process: test packets of STAMP pass through on loopback, each is held for a time of its own or dropped, and what it was truly held for on both ways is recorded by the
/// kernel's own stamps. A probe is judged by that record, not by what was wished: whoever waits wakes late.
/// </summary>
internal sealed class StampRelay : IDisposable
{
    // A relay that has no processor for a while drops what piled up, as a router does: else every packet behind it would be late, and late is lost.
    private const long LongestQueued = 200_000_000; // ns
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Func<uint, TimeSpan?> _hold;
    private readonly SocketAddress _target;
    private readonly Side _front;
    private readonly Side _back;
    private readonly Dictionary<uint, Record> _records = [];
    private readonly ManualResetEventSlim _stopping = new();
    private readonly List<Thread> _threads = [];

    /// <param name="hold">How long the packet of a number is held on its way there, at least; null drops it.</param>
    public StampRelay(IPEndPoint target, Func<uint, TimeSpan?> hold)
    {
        _hold = hold;
        _target = target.Serialize();
        _front = new Side(this, isFront: true, target.Address);
        _back = new Side(this, isFront: false, target.Address);
        foreach (var side in (Side[])[_front, _back])
        {
            var thread = new Thread(() => Run(side)) { IsBackground = true, Name = "delay relay" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    public IPEndPoint EndPoint => _front.Socket.EndPoint;

    /// <summary>How many packets came to be passed on or dropped.</summary>
    public int Seen
    {
        get
        {
            lock (_records)
            {
                return _records.Count;
            }
        }
    }

    /// <summary>Numbers of the packets that were dropped.</summary>
    public IReadOnlyList<uint> Dropped
    {
        get
        {
            lock (_records)
            {
                return [.. _records.Where(static each => each.Value.IsDropped).Select(static each => each.Key)];
            }
        }
    }

    /// <summary>How long a packet and its reply were held here together, nanoseconds; false where a stamp is missing.</summary>
    public bool TryGetHold(uint number, out long nanoseconds)
    {
        lock (_records)
        {
            nanoseconds = 0;
            if (!_records.TryGetValue(number, out var record) || record is not { There: [> 0 and var inThere, > 0 and var outThere], Back: [> 0 and var inBack, > 0 and var outBack] })
            {
                return false;
            }

            nanoseconds = outThere - inThere + (outBack - inBack);
            return true;
        }
    }

    public void Dispose()
    {
        _stopping.Set();
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        _front.Socket.Dispose();
        _back.Socket.Dispose();
        _stopping.Dispose();
    }

    private void Run(Side side)
    {
        while (!_stopping.IsSet)
        {
            side.Socket.Receive(side, Pause);
        }
    }

    private sealed class Record(SocketAddress? client)
    {
        /// <summary>Whose reply it is: a stranger whose datagram strays to a port that was another's before gets nothing that is not its own.</summary>
        public SocketAddress? Client => client;

        public bool IsDropped { get; set; }

        public long[] There { get; } = new long[2];

        public long[] Back { get; } = new long[2];
    }

    private sealed class Side(StampRelay relay, bool isFront, IPAddress at) : IStampedReader
    {
        private const int SenderSequenceAt = 24;
        private const int SequenceOctets = 4;

        private readonly Dictionary<uint, uint> _left = [];

        public StampedSocket Socket { get; } = new(new IPEndPoint(at, 0), 1 << 20, TimeProvider.System);

        public void OnDatagram(ReadOnlySpan<byte> datagram, SocketAddress from, in StampedArrival arrival)
        {
            var sequenceAt = isFront ? 0 : SenderSequenceAt;
            if (datagram.Length < sequenceAt + SequenceOctets)
            {
                return;
            }

            var number = BinaryPrimitives.ReadUInt32BigEndian(datagram[sequenceAt..]);
            Record record;
            lock (relay._records)
            {
                relay._records[number] = record = relay._records.GetValueOrDefault(number) ?? new Record(isFront ? Copy(from) : null);
                (isFront ? record.There : record.Back)[0] = arrival.ReceivedAt;
            }

            if (isFront)
            {
                if (Socket.NowNanoseconds - arrival.ReceivedAt > LongestQueued || relay._hold(number) is not { } hold)
                {
                    record.IsDropped = true;
                    return;
                }

                if (hold > TimeSpan.Zero)
                {
                    relay._stopping.Wait(hold);
                }
            }

            // Out by the other side, whose thread will hear when it left.
            if ((isFront ? relay._target : record.Client) is not { } to)
            {
                return;
            }

            var other = isFront ? relay._back : relay._front;
            lock (other._left)
            {
                if (other.Socket.Send(datagram, to, out var sent))
                {
                    other._left[sent] = number;
                }
            }
        }

        public void OnSent(uint number, long sentAt)
        {
            uint packet;
            lock (_left)
            {
                if (!_left.Remove(number, out packet))
                {
                    return;
                }
            }

            lock (relay._records)
            {
                // What leaves by the back is on its way there.
                var record = relay._records[packet];
                (isFront ? record.Back : record.There)[1] = sentAt;
            }
        }

        private static SocketAddress Copy(SocketAddress from)
        {
            var copy = new SocketAddress(from.Family, from.Size);
            from.Buffer.Span[..from.Size].CopyTo(copy.Buffer.Span);
            return copy;
        }
    }
}
