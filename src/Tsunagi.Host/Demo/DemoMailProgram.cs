using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Tsunagi.Host.Demo;

/// <summary>A person's mail program: hands mail in after STARTTLS and AUTH PLAIN (RFC 6409, RFC 4616).</summary>
internal sealed class DemoMailProgram(int port, string user, string secret, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <exception cref="IOException">It was not taken; the message ends with what the server said.</exception>
    public async Task SendAsync(IReadOnlyList<string> to, byte[] message, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await SendInTimeAsync(to, message, linked.Token);
        }
        catch (Exception failed) when (failed is SocketException || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new IOException("handing a mail in: " + failed.Message, failed);
        }
    }

    private async Task SendInTimeAsync(IReadOnlyList<string> to, byte[] message, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, cancellationToken);
        await ReadAsync(client.GetStream(), '2', cancellationToken);
        await SayAsync(client.GetStream(), "EHLO laptop.minato-seikei.example", '2', cancellationToken);
        await SayAsync(client.GetStream(), "STARTTLS", '2', cancellationToken);

        // The demo's certificate is made by itself: nobody vouches for it.
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "mx.demo.example", RemoteCertificateValidationCallback = static (_, _, _, _) => true }, cancellationToken);
        await SayAsync(tls, "EHLO laptop.minato-seikei.example", '2', cancellationToken);
        await SayAsync(tls, "AUTH PLAIN " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{user}\0{secret}")), '2', cancellationToken);
        await SayAsync(tls, $"MAIL FROM:<{user}>", '2', cancellationToken);
        foreach (var recipient in to)
        {
            await SayAsync(tls, $"RCPT TO:<{recipient}>", '2', cancellationToken);
        }

        await SayAsync(tls, "DATA", '3', cancellationToken);
        await tls.WriteAsync(message, cancellationToken);
        await SayAsync(tls, "\r\n.", '2', cancellationToken);
        await SayAsync(tls, "QUIT", '2', cancellationToken);
    }

    private static async Task SayAsync(Stream stream, string line, char expected, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), cancellationToken);
        await ReadAsync(stream, expected, cancellationToken);
    }

    private static async Task ReadAsync(Stream stream, char expected, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        var length = 0;
        while (length < buffer.Length)
        {
            var count = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
            length += count;
            var text = Encoding.ASCII.GetString(buffer, 0, length);
            if (count == 0)
            {
                throw new IOException("the server left after: " + text);
            }

            // The last line of a reply has a space behind its code.
            if (text.EndsWith("\r\n", StringComparison.Ordinal) && text[(text.LastIndexOf('\n', text.Length - 2) + 1)..] is [_, _, _, ' ', ..] last)
            {
                if (last[0] != expected)
                {
                    throw new IOException(string.Create(CultureInfo.InvariantCulture, $"handing a mail in: the server said {last.TrimEnd()}"));
                }

                return;
            }
        }
    }
}
