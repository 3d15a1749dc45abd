using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tsunagi.Routing.Kernel;

/// <summary>The calls of the C library for sockets of the kernel's routing (rtnetlink(7)), whose family the BCL does not know.</summary>
internal static partial class NetlinkCalls
{
    public const int Family = 16; // AF_NETLINK
    public const int Raw = 3 | 0x80000; // SOCK_RAW, SOCK_CLOEXEC
    public const int Route = 0; // NETLINK_ROUTE
    public const int SolSocket = 1;
    public const int ReceiveBuffer = 8;
    public const int ReceiveTimeout = 20;
    public const int SendTimeout = 21;
    public const int SolNetlink = 270;
    public const int CapAcknowledge = 10; // an answer does not repeat the question
    public const int ExtendedAcknowledge = 11; // and says in words what is wrong with it
    public const int StrictCheck = 12; // a dump is filtered by its question

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Open(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(SafeFileHandle socket, ReadOnlySpan<byte> address, uint length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(SafeFileHandle socket, int level, int option, ReadOnlySpan<byte> value, uint length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(SafeFileHandle socket, ReadOnlySpan<byte> octets, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(SafeFileHandle socket, Span<byte> octets, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial uint IndexOf(string name);

    [LibraryImport("libc", EntryPoint = "if_indextoname", SetLastError = true)]
    public static partial nint NameOf(uint index, Span<byte> name);
}
