using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Core.Disk;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>What became of one life.</summary>
/// <param name="Lost">Acknowledged leases that a client has no more.</param>
/// <param name="Shared">Addresses or prefixes that two lines were given at the same time.</param>
internal sealed record LeaseLifeResult(int Acknowledged, int Lost, int Shared, int Crashes, string? Broken);

/// <summary>
/// A random life of DHCP of either family, drawn from a seed: clients ask until they are answered, renew and give back, while the machine loses power, dies or finds its disk failing at random changes of the disk, and
/// starts again. Judged only by what the clients were told.
/// </summary>
internal sealed class LeaseCrashLife
{
    private const int Boots = 3;
    private const int Clients = 4;
    private const int Rounds = 5;

    private const int SilentTries = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan LongPatience = TimeSpan.FromSeconds(1);

    private readonly LeaseLifeFamily _family;
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

    private LeaseCrashLife(LeaseLifeFamily family, int seed, ConnectivityWorld world, SyncPoint? ignored)
    {
        (_family, _seed, _random, _world) = (family, seed, new Random(seed), world);
        _disk.Ignore(ignored);
        _options = family.Options("life-" + seed.ToString(CultureInfo.InvariantCulture));
        var builder = new LineSnapshotBuilder { Version = 1 };
        for (var client = 0; client < Clients; client++)
        {
            builder.TryAdd(new Line
            {
                LineId = Name(client), TenantId = world.Root.Id, TenantPath = world.Root.TenantPath, SubscriptionId = "s", CircuitId = "port " + Name(client), Addresses = family.Addresses,
            });
        }

        _lines = builder.Build();
    }

    /// <param name="world">For its stores and pools, which outlive each crash.</param>
    public static Task<LeaseLifeResult> RunAsync(LeaseLifeFamily family, int seed, ConnectivityWorld world, SyncPoint? ignored, CancellationToken cancellationToken) => new LeaseCrashLife(family, seed, world, ignored).RunAsync(cancellationToken);

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
            var server = _family.Server(boot);
            await server.StartAsync(cancellationToken);
            _duid = boot.Get<LeaseKeeper>().Duid;
            _server = _family.EndPoint(boot);
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

    /// <summary>A client takes what its line may have, renews it some times, which must be acknowledged with the same, and gives it back.</summary>
    private async Task LiveAsync(int client, CancellationToken cancellationToken)
    {
        var random = new Random((_seed * 31) + client);
        var name = Name(client);
        for (var round = 0; round < Rounds; round++)
        {
            AddressBlock? taken = null;
            while (taken is null)
            {
                taken = await UntilAsync(name, LifeAct.Take, null, cancellationToken);
            }

            var part = taken.Value;
            Interlocked.Increment(ref _acknowledged);
            if (!_held.TryAdd(part, name))
            {
                Interlocked.Increment(ref _shared);
                _wrong.Add($"seed {_seed}: {name} was given {part}, which {_held.GetValueOrDefault(part, "somebody who has just given it back")} has");
            }

            for (var renewals = random.Next(1, 4); renewals > 0; renewals--)
            {
                var told = await UntilAsync(name, LifeAct.Renew, part, cancellationToken);
                if (told != part)
                {
                    Interlocked.Increment(ref _lost);
                    _wrong.Add($"seed {_seed}: {name} had {part} and was told {told?.ToString() ?? "none"}");
                }

                Interlocked.Increment(ref _acknowledged);
            }

            // From here on it is nobody's, whatever of the release is heard.
            _held.TryRemove(part, out _);
            if (_family.AnswersAll)
            {
                await UntilAsync(name, LifeAct.GiveBack, part, cancellationToken);
            }
            else if (_server is { } server)
            {
                await AskAsync(server, name, LifeAct.GiveBack, part, Patience, cancellationToken);
            }
        }
    }

    /// <summary>Asks until it is answered; what the client has then.</summary>
    private async Task<AddressBlock?> UntilAsync(string name, LifeAct act, AddressBlock? part, CancellationToken cancellationToken)
    {
        for (var unanswered = 0; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_server is { } server)
            {
                if (await AskAsync(server, name, act, part, Patience, cancellationToken) is { } heard)
                {
                    return heard.Part;
                }

                // A server that says nothing to who goes on, and something to who asks anew, does not know of it.
                if (act == LifeAct.Renew && !_family.AnswersAll && ++unanswered % SilentTries == 0 && await AskAsync(server, name, act, part, LongPatience, cancellationToken) is null
                    && await AskAsync(server, name, LifeAct.Take, null, LongPatience, cancellationToken) is not null)
                {
                    return null;
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, cancellationToken);
        }
    }

    private async Task<Told?> AskAsync(IPEndPoint server, string name, LifeAct act, AddressBlock? part, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var socket = new UdpClient(new IPEndPoint(_family.Loopback, 0));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(patience);
        try
        {
            await socket.SendAsync(_family.Message(name, act, part, _duid!), server, deadline.Token);
            return new Told(_family.Read((await socket.ReceiveAsync(deadline.Token)).Buffer));
        }
        catch (Exception nothing) when (nothing is SocketException || (nothing is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    private string Name(int client) => string.Create(CultureInfo.InvariantCulture, $"ln_{_seed}_{client}");

    /// <summary>An answer: what the client has by it.</summary>
    private sealed record Told(AddressBlock? Part);
}
