using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Net;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Limits;
using Tsunagi.Protocols.Mail.Sasl;

namespace Tsunagi.Mail.Submission;

/// <summary>A good credential as sessions need it. Immutable but for where it was used from.</summary>
internal sealed class LiveCredential
{
    private const int MostKnown = 16;
    private readonly ConcurrentDictionary<AddressGroup, byte> _known = new();

    public required string Id { get; init; }

    public required string TenantPath { get; init; }

    public required string Subscription { get; init; }

    public required string UserName { get; init; }

    public required IReadOnlyList<string> Senders { get; init; }

    public required ScramVerifier Verifier { get; init; }

    /// <summary>What it alone may send; null where the tenant's limit for devices says it all.</summary>
    public SendingLimit? Limits { get; init; }

    /// <summary>When the brake stopped it; 0 while it sends.</summary>
    public long PausedAt { get; init; }

    /// <summary>When somebody let it go on.</summary>
    public long ResumedAt { get; init; }

    /// <summary>True for an address it was rightly used from: guessing from elsewhere must not keep the device itself waiting.</summary>
    public bool IsKnownFrom(AddressGroup address) => _known.ContainsKey(address);

    public void UsedFrom(AddressGroup address)
    {
        if (_known.Count < MostKnown)
        {
            _known.TryAdd(address, 0);
        }
    }
}

/// <summary>
/// Every good credential, in memory: an authentication asks no store. What another node changed is known here within half a second, what this one changed at once; a row that
/// was revoked goes, and sessions that stand on it end with their next command.
/// </summary>
internal sealed partial class CredentialBook(Stores stores, GatewayContracts contracts, MailOptions options, TimeProvider time, ILogger<CredentialBook> log) : StoreFollower(stores, Channel, time)
{
    internal const string Channel = "mail_credential";

    // Of this process alone: what a name that nobody has gets for a salt must be the same each time, and not to be told from a true one.
    private readonly byte[] _madeUpKey = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, LiveCredential> _byId = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _gate = new(1);
    private volatile Dictionary<string, LiveCredential[]> _byName = [];
    private volatile HashSet<string> _subscriptions = [];
    private long _revision = -1;

    /// <summary>False until they were read for the first time.</summary>
    public bool Loaded => Volatile.Read(ref _revision) >= 0;

    /// <summary>The credential of a name, where its subscription runs and serves the name's domain; null when there is none.</summary>
    public LiveCredential? Find(string userName)
    {
        var name = userName.ToLowerInvariant();
        if (!_byName.TryGetValue(name, out var found) || contracts.Table.ForDomain(AllowedSenders.DomainOf(name)) is not { } gateway)
        {
            return null;
        }

        return Array.Find(found, one => one.Subscription == gateway.Subscription && one.TenantPath == gateway.TenantPath);
    }

    /// <summary>What became of a credential since; null when it was revoked or its secret changed.</summary>
    public LiveCredential? Now(LiveCredential credential) =>
        _byId.TryGetValue(credential.Id, out var now) && now.Verifier.StoredKey.Span.SequenceEqual(credential.Verifier.StoredKey.Span) ? now : null;

    /// <summary>True when a subscription's mail is handed in by devices, so that its domains are to be signed.</summary>
    public bool HasAny(string subscription) => _subscriptions.Contains(subscription);

    /// <summary>A verifier for a name that nobody has; no secret opens it.</summary>
    public ScramVerifier MadeUp(string userName)
    {
        var salt = HMACSHA256.HashData(_madeUpKey, Encoding.UTF8.GetBytes(userName.ToLowerInvariant()));
        return new ScramVerifier(salt.AsMemory(0, CredentialSecret.SaltBytes), options.Submission.Iterations, RandomNumberGenerator.GetBytes(ScramVerifier.KeyOctets), new byte[ScramVerifier.KeyOctets]);
    }

    public override async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var from = Volatile.Read(ref _revision);
            var rows = await Stores.Control.ReadAsync(
                reader => reader.QueryAsync<Row>(
                    "SELECT id, tenant_path, subscription_id, user_name, senders, salt, iterations, stored_key, server_key, revision, last_used_from, revoked_at, limits, paused_at, resumed_at FROM mail_credential WHERE revision > @From ORDER BY revision",
                    new { From = from }),
                cancellationToken);
            foreach (var row in rows)
            {
                if (row.RevokedAt > 0)
                {
                    _byId.TryRemove(row.Id, out _);
                }
                else
                {
                    _byId[row.Id] = row.ToLive();
                }
            }

            if (rows.Count > 0)
            {
                _subscriptions = [.. _byId.Values.Select(static one => one.Subscription)];
                _byName = _byId.Values.GroupBy(static one => one.UserName, StringComparer.Ordinal).ToDictionary(static group => group.Key, static group => group.ToArray(), StringComparer.Ordinal);
            }

            Volatile.Write(ref _revision, rows.Count > 0 ? rows[^1].Revision : Math.Max(0, from));
        }
        finally
        {
            _gate.Release();
        }
    }

    public override void Dispose()
    {
        _gate.Dispose();
        base.Dispose();
    }

    protected override void TellAway(StoreUnavailableException away) => LogStoreAway(log, away);

    private sealed record Row(
        string Id, string TenantPath, string SubscriptionId, string UserName, string Senders, string Salt, long Iterations, string StoredKey, string ServerKey, long Revision, string LastUsedFrom, long RevokedAt,
        string Limits, long PausedAt, long ResumedAt)
    {
        public LiveCredential ToLive()
        {
            var live = new LiveCredential
            {
                Id = Id, TenantPath = TenantPath, Subscription = SubscriptionId, UserName = UserName, Senders = Senders.Split(' ', StringSplitOptions.RemoveEmptyEntries),
                Verifier = new ScramVerifier(Convert.FromBase64String(Salt), (int)Iterations, Convert.FromBase64String(StoredKey), Convert.FromBase64String(ServerKey)),
                Limits = Credential.LimitOf(Limits), PausedAt = PausedAt, ResumedAt = ResumedAt,
            };
            if (System.Net.IPAddress.TryParse(LastUsedFrom, out var address))
            {
                live.UsedFrom(AddressGroup.Of(address));
            }

            return live;
        }
    }

    [LoggerMessage(2701, LogLevel.Warning, "the store is away; the credentials of devices stay as they were")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
