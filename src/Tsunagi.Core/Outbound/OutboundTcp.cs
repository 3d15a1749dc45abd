using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Core.Outbound;

/// <summary>
/// Connects to a host that somebody else named: resolve, take out what the policy refuses, try the rest in turn under deadlines. Thread-safe.
/// </summary>
public sealed class OutboundTcp(OutboundOptions options, TimeProvider time)
{
    private static readonly Counter<long> Attempts = CoreMetrics.Meter.CreateCounter<long>("tsunagi.outbound.connects", "{connection}", "Connections to hosts others named, by result");
    private readonly AddressPolicy _policy = new(options.Allow);

    /// <summary>How names become addresses; tests put their own in.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = static (host, cancellationToken) => Dns.GetHostAddressesAsync(host, cancellationToken);

    public AddressPolicy Policy => _policy;

    /// <param name="host">A name or an address.</param>
    /// <exception cref="OutboundRefusedException">None of the host's addresses is allowed.</exception>
    /// <exception cref="IOException">The name does not resolve, nobody answers, or the deadline passed; the message says which and where.</exception>
    public ValueTask<NetworkStream> ConnectAsync(string host, int port, CancellationToken cancellationToken) =>
        ConnectAsync(host, port, options.ConnectDeadline, cancellationToken);

    /// <inheritdoc cref="ConnectAsync(string, int, CancellationToken)"/>
    /// <param name="within">For the name and each of its addresses, instead of the program's own deadline.</param>
    public async ValueTask<NetworkStream> ConnectAsync(string host, int port, TimeSpan within, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(within, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var addresses = await AddressesAsync(host, linked.Token);
            return new NetworkStream(await ConnectAsync(host, addresses, port, linked.Token), ownsSocket: true);
        }
        catch (OperationCanceledException late) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            Count("deadline");
            throw new IOException($"connecting to {host}:{port}: no answer within {within.TotalSeconds:0.#} seconds", late);
        }
    }

    private async ValueTask<List<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken)
    {
        IPAddress[] all;
        try
        {
            all = IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? [literal] : await Resolve(host, cancellationToken);
        }
        catch (Exception unknown) when (unknown is SocketException or ArgumentException)
        {
            Count("unresolved");
            throw new IOException($"resolving {host}: {unknown.Message}", unknown);
        }

        var allowed = all.Where(address => _policy.WhyNot(address) is null).Take(options.MaxAddresses).ToList();
        if (allowed.Count > 0)
        {
            return allowed;
        }

        if (all.Length == 0)
        {
            Count("unresolved");
            throw new IOException($"resolving {host}: it has no address");
        }

        // The reason names the kind, not the address: what a private name resolves to is not the caller's to learn.
        Count("refused");
        throw new OutboundRefusedException($"connecting to {host}: its address is not public ({_policy.WhyNot(all[0])}); an operator can allow networks in outbound.allow");
    }

    private static async ValueTask<Socket> ConnectAsync(string host, List<IPAddress> addresses, int port, CancellationToken cancellationToken)
    {
        SocketException? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken);
                Count("connected");
                return socket;
            }
            catch (SocketException failed)
            {
                last = failed;
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        Count("failed");
        throw new IOException($"connecting to {host}:{port}: {last!.SocketErrorCode}", last);
    }

    private static void Count(string result) => Attempts.Add(1, new KeyValuePair<string, object?>("result", result));
}
