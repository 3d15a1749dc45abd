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
/// A new request under a used identifier takes the old one's place. Two generations: the older is let go when its time or the room is over, but for what is still in work. Thread-safe.
/// </summary>
/// <param name="kept">How long an answer is known after it was given.</param>
/// <param name="worked">How long at the most somebody else is asked for an answer: for so long, and <paramref name="kept"/> besides, a request without one is in work.</param>
internal sealed class DuplicateCache(TimeProvider time, TimeSpan kept, int most, TimeSpan worked = default)
{
    private const int Shards = 32;

    private readonly int _room = Math.Max(1, most / Shards / 2);
    private readonly TimeSpan _inWork = kept + worked;

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

            if (entry.Authenticator == asked && IsKnown(entry))
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
                // Its time begins anew: the answer may have been long in coming.
                entry.At = time.GetTimestamp();
                if (shard.Older.Remove(key))
                {
                    shard.Newer[key] = entry;
                }

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

    private bool IsKnown(Entry entry) => time.GetElapsedTime(entry.At) <= (entry.Length > 0 ? kept : _inWork);

    private void Age(Shard shard)
    {
        if (shard.TurnedAt == 0)
        {
            shard.TurnedAt = time.GetTimestamp();
        }

        if (time.GetElapsedTime(shard.TurnedAt) > kept || shard.Newer.Count >= _room)
        {
            (shard.Newer, shard.Older) = (shard.Older, shard.Newer);

            // What is in work stays, up to half the room.
            List<(Key Key, Entry Entry)> working = [.. shard.Newer.Where(each => each.Value.Length == 0 && IsKnown(each.Value)).Take(_room / 2).Select(static each => (each.Key, each.Value))];
            shard.Newer.Clear();
            foreach (var (key, entry) in working)
            {
                shard.Newer.Add(key, entry);
            }

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
