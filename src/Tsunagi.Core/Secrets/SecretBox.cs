using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Secrets;

/// <summary>
/// The data keys of all tenants, in the control store, wrapped. A box is: version (1 byte), data key id (16), nonce (12), ciphertext, tag (16); bound to
/// purpose and tenant as additional data. Data keys are cached for a minute, so that one destroyed on another node is gone here too.
/// </summary>
public sealed class SecretBox : ISecretBox
{
    private const byte Version = 1;
    private const int KeyBytes = 32;
    private const int IdBytes = 16;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeaderBytes = 1 + IdBytes + NonceBytes;
    private const int RewrapBatch = 200;
    private static readonly TimeSpan CacheFor = TimeSpan.FromMinutes(1);

    public static readonly SchemaPart Schema = new("secrets", StoreKind.Control,
    [
        new SchemaStep(1, """
            CREATE TABLE data_key (
              id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, purpose TEXT NOT NULL, master_id TEXT NOT NULL, wrapped BLOB NOT NULL,
              created_at INTEGER NOT NULL, destroyed_at INTEGER);
            CREATE UNIQUE INDEX data_key_active ON data_key (tenant_id, purpose) WHERE destroyed_at IS NULL;
            CREATE INDEX data_key_master ON data_key (master_id, id);
            """),
    ]);

