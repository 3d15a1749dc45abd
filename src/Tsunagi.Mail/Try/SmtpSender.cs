using System.Net;
using Tsunagi.Core.Outbound;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Delivery;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Try;

/// <summary>
/// A small SMTP client for the demo, `try`, tests and proofs: one connection, one message after another. It is the module's own delivery client, so
/// what it speaks is what next hops hear.
/// </summary>
public sealed class SmtpSender : IAsyncDisposable
{
    // Whoever runs it names the server himself: nobody else's wish is dialled here.
    private static readonly OutboundOptions Anywhere = new() { Allow = [IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")] };

    private readonly NextHopConnection _connection;

    private SmtpSender(NextHopConnection connection) => _connection = connection;

    /// <summary>What the server offered.</summary>
    public SmtpCapabilities Capabilities => _connection.Capabilities;

    /// <summary>"TLS1.3, …", or empty.</summary>
    public string Tls => _connection.Tls;

    /// <exception cref="IOException">The server does not answer as an SMTP server should.</exception>
    public static async Task<SmtpSender> ConnectAsync(
        string host, int port, string helo, NextHopTls tls, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return new SmtpSender(await NextHopConnection.OpenAsync(
                new OutboundTcp(Anywhere, time), new NextHop(host, port), tls, helo, new DeliveryOptions(), time, cancellationToken));
        }
        catch (NextHopException failed)
        {
            throw new IOException(failed.Message, failed);
        }
    }

    /// <summary>Sends one message and returns the reply of each recipient.</summary>
    /// <param name="from">The reverse-path; empty for the null path.</param>
    /// <param name="content">Header and body, lines ending in CRLF.</param>
    /// <exception cref="ArgumentException">An address does not read as one.</exception>
    public async Task<SendResult> SendAsync(string from, IReadOnlyList<string> to, ReadOnlyMemory<byte> content, bool utf8 = false)
    {
        var reversePath = ReversePath.Null;
        if (from.Length > 0)
        {
            reversePath = new ReversePath(Parse(from));
        }

        var recipients = to.Select(static address => new ForwardPath(Parse(address))).ToArray();
        var flags = (System.Text.Ascii.IsValid(content.Span) ? MessageFlags.None : MessageFlags.EightBit) | (utf8 ? MessageFlags.Utf8 : MessageFlags.None);
        using var body = new MessageContent(content);
        var result = await _connection.DeliverAsync(
            new Envelope(reversePath, recipients, flags, content.Length), [.. Enumerable.Range(0, recipients.Length)], body);
        return new SendResult([.. result.Replies.Select(static reply => reply!)], result.ConnectionLost, result.Ambiguous);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.QuitAsync();
        await _connection.DisposeAsync();
    }

    private static Mailbox Parse(string address) =>
        Mailbox.TryParse(address, out var mailbox) ? mailbox! : throw new ArgumentException($"'{address}' is not a mail address", nameof(address));
}

/// <summary>What became of a message that was sent.</summary>
/// <param name="Ambiguous">The connection ended behind the final dot: the server may have the message.</param>
public sealed record SendResult(IReadOnlyList<SmtpReply> Replies, bool ConnectionLost, bool Ambiguous)
{
    public bool IsAccepted => Replies.Count > 0 && Replies.All(static reply => reply.IsPositive);
}
