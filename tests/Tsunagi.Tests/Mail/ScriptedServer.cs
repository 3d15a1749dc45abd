using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tsunagi.Tests.Mail;

/// <summary>A next hop that offers what a test says and answers what a test says: for what no polite server does.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _serving;
    private readonly string[] _offers;
    private readonly Func<string, string?> _answer;

    /// <param name="offers">Keywords of the reply to EHLO.</param>
    /// <param name="answer">The reply to a command line, or to "." (the end of a message); null takes it; "" closes the connection.</param>
    public ScriptedServer(string[] offers, Func<string, string?>? answer = null)
    {
        _offers = offers;
        _answer = answer ?? (static _ => null);
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public List<string> Lines { get; } = [];

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
                var socket = await _listener.AcceptTcpClientAsync(_stopping.Token);
                _ = TalkAsync(socket);
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
                using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
                await WriteAsync(client, "220 scripted.example\r\n");
                while (await reader.ReadLineAsync(_stopping.Token) is { } line)
                {
                    lock (Lines)
                    {
                        Lines.Add(line);
                    }

                    var reply = _answer(line) ?? Usual(line);
                    if (reply.Length == 0)
                    {
                        return;
                    }

                    await WriteAsync(client, reply + "\r\n");
                    if (reply.StartsWith("354", StringComparison.Ordinal))
                    {
                        while (await reader.ReadLineAsync(_stopping.Token) is { } text && text != ".")
                        {
                        }

                        reply = _answer(".") ?? "250 taken";
                        if (reply.Length == 0)
                        {
                            return;
                        }

                        await WriteAsync(client, reply + "\r\n");
                    }
                }
            }
            catch (Exception left) when (left is IOException or OperationCanceledException or ObjectDisposedException)
            {
                // The gateway left.
            }
        }
    }

    private string Usual(string line) => line[..Math.Min(4, line.Length)].ToUpperInvariant() switch
    {
        "EHLO" => string.Join("\r\n", _offers.Prepend("scripted.example").Select((text, i) => (i == _offers.Length ? "250 " : "250-") + text)),
        "DATA" => "354 go on",
        "QUIT" => "221 bye",
        _ => "250 ok",
    };

    private Task WriteAsync(TcpClient client, string text) => client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text), _stopping.Token).AsTask();
}
