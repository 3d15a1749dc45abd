using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Tsunagi.Core.Net;

/// <summary>
/// A UDP socket where time is the product: the kernel says when each datagram came in and when each one left (SO_TIMESTAMPING), so that waiting for a processor falsifies neither. Any thread may send; one
/// receives. Datagrams are sent with a time to live of 255. Where the kernel gives no stamps, this program's clock does.
/// </summary>
public sealed class StampedSocket : IDisposable
{
    private const int LongestDatagram = 65_535;
    private const int ControlOctets = 512;
    private const int NameOctets = 28;
    private const int SolSocket = 1;
    private const int SolIp = 0;
    private const int SolIp6 = 41;
    private const int Timestamping = 37;
    private const int Taken = (1 << 1) | (1 << 3) | (1 << 4); // TX_SOFTWARE, RX_SOFTWARE, SOFTWARE
    private const int Numbered = Taken | (1 << 7) | (1 << 11); // OPT_ID, OPT_TSONLY: the number comes back, not the datagram
    private const int ErrorOrigin = 4; // SO_EE_ORIGIN_TIMESTAMPING
    private const int MostAtATime = 256;

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly Lock _sending = new();
    private readonly byte[] _data = GC.AllocateUninitializedArray<byte>(LongestDatagram, pinned: true);
    private readonly byte[] _name = GC.AllocateArray<byte>(NameOctets, pinned: true);
    private readonly byte[] _control = GC.AllocateArray<byte>(ControlOctets, pinned: true);
    private readonly nint[] _vector = GC.AllocateArray<nint>(2, pinned: true);
    private readonly SocketAddress _from;
    private uint _next;

