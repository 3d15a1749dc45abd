using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Proxy;

/// <summary>
/// The way of a request for another's realm, when it was found authentic and new: (1) what came from ourselves, or is one more than may wait, ends here; (2) the realm's home servers in their order, those
/// that answer before those that are silent, dead ones not; what answers a challenge goes to who asked it, and to nobody else; (3) the request is written anew for that one and sent once; the access server's own repetition is passed on as the same octets; (4) its answer
/// is filtered, written as ours and returned; (5) nothing in time, and the next home server is asked. When none is left there is no answer: the access server asks elsewhere or again, and nobody is
/// rejected because somebody's server is down.
/// </summary>
internal sealed class RadiusProxy : IHostedService, IDisposable
{
    private const int MarkOctets = 8;
    private const int MostUntold = 1_000;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<(RadiusSource Source, byte Identifier, UInt128 Authenticator), HomeSocket.Asked> _underWay = new();
    private readonly OpenChallenges _challenges;
    private readonly ConcurrentQueue<HomeChange> _untold = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly byte[] _mark = RandomNumberGenerator.GetBytes(MarkOctets);
    private readonly ProxyOptions _options;
    private readonly ConnectivityMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, HomeServer> _servers = new(StringComparer.Ordinal);
    private readonly ProxyRealms _realms;
    private Task _looking = Task.CompletedTask;
    private long _proxied;
    private int _inFlight;

    /// <exception cref="InvalidOperationException">An option can not be meant so; the message names it.</exception>
    public RadiusProxy(ConnectivityOptions options, ConnectivityMetrics metrics, TimeProvider time)
    {
        (_options, _metrics, _time, _challenges) = (options.Proxy, metrics, time, new OpenChallenges(time));
        foreach (var option in options.Proxy.Servers)
        {
            if (!_servers.TryAdd(option.Name, new HomeServer(option, options.Proxy, metrics, time)))
            {
                throw new InvalidOperationException($"connectivity.proxy.servers: \"{option.Name}\" is there twice");
            }
        }

        _realms = new ProxyRealms(options.Proxy, _servers);
        foreach (var lane in _servers.Values.SelectMany(static server => server.Lanes))
        {
            lane.Changed = Note;
        }
    }

    public IReadOnlyList<ProxiedRealm> Realms => _realms.All;

