using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Tsunagi.Tests.Mail.Routes;

/// <summary>A mail server of a stranger's domain: takes mail, with STARTTLS and a certificate of the test's choice, or as badly as the test wants.</summary>
internal sealed class TlsServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _serving;
    private readonly SslStreamCertificateContext? _certificate;

    /// <param name="chain">Its certificate with its key, then what it sends beside; none: STARTTLS is not offered.</param>
    public TlsServer(IPAddress address, int port, params X509Certificate2[] chain)
    {
        _certificate = chain.Length == 0 ? null : SslStreamCertificateContext.Create(chain[0], [.. chain.Skip(1)], offline: true);
        _listener = new TcpListener(address, port);
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Every message taken, with "tls " or "clear " before it.</summary>
    public ConcurrentQueue<string> Messages { get; } = new();

    /// <summary>EHLO's keywords are cut off, as somebody between us and it would do.</summary>
    public bool IsStripped { get; set; }

    /// <summary>It says 220 to STARTTLS and then what no TLS client understands.</summary>
    public bool SpeaksNoTls { get; set; }

    /// <summary>The reply to RCPT; null takes it.</summary>
    public Func<string, string?>? Recipient { get; set; }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _serving;
        _stopping.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                _ = TalkAsync(client);
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await TalkAsync(client.GetStream(), isSecure: false, greets: true);
            }
            catch (Exception left) when (left is IOException or OperationCanceledException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
            {
                // The gateway left, or did not like the certificate.
            }
        }
    }

    private async Task TalkAsync(Stream stream, bool isSecure, bool greets)
    {
        if (greets)
        {
            await SayAsync(stream, "220 mx.stranger.example");
        }

        while (await ReadLineAsync(stream) is { } line)
        {
            var verb = line[..Math.Min(4, line.Length)].ToUpperInvariant();
            if (verb == "STAR")
            {
                await SayAsync(stream, "220 go on");
                if (SpeaksNoTls)
                {
                    // Not before the client begins: octets behind the go-ahead are another matter.
                    await stream.ReadExactlyAsync(new byte[1], _stopping.Token);
                    await SayAsync(stream, "what?");
                    return;
                }

                await using var secure = new SslStream(stream);
                await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = _certificate }, _stopping.Token);
                await TalkAsync(secure, isSecure: true, greets: false);
                return;
            }

            await SayAsync(stream, verb switch
            {
                "EHLO" => _certificate is not null && !isSecure && !IsStripped ? "250-mx.stranger.example\r\n250 STARTTLS" : "250 mx.stranger.example",
                "RCPT" => Recipient?.Invoke(line) ?? "250 ok",
                "DATA" => "354 go on",
                "QUIT" => "221 bye",
                _ => "250 ok",
            });
            if (verb == "DATA")
            {
                var text = new StringBuilder(isSecure ? "tls " : "clear ");
                while (await ReadLineAsync(stream) is { } content && content != ".")
                {
                    text.Append(content).Append("\r\n");
                }

                Messages.Enqueue(text.ToString());
                await SayAsync(stream, "250 taken");
            }
        }
    }

    // Octet by octet: nothing of the handshake may be read too early.
    private async Task<string?> ReadLineAsync(Stream stream)
    {
        var (line, octet) = (new StringBuilder(), new byte[1]);
        while (await stream.ReadAsync(octet, _stopping.Token) == 1)
        {
            if (octet[0] == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append((char)octet[0]);
        }

        return null;
    }

    private Task SayAsync(Stream stream, string text) => stream.WriteAsync(Encoding.Latin1.GetBytes(text + "\r\n"), _stopping.Token).AsTask();
}
