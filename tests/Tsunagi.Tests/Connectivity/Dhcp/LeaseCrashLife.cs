using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Dhcp6;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Core.Disk;
using Tsunagi.Protocols.Net.Dhcp;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>What became of one life.</summary>
/// <param name="Lost">Acknowledged leases that a client has no more.</param>
/// <param name="Shared">Prefixes that two lines were given at the same time.</param>
internal sealed record LeaseLifeResult(int Acknowledged, int Lost, int Shared, int Crashes, string? Broken);

/// <summary>
/// A random life of DHCPv6, drawn from a seed: clients ask until they are answered, renew and give back, while the machine loses power, dies or finds its disk failing at random changes of the disk, and
/// starts again. Judged only by what the clients were told.
/// </summary>
internal sealed class LeaseCrashLife
{
    private const int Boots = 3;
    private const int Clients = 4;
    private const int Rounds = 5;

    private readonly int _seed;
    private readonly Random _random;
    private readonly ConnectivityWorld _world;
    private readonly CrashDisk _disk = new();
    private readonly ConnectivityOptions _options;
    private readonly LineSnapshot _lines;
    private readonly ConcurrentDictionary<AddressBlock, string> _held = new();
    private readonly ConcurrentBag<string> _wrong = [];
    private int _acknowledged;
    private int _lost;
    private int _shared;
    private volatile IPEndPoint? _server;
    private volatile byte[]? _duid;

    private LeaseCrashLife(int seed, ConnectivityWorld world, SyncPoint? ignored)
    {
        (_seed, _random, _world) = (seed, new Random(seed), world);
        _disk.Ignore(ignored);
        _options = Dhcp6World.Options(options => options with { Directory = "life-" + seed.ToString(CultureInfo.InvariantCulture), MessagesPerMinute = 1_000_000 });
        var builder = new LineSnapshotBuilder { Version = 1 };
        for (var client = 0; client < Clients; client++)
        {
            builder.TryAdd(new Line
            {
                LineId = Name(client), TenantId = world.Root.Id, TenantPath = world.Root.TenantPath, SubscriptionId = "s", CircuitId = "port " + Name(client), Addresses = new LineAddresses { DelegatedPool = "pd" },
            });
        }

        _lines = builder.Build();
    }

    /// <param name="world">For its stores and pools, which outlive each crash.</param>
    public static Task<LeaseLifeResult> RunAsync(int seed, ConnectivityWorld world, SyncPoint? ignored, CancellationToken cancellationToken) => new LeaseCrashLife(seed, world, ignored).RunAsync(cancellationToken);

    private async Task<LeaseLifeResult> RunAsync(CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var clients = Enumerable.Range(0, Clients).Select(client => Task.Run(() => LiveAsync(client, ended.Token), CancellationToken.None)).ToArray();
        var crashes = 0;
        for (var boot = 0; boot <= Boots; boot++)
        {
            _disk.ClearFaults();
            var disk = _disk.Boot();
            var isLast = boot == Boots;
            if (!isLast)
            {
                _disk.OrderFault(_disk.Changes + 1 + _random.Next(30), (CrashDisk.Fault)_random.Next(3));
            }

            try
            {
                await RunOnceAsync(disk, isLast ? Task.WhenAll(clients) : DiedAsync(clients, cancellationToken), cancellationToken);
            }
            catch (IOException)
            {
                // The disk went while the log was opened or closed.
            }

            if (!isLast)
            {
                crashes++;
                if (_random.Next(3) == 0)
                {
                    _disk.Kill();
                }
                else
                {
                    _disk.LosePower(_seed + boot);
                }
            }
        }

        await ended.CancelAsync();
        return new LeaseLifeResult(_acknowledged, _lost, _shared, crashes, _wrong.FirstOrDefault());
    }

