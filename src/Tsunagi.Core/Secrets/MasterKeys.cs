using System.Security.Cryptography;
using System.Text.Json;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Ids;

namespace Tsunagi.Core.Secrets;

/// <summary>
/// The master keys of a provider: a small file that only the program's user reads, in the data directory or where the operator keeps it (a mounted
/// secret). The first key wraps; the others only unwrap, while a rotation runs. Losing the file loses everything it protects, so it belongs in the backup,
/// apart from the stores.
/// </summary>
public sealed class MasterKeys
{
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly IDisk _disk;
    private readonly string _path;
    private readonly TimeProvider _time;
    private IReadOnlyList<MasterKey> _keys;

    private MasterKeys(IDisk disk, string path, TimeProvider time, IReadOnlyList<MasterKey> keys)
    {
        _disk = disk;
        _path = path;
        _time = time;
        _keys = keys;
    }

    /// <summary>True when the file was not there and was made just now.</summary>
    public bool IsNew { get; private init; }

    /// <summary>The file they are in.</summary>
    public string Path => _path;

    /// <summary>The id of the key that wraps new things.</summary>
    public string ActiveId => _keys[0].Id;

    /// <summary>Reads the file, or makes it with one key when it is not there.</summary>
    /// <exception cref="SecretsException">The file is not readable as keys.</exception>
    public static MasterKeys Open(string path, TimeProvider time) => Open(new RealDisk(), path, time);

    /// <inheritdoc cref="Open(string, TimeProvider)"/>
    public static MasterKeys Open(IDisk disk, string path, TimeProvider time)
    {
        path = System.IO.Path.GetFullPath(path);
        if (!disk.Exists(path))
        {
            PrivateFile.CreateDirectory(disk, System.IO.Path.GetDirectoryName(path)!);
            var keys = new[] { NewKey(time) };
            Save(disk, path, keys);
            return new MasterKeys(disk, path, time, keys) { IsNew = true };
        }

        try
        {
            var file = JsonSerializer.Deserialize<KeyFile>(PrivateFile.Read(disk, path), Json);
            if (file?.Keys is { Count: > 0 } keys && keys.All(key => key.Key.Length == KeyBytes && key.Id.Length > 0))
            {
                return new MasterKeys(disk, path, time, keys);
            }
        }
        catch (JsonException bad)
        {
            throw new SecretsException($"reading the master keys in {path}: the file is damaged; put it back from the backup", bad);
        }

        throw new SecretsException($"reading the master keys in {path}: the file holds no key of {KeyBytes} bytes; put it back from the backup");
    }

    public bool Has(string id) => _keys.Any(key => key.Id == id);

    /// <summary>Encrypts with the active key. The context is bound to the result and must be given again.</summary>
    public byte[] Wrap(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> context)
    {
        var box = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        using var gcm = new AesGcm(_keys[0].Key, TagBytes);
        gcm.Encrypt(box.AsSpan(0, NonceBytes), plain, box.AsSpan(NonceBytes, plain.Length), box.AsSpan(NonceBytes + plain.Length), context);
        return box;
    }

    /// <summary>Null when the key is unknown, or the box or its context is not what was wrapped.</summary>
    public byte[]? Unwrap(string keyId, ReadOnlySpan<byte> box, ReadOnlySpan<byte> context)
    {
        var key = _keys.FirstOrDefault(each => each.Id == keyId);
        if (key is null || box.Length < NonceBytes + TagBytes)
        {
            return null;
        }

        var plain = new byte[box.Length - NonceBytes - TagBytes];
        using var gcm = new AesGcm(key.Key, TagBytes);
        try
        {
            gcm.Decrypt(box[..NonceBytes], box.Slice(NonceBytes, plain.Length), box[^TagBytes..], plain, context);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>Puts a new key first. The old ones stay until <see cref="KeepOnlyActive"/>, so a crash between the two loses nothing.</summary>
    internal void AddActive()
    {
        var keys = new List<MasterKey> { NewKey(_time) };
        keys.AddRange(_keys);
        Save(_disk, _path, keys);
        Volatile.Write(ref _keys, keys);
    }

    internal void KeepOnlyActive()
    {
        var keys = new[] { _keys[0] };
        Save(_disk, _path, keys);
        Volatile.Write(ref _keys, keys);
    }

    private static MasterKey NewKey(TimeProvider time) => new(Id.New("mk", time), RandomNumberGenerator.GetBytes(KeyBytes), time.GetUtcNow());

    private static void Save(IDisk disk, string path, IReadOnlyList<MasterKey> keys) =>
        PrivateFile.Write(disk, path, JsonSerializer.SerializeToUtf8Bytes(new KeyFile(keys), Json));

    private sealed record KeyFile(IReadOnlyList<MasterKey> Keys);

    private sealed record MasterKey(string Id, byte[] Key, DateTimeOffset Created);
}
