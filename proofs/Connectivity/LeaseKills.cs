using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Protocols.Net.Dhcp;
using Tsunagi.Tests.Connectivity.Dhcp;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>
/// A node on the real disk with clients behind a relay, each of which takes a prefix, renews it some times and gives it back, and sends each message until it is answered. The node is ended by kill -9 at
/// random moments and started again with what it left. A client that had a prefix must be told that same prefix at each Renew; two clients must never have one.
/// </summary>
internal sealed class LeaseKills(string directory, int kills)
{
    private const int Clients = 24;
    private const int Seed = 11;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<AddressBlock, int> _held = new();
    private readonly ConcurrentQueue<string> _wrong = new();
    private int _acknowledged;
    private int _again;
    private int _lost;
    private int _shared;
    private volatile DhcpServerProcess? _server;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        var setting = new DhcpServerSetting(Directory.CreateDirectory(Path.Combine(directory, "node")).FullName, Clients);
        var random = new Random(Seed);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _server = await DhcpServerProcess.StartAsync(setting, null, cancellationToken);
        var clients = Enumerable.Range(0, Clients).Select(client => Task.Run(() => LiveAsync(client, ended.Token), CancellationToken.None)).ToArray();
        try
        {
            for (var kill = 1; kill <= kills; kill++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200 + random.Next(600)), TimeProvider.System, cancellationToken);
                var server = _server!;
                _server = null;
                server.Kill();
                server.Dispose();
                _server = await DhcpServerProcess.StartAsync(setting, null, cancellationToken);
                progress.Say($"kill -9 {kill} of {kills}, {_acknowledged:n0} acknowledged");
            }

            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, cancellationToken);
            await ended.CancelAsync();
            await Task.WhenAll(clients);
        }
        finally
        {
            await ended.CancelAsync();
            _server?.Dispose();
        }

        foreach (var wrong in _wrong.Take(10))
        {
            Console.WriteLine("  broken: " + wrong);
        }

        return
        [
            Figure.AtMost($"lost of {_acknowledged:n0} acknowledged leases, {kills} × kill -9, {_again:n0} messages sent again", _lost, 0, "n0", ""),
            Figure.AtMost("prefixes held by two there", _shared, 0, "n0", ""),
            Figure.AtLeast("acknowledged leases, so that the kills met work", _acknowledged, 100 * kills, "n0", ""),
        ];
    }

    private async Task LiveAsync(int client, CancellationToken cancellationToken)
    {
        var random = new Random((Seed * 31) + client);
        try
        {
            while (true)
            {
                var prefix = (await UntilAsync(client, Dhcp6Type.Solicit, null, static heard => heard.Type == Dhcp6Type.Reply && heard.Of(Dhcp6Code.IaPd).Parts.Count == 1, cancellationToken)).Prefix.Block;
                Interlocked.Increment(ref _acknowledged);
                if (!_held.TryAdd(prefix, client))
                {
                    Interlocked.Increment(ref _shared);
                    _wrong.Enqueue($"client {client} was given {prefix}, which client {_held.GetValueOrDefault(prefix, -1)} has");
                }

                for (var renewals = random.Next(3, 30); renewals > 0; renewals--)
                {
                    var heard = await UntilAsync(client, Dhcp6Type.Renew, prefix, static _ => true, cancellationToken);
                    if (heard.Associations is not [{ Parts: [var part] }] || part.Block != prefix || part.Valid == 0)
                    {
                        Interlocked.Increment(ref _lost);
                        _wrong.Enqueue($"client {client} had {prefix} and was told {heard}");
                    }

                    Interlocked.Increment(ref _acknowledged);
                    await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20)), TimeProvider.System, cancellationToken);
                }

                // From here on it is nobody's, whatever of the release is heard.
                _held.TryRemove(prefix, out _);
                await UntilAsync(client, Dhcp6Type.Release, prefix, static _ => true, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The measurement is over.
        }
    }

    private async Task<Dhcp6Heard> UntilAsync(int client, Dhcp6Type type, AddressBlock? prefix, Func<Dhcp6Heard, bool> isEnough, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            if (tries > 0)
            {
                Interlocked.Increment(ref _again);
            }

            if (_server is { } server && await AskAsync(server, client, type, prefix, cancellationToken) is { } heard && isEnough(heard))
            {
                return heard;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<Dhcp6Heard?> AskAsync(DhcpServerProcess server, int client, Dhcp6Type type, AddressBlock? prefix, CancellationToken cancellationToken)
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            var message = Dhcp6World.Relayed(Message(server.Duid, client, type, prefix), new Hop(string.Create(CultureInfo.InvariantCulture, $"port {client}")));
            await socket.SendAsync(message, new IPEndPoint(IPAddress.IPv6Loopback, server.Port), deadline.Token);
            return Dhcp6Heard.Read((await socket.ReceiveAsync(deadline.Token)).Buffer);
        }
        catch (Exception nothing) when (nothing is SocketException || (nothing is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    private static byte[] Message(byte[] server, int client, Dhcp6Type type, AddressBlock? prefix)
    {
        var buffer = new byte[512];
        var writer = new Dhcp6Writer(buffer, type, 1);
        writer.Add(Dhcp6Code.ClientId, Dhcp6World.Duid(client.ToString(CultureInfo.InvariantCulture)));
        if (type == Dhcp6Type.Solicit)
        {
            writer.AddFlag(Dhcp6Code.RapidCommit);
        }
        else
        {
            writer.Add(Dhcp6Code.ServerId, server);
        }

        var mark = writer.BeginAssociation(Dhcp6Code.IaPd, 1, 0, 0);
        if (prefix is { } block)
        {
            writer.End(writer.BeginPrefix(block.ToNetwork(), 0, 0));
        }

        writer.End(mark);
        return writer.TryFinish(out var length) ? buffer[..length] : throw new InvalidOperationException("a message does not go into its buffer");
    }
}
