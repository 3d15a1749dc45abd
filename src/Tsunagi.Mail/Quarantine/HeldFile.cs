using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Core.Disk;

namespace Tsunagi.Mail.Quarantine;

/// <summary>
/// The file of one held message: its facts and its content under a key of its own, which is itself in a box of the tenant and the class. So one message is erased with
/// its file, and a tenant's class by destroying one key.
/// <code>
/// file   = "TSNGHELD" version(1) box length(2) box *chunk
/// chunk  = ciphertext tag(16)                 64 KiB of plain text each, the last one shorter or empty
/// nonce  = number of the chunk(8) 0(3) last(1)
/// plain  = facts length(4) facts content
/// </code>
/// AES-256-GCM; each chunk is bound to the header and the message's id, and the last one says that it is the last: no chunk can be left out, moved, or brought in
/// from another file.
/// </summary>
internal static class HeldFile
{
    public const int ChunkBytes = 64 * 1024;
    public const int KeyBytes = 32;
    public const int TagBytes = 16;
    public const int MaxBoxBytes = 1024;
    public const int FixedHeaderBytes = 11;
    private const byte Version = 1;

    private static ReadOnlySpan<byte> Magic => "TSNGHELD"u8;

    public static byte[] Header(ReadOnlySpan<byte> box)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(box.Length, MaxBoxBytes, nameof(box));
        var header = new byte[FixedHeaderBytes + box.Length];
        Magic.CopyTo(header);
        header[Magic.Length] = Version;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(Magic.Length + 1), (ushort)box.Length);
        box.CopyTo(header.AsSpan(FixedHeaderBytes));
        return header;
    }

    /// <summary>The box of the key; null when the file is none of ours.</summary>
    public static byte[]? ReadBox(IDiskFile file)
    {
        Span<byte> start = stackalloc byte[FixedHeaderBytes];
        if (!ReadAll(file, 0, start) || !start.StartsWith(Magic) || start[Magic.Length] != Version)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(start[(Magic.Length + 1)..]);
        var box = new byte[Math.Min((int)length, MaxBoxBytes)];
        return length <= MaxBoxBytes && ReadAll(file, FixedHeaderBytes, box) ? box : null;
    }

    public static byte[] Bound(ReadOnlySpan<byte> header, string messageId) => [.. header, .. Encoding.ASCII.GetBytes(messageId)];

    public static void Nonce(Span<byte> nonce, long chunk, bool last)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt64BigEndian(nonce, chunk);
        nonce[^1] = last ? (byte)1 : (byte)0;
    }

    public static bool ReadAll(IDiskFile file, long offset, Span<byte> into)
    {
        while (!into.IsEmpty)
        {
            var count = file.Read(offset, into);
            if (count == 0)
            {
                return false;
            }

            offset += count;
            into = into[count..];
        }

        return true;
    }
}

/// <summary>Writes one such file from its beginning. Nothing of it is durable before the file is synced.</summary>
internal sealed class HeldFileWriter : IDisposable
{
    private readonly IDiskFile _file;
    private readonly AesGcm _gcm;
    private readonly byte[] _bound;
    private readonly byte[] _plain = new byte[HeldFile.ChunkBytes];
    private readonly byte[] _sealed = new byte[HeldFile.ChunkBytes + HeldFile.TagBytes];
    private int _used;
    private long _offset;
    private long _chunk;

    public HeldFileWriter(IDiskFile file, byte[] key, ReadOnlySpan<byte> box, string messageId)
    {
        var header = HeldFile.Header(box);
        _file = file;
        _gcm = new AesGcm(key, HeldFile.TagBytes);
        _bound = HeldFile.Bound(header, messageId);
        file.Write(0, header);
        _offset = header.Length;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            // A full chunk is written when more comes: only then is it not the last.
            if (_used == _plain.Length)
            {
                Seal(last: false);
            }

            var count = Math.Min(bytes.Length, _plain.Length - _used);
            bytes[..count].CopyTo(_plain.AsSpan(_used));
            _used += count;
            bytes = bytes[count..];
        }
    }

    public void Finish() => Seal(last: true);

    public void Dispose()
    {
        _gcm.Dispose();
        CryptographicOperations.ZeroMemory(_plain);
    }

    private void Seal(bool last)
    {
        Span<byte> nonce = stackalloc byte[12];
        HeldFile.Nonce(nonce, _chunk++, last);
        _gcm.Encrypt(nonce, _plain.AsSpan(0, _used), _sealed.AsSpan(0, _used), _sealed.AsSpan(_used, HeldFile.TagBytes), _bound);
        _file.Write(_offset, _sealed.AsSpan(0, _used + HeldFile.TagBytes));
        _offset += _used + HeldFile.TagBytes;
        _used = 0;
    }
}

/// <summary>Reads one such file from its beginning. A chunk that was changed is never given out.</summary>
internal sealed class HeldFileReader : IDisposable
{
    private readonly IDiskFile _file;
    private readonly AesGcm _gcm;
    private readonly byte[] _bound;
    private readonly byte[] _plain = new byte[HeldFile.ChunkBytes];
    private readonly byte[] _sealed = new byte[HeldFile.ChunkBytes + HeldFile.TagBytes];
    private readonly string _messageId;
    private int _at;
    private int _used;
    private long _offset;
    private long _chunk;
    private bool _last;

    public HeldFileReader(IDiskFile file, byte[] key, ReadOnlySpan<byte> box, string messageId)
    {
        var header = HeldFile.Header(box);
        _file = file;
        _gcm = new AesGcm(key, HeldFile.TagBytes);
        _bound = HeldFile.Bound(header, messageId);
        _messageId = messageId;
        _offset = header.Length;
    }

    /// <summary>The next bytes; 0 at the end.</summary>
    /// <exception cref="HeldContentLostException">What follows was changed or is missing.</exception>
    public int Read(Span<byte> into)
    {
        while (_at == _used)
        {
            if (_last)
            {
                return 0;
            }

            Open();
        }

        var count = Math.Min(into.Length, _used - _at);
        _plain.AsSpan(_at, count).CopyTo(into);
        _at += count;
        return count;
    }

    public void ReadAll(Span<byte> into)
    {
        while (!into.IsEmpty)
        {
            var count = Read(into);
            into = count > 0 ? into[count..] : throw new HeldContentLostException($"the file of held message {_messageId} ends too early");
        }
    }

    public void Dispose()
    {
        _gcm.Dispose();
        _file.Dispose();
        CryptographicOperations.ZeroMemory(_plain);
    }

    private void Open()
    {
        var left = _file.Length - _offset;
        _last = left <= _sealed.Length;
        var length = (int)Math.Min(left, _sealed.Length);
        Span<byte> nonce = stackalloc byte[12];
        HeldFile.Nonce(nonce, _chunk++, _last);
        if (length < HeldFile.TagBytes || !HeldFile.ReadAll(_file, _offset, _sealed.AsSpan(0, length)))
        {
            throw new HeldContentLostException($"the file of held message {_messageId} ends too early");
        }

        (_at, _used) = (0, length - HeldFile.TagBytes);
        try
        {
            _gcm.Decrypt(nonce, _sealed.AsSpan(0, _used), _sealed.AsSpan(_used, HeldFile.TagBytes), _plain.AsSpan(0, _used), _bound);
        }
        catch (AuthenticationTagMismatchException changed)
        {
            _used = 0;
            throw new HeldContentLostException($"the file of held message {_messageId} was changed", changed);
        }

        _offset += length;
    }
}
