using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Tsunagi.Core.Net;
using Tsunagi.Core.Outbound;
using Tsunagi.Mail.Contract;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Delivery;

/// <summary>
/// One SMTP connection to a next hop, from the TCP handshake to QUIT, used for one message after another. A next hop's refusals are replies;
/// its silence, nonsense or disappearance is a <see cref="NextHopException"/>. Used by one delivery at a time.
/// </summary>
internal sealed partial class NextHopConnection : IAsyncDisposable
{
    private readonly DeliveryOptions _options;
    private readonly PeerClock _clock;
    private readonly ArrayBufferWriter<byte> _output = new(4096);
    private readonly SmtpReplyReader _replies = new();
    private readonly byte[] _input = new byte[4096];
    private int _inputStart;
    private int _inputEnd;
    private Stream _stream = Stream.Null;

    private NextHopConnection(NextHop nextHop, DeliveryOptions options, TimeProvider time, CancellationToken stopping)
    {
        NextHop = nextHop;
        _options = options;
        _clock = new PeerClock(time, stopping);
    }

    public NextHop NextHop { get; }

    /// <summary>The address that answered.</summary>
    public string Address { get; private set; } = "";

    /// <summary>"TLS1.3, TLS_AES_256_GCM_SHA384", or empty.</summary>
    public string Tls { get; private set; } = "";

    public SmtpCapabilities Capabilities { get; private set; } = SmtpCapabilities.None;

