using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace Tsunagi.Routers.Simulate;

/// <summary>Many simulated routers with one socket for connection requests: /N names the router.</summary>
internal sealed class SimulatedFleet : IAsyncDisposable
{
    // A server takes fifty connections of one address by default, and all of these come from one.
    private const int MostAtOnce = 32;

    private readonly Uri _url;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<SimulatedRouter> _routers = [];
    private readonly Channel<int> _due = Channel.CreateUnbounded<int>();
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<int, bool> _waiting = new();
    private readonly Task _accepting;

    public SimulatedFleet(Uri url, TimeProvider time)
    {
        _url = url;
        _time = time;

        // A simulator stands beside the server it tests: its certificate is nobody's business.
        _http = new HttpClient(new SocketsHttpHandler { UseCookies = false, MaxConnectionsPerServer = MostAtOnce, SslOptions = new() { RemoteCertificateValidationCallback = static (_, _, _, _) => true } });
        _listener.Start(512);
        _accepting = AcceptAsync(_ending.Token);
    }

    public IReadOnlyList<SimulatedRouter> Routers => _routers;

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    public void Add(SimulatedRouter router)
    {
        router.ConnectionRequestUrl = string.Create(CultureInfo.InvariantCulture, $"http://{EndPoint}/{_routers.Count}");
        router.Because("0 BOOTSTRAP");
        router.Because("1 BOOT");
        _routers.Add(router);
    }

    /// <summary>"SIM0001" and 4: "SIM0005".</summary>
    public static string Serial(string first, int more)
    {
        var digits = first.Length - first.TrimEnd("0123456789".ToCharArray()).Length;
        return digits == 0
            ? first + (more == 0 ? "" : more.ToString(CultureInfo.InvariantCulture))
            : first[..^digits] + (long.Parse(first[^digits..], CultureInfo.InvariantCulture) + more).ToString(new string('0', digits), CultureInfo.InvariantCulture);
    }

    /// <summary>One session of one router now.</summary>
    public Task<bool> CallAsync(SimulatedRouter router, CancellationToken cancellationToken) => router.CallAsync(_http, _url, _time, cancellationToken);

    /// <summary>All call at once, then each every so often and when it is asked to, until cancelled or each had so many sessions.</summary>
    public async Task<IReadOnlyList<SimulatedRouter>> RunAsync(TimeSpan every, long? sessions, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ending.Token);
        _waiting.Clear();
        Wake(Enumerable.Range(0, _routers.Count));
        var turning = TurnAsync(every, ending.Token);
        try
        {
            await Parallel.ForEachAsync(
                _due.Reader.ReadAllAsync(ending.Token), new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = ending.Token },
                async (index, token) =>
                {
                    _waiting.TryRemove(index, out _);
                    var router = _routers[index];
                    await CallAsync(router, token);

                    // Asked while its session ended: it calls again.
                    if (router.HasReason)
                    {
                        Wake([index]);
                    }

                    if (sessions is { } most && _routers.TrueForAll(r => r.Sessions + r.Failed >= most))
                    {
                        await ending.CancelAsync();
                    }
                });
        }
        catch (OperationCanceledException)
        {
            // That is how it ends.
        }

        await ending.CancelAsync();
        await turning.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return _routers;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Stop();
        await _accepting.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        _http.Dispose();
        _ending.Dispose();
    }

    private void Wake(IEnumerable<int> indices)
    {
        foreach (var index in indices)
        {
            if (_waiting.TryAdd(index, true))
            {
                _due.Writer.TryWrite(index);
            }
        }
    }

    private async Task TurnAsync(TimeSpan every, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(every, _time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            Wake(Enumerable.Range(0, _routers.Count));
        }
    }

    private async Task AcceptAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            using var client = await _listener.AcceptTcpClientAsync(cancellationToken);
            try
            {
                using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                deadline.CancelAfter(TimeSpan.FromSeconds(2));
                await AnswerAsync(client, deadline.Token);
            }
            catch (Exception gone) when (gone is IOException || (gone is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // Whoever asked left.
            }
        }
    }

    // GET /N HTTP/1.1
    private async Task AnswerAsync(TcpClient client, CancellationToken cancellationToken)
    {
        var stream = client.GetStream();
        var buffer = new byte[4096];
        var length = 0;
        int count;
        while (length < buffer.Length && (count = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken)) > 0)
        {
            length += count;
            if (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) >= 0)
            {
                break;
            }
        }

        var parts = Encoding.ASCII.GetString(buffer, 0, length).Split(' ', 3);
        var known = parts.Length == 3 && parts[0] == "GET" && int.TryParse(parts[1].TrimStart('/'), NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < _routers.Count;
        await stream.WriteAsync(known ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray() : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), cancellationToken);
        if (known)
        {
            var asked = int.Parse(parts[1].TrimStart('/'), CultureInfo.InvariantCulture);
            _routers[asked].Because("6 CONNECTION REQUEST");
            Wake([asked]);
        }
    }
}
