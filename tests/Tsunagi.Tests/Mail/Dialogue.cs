using System.Net.Sockets;
using System.Text;

namespace Tsunagi.Tests.Mail;

/// <summary>A client that says exactly what a test wants, octet by octet, and reads one reply at a time.</summary>
internal sealed class Dialogue : IAsyncDisposable
{
    private readonly TcpClient _client = new() { NoDelay = true };
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly StringBuilder _unread = new();

    public static async Task<Dialogue> OpenAsync(int port)
    {
        var dialogue = new Dialogue();
        await dialogue._client.ConnectAsync("127.0.0.1", port, TestContext.Current.CancellationToken);
        return dialogue;
    }

    /// <summary>Greeting and EHLO done.</summary>
    public static async Task<Dialogue> GreetedAsync(int port)
    {
        var dialogue = await OpenAsync(port);
        await dialogue.ReadAsync();
        await dialogue.SayAsync("EHLO client.example");
        return dialogue;
    }

    public async Task SendAsync(string octets) =>
        await _client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(octets), TestContext.Current.CancellationToken);

    /// <summary>One line, and the reply to it.</summary>
    public async Task<string> SayAsync(string line)
    {
        await SendAsync(line + "\r\n");
        return await ReadAsync();
    }

    /// <summary>The next reply with all its lines, or "" when the server closed the connection.</summary>
    public async Task<string> ReadAsync()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(8));
        while (true)
        {
            if (TryTake() is { } reply)
            {
                return reply;
            }

            int count;
            try
            {
                count = await _client.GetStream().ReadAsync(_buffer, deadline.Token);
            }
            catch (IOException)
            {
                return "";
            }

            if (count == 0)
            {
                return _unread.ToString();
            }

            _unread.Append(Encoding.Latin1.GetString(_buffer, 0, count));
        }
    }

    /// <summary>MAIL, RCPT and DATA, up to the 354.</summary>
    public async Task<string> BeginAsync(string to, string from = "alice@client.example")
    {
        await SayAsync($"MAIL FROM:<{from}>");
        await SayAsync($"RCPT TO:<{to}>");
        return await SayAsync("DATA");
    }

    /// <summary>True when the server has closed the connection and nothing is left to read.</summary>
    public async Task<bool> IsClosedAsync() => (await ReadAsync()).Length == 0;

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private string? TryTake()
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

        return null;
    }
}