    /// <summary>
    /// (1) connects to the addresses of the name in turn, those that the node's policy allows, (2) reads the greeting, (3) says EHLO, or HELO to a server that does not know it,
    /// (4) turns to TLS where offered and wanted, and says EHLO again.
    /// </summary>
    /// <exception cref="NextHopException">It may not be dialled, does not answer, refuses the connection, or does not offer the TLS that the contract requires.</exception>
    public static async ValueTask<NextHopConnection> OpenAsync(
        OutboundTcp outbound, NextHop nextHop, NextHopTls tls, string hostName, DeliveryOptions options, TimeProvider time, CancellationToken stopping)
    {
        var connection = new NextHopConnection(nextHop, options, time, stopping);
        try
        {
            // (1)
            await connection.ConnectAsync(outbound);

            // (2)
            await connection.ExpectAsync("greeting", options.ReplyDeadline);

            // (3)
            await connection.GreetAsync(hostName);

            // (4)
            await connection.SecureAsync(tls, hostName);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the session in the polite way, waiting a moment for the goodbye.</summary>
    public async ValueTask QuitAsync()
    {
        try
        {
            SmtpCommandWriter.Quit(_output);
            await FlushAsync(TimeSpan.FromSeconds(2));
            await ReadReplyAsync(TimeSpan.FromSeconds(2));
        }
        catch (NextHopException)
        {
            // It left first.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _clock.Dispose();
    }

    private async ValueTask ConnectAsync(OutboundTcp outbound)
    {
        _clock.Arm(_options.ConnectDeadline);
        try
        {
            var stream = await outbound.ConnectAsync(NextHop.Host, NextHop.Port, _options.ConnectDeadline, _clock.Token);
            _stream = stream;
            Address = (stream.Socket.RemoteEndPoint as IPEndPoint)?.Address.ToString() ?? "";
        }
        catch (OutboundRefusedException refused)
        {
            throw new NextHopException($"{NextHop} is not dialled: {refused.Message}", refused) { IsForbidden = true };
        }
        catch (Exception failed) when (failed is IOException or OperationCanceledException)
        {
            throw new NextHopException($"no connection to {NextHop}: {Words(failed)}", failed);
        }
    }

    private async ValueTask GreetAsync(string hostName)
    {
        SmtpCommandWriter.Ehlo(_output, hostName);
        await FlushAsync(_options.ReplyDeadline);
        var reply = await ReadReplyAsync(_options.ReplyDeadline);
        if (reply.IsPositive)
        {
            Capabilities = SmtpCapabilities.Parse(reply);
            return;
        }

        // RFC 5321 section 3.2: a client that meets a server without EHLO falls back to HELO.
        if (!reply.IsPermanent)
        {
            throw new NextHopException($"{NextHop} answered EHLO with {reply}", null);
        }

        SmtpCommandWriter.Helo(_output, hostName);
        await FlushAsync(_options.ReplyDeadline);
        await ExpectAsync("reply to HELO", _options.ReplyDeadline);
        Capabilities = SmtpCapabilities.None;
    }

    private async ValueTask SecureAsync(NextHopTls tls, string hostName)
    {
        if (tls == NextHopTls.Never || (tls == NextHopTls.Opportunistic && !Capabilities.StartTls))
        {
            return;
        }

        if (!Capabilities.StartTls)
        {
            throw new NextHopException($"{NextHop} does not offer STARTTLS, and the contract requires it", null);
        }

        SmtpCommandWriter.StartTls(_output);
        await FlushAsync(_options.ReplyDeadline);
        var reply = await ReadReplyAsync(_options.ReplyDeadline);
        if (!reply.IsPositive)
        {
            if (tls == NextHopTls.Required)
            {
                throw new NextHopException($"{NextHop} answered STARTTLS with {reply}, and the contract requires TLS", null);
            }

            return;
        }

        // Octets behind the go-ahead came in the clear and would be taken for protected ones: the injection of CVE-2011-0411 from the other side.
        if (_inputEnd > _inputStart)
        {
            throw new NextHopException($"{NextHop} sent octets behind its go-ahead to STARTTLS", null);
        }

        await ShakeHandsAsync(tls);
        await GreetAsync(hostName);
    }

    private async ValueTask ShakeHandsAsync(NextHopTls tls)
    {
        // Opportunistic TLS takes any certificate (RFC 7435): it keeps listeners out, and refusing would mean sending in the clear.
        var secure = new SslStream(_stream, leaveInnerStreamOpen: false);
        _clock.Arm(_options.ConnectDeadline);
        try
        {
            await secure.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = NextHop.Host,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    RemoteCertificateValidationCallback = (_, _, _, errors) => tls == NextHopTls.Opportunistic || errors == SslPolicyErrors.None,
                },
                _clock.Token);
        }
        catch (Exception failed) when (failed is AuthenticationException or IOException or OperationCanceledException)
        {
            throw new NextHopException($"TLS with {NextHop} failed: {Words(failed)}", failed);
        }

        _stream = secure;
        Tls = $"{(secure.SslProtocol == SslProtocols.Tls13 ? "TLS1.3" : "TLS1.2")}, {secure.NegotiatedCipherSuite}";
    }

    private async ValueTask ExpectAsync(string what, TimeSpan deadline)
    {
        var reply = await ReadReplyAsync(deadline);
        if (!reply.IsPositive)
        {
            throw new NextHopException($"{NextHop}: its {what} is {reply}", null);
        }
    }

    private async ValueTask<SmtpReply> ReadReplyAsync(TimeSpan deadline)
    {
        _clock.Arm(deadline);
        try
        {
            while (true)
            {
                var unread = new ReadOnlySequence<byte>(_input, _inputStart, _inputEnd - _inputStart);
                var status = _replies.Read(ref unread, out var reply);
                _inputStart = _inputEnd - (int)unread.Length;
                if (status == SmtpReplyStatus.Reply)
                {
                    return reply!;
                }

                if (status == SmtpReplyStatus.Bad)
                {
                    throw new NextHopException($"{NextHop} does not speak SMTP: {_replies.Reason}", null);
                }

                MakeRoom();
                var count = await _stream.ReadAsync(_input.AsMemory(_inputEnd), _clock.Token);
                if (count == 0)
                {
                    throw new NextHopException($"{NextHop} closed the connection", null);
                }

                _inputEnd += count;
            }
        }
        catch (Exception failed) when (failed is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            throw new NextHopException(failed is OperationCanceledException ? $"{NextHop} did not answer in time" : $"the connection to {NextHop} broke: {Words(failed)}", failed);
        }
    }

    // The line reader has taken every whole line; what is left is the part of one, shorter than its limit.
    private void MakeRoom()
    {
        if (_inputStart == _inputEnd)
        {
            _inputStart = _inputEnd = 0;
        }
        else if (_inputEnd == _input.Length)
        {
            _input.AsSpan(_inputStart, _inputEnd - _inputStart).CopyTo(_input);
            _inputEnd -= _inputStart;
            _inputStart = 0;
        }
    }

    private async ValueTask FlushAsync(TimeSpan deadline)
    {
        _clock.Arm(deadline);
        try
        {
            await _stream.WriteAsync(_output.WrittenMemory, _clock.Token);
            _output.ResetWrittenCount();
        }
        catch (Exception failed) when (failed is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            throw new NextHopException(failed is OperationCanceledException ? $"{NextHop} did not take what was sent in time" : $"the connection to {NextHop} broke: {Words(failed)}", failed);
        }
    }

    private static string Words(Exception failed) => failed switch
    {
        OperationCanceledException => "no answer in time",
        SocketException socket => socket.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => "connection refused",
            SocketError.HostUnreachable or SocketError.NetworkUnreachable => "no route to it",
            SocketError.HostNotFound => "the name is not known",
            SocketError.TryAgain => "the name server did not answer",
            var other => other.ToString(),
        },
        { InnerException: SocketException or OperationCanceledException } => Words(failed.InnerException),
        _ => failed.Message,
    };
}
