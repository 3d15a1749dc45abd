using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Tests.Testing;

/// <summary>
/// A TCP relay in front of a server that can hold its client at a known moment: the server's answer with a chosen word still reaches the client, and nothing
/// of what the client says after it reaches the server until <see cref="Release"/>. To the server the client is silent, to itself it has just read the answer.
/// </summary>
internal sealed class HoldingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly int _target;
    private readonly List<Task> _connections = [];
    private readonly Task _accepting;
    private byte[]? _word;
    private TaskCompletionSource _held = new();
    private TaskCompletionSource _open = Opened();

    public HoldingRelay(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Holds the client when the server has told it this word; the task ends then.</summary>
    public Task HoldAt(string word)
    {
        _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _word, System.Text.Encoding.UTF8.GetBytes(word));
        return _held.Task;
    }

    public void Release() => Volatile.Read(ref _open).TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Release();
        await _closing.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _closing.Dispose();
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _connections.Add(RelayAsync(await _listener.AcceptSocketAsync(_closing.Token)));
            }
        }
        catch (Exception closing) when (closing is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task RelayAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target, _closing.Token);
                await Task.WhenAny(UpAsync(client, server), DownAsync(server, client));
            }
            catch (Exception gone) when (gone is OperationCanceledException or SocketException)
            {
                // One side is gone, so both go.
            }
        }
    }

    private async Task UpAsync(Socket client, Socket server)
    {
        var buffer = new byte[64 * 1024];
        while (await ReceiveAsync(client, buffer) is > 0 and var count)
        {
            await Volatile.Read(ref _open).Task.WaitAsync(_closing.Token);
            await server.SendAsync(buffer.AsMemory(0, count), _closing.Token);
        }
    }

    private async Task DownAsync(Socket server, Socket client)
    {
        var buffer = new byte[64 * 1024];
        while (await ReceiveAsync(server, buffer) is > 0 and var count)
        {
            if (Volatile.Read(ref _word) is { } word && buffer.AsSpan(0, count).IndexOf(word) >= 0)
            {
                // Closed before the client hears the word, so nothing it says because of it gets through.
                Volatile.Write(ref _word, null);
                Volatile.Write(ref _open, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                _held.TrySetResult();
            }

            await client.SendAsync(buffer.AsMemory(0, count), _closing.Token);
        }
    }

    private async Task<int> ReceiveAsync(Socket socket, byte[] buffer)
    {
        try
        {
            return await socket.ReceiveAsync(buffer, _closing.Token);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }
}
