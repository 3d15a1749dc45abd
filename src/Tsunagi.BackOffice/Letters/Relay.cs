using System.Buffers;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Tsunagi.Core.Net;
using Tsunagi.Core.Outbound;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.BackOffice.Letters;

/// <summary>
/// Gives one message to the relay: (1) connect, greeting, EHLO, STARTTLS; (2) MAIL and RCPT; (3) the caller says whether it may go and writes down that it does; (4) DATA, the text and the
/// relay's answer. Whatever breaks before the text leaves nothing there; what breaks behind it is unknown.
/// </summary>
internal sealed class Relay(OutboundTcp outbound, LetterOptions options, TimeProvider time)
{
    /// <param name="mayGo">Writes down that the text goes now; false when it may not.</param>
    public async ValueTask<RelayAnswer> GiveAsync(Mailbox from, Mailbox to, ReadOnlyMemory<byte> message, Func<ValueTask<bool>> mayGo, CancellationToken cancellationToken)
    {
        var given = false;
        try
        {
            // :: (1)
            using var clock = new PeerClock(time, cancellationToken);
            await using var session = new Session(await ConnectAsync(clock, cancellationToken), clock, options);
            if (await session.GreetAsync() is { } unready)
            {
                return unready;
            }

            // :: (2)
            SmtpCommandWriter.Mail(session.Output, new ReversePath(from));
            if (await session.AskAsync() is { IsPositive: false } mail)
            {
                return No(mail);
            }

            SmtpCommandWriter.Rcpt(session.Output, new ForwardPath(to));
            if (await session.AskAsync() is { IsPositive: false } recipient)
            {
                return No(recipient);
            }

            // :: (3)
            if (!await mayGo())
            {
                await session.QuitAsync();
                return new RelayAnswer(RelayOutcome.Stopped, "another was first");
            }

            // :: (4)
            SmtpCommandWriter.Data(session.Output);
            if (await session.AskAsync() is { IsIntermediate: false } data)
            {
                return No(data);
            }

            given = true;
            var writer = new SmtpDataWriter();
            writer.Write(message.Span, session.Output);
            writer.Complete(session.Output);
            var reply = await session.AskAsync();
            await session.QuitAsync();
            return reply.IsPositive ? new RelayAnswer(RelayOutcome.Taken, reply.ToString()) : No(reply);
        }
        catch (Exception failed) when (failed is IOException or SocketException or AuthenticationException or OutboundRefusedException or ObjectDisposedException || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new RelayAnswer(given ? RelayOutcome.Unknown : RelayOutcome.Later, failed is OperationCanceledException ? "the relay did not answer in time" : failed.Message);
        }
    }

    private async ValueTask<Stream> ConnectAsync(PeerClock clock, CancellationToken cancellationToken)
    {
        var cut = options.Relay.LastIndexOf(':');
        clock.Arm(options.ReplyDeadline);
        return await outbound.ConnectAsync(options.Relay[..cut], int.Parse(options.Relay.AsSpan(cut + 1), NumberStyles.None, CultureInfo.InvariantCulture), options.ReplyDeadline, cancellationToken);
    }

    private static RelayAnswer No(SmtpReply reply) => new(reply.IsPermanent ? RelayOutcome.Refused : RelayOutcome.Later, reply.ToString());

    /// <summary>One connection: a command, its reply.</summary>
    private sealed class Session(Stream stream, PeerClock clock, LetterOptions options) : IAsyncDisposable
    {
        private readonly SmtpReplyReader _replies = new();
        private readonly byte[] _input = new byte[8_192];
        private Stream _stream = stream;
        private int _start, _end;

        public ArrayBufferWriter<byte> Output { get; } = new(4_096);

        /// <summary>Null when the relay is ready for a message.</summary>
        public async ValueTask<RelayAnswer?> GreetAsync()
        {
            if (await ReadAsync() is { IsPositive: false } greeting)
            {
                return No(greeting);
            }

            SmtpCommandWriter.Ehlo(Output, options.HostName);
            var hello = await AskAsync();
            if (!hello.IsPositive)
            {
                return No(hello);
            }

            if (!SmtpCapabilities.Parse(hello).StartTls)
            {
                return options.RequireTls ? new RelayAnswer(RelayOutcome.Later, "the relay offers no STARTTLS, and TLS is required") : null;
            }

            SmtpCommandWriter.StartTls(Output);
            if (await AskAsync() is { IsPositive: false } refused)
            {
                return options.RequireTls ? No(refused) : null;
            }

            // Octets behind the go-ahead came in the clear and would be taken for protected ones.
            if (_end > _start)
            {
                throw new IOException("the relay sent octets behind its go-ahead to STARTTLS");
            }

            var cut = options.Relay.LastIndexOf(':');
            var secure = new SslStream(_stream, leaveInnerStreamOpen: false);
            _stream = secure;
            clock.Arm(options.ReplyDeadline);
            await secure.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = options.Relay[..cut], EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    RemoteCertificateValidationCallback = (_, _, _, errors) => !options.RequireTls || errors == SslPolicyErrors.None,
                },
                clock.Token);
            SmtpCommandWriter.Ehlo(Output, options.HostName);
            return await AskAsync() is { IsPositive: false } again ? No(again) : null;
        }

        public async ValueTask<SmtpReply> AskAsync()
        {
            clock.Arm(options.ReplyDeadline);
            await _stream.WriteAsync(Output.WrittenMemory, clock.Token);
            Output.ResetWrittenCount();
            return await ReadAsync();
        }

        public async ValueTask QuitAsync()
        {
            try
            {
                SmtpCommandWriter.Quit(Output);
                clock.Arm(TimeSpan.FromSeconds(2));
                await _stream.WriteAsync(Output.WrittenMemory, clock.Token);
            }
            catch (Exception left) when (left is IOException or OperationCanceledException or SocketException)
            {
                // It left first.
            }
        }

        public ValueTask DisposeAsync() => _stream.DisposeAsync();

        private async ValueTask<SmtpReply> ReadAsync()
        {
            clock.Arm(options.ReplyDeadline);
            while (true)
            {
                var unread = new ReadOnlySequence<byte>(_input, _start, _end - _start);
                var status = _replies.Read(ref unread, out var reply);
                _start = _end - (int)unread.Length;
                if (status == SmtpReplyStatus.Reply)
                {
                    return reply!;
                }

                if (status == SmtpReplyStatus.Bad)
                {
                    throw new IOException("the relay does not speak SMTP: " + _replies.Reason);
                }

                if (_start > 0)
                {
                    _input.AsSpan(_start, _end - _start).CopyTo(_input);
                    (_start, _end) = (0, _end - _start);
                }

                var count = await _stream.ReadAsync(_input.AsMemory(_end), clock.Token);
                if (count == 0)
                {
                    throw new IOException("the relay closed the connection");
                }

                _end += count;
            }
        }
    }
}
