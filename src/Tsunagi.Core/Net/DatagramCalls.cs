using System.Runtime.InteropServices;

namespace Tsunagi.Core.Net;

/// <summary>The calls of the C library that tell when the kernel received and sent a datagram: the BCL does not hand on control messages.</summary>
internal static partial class DatagramCalls
{
    public const short PollIn = 1;
    public const short PollError = 8;
    public const int DoNotWait = 0x40;
    public const int ErrorQueue = 0x2000;
    public const int Truncated = 0x20;

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(ref PollDescriptor descriptor, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    public static partial nint ReceiveMessage(nint socket, ref MessageHeader message, int flags);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>struct msghdr of a 64-bit machine.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public nint Name;
        public uint NameOctets;
        public nint Vectors;
        public nuint VectorCount;
        public nint Control;
        public nuint ControlOctets;
        public int Flags;
    }
}