    /// <summary>Binds.</summary>
    /// <exception cref="SocketException">The address can not be bound.</exception>
    public StampedSocket(IPEndPoint at, int receiveBufferBytes, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(at);
        _time = time;
        _from = new SocketAddress(at.AddressFamily);
        _socket = new Socket(at.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            var is6 = at.AddressFamily == AddressFamily.InterNetworkV6;
            foreach (var (level, option, value) in is6 ? ((int, int, int)[])[(SolIp6, 26, 1), (SolIp6, 16, 255), (SolIp6, 51, 1), (SolIp6, 66, 1), (SolIp6, 49, 1)] : [(SolIp, 2, 255), (SolIp, 12, 1), (SolIp, 13, 1), (SolIp, 8, 1)])
            {
                _socket.SetRawSocketOption(level, option, BitConverter.GetBytes(value)); // V6ONLY; TTL 255; tell TTL, traffic class and destination
            }

            HasKernelStamps = TrySet(Timestamping, Numbered);
            ReceiveBuffers.Enlarge(_socket, receiveBufferBytes);

            _socket.Bind(at);
            EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>Where it is bound; with port 0 the port that was given.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Whether the kernel gives stamps.</summary>
    public bool HasKernelStamps { get; }

    /// <summary>Nanoseconds since 1970 by this program's clock.</summary>
    public long NowNanoseconds => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>Sends; what the kernel refuses is lost as a datagram may be.</summary>
    /// <param name="number">What <see cref="IStampedReader.OnSent"/> will call it.</param>
    public bool Send(ReadOnlySpan<byte> datagram, SocketAddress to, out uint number) => Send(datagram, to, null, out number);

    /// <summary>The same with a DSCP.</summary>
    public bool Send(ReadOnlySpan<byte> datagram, SocketAddress to, byte? dscp, out uint number)
    {
        lock (_sending)
        {
            number = _next;
            try
            {
                if (dscp is { } marked)
                {
                    Mark(marked);
                }

                _socket.SendTo(datagram, SocketFlags.None, to);
                _next++;
                return true;
            }
            catch (ObjectDisposedException)
            {
                return false;
            }
            catch (SocketException)
            {
                // The kernel may have counted it or not: counting begins anew.
                _next = TrySet(Timestamping, Taken) && TrySet(Timestamping, Numbered) ? 0 : _next;
                return false;
            }
            finally
            {
                if (dscp is not null)
                {
                    Mark(0);
                }
            }
        }
    }

    /// <summary>Waits, and hands on what has come: first when datagrams left, then datagrams.</summary>
    /// <returns>How many datagrams.</returns>
    public int Receive(IStampedReader reader, TimeSpan wait)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var poll = new DatagramCalls.PollDescriptor { Descriptor = (int)_socket.Handle, Events = DatagramCalls.PollIn };
        if (DatagramCalls.Poll(ref poll, 1, (int)wait.TotalMilliseconds) <= 0)
        {
            return 0;
        }

        for (var i = 0; i < MostAtATime && TryReceive(DatagramCalls.ErrorQueue, out _, out var control, out _); i++)
        {
            if (ReadControl(control) is { Number: { } number, At: { } sentAt })
            {
                reader.OnSent(number, sentAt);
            }
        }

        var count = 0;
        for (; count < MostAtATime && TryReceive(0, out var datagram, out var control, out var isWhole); count++)
        {
            var told = ReadControl(control);
            if (isWhole)
            {
                reader.OnDatagram(datagram, _from, new StampedArrival(told.At ?? NowNanoseconds, told.At is not null, told.Ttl, told.TrafficClass, told.Destination));
            }
        }

        return count;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private bool TryReceive(int flags, out ReadOnlySpan<byte> datagram, out ReadOnlySpan<byte> control, out bool isWhole)
    {
        _vector[0] = Marshal.UnsafeAddrOfPinnedArrayElement(_data, 0);
        _vector[1] = _data.Length;
        var message = new DatagramCalls.MessageHeader
        {
            Name = Marshal.UnsafeAddrOfPinnedArrayElement(_name, 0), NameOctets = NameOctets, Vectors = Marshal.UnsafeAddrOfPinnedArrayElement(_vector, 0), VectorCount = 1,
            Control = Marshal.UnsafeAddrOfPinnedArrayElement(_control, 0), ControlOctets = ControlOctets,
        };
        var length = (int)DatagramCalls.ReceiveMessage(_socket.Handle, ref message, flags | DatagramCalls.DoNotWait);
        datagram = length > 0 ? _data.AsSpan(0, length) : [];
        control = length >= 0 ? _control.AsSpan(0, (int)message.ControlOctets) : [];
        isWhole = length > 0 && (message.Flags & DatagramCalls.Truncated) == 0 && message.NameOctets <= _from.Buffer.Length;
        if (isWhole && flags == 0)
        {
            _name.AsSpan(0, (int)message.NameOctets).CopyTo(_from.Buffer.Span);
            _from.Size = (int)message.NameOctets;
        }

        return length >= 0;
    }

    // struct cmsghdr: length (8 octets, itself among them), level, type; then the data, filled up to 8.
    private static Told ReadControl(ReadOnlySpan<byte> control)
    {
        var told = default(Told);
        while (control.Length >= 16)
        {
            var length = (int)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(control), (ulong)control.Length);
            if (length < 16)
            {
                return told;
            }

            told = Take(told, BinaryPrimitives.ReadInt32LittleEndian(control[8..]), BinaryPrimitives.ReadInt32LittleEndian(control[12..]), control[16..length]);
            control = control[Math.Min(control.Length, (length + 7) & ~7)..];
        }

        return told;
    }

    private static Told Take(Told told, int level, int type, ReadOnlySpan<byte> data) => (level, type, data.Length) switch
    {
        // The first of three struct timespec is the software's.
        (SolSocket, Timestamping, >= 16) => told with { At = (BinaryPrimitives.ReadInt64LittleEndian(data) * 1_000_000_000) + BinaryPrimitives.ReadInt64LittleEndian(data[8..]) },
        (SolIp, 2, >= 4) or (SolIp6, 52, >= 4) => told with { Ttl = data[0] },
        (SolIp, 1, >= 1) or (SolIp6, 67, >= 4) => told with { TrafficClass = data[0] },
        (SolIp, 8, >= 12) => told with { Destination = new IPAddress(data.Slice(8, 4)) },
        (SolIp6, 50, >= 16) => told with { Destination = new IPAddress(data[..16]) },

        // struct sock_extended_err: errno (4), origin, type, code, pad, info (4), data (4): the number of OPT_ID.
        (SolIp, 11, >= 16) or (SolIp6, 25, >= 16) when data[4] == ErrorOrigin => told with { Number = BinaryPrimitives.ReadUInt32LittleEndian(data[12..]) },
        _ => told,
    };

    private void Mark(byte dscp)
    {
        var is6 = EndPoint.AddressFamily == AddressFamily.InterNetworkV6;
        _socket.SetRawSocketOption(is6 ? SolIp6 : SolIp, is6 ? 67 : 1, BitConverter.GetBytes(dscp << 2));
    }

    private bool TrySet(int option, int value)
    {
        try
        {
            _socket.SetRawSocketOption(SolSocket, option, BitConverter.GetBytes(value));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private readonly record struct Told(long? At, uint? Number, byte Ttl, byte TrafficClass, IPAddress? Destination);
}
