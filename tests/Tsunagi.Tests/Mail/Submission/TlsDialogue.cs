using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Tsunagi.Tests.Mail.Submission;

/// <summary>A client under TLS that says exactly what a test wants, line by line.</summary>
internal sealed class TlsDialogue : IAsyncDisposable
{
    private readonly TcpClient _client = new() { NoDelay = true };
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly StringBuilder _unread = new();
    private Stream _stream = Stream.Null;

    /// <summary>The server's certificate, hashed: what tls-server-end-point is, for a certificate signed by SHA-256.</summary>
    public byte[] EndPoint { get; private set; } = [];

    /// <summary>STARTTLS, and EHLO after it; <see cref="Hello"/> has what was offered.</summary>
    public static async Task<TlsDialogue> StartTlsAsync(int port)
    {
        var dialogue = await OpenAsync(port);
        Assert.StartsWith("220", await dialogue.ReadAsync(), StringComparison.Ordinal);
        dialogue.PlainHello = await dialogue.SayAsync("EHLO device.example");
        Assert.StartsWith("220", await dialogue.SayAsync("STARTTLS"), StringComparison.Ordinal);
        await dialogue.SecureAsync();
        dialogue.Hello = await dialogue.SayAsync("EHLO device.example");
        return dialogue;
    }

    /// <summary>TLS first, then greeting and EHLO.</summary>
    public static async Task<TlsDialogue> TlsFirstAsync(int port)
    {
        var dialogue = await OpenAsync(port);
        await dialogue.SecureAsync();
        Assert.StartsWith("220", await dialogue.ReadAsync(), StringComparison.Ordinal);
        dialogue.Hello = await dialogue.SayAsync("EHLO device.example");
        return dialogue;
    }

    public static async Task<TlsDialogue> OpenAsync(int port)
    {
        var dialogue = new TlsDialogue();
        await dialogue._client.ConnectAsync("127.0.0.1", port, TestContext.Current.CancellationToken);
        dialogue._stream = dialogue._client.GetStream();
        return dialogue;
    }

    /// <summary>The reply to EHLO in the clear.</summary>
    public string PlainHello { get; private set; } = "";

    /// <summary>The reply to EHLO under TLS.</summary>
    public string Hello { get; private set; } = "";

    public async Task SecureAsync()
    {
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "gateway.test",
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    EndPoint = SHA256.HashData(((X509Certificate2)certificate!).RawData);
                    return true;
                },
            },
            TestContext.Current.CancellationToken);
        _stream = tls;
    }

    /// <summary>One line, and the reply to it; "" when the server closed the connection.</summary>
    public async Task<string> SayAsync(string line)
    {
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"), TestContext.Current.CancellationToken);
        return await ReadAsync();
    }

    /// <summary>A whole message; the reply to its end, or the first refusal on the way.</summary>
    public async Task<string> SendAsync(string from, string to, string content)
    {
        foreach (var line in (string[])[$"MAIL FROM:<{from}>", $"RCPT TO:<{to}>", "DATA"])
        {
            var reply = await SayAsync(line);
            if (reply[0] is not ('2' or '3'))
            {
                return reply;
            }
        }

        return await SayAsync(content + ".");
    }

    /// <summary>MAIL, RCPT and DATA of a device that was let in.</summary>
    public async Task<string> SendBeginAsync()
    {
        await SayAsync("MAIL FROM:<scanner@one.example>");
        await SayAsync("RCPT TO:<bob@far.example>");
        return await SayAsync("DATA");
    }

    /// <summary>What a load balancer says before anything else: who the client is (PROXY protocol version 2, TCP over IPv4).</summary>
    public Task ComeFromAsync(string address) => _stream.WriteAsync(
        (byte[])[0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0, 12, .. System.Net.IPAddress.Parse(address).GetAddressBytes(), 127, 0, 0, 1, 0x10, 0x00, 0x02, 0x4B],
        TestContext.Current.CancellationToken).AsTask();

    public async Task<string> ReadAsync()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(8));
        while (true)
        {
            var text = _unread.ToString();
            for (var start = 0; text.IndexOf("\r\n", start, StringComparison.Ordinal) is >= 0 and var end; start = end + 2)
            {
                if (end - start < 4 || text[start + 3] == ' ')
                {
                    _unread.Remove(0, end + 2);
                    return text[..end];
                }
            }

            int count;
            try
            {
                count = await _stream.ReadAsync(_buffer, deadline.Token);
            }
            catch (IOException)
            {
                return "";
            }

            if (count == 0)
            {
                return _unread.ToString();
            }

            _unread.Append(Encoding.UTF8.GetString(_buffer, 0, count));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _client.Dispose();
    }
}