    // The stores are the world's; log, book and pools are of this boot alone.
    private async Task RunOnceAsync(IDisk disk, Task over, CancellationToken cancellationToken)
    {
        await using var boot = await _world.BootAsync("life-" + _seed.ToString(CultureInfo.InvariantCulture), "/data", _options, disk);
        boot.Get<LineSnapshotHolder>().Set(_lines);
        var log = boot.Get<LeaseLog>();
        await log.StartAsync(cancellationToken);
        try
        {
            if (!await boot.Get<LeaseKeeper>().OpenAsync(cancellationToken))
            {
                return;
            }

            await boot.Get<AddressShares>().LookAsync(cancellationToken);
            var server = boot.Get<Dhcp6Server>();
            await server.StartAsync(cancellationToken);
            _duid = boot.Get<LeaseKeeper>().Duid;
            _server = server.EndPoints[0];
            await over;
            _server = null;
            await server.StopAsync(cancellationToken);
        }
        finally
        {
            _server = null;
            await log.StopAsync(cancellationToken);
        }
    }

    private async Task DiedAsync(Task[] clients, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!_disk.IsOff && !Array.TrueForAll(clients, static client => client.IsCompleted) && TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromMilliseconds(150))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>A client takes a prefix, renews it some times, which must be acknowledged with that same prefix, and gives it back.</summary>
    private async Task LiveAsync(int client, CancellationToken cancellationToken)
    {
        var random = new Random((_seed * 31) + client);
        var name = Name(client);
        for (var round = 0; round < Rounds; round++)
        {
            var prefix = (await UntilAsync(name, Dhcp6Type.Solicit, null, static heard => heard.Type == Dhcp6Type.Reply && heard.Of(Dhcp6Code.IaPd).Parts.Count == 1, cancellationToken)).Prefix.Block;
            Interlocked.Increment(ref _acknowledged);
            if (!_held.TryAdd(prefix, name))
            {
                Interlocked.Increment(ref _shared);
                _wrong.Add($"seed {_seed}: {name} was given {prefix}, which {_held.GetValueOrDefault(prefix, "somebody who has just given it back")} has");
            }

            for (var renewals = random.Next(1, 4); renewals > 0; renewals--)
            {
                var heard = await UntilAsync(name, Dhcp6Type.Renew, prefix, static _ => true, cancellationToken);
                if (heard.Associations is not [{ Parts: [var part] }] || part.Block != prefix || part.Valid == 0)
                {
                    Interlocked.Increment(ref _lost);
                    _wrong.Add($"seed {_seed}: {name} had {prefix} and was told {heard}");
                }

                Interlocked.Increment(ref _acknowledged);
            }

            // From here on it is nobody's, whatever of the release is heard.
            _held.TryRemove(prefix, out _);
            await UntilAsync(name, Dhcp6Type.Release, prefix, static _ => true, cancellationToken);
        }
    }

    private async Task<Dhcp6Heard> UntilAsync(string name, Dhcp6Type type, AddressBlock? prefix, Func<Dhcp6Heard, bool> isEnough, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_server is { } server && await AskAsync(server, name, type, prefix, cancellationToken) is { } heard && isEnough(heard))
            {
                return heard;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, cancellationToken);
        }
    }

    private async Task<Dhcp6Heard?> AskAsync(IPEndPoint server, string name, Dhcp6Type type, AddressBlock? prefix, CancellationToken cancellationToken)
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromMilliseconds(60));
        try
        {
            await socket.SendAsync(Dhcp6World.Relayed(Message(name, type, prefix), new Hop("port " + name)), server, deadline.Token);
            return Dhcp6Heard.Read((await socket.ReceiveAsync(deadline.Token)).Buffer);
        }
        catch (Exception nothing) when (nothing is SocketException || (nothing is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    private byte[] Message(string name, Dhcp6Type type, AddressBlock? prefix)
    {
        var buffer = new byte[512];
        var writer = new Dhcp6Writer(buffer, type, 1);
        writer.Add(Dhcp6Code.ClientId, Dhcp6World.Duid(name));
        if (type == Dhcp6Type.Solicit)
        {
            writer.AddFlag(Dhcp6Code.RapidCommit);
        }
        else
        {
            writer.Add(Dhcp6Code.ServerId, _duid!);
        }

        var mark = writer.BeginAssociation(Dhcp6Code.IaPd, 1, 0, 0);
        if (prefix is { } block)
        {
            writer.End(writer.BeginPrefix(block.ToNetwork(), 0, 0));
        }

        writer.End(mark);
        return writer.TryFinish(out var length) ? buffer[..length] : throw new InvalidOperationException("a message does not go into its buffer");
    }

    private string Name(int client) => string.Create(CultureInfo.InvariantCulture, $"ln_{_seed}_{client}");
}
