using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Routing.Try;

/// <summary>A router in this process, on loopback, for demonstrations and tests: answers one BGP speaker after another and keeps the routes it is told, and forwards nothing.</summary>
public sealed class TrialRouter : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private NetworkStream? _stream;

    public TrialRouter(uint autonomous = 64_512, ushort hold = 90)
    {
        _listener.Start();
        _running = RunAsync(autonomous, hold);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Routes by family and text, with the update that announced them.</summary>
    public ConcurrentDictionary<string, BgpUpdate> Routes { get; } = new();

    public ConcurrentQueue<BgpMessage> Heard { get; } = new();

    public int Sessions { get; private set; }

    /// <summary>False keeps it silent after the OPEN: its hold timer and ours must notice.</summary>
    public bool KeepsAlive { get; set; } = true;

    public Task SendAsync(BgpMessage message) => _stream!.WriteAsync(BgpMessageWriter.Write(message)).AsTask();

    /// <summary>Cuts the connection, as a router that crashes does.</summary>
    public void Cut() => _stream?.Socket.Close();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Cut();
        try
        {
            await _running;
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // It was stopped.
        }

        _stop.Dispose();
    }

    private async Task RunAsync(uint autonomous, ushort hold)
    {
        while (!_stop.IsCancellationRequested)
        {
            using var socket = await _listener.AcceptSocketAsync(_stop.Token);
            try
            {
                _stream = new NetworkStream(socket);
                await TalkAsync(autonomous, hold);
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
            {
                // The next one may come.
            }
        }
    }

    private async Task TalkAsync(uint autonomous, ushort hold)
    {
        BgpFamily[] families = [BgpFamily.IPv4Unicast, BgpFamily.IPv6Unicast, BgpFamily.IPv4FlowSpec, BgpFamily.IPv6FlowSpec];
        await SendAsync(new BgpOpen(autonomous, hold, 0x0A000002, [
            .. families.Select(static f => new BgpMultiprotocolCapability(f)), new BgpRouteRefreshCapability(), new BgpFourOctetAsCapability(autonomous),
            new BgpGracefulRestartCapability(false, false, 60, [.. families.Select(static f => new BgpGracefulFamily(f, false))]),
        ]));
        var reader = PipeReader.Create(_stream!);
        while (true)
        {
            var result = await reader.ReadAsync(_stop.Token);
            var buffer = result.Buffer;
            while (BgpFrames.Read(ref buffer, BgpEncoding.Default, out var message, out _) == BgpFrameStatus.Message)
            {
                var read = BgpMessageReader.Read(System.Buffers.BuffersExtensions.ToArray(message));
                Heard.Enqueue(read.Message!);
                await TakeAsync(read.Message!);
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    private async Task TakeAsync(BgpMessage message)
    {
        switch (message)
        {
            case BgpOpen:
                Sessions++;
                Routes.Clear(); // what it kept over a restart would be stale now; here it is simply told again
                await SendAsync(new BgpKeepalive());
                break;
            case BgpKeepalive when KeepsAlive:
                await SendAsync(new BgpKeepalive());
                break;
            case BgpUpdate update:
                foreach (var key in update.Withdrawn.Select(static p => p.ToString()).Concat(Keys(update.Find<BgpMpUnreach>()?.Prefixes ?? [], update.Find<BgpMpUnreach>()?.FlowSpecs ?? [])))
                {
                    Routes.TryRemove(key, out _);
                }

                foreach (var key in update.Nlri.Select(static p => p.ToString()).Concat(Keys(update.Find<BgpMpReach>()?.Prefixes ?? [], update.Find<BgpMpReach>()?.FlowSpecs ?? [])))
                {
                    Routes[key] = update;
                }

                break;
        }
    }

    private static IEnumerable<string> Keys(IEnumerable<BgpPrefix> prefixes, IEnumerable<FlowSpecRule> rules) => prefixes.Select(static p => p.ToString()).Concat(rules.Select(static r => r.ToString()));
}
