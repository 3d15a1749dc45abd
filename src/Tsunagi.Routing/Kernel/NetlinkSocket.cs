using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Tsunagi.Routing.Kernel;

/// <summary>What the kernel said to a request: 0, or an error number of errno(3) with what it says about it.</summary>
internal readonly record struct KernelAnswer(int Error, string Words)
{
    public const int NotPermitted = 1;
    public const int NoSuchRoute = 3;
    public const int Exists = 17;

    public bool IsDone => Error == 0;
}

/// <summary>A socket of rtnetlink: of one that asks and waits for the answer, or of one that hears of changes. For one thread at a time.</summary>
internal sealed class NetlinkSocket : IDisposable
{
    private const int BufferOctets = 64 * 1024;
    private const int NoSuchTable = 2;
    private const int NoBuffers = 105;
    private const int TriesOfDump = 5;
    private const ushort HasWords = 0x200;
    private const ushort Words = 1;

    private readonly SafeFileHandle _handle;
    private readonly byte[] _buffer = new byte[BufferOctets];
    private uint _sequence;

    /// <param name="groups">What is heard of (a mask of RTMGRP_…); 0 for one that asks.</param>
    /// <param name="wait">How long a receive waits at the most.</param>
    /// <exception cref="IOException">The kernel gives none.</exception>
    public NetlinkSocket(uint groups, TimeSpan wait)
    {
        var descriptor = NetlinkCalls.Open(NetlinkCalls.Family, NetlinkCalls.Raw, NetlinkCalls.Route);
        if (descriptor < 0)
        {
            throw Failure("opening a socket of the kernel's routing");
        }

        _handle = new SafeFileHandle(descriptor, ownsHandle: true);
        Span<byte> address = stackalloc byte[12];
        address.Clear();
        MemoryMarshal.Write(address, (ushort)NetlinkCalls.Family);
        MemoryMarshal.Write(address[8..], groups);
        if (NetlinkCalls.Bind(_handle, address, 12) < 0)
        {
            var failure = Failure("binding a socket of the kernel's routing");
            _handle.Dispose();
            throw failure;
        }

        Span<byte> time = stackalloc byte[16];
        MemoryMarshal.Write(time, (long)wait.TotalSeconds);
        MemoryMarshal.Write(time[8..], (long)(wait.TotalMicroseconds % 1_000_000));
        NetlinkCalls.SetOption(_handle, NetlinkCalls.SolSocket, NetlinkCalls.ReceiveTimeout, time, 16);
        NetlinkCalls.SetOption(_handle, NetlinkCalls.SolSocket, NetlinkCalls.SendTimeout, time, 16);
        Set(NetlinkCalls.SolSocket, NetlinkCalls.ReceiveBuffer, 1 << 20);

        // Old kernels have none of these: then there are no words, and a dump is filtered here.
        Set(NetlinkCalls.SolNetlink, NetlinkCalls.CapAcknowledge, 1);
        Set(NetlinkCalls.SolNetlink, NetlinkCalls.ExtendedAcknowledge, 1);
        Set(NetlinkCalls.SolNetlink, NetlinkCalls.StrictCheck, 1);
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>Asks for a change and waits for the kernel's answer.</summary>
    /// <exception cref="IOException">The socket fails, or nothing is answered.</exception>
    public KernelAnswer Change(ushort type, ushort flags, in KernelWay way)
    {
        Send(type, (ushort)(flags | RouteMessageType.Acknowledge), way);
        while (true)
        {
            for (var rest = Receive(); RouteMessage.TryHeader(rest, out var length, out var got, out var gotFlags, out var sequence); rest = Next(rest, length))
            {
                if (sequence == _sequence && got == RouteMessageType.Error)
                {
                    return ReadAnswer(rest[..length], gotFlags);
                }
            }
        }
    }

    /// <summary>The route that the kernel takes to an address; null with why it has none.</summary>
    /// <exception cref="IOException">As above.</exception>
    public KernelWay? Find(in KernelWay to, out KernelAnswer answer)
    {
        answer = default;
        Send(RouteMessageType.Get, 0, to);
        while (true)
        {
            for (var rest = Receive(); RouteMessage.TryHeader(rest, out var length, out var got, out var flags, out var sequence); rest = Next(rest, length))
            {
                if (sequence != _sequence)
                {
                    continue;
                }

                if (got == RouteMessageType.New && RouteMessage.TryRead(rest[..length], out var way))
                {
                    return way;
                }

                if (got == RouteMessageType.Error)
                {
                    answer = ReadAnswer(rest[..length], flags);
                    return null;
                }
            }
        }
    }

    /// <summary>All routes like one (its table and protocol, where the kernel filters).</summary>
    /// <exception cref="IOException">As above, or the table changes faster than it is told.</exception>
    public List<KernelWay> Dump(in KernelWay like)
    {
        for (var i = 0; i < TriesOfDump; i++)
        {
            var ways = new List<KernelWay>();
            Send(RouteMessageType.Get, RouteMessageType.Dump, like);
            if (TryDump(ways))
            {
                return ways;
            }
        }

        throw new IOException("reading the kernel's routes: they changed each time before all were read");
    }

    /// <summary>The routes that went, and those that took another's place; false when nothing came within the wait. <paramref name="hasMissed"/> when the kernel had to leave some out.</summary>
    public bool TryHear(List<(KernelWay Way, bool IsGone)> changed, out bool hasMissed)
    {
        hasMissed = false;
        var length = NetlinkCalls.Receive(_handle, _buffer, (nuint)_buffer.Length, 0);
        if (length < 0)
        {
            hasMissed = Marshal.GetLastPInvokeError() == NoBuffers;
            return hasMissed;
        }

        for (ReadOnlySpan<byte> rest = _buffer.AsSpan(0, (int)length); RouteMessage.TryHeader(rest, out var octets, out var type, out var flags, out _); rest = Next(rest, octets))
        {
            if ((type == RouteMessageType.Delete || (type == RouteMessageType.New && (flags & RouteMessageType.Replace) != 0)) && RouteMessage.TryRead(rest[..octets], out var way))
            {
                changed.Add((way, type == RouteMessageType.Delete));
            }
        }

        return true;
    }

    private bool TryDump(List<KernelWay> ways)
    {
        var isWhole = true;
        while (true)
        {
            for (var rest = Receive(); RouteMessage.TryHeader(rest, out var length, out var got, out var flags, out var sequence); rest = Next(rest, length))
            {
                if (sequence != _sequence)
                {
                    continue;
                }

                isWhole &= (flags & RouteMessageType.Interrupted) == 0;
                if (got == RouteMessageType.Done)
                {
                    return isWhole;
                }

                if (got == RouteMessageType.Error)
                {
                    // A table that nothing was ever put into has no routes.
                    var answer = ReadAnswer(rest[..length], flags);
                    return answer.Error == NoSuchTable ? true : throw new IOException($"reading the kernel's routes: {answer.Words}");
                }

                if (got == RouteMessageType.New && RouteMessage.TryRead(rest[..length], out var way))
                {
                    ways.Add(way);
                }
            }
        }
    }

    private void Send(ushort type, ushort flags, in KernelWay way)
    {
        Span<byte> message = stackalloc byte[RouteMessage.Longest];
        var length = RouteMessage.Write(message, type, flags, ++_sequence, way);
        if (NetlinkCalls.Send(_handle, message, (nuint)length, 0) != length)
        {
            throw Failure("asking the kernel's routing");
        }
    }

    private ReadOnlySpan<byte> Receive()
    {
        var length = NetlinkCalls.Receive(_handle, _buffer, (nuint)_buffer.Length, 0);
        return length >= 0 ? _buffer.AsSpan(0, (int)length) : throw Failure("waiting for the kernel's routing");
    }

    // error(4), the question's header(16), then, where the kernel has words, attributes
    private static KernelAnswer ReadAnswer(ReadOnlySpan<byte> message, ushort flags)
    {
        var error = message.Length >= RouteMessage.HeaderOctets + 4 ? -MemoryMarshal.Read<int>(message[RouteMessage.HeaderOctets..]) : 0;
        if (error == 0)
        {
            return default;
        }

        var words = new Win32Exception(error).Message;
        var rest = (flags & HasWords) != 0 && message.Length > (2 * RouteMessage.HeaderOctets) + 4 ? message[((2 * RouteMessage.HeaderOctets) + 4)..] : default;
        while (rest.Length >= 4)
        {
            var (length, type) = (MemoryMarshal.Read<ushort>(rest), MemoryMarshal.Read<ushort>(rest[2..]));
            if (length < 4 || length > rest.Length)
            {
                break;
            }

            if (type == Words)
            {
                words += ": " + Encoding.ASCII.GetString(rest[4..length]).TrimEnd('\0');
            }

            rest = rest[Math.Min((length + 3) & ~3, rest.Length)..];
        }

        return new KernelAnswer(error, words);
    }

    private static ReadOnlySpan<byte> Next(ReadOnlySpan<byte> rest, int length) => rest[Math.Min((length + 3) & ~3, rest.Length)..];

    private void Set(int level, int option, int value) => NetlinkCalls.SetOption(_handle, level, option, BitConverter.GetBytes(value), 4);

    private static IOException Failure(string doing) => new($"{doing}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
}
