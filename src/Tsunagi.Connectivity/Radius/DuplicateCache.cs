using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tsunagi.Connectivity.Radius;

/// <summary>What is known of a request when it comes.</summary>
internal enum DuplicateState
{
    /// <summary>It is new; whoever asked must end it with <see cref="DuplicateCache.Keep"/> or <see cref="DuplicateCache.Forget"/>.</summary>
    New,

    /// <summary>The same request is being worked on: nothing is to be done.</summary>
    InWork,

    /// <summary>It was answered: the same octets are sent again.</summary>
    Answered,
}

/// <summary>
/// Requests of the last seconds and what they were answered (RFC 5080 section 2.2.2): the same source, identifier and authenticator is the same request, and gets the very same octets.
/// A new request under a used identifier takes the old one's place. Two generations: the older is let go when its time or the room is over. Thread-safe.
/// </summary>
internal sealed class DuplicateCache(TimeProvider time, TimeSpan kept, int most)
{
    private const int Shards = 32;

    private readonly Shard[] _shards = [.. Enumerable.Range(0, Shards).Select(_ => new Shard())];

    /// <summary>Looks a request up and, when it is new, notes it.</summary>
    public DuplicateState Begin(RadiusSource source, byte identifier, ReadOnlySpan<byte> authenticator, Span<byte> answer, out int length)
    {
        var key = new Key(source, identifier);
        var asked = BinaryPrimitives.ReadUInt128BigEndian(authenticator);
        var shard = ShardOf(key);
        length = 0;
        lock (shard)
        {
            Age(shard);
            if (!shard.Newer.TryGetValue(key, out var entry) && shard.Older.Remove(key, out entry))
            {
                shard.Newer.Add(key, entry);
            }

            if (entry is null)
            {
                shard.Newer.Add(key, new Entry { Authenticator = asked, At = time.GetTimestamp() });
                return DuplicateState.New;
            }

            if (entry.Authenticator == asked && time.GetElapsedTime(entry.At) <= kept)
            {
                entry.Answer.AsSpan(0, entry.Length).CopyTo(answer);
                length = entry.Length;
                return entry.Length > 0 ? DuplicateState.Answered : DuplicateState.InWork;
            }

            (entry.Authenticator, entry.Length, entry.At) = (asked, 0, time.GetTimestamp());
            return DuplicateState.New;
        }
    }

    /// <summary>Keeps the answer of a request, unless another took its place meanwhile.</summary>
    public void Keep(RadiusSource source, byte identifier, ReadOnlySpan<byte> authenticator, ReadOnlySpan<byte> answer)
    {
        var key = new Key(source, identifier);
        var shard = ShardOf(key);
        lock (shard)
        {
            if (Find(shard, key, authenticator) is { } entry)
            {
                if (entry.Answer.Length < answer.Length)
                {
                    entry.Answer = new byte[(answer.Length + 127) & ~127];
                }

                answer.CopyTo(entry.Answer);
                entry.Length = answer.Length;
            }
        }
    }

    /// <summary>The request was not answered: when it comes again it is new.</summary>
    public void Forget(RadiusSource source, byte identifier, ReadOnlySpan<byte> authenticator)
    {
        var key = new Key(source, identifier);
        var shard = ShardOf(key);
        lock (shard)
        {
            if (Find(shard, key, authenticator) is not null)
            {
                shard.Newer.Remove(key);
                shard.Older.Remove(key);
            }
        }
    }

    private static Entry? Find(Shard shard, Key key, ReadOnlySpan<byte> authenticator) =>
        (shard.Newer.TryGetValue(key, out var entry) || shard.Older.TryGetValue(key, out entry)) && entry.Authenticator == BinaryPrimitives.ReadUInt128BigEndian(authenticator) ? entry : null;

    private void Age(Shard shard)
    {
        if (shard.TurnedAt == 0)
        {
            shard.TurnedAt = time.GetTimestamp();
        }

        if (time.GetElapsedTime(shard.TurnedAt) > kept || shard.Newer.Count >= Math.Max(1, most / Shards / 2))
        {
            (shard.Newer, shard.Older) = (shard.Older, shard.Newer);
            shard.Newer.Clear();
            shard.TurnedAt = time.GetTimestamp();
        }
    }

    private Shard ShardOf(Key key) => _shards[(uint)key.GetHashCode() % Shards];

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Key(RadiusSource Source, byte Identifier);

    private sealed class Entry
    {
        public UInt128 Authenticator { get; set; }

        public byte[] Answer { get; set; } = [];

        public int Length { get; set; }

        public long At { get; set; }
    }

    private sealed class Shard
    {
        public Dictionary<Key, Entry> Newer { get; set; } = [];

        public Dictionary<Key, Entry> Older { get; set; } = [];

        public long TurnedAt { get; set; }
    }
}