    public IReadOnlyCollection<HomeServer> Servers => _servers.Values;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_options.IsOn)
        {
            _looking = LookAsync();
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _looking;
        Dispose();
    }

    public void Dispose()
    {
        foreach (var server in _servers.Values)
        {
            server.Dispose();
        }
    }

    /// <summary>Null for what is ours.</summary>
    public ProxiedRealm? RealmOf(RadiusPacket request, LineSnapshot snapshot) => _options.IsOn && request.Code != RadiusCode.StatusServer ? _realms.Find(request, snapshot) : null;

    /// <summary>The answer to an Access-Request; null when there is none to give.</summary>
    public async Task<byte[]?> AccessAsync(RadiusAsker asker, ProxiedRealm realm, LineSnapshot snapshot, byte[] request)
    {
        var key = KeyOf(asker.Source, request);
        try
        {
            if (await ForwardAsync(realm, false, asker.Secret, request, asked => _underWay[key] = asked) is not { } found)
            {
                return null;
            }

            // (4)
            var answer = Write(found, asker.Secret, realm, snapshot, request, out var filtered);
            _metrics.ProxiedAttributesFiltered(filtered);
            if (answer is null)
            {
                return Drop("proxy-unwritten");
            }

            _challenges.Note(realm, request, answer, found.Lane);
            return answer;
        }
        finally
        {
            _underWay.TryRemove(key, out _);
        }
    }

    /// <summary>True when a home server has acknowledged an Accounting-Request.</summary>
    public async Task<bool> AccountAsync(RadiusSecret secret, ProxiedRealm realm, byte[] request) => await ForwardAsync(realm, true, secret, request, null) is not null;

    /// <summary>The same for one that lay here for so long.</summary>
    public async Task<bool> RelayAsync(ProxiedRealm realm, byte[] request, uint waitedSeconds) => await ForwardAsync(realm, true, null, request, null, waitedSeconds) is not null;

    /// <summary>The access server has sent a request again that is under way.</summary>
    public void Again(RadiusSource source, RadiusPacket request)
    {
        if (_underWay.TryGetValue(KeyOf(source, request.Octets), out var asked))
        {
            asked.Again();
        }
    }

    /// <summary>Home servers that died or came back since the last call, at most a thousand.</summary>
    public IReadOnlyList<HomeChange> TakeChanges()
    {
        var changes = new List<HomeChange>();
        while (_untold.TryDequeue(out var change))
        {
            changes.Add(change);
        }

        return changes;
    }

    /// <summary>Asks those home servers whether they are there of which it is time to know.</summary>
    internal void Look()
    {
        foreach (var lane in _servers.Values.SelectMany(static server => server.Lanes))
        {
            lane.Look(_stopping.Token);
        }
    }

    private async Task<(byte[] Request, byte[] Answer, HomeLane Lane)?> ForwardAsync(ProxiedRealm realm, bool isAccounting, RadiusSecret? secret, byte[] request, Action<HomeSocket.Asked>? isSent, uint waitedSeconds = 0)
    {
        // (1)
        if (IsOurOwn(request))
        {
            Drop("proxy-loop");
            return null;
        }

        if (Interlocked.Increment(ref _inFlight) > _options.MostInFlight)
        {
            Interlocked.Decrement(ref _inFlight);
            Drop("proxy-full");
            return null;
        }

        try
        {
            // (2)
            var tried = ImmutableHashSet<HomeLane>.Empty;
            var asker = isAccounting ? null : _challenges.Find(realm, request);
            while ((asker is null ? Next(realm, isAccounting, request, tried) : tried.IsEmpty && asker.State != HomeState.Dead ? asker : null) is { } lane)
            {
                // (3)
                tried = tried.Add(lane);
                var asked = await lane.AskAsync((identifier, buffer) => WriteFor(lane, realm, secret, request, waitedSeconds, identifier, buffer), isSent, _stopping.Token).ConfigureAwait(false);
                if (asked is { } exchange)
                {
                    return (exchange.Request, exchange.Answer, lane);
                }

                // (5)
            }

            Drop(tried.IsEmpty ? "home-dead" : "home-silent");
            return null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private static HomeLane? Next(ProxiedRealm realm, bool isAccounting, ReadOnlySpan<byte> request, ImmutableHashSet<HomeLane> tried)
    {
        HomeLane? best = null;
        var bestRank = (State: HomeState.Dead, Weight: ulong.MaxValue);
        ulong place = 0;
        foreach (var server in realm.Servers)
        {
            place++;
            if ((isAccounting ? server.Account : server.Access) is not { } lane || tried.Contains(lane) || lane.State is var state && state == HomeState.Dead)
            {
                continue;
            }

            var rank = (state, realm.IsBalanced ? WeightOf(server, request) : place);
            if (best is null || rank.CompareTo(bestRank) < 0)
            {
                (best, bestRank) = (lane, rank);
            }
        }

        return best;
    }

    // The same user and station come to the same server while it answers, and only that server's users move when it does not (rendezvous hashing).
    private static ulong WeightOf(HomeServer server, ReadOnlySpan<byte> request)
    {
        if (!RadiusPacket.TryParse(request, null, out var packet, out _))
        {
            return 0;
        }

        packet.TryFind(RadiusType.UserName, out ReadOnlySpan<byte> user);
        packet.TryFind(RadiusType.CallingStationId, out ReadOnlySpan<byte> station);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData([.. System.Text.Encoding.UTF8.GetBytes(server.Name), 0, .. user, 0, .. station], hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }

    private int WriteFor(HomeLane lane, ProxiedRealm realm, RadiusSecret? secret, byte[] request, uint waitedSeconds, byte identifier, Span<byte> buffer)
    {
        Span<byte> state = stackalloc byte[MarkOctets + sizeof(long)];
        _mark.CopyTo(state);
        BinaryPrimitives.WriteInt64BigEndian(state[MarkOctets..], Interlocked.Increment(ref _proxied));
        return RadiusPacket.TryParse(request, null, out var packet, out _) ? ProxiedPackets.WriteRequest(packet, secret, lane.Server.Secret, identifier, state, realm.IsStripped, buffer, waitedSeconds) : 0;
    }

    private byte[]? Write(in (byte[] Request, byte[] Answer, HomeLane Lane) found, RadiusSecret secret, ProxiedRealm realm, LineSnapshot snapshot, byte[] request, out int filtered)
    {
        Span<byte> buffer = stackalloc byte[RadiusLimits.Default.PacketOctets];
        filtered = 0;
        if (!RadiusPacket.TryParse(request, null, out var asked, out _) || !RadiusPacket.TryParse(found.Answer, null, out var answer, out _))
        {
            return null;
        }

        var home = new RadiusHop(found.Lane.Server.Secret, found.Request.AsSpan(4, RadiusPacket.AuthenticatorOctets));
        var nas = new RadiusHop(secret, asked.Authenticator);
        var length = ProxiedPackets.WriteAnswer(answer, asked, realm, home, nas, name => ReferenceEquals(_realms.Find(name, snapshot), realm), buffer, out filtered);
        return length > 0 ? buffer[..length].ToArray() : null;
    }

    private bool IsOurOwn(byte[] request)
    {
        if (!RadiusPacket.TryParse(request, null, out var packet, out _))
        {
            return false;
        }

        foreach (var attribute in packet.Attributes)
        {
            if (attribute.Type == RadiusType.ProxyState && attribute.Value.StartsWith(_mark))
            {
                return true;
            }
        }

        return false;
    }

    private byte[]? Drop(string cause)
    {
        _metrics.Dropped(cause);
        return null;
    }

    private void Note(HomeChange change)
    {
        if (_untold.Count < MostUntold)
        {
            _untold.Enqueue(change);
        }
    }

    private async Task LookAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(LookEvery, _time);
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                Look();
            }
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
    }

    private static (RadiusSource Source, byte Identifier, UInt128 Authenticator) KeyOf(RadiusSource source, ReadOnlySpan<byte> request) =>
        (source, request[1], BinaryPrimitives.ReadUInt128BigEndian(request[4..]));
}
