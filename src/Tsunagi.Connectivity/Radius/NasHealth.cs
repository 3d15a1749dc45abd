using System.Collections.Concurrent;
using System.Net;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Radius;

/// <summary>What this node has seen of one NAS since it started.</summary>
internal sealed class NasState
{
    private long _requests;
    private long _unsigned;
    private long _badSignatures;
    private long _accounting;

    public required RadiusSecret Secret { get; init; }

    public required ReadOnlyMemory<byte> SecretOctets { get; init; }

    /// <summary>True once it sent a valid Message-Authenticator: from then on <see cref="MessageAuthenticatorRule.Auto"/> needs it.</summary>
    public volatile bool Signs;

    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Access-Requests without Message-Authenticator.</summary>
    public long Unsigned => Interlocked.Read(ref _unsigned);

    /// <summary>Requests whose authenticators are wrong: most likely the secret.</summary>
    public long BadSignatures => Interlocked.Read(ref _badSignatures);

    public long Accounting => Interlocked.Read(ref _accounting);

    public long LastMicros { get; set; }

    public void CountRequest() => Interlocked.Increment(ref _requests);

    public void CountUnsigned() => Interlocked.Increment(ref _unsigned);

    public void CountBadSignature() => Interlocked.Increment(ref _badSignatures);

    public void CountAccounting() => Interlocked.Increment(ref _accounting);
}

/// <summary>The NASes as this node hears them: found by their source address, each with its secret ready, who lacks Message-Authenticator; strangers by their address, bounded. Thread-safe.</summary>
internal sealed class NasHealth(LineSnapshotHolder holder, TimeProvider time)
{
    private const int MostStrangers = 1_000;
    private const int MostSources = 100_000;

    private readonly ConcurrentDictionary<string, NasState> _states = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<UInt128, long> _strangers = new();
    private ConcurrentDictionary<UInt128, Nas> _bySource = new();
    private LineSnapshot _snapshot = LineSnapshot.Empty;
    private long _refused;

    /// <summary>Datagrams of addresses that are no NAS of ours.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Addresses that are no NAS and sent something, with how many datagrams.</summary>
    public IReadOnlyList<(IPAddress Address, long Datagrams)> Strangers => [.. _strangers.Select(static each => (new RadiusSource(each.Key, 0).ToAddress(), each.Value))];

    public NasState? StateOf(string nasId) => _states.GetValueOrDefault(nasId);

    /// <summary>Null when the source is no NAS: counted.</summary>
    public Nas? Find(RadiusSource source, LineSnapshot snapshot, out NasState? state)
    {
        if (!ReferenceEquals(Volatile.Read(ref _snapshot), snapshot))
        {
            // Sources are looked up anew in a new snapshot.
            _bySource = new ConcurrentDictionary<UInt128, Nas>();
            Volatile.Write(ref _snapshot, snapshot);
        }

        var bySource = _bySource;
        if (!bySource.TryGetValue(source.Address, out var nas))
        {
            nas = snapshot.NasBySource(source.ToAddress());
            if (nas is null)
            {
                Interlocked.Increment(ref _refused);
                if (_strangers.Count < MostStrangers || _strangers.ContainsKey(source.Address))
                {
                    _strangers.AddOrUpdate(source.Address, 1, static (_, count) => count + 1);
                }

                state = null;
                return null;
            }

            if (bySource.Count < MostSources)
            {
                bySource[source.Address] = nas;
            }
        }

        state = StateOf(nas);
        state.LastMicros = time.NowMicros();
        return nas;
    }

    /// <summary>The secret of a NAS for packets that we send.</summary>
    public NasState StateOf(Nas nas)
    {
        if (_states.TryGetValue(nas.NasId, out var state) && (state.SecretOctets.Equals(nas.Secret) || state.SecretOctets.Span.SequenceEqual(nas.Secret.Span)))
        {
            return state;
        }

        return _states.AddOrUpdate(nas.NasId, static (_, nas) => Make(nas), static (_, _, nas) => Make(nas), nas);
    }

    /// <summary>The snapshot that requests are answered from now.</summary>
    public LineSnapshot Snapshot => holder.Current;

    private static NasState Make(Nas nas) => new() { Secret = new RadiusSecret(nas.Secret.Span), SecretOctets = nas.Secret };
}
