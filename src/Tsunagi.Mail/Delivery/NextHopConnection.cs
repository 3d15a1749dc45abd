using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Tsunagi.Core.Net;
using Tsunagi.Core.Outbound;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Routes;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Delivery;

/// <summary>
/// One SMTP connection to a next hop, from the TCP handshake to QUIT, used for one message after another. A next hop's refusals are replies;
/// its silence, nonsense or disappearance is a <see cref="NextHopException"/>. Used by one delivery at a time.
/// </summary>
internal sealed partial class NextHopConnection : IAsyncDisposable
{
    // RFC 3463 codes X.7.4 (security features not supported) and X.7.5 (cryptographic failure), as Postfix gives them for TLS that a policy asks for.
    private static readonly EnhancedStatus NoTls = new(4, 7, 4);
    private static readonly EnhancedStatus NotTrusted = new(4, 7, 5);

    private readonly DeliveryOptions _options;
    private readonly PeerClock _clock;
    private readonly ArrayBufferWriter<byte> _output = new(4096);
    private readonly SmtpReplyReader _replies = new();
    private readonly byte[] _input = new byte[4096];
    private int _inputStart;
    private int _inputEnd;
    private Stream _stream = Stream.Null;
    private CertificateProblem? _problem;

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

    /// <summary>What is wrong with the peer's certificate though it was taken, where somebody judges it; null when nothing is.</summary>
    public CertificateProblem? Doubt => _problem;

    /// <summary>What the trace says of the connection: its TLS, and, on a route to a domain's servers, which policy held.</summary>
    public string Described { get; set; } = "";

    public SmtpCapabilities Capabilities { get; private set; } = SmtpCapabilities.None;

    /// <summary>
    /// (1) connects to the addresses of the name in turn, those that the node's policy allows, (2) reads the greeting, (3) says EHLO, or HELO to a server that does not know it,
    /// (4) turns to TLS where offered and wanted, and says EHLO again.
    /// </summary>
    /// <exception cref="NextHopException">It may not be dialled, does not answer, refuses the connection, or does not offer the TLS that the contract requires.</exception>
    public static ValueTask<NextHopConnection> OpenAsync(
        OutboundTcp outbound, NextHop nextHop, NextHopTls tls, string hostName, DeliveryOptions options, TimeProvider time, CancellationToken stopping) =>
        OpenAsync(outbound, nextHop, null, PeerTls.Of(nextHop, tls), hostName, options, time, stopping);

    /// <inheritdoc cref="OpenAsync(OutboundTcp, NextHop, NextHopTls, string, DeliveryOptions, TimeProvider, CancellationToken)"/>
    /// <param name="address">The one address to dial, where somebody looked it up already; null: those of the name.</param>
    public static async ValueTask<NextHopConnection> OpenAsync(
        OutboundTcp outbound, NextHop nextHop, IPAddress? address, PeerTls tls, string hostName, DeliveryOptions options, TimeProvider time, CancellationToken stopping)
    {
        var connection = new NextHopConnection(nextHop, options, time, stopping);
        try
        {
            // (1)
            await connection.ConnectAsync(outbound, address);

            // (2)
            await connection.ExpectAsync("greeting", options.ReplyDeadline);

            // (3)
            await connection.GreetAsync(hostName);

            // (4)
            await connection.SecureAsync(tls, hostName);
            connection.Described = connection.Tls;
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

    private async ValueTask ConnectAsync(OutboundTcp outbound, IPAddress? address)
    {
        _clock.Arm(_options.ConnectDeadline);
        try
        {
            var stream = await outbound.ConnectAsync(address?.ToString() ?? NextHop.Host, NextHop.Port, _options.ConnectDeadline, _clock.Token);
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

    private async ValueTask SecureAsync(PeerTls tls, string hostName)
    {
        if (tls.Level == NextHopTls.Never || (!tls.IsRequired && !Capabilities.StartTls))
        {
            return;
        }

        if (!Capabilities.StartTls)
        {
            throw new NextHopException($"{NextHop} does not offer STARTTLS, and {tls.Who} requires it", null) { Status = NoTls, TlsResult = "starttls-not-supported" };
        }

        SmtpCommandWriter.StartTls(_output);
        await FlushAsync(_options.ReplyDeadline);
        var reply = await ReadReplyAsync(_options.ReplyDeadline);
        if (!reply.IsPositive)
        {
            if (tls.IsRequired)
            {
                throw new NextHopException($"{NextHop} answered STARTTLS with {reply}, and {tls.Who} requires TLS", null) { Status = NoTls, TlsResult = "starttls-not-supported" };
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

    private async ValueTask ShakeHandsAsync(PeerTls tls)
    {
        var secure = new SslStream(_stream, leaveInnerStreamOpen: false);
        _clock.Arm(_options.ConnectDeadline);
        try
        {
            await secure.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = tls.Name,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,

                    // A stranger's certificate may name an address to fetch others from: nothing is fetched. A session that is resumed presents no chain that could be judged.
                    CertificateChainPolicy = tls is { IsRequired: true, WhyNot: null } ? null : new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck },
                    AllowTlsResume = tls.WhyNot is null,
                    RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Takes(tls, certificate, chain, errors),
                },
                _clock.Token);
        }
        catch (Exception failed) when (failed is AuthenticationException or IOException or OperationCanceledException or System.Security.Cryptography.CryptographicException)
        {
            throw _problem is { } problem && !tls.OnlyTells
                ? new NextHopException($"TLS with {NextHop}: {problem.Why}, and {tls.Who} asks for another", failed) { Status = NotTrusted, TlsResult = problem.Result }
                : new NextHopException($"TLS with {NextHop} failed: {Words(failed)}", failed) { Status = NotTrusted, TlsResult = "validation-failure" };
        }

        _stream = secure;
        Tls = $"{(secure.SslProtocol == SslProtocols.Tls13 ? "TLS1.3" : "TLS1.2")}, {secure.NegotiatedCipherSuite}";
    }

    // Opportunistic TLS takes any certificate (RFC 7435): it keeps listeners out, and refusing would mean sending in the clear.
    private bool Takes(PeerTls tls, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (tls.WhyNot is null)
        {
            return !tls.IsRequired || errors == SslPolicyErrors.None;
        }

        _problem = tls.WhyNot(certificate, chain, errors);
        return _problem is null || tls.OnlyTells;
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
