using System.Runtime.InteropServices;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Radius;

/// <summary>The way back to whoever asked, for an answer now or later; from any thread.</summary>
internal interface IAnswerWay
{
    void Send(ReadOnlySpan<byte> answer);
}

/// <summary>Who a request came from, once that is known: by the address of a datagram, or by the certificate of a connection.</summary>
/// <param name="Secret">What this request and its answer are signed with: the NAS's own, or "radsec" (RFC 6614 section 2.3).</param>
/// <param name="Source">Address and port it came from: with the packet's identifier and authenticator, what the same request is told by.</param>
/// <param name="IsSecured">True inside TLS: nobody on the way can forge an answer, so nothing depends on the Message-Authenticator.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RadiusAsker(Nas Nas, NasState State, RadiusSecret Secret, RadiusSource Source, IAnswerWay Way, bool IsSecured);
