using System.Net;

namespace Tsunagi.Connectivity.Verbs;

/// <summary>What one packet of a capture carries: the payload of UDP, or a message of ICMPv6; or a file that is one message.</summary>
/// <param name="Packet">Its number in the capture, from 1; 0 for a file that is one message.</param>
/// <param name="From">Who sent it, with port 0 where there is none; null for a file that is one message.</param>
/// <param name="Protocol">The protocol of IP: 17 or 58; 0 for a file that is one message.</param>
/// <param name="IsCut">The capture holds less of it than the link did.</param>
internal sealed record CapturedMessage(int Packet, long Milliseconds, IPEndPoint? From, IPEndPoint? To, byte Protocol, byte HopLimit, bool IsCut, byte[] Octets)
{
    /// <summary>Both ends for people: "192.0.2.1:68 > 192.0.2.2:67 "; nothing for a file that is one message.</summary>
    public string Where => From is null ? "" : $"{Name(From)} > {Name(To!)} ";

    /// <summary>An end, with its port where it has one.</summary>
    public static string Name(IPEndPoint end) => end.Port == 0 ? end.Address.ToString() : end.ToString();
}