    private readonly Stores _stores;
    private readonly MasterKeys _masters;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, DataKey> _byId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string TenantId, string Purpose), DataKey> _active = new();

    /// <summary>What the console's forms are protected with, the same on every node.</summary>
    internal byte[] FormKey { get; private set; } = [];

    private SecretBox(Stores stores, MasterKeys masters, TimeProvider time)
    {
        _stores = stores;
        _masters = masters;
        _time = time;
    }

    /// <summary>Opens the box and makes sure that the master keys at hand open what the store holds.</summary>
    /// <exception cref="SecretsException">They do not: the file is another one, or was lost.</exception>
    public static async ValueTask<SecretBox> OpenAsync(Stores stores, MasterKeys masters, TimeProvider time, CancellationToken cancellationToken)
    {
        var used = await stores.Control.ReadAsync(
            static reader => reader.QueryAsync<string>("SELECT DISTINCT master_id FROM data_key WHERE destroyed_at IS NULL ORDER BY master_id"), cancellationToken);
        if (used.FirstOrDefault(id => !masters.Has(id)) is { } lost)
        {
            throw new SecretsException(masters.IsNew
                ? $"the store holds keys wrapped by master key {lost}, and this node has a new file of its own; copy the file from another node of this provider, or from the backup, to {masters.Path}"
                : $"the store holds keys wrapped by master key {lost}, which {masters.Path} does not hold; put that file back from the backup (a new one cannot open them)");
        }

        // Also what shows at the start, and not at the first sign-in, that two nodes have different files.
        var box = new SecretBox(stores, masters, time);
        box.FormKey = (await box.ActiveAsync("provider", "console.forms", cancellationToken)).Key;
        return box;
    }

    public async ValueTask<byte[]> ProtectAsync(string tenantPath, string purpose, ReadOnlyMemory<byte> plain, CancellationToken cancellationToken)
    {
        var key = await ActiveAsync(TenantOf(tenantPath), purpose, cancellationToken);
        var box = new byte[HeaderBytes + plain.Length + TagBytes];
        box[0] = Version;
        Convert.FromHexString(key.Id).CopyTo(box.AsSpan(1));
        var nonce = box.AsSpan(1 + IdBytes, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var gcm = new AesGcm(key.Key, TagBytes);
        gcm.Encrypt(nonce, plain.Span, box.AsSpan(HeaderBytes, plain.Length), box.AsSpan(HeaderBytes + plain.Length), Context(key));
        return box;
    }

    public async ValueTask<byte[]?> UnprotectAsync(string tenantPath, string purpose, ReadOnlyMemory<byte> box, CancellationToken cancellationToken)
    {
        if (box.Length < HeaderBytes + TagBytes || box.Span[0] != Version)
        {
            return null;
        }

        var key = await ByIdAsync(Convert.ToHexStringLower(box.Span.Slice(1, IdBytes)), cancellationToken);
        if (key is null || key.TenantId != TenantOf(tenantPath) || key.Purpose != purpose)
        {
            return null;
        }

        var plain = new byte[box.Length - HeaderBytes - TagBytes];
        using var gcm = new AesGcm(key.Key, TagBytes);
        try
        {
            gcm.Decrypt(box.Span.Slice(1 + IdBytes, NonceBytes), box.Span.Slice(HeaderBytes, plain.Length), box.Span[^TagBytes..], plain, Context(key));
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    public async ValueTask<bool> DestroyAsync(string tenantPath, string purpose, CancellationToken cancellationToken)
    {
        var tenantId = TenantOf(tenantPath);

        // Zeros of the same length overwrite the wrapped key in place, so that it does not linger in a free page of the file.
        var destroyed = await _stores.Control.WriteAsync(
            transaction => transaction.QueryAsync<string>(
                "UPDATE data_key SET wrapped = @Zeros, destroyed_at = @At WHERE tenant_id = @TenantId AND purpose = @Purpose AND destroyed_at IS NULL RETURNING id",
                new { TenantId = tenantId, Purpose = purpose, Zeros = new byte[NonceBytes + KeyBytes + TagBytes], At = _time.NowMicros() }),
            cancellationToken);
        _active.TryRemove((tenantId, purpose), out _);
        foreach (var id in destroyed)
        {
            if (_byId.TryRemove(id, out var key))
            {
                CryptographicOperations.ZeroMemory(key.Key);
            }
        }

        return destroyed.Count > 0;
    }

    /// <summary>Makes a new master key, wraps every data key with it, and forgets the old one. May be repeated after a crash. Returns how many were wrapped.</summary>
    public async ValueTask<int> RotateMasterAsync(CancellationToken cancellationToken)
    {
        _masters.AddActive();
        var count = 0;
        while (true)
        {
            var batch = await _stores.Control.WriteAsync(RewrapBatchAsync, cancellationToken);
            count += batch;
            if (batch < RewrapBatch)
            {
                _masters.KeepOnlyActive();
                return count;
            }
        }
    }

    private async ValueTask<int> RewrapBatchAsync(ISqlTransaction transaction)
    {
        var rows = await transaction.QueryAsync<Row>(
            "SELECT id, tenant_id, purpose, master_id, wrapped FROM data_key WHERE destroyed_at IS NULL AND master_id <> @Active ORDER BY id LIMIT @Limit",
            new { Active = _masters.ActiveId, Limit = (long)RewrapBatch });
        foreach (var row in rows)
        {
            var key = Open(row);
            await transaction.ExecuteAsync(
                "UPDATE data_key SET wrapped = @Wrapped, master_id = @Active WHERE id = @Id",
                new { row.Id, Active = _masters.ActiveId, Wrapped = _masters.Wrap(key.Key, Context(key)) });
        }

        return rows.Count;
    }

    private async ValueTask<DataKey> ActiveAsync(string tenantId, string purpose, CancellationToken cancellationToken)
    {
        if (_active.TryGetValue((tenantId, purpose), out var known) && IsFresh(known))
        {
            return known;
        }

        var fresh = new Row(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes)), tenantId, purpose, _masters.ActiveId, []);
        var row = await ReadActiveAsync(tenantId, purpose, cancellationToken)
            ?? await _stores.Control.WriteAsync(transaction => InsertOrReadAsync(transaction, fresh), cancellationToken);
        return Remember(row);
    }

    private ValueTask<Row?> ReadActiveAsync(string tenantId, string purpose, CancellationToken cancellationToken) => _stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<Row>(
            "SELECT id, tenant_id, purpose, master_id, wrapped FROM data_key WHERE tenant_id = @TenantId AND purpose = @Purpose AND destroyed_at IS NULL",
            new { TenantId = tenantId, Purpose = purpose }),
        cancellationToken);

    // Two nodes may make the first key of a purpose at the same moment: one row stays, both use it.
    private async ValueTask<Row> InsertOrReadAsync(ISqlTransaction transaction, Row fresh)
    {
        var key = new DataKey(fresh.Id, fresh.TenantId, fresh.Purpose, RandomNumberGenerator.GetBytes(KeyBytes), 0);
        await transaction.ExecuteAsync(
            """
            INSERT INTO data_key (id, tenant_id, purpose, master_id, wrapped, created_at) VALUES (@Id, @TenantId, @Purpose, @MasterId, @Wrapped, @At)
            ON CONFLICT DO NOTHING
            """,
            new { fresh.Id, fresh.TenantId, fresh.Purpose, fresh.MasterId, Wrapped = _masters.Wrap(key.Key, Context(key)), At = _time.NowMicros() });
        return await transaction.FirstOrDefaultAsync<Row>(
            "SELECT id, tenant_id, purpose, master_id, wrapped FROM data_key WHERE tenant_id = @TenantId AND purpose = @Purpose AND destroyed_at IS NULL",
            new { fresh.TenantId, fresh.Purpose }) ?? throw new InvalidOperationException($"the data key of {fresh.TenantId} for {fresh.Purpose} was written and is not there");
    }

    private async ValueTask<DataKey?> ByIdAsync(string id, CancellationToken cancellationToken)
    {
        if (_byId.TryGetValue(id, out var known) && IsFresh(known))
        {
            return known;
        }

        var row = await _stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<Row>(
                "SELECT id, tenant_id, purpose, master_id, wrapped FROM data_key WHERE id = @Id AND destroyed_at IS NULL", new { Id = id }),
            cancellationToken);
        if (row is null)
        {
            _byId.TryRemove(id, out _);
            return null;
        }

        return Remember(row);
    }

    private DataKey Remember(Row row)
    {
        var key = Open(row);
        _byId[key.Id] = key;
        _active[(key.TenantId, key.Purpose)] = key;
        return key;
    }

    private DataKey Open(Row row)
    {
        var key = new DataKey(row.Id, row.TenantId, row.Purpose, [], _time.GetTimestamp());
        return key with
        {
            Key = _masters.Unwrap(row.MasterId, row.Wrapped, Context(key))
                ?? throw new SecretsException($"data key {row.Id} of {row.TenantId} for {row.Purpose} does not open with master key {row.MasterId}: its row was changed"),
        };
    }

    private bool IsFresh(DataKey key) => _time.GetElapsedTime(key.Read) < CacheFor;

    private static byte[] Context(DataKey key) => Encoding.UTF8.GetBytes($"{key.Id}|{key.Purpose}|{key.TenantId}");

    private static string TenantOf(string tenantPath)
    {
        var path = tenantPath.TrimEnd('/');
        return path[(path.LastIndexOf('/') + 1)..];
    }

    private sealed record Row(string Id, string TenantId, string Purpose, string MasterId, byte[] Wrapped);

    private sealed record DataKey(string Id, string TenantId, string Purpose, byte[] Key, long Read);
}
