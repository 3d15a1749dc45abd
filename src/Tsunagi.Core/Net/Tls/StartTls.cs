using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;

namespace Tsunagi.Core.Net.Tls;

/// <summary>
/// Turns a plain connection into TLS in the middle of its protocol (SMTP RFC 3207, and every protocol with the same word). The order is the
/// defence against command injection (CVE-2011-0411 and its many children):
/// (1) nothing may be buffered behind the command; (2) the go-ahead is sent; (3) handshake under a deadline; (4) new pipes replace the old, and the
/// caller forgets all state of the plain session.
/// </summary>
public static class StartTls
{
    /// <summary>
    /// Call it right after consuming the command's line, with no read pending. Anything but <see cref="StartTlsOutcome.Upgraded"/> means: end the
    /// connection now, without another word. After an upgrade <c>connection.Transport</c> is the encrypted pair; dispose the session last.
    /// </summary>
    /// <param name="goAhead">The protocol's reply, "220 2.0.0 go ahead\r\n".</param>
    /// <param name="options">Usually <see cref="Certificates.SelectAsync"/>.</param>
    public static async ValueTask<StartTlsResult> UpgradeAsync(
        ConnectionContext connection,
        ReadOnlyMemory<byte> goAhead,
        ServerOptionsSelectionCallback options,
        TimeSpan deadline,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        // (1) RFC 3207 section 4.2: "the server MUST discard any knowledge obtained from the client" before TLS. A byte that came before our
        // reply is either an attack or a client that cannot speak STARTTLS; both end here.
        if (HasBuffered(connection.Transport.Input))
        {
            return new StartTlsResult(StartTlsOutcome.InputBeforeHandshake, null);
        }

        return await HandshakeAsync(connection, goAhead, options, deadline, time, cancellationToken);
    }

    /// <summary>
    /// TLS from the first octet (RFC 8314 section 3), on a connection that nothing was read from. The same outcomes and the same session as <see cref="UpgradeAsync"/>.
    /// </summary>
    public static ValueTask<StartTlsResult> AcceptAsync(
        ConnectionContext connection, ServerOptionsSelectionCallback options, TimeSpan deadline, TimeProvider time, CancellationToken cancellationToken) =>
        HandshakeAsync(connection, default, options, deadline, time, cancellationToken);

    private static async ValueTask<StartTlsResult> HandshakeAsync(
        ConnectionContext connection, ReadOnlyMemory<byte> goAhead, ServerOptionsSelectionCallback options, TimeSpan deadline, TimeProvider time, CancellationToken cancellationToken)
    {
        var plain = connection.Transport;
        using var limit = new CancellationTokenSource(deadline, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, connection.ConnectionClosed, cancellationToken);
        var stream = new SslStream(new DuplexPipeStream(plain), leaveInnerStreamOpen: true);
        try
        {
            // (2)
            if (!goAhead.IsEmpty)
            {
                await plain.Output.WriteAsync(goAhead, linked.Token);
            }

            // (3) Plain bytes that were on the way when (1) looked reach the handshake, where they are no TLS record and end it.
            await stream.AuthenticateAsServerAsync(options, null, linked.Token);
        }
        catch (Exception failed) when (failed is AuthenticationException or IOException or OperationCanceledException or InvalidOperationException or NotSupportedException or ConnectionAbortedException)
        {
            await stream.DisposeAsync();
            return new StartTlsResult(limit.IsCancellationRequested ? StartTlsOutcome.DeadlinePassed : StartTlsOutcome.HandshakeFailed, null);
        }

        // (4)
        var session = new TlsSession(stream, connection, plain, time);
        connection.Transport = session;
        return new StartTlsResult(StartTlsOutcome.Upgraded, session);
    }

    private static bool HasBuffered(PipeReader input)
    {
        if (!input.TryRead(out var read))
        {
            return false;
        }

        input.AdvanceTo(read.Buffer.Start);
        return !read.Buffer.IsEmpty;
    }
}
