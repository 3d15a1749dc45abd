using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tsunagi.Tests.Mail.Checks;

/// <summary>Speaks clamd's session protocol: finds "EICAR" in streams, has a size limit, and can fall silent.</summary>
internal sealed class FakeClamd : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _sessions = [];
    private readonly Task _accepting;
    private int _opened;

    public FakeClamd()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Place => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Sessions there have been.</summary>
    public int Opened => Volatile.Read(ref _opened);

    public int MaxBytes { get; init; } = 10_000_000;

    public bool IsSilent { get; set; }

    public bool ClosesAfterEach { get; set; }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_sessions);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                Interlocked.Increment(ref _opened);
                _sessions.Add(ServeAsync(client));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var closing = client;
        var stream = client.GetStream();
        try
        {
            Assert.Equal("zIDSESSION", await CommandAsync(stream));
            for (var number = 1; await CommandAsync(stream) is "zINSTREAM"; number++)
            {
                var content = await StreamAsync(stream);
                if (IsSilent)
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stopping.Token);
                }

                var found = content is not null && Encoding.Latin1.GetString(content).Contains("EICAR", StringComparison.Ordinal);
                var reply = content is null ? "INSTREAM size limit exceeded. ERROR" : found ? "stream: Test.Eicar.UNOFFICIAL FOUND" : "stream: OK";
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"{number}: {reply}\0"), _stopping.Token);
                if (content is null || ClosesAfterEach)
                {
                    return;
                }
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException)
        {
            // The client or the test went.
        }
    }

    private async Task<string> CommandAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one, _stopping.Token) == 1 && one[0] != 0)
        {
            text.Append((char)one[0]);
        }

        return text.ToString();
    }

    private async Task<byte[]?> StreamAsync(NetworkStream stream)
    {
        using var content = new MemoryStream();
        var length = new byte[4];
        while (true)
        {
            await stream.ReadExactlyAsync(length, _stopping.Token);
            var count = BinaryPrimitives.ReadInt32BigEndian(length);
            if (count == 0)
            {
                return content.ToArray();
            }

            var chunk = new byte[count];
            await stream.ReadExactlyAsync(chunk, _stopping.Token);
            await content.WriteAsync(chunk, _stopping.Token);
            if (content.Length > MaxBytes)
            {
                return null;
            }
        }
    }
}
