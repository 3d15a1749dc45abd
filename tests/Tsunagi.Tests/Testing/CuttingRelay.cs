using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Tsunagi.Tests.Testing;

/// <summary>
/// A TCP relay in front of a server that cuts the connection at a chosen message of the client: before the server sees it, or after the server
/// answered it but before the client hears.
/// </summary>
internal sealed class CuttingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly int _target;
    private readonly List<Task> _connections = [];
    private readonly Task _accepting;
    private int _messages;
    private int _cutAt;
    private bool _afterAnswer;

    public CuttingRelay(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>True once the chosen message has come by and its connection was cut.</summary>
    public bool HasCut { get; private set; }

    /// <summary>Cuts at the n-th message from now on, counted over all connections.</summary>
    public void CutAt(int message, bool afterAnswer)
    {
        HasCut = false;
        _afterAnswer = afterAnswer;
        _cutAt = Volatile.Read(ref _messages) + message;
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_closing.Token);
                _connections.Add(RelayAsync(client));
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
                var cut = new StrongBox<bool>();
                await Task.WhenAny(UpAsync(client, server, cut), DownAsync(server, client, cut));
            }
            catch (Exception cut) when (cut is OperationCanceledException or SocketException)
            {
                // One side is gone, so both go.
            }

            client.Close(0);
        }
    }

    private async Task UpAsync(Socket client, Socket server, StrongBox<bool> cut)
    {
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var count = await ReceiveAsync(client, buffer);
            if (count == 0)
            {
                return;
            }

            if (Interlocked.Increment(ref _messages) == _cutAt)
            {
                // Set before the server sees it: whatever it answers from now on is dropped with the connection.
                HasCut = cut.Value = true;
                if (!_afterAnswer)
                {
                    return;
                }
            }

            await server.SendAsync(buffer.AsMemory(0, count), _closing.Token);
        }
    }

    private async Task DownAsync(Socket server, Socket client, StrongBox<bool> cut)
    {
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var count = await ReceiveAsync(server, buffer);
            if (count == 0 || cut.Value)
            {
                return;
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
        catch (SocketException)
        {
            return 0;
        }
    }
}
