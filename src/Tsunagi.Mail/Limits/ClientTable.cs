using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tsunagi.Mail.Limits;

/// <summary>What one client did in its windows just now.</summary>
/// <param name="Count">Of what was counted.</param>
/// <param name="SecondsLeft">Until the window is over.</param>
/// <param name="IsFirstPast">The first that is past the limit in this window.</param>
internal readonly record struct ClientCount(int Count, int SecondsLeft, bool IsFirstPast);

/// <summary>
/// Counts what clients do, in memory that is taken once: <see cref="EntryBytes"/> octets a client, in sets of eight. A new client takes the place in its set of one whose windows are over, else of the one
/// that came least; so a flood of addresses pushes out those who hardly came and not the one who comes all the time. Which set a client is in follows from a number of this process alone. A
/// window is of fixed length and begins with the first act in it. Thread-safe.
/// </summary>
internal sealed class ClientTable
{
    public const int EntryBytes = 32;
    private const int Ways = 8;
    private const int Minute = 60;
    private const int Hour = 3_600;

    private readonly Entry[] _entries;
    private readonly Lock[] _locks;

    /// <param name="entries">Rounded up to a power of two.</param>
    public ClientTable(int entries)
    {
        _entries = new Entry[BitOperations.RoundUpToPowerOf2((uint)Math.Max(entries, Ways))];
        _locks = [.. Enumerable.Range(0, Math.Min(64, _entries.Length / Ways)).Select(static _ => new Lock())];
    }

    /// <summary>Octets of all entries together.</summary>
    public long Bytes => (long)_entries.Length * Unsafe.SizeOf<Entry>();

    /// <param name="key">Never 0.</param>
    /// <param name="nowSeconds">Of any clock that does not go back, below 2^32.</param>
    public ClientCount Connection(ulong key, uint nowSeconds, int most)
    {
        lock (LockOf(key, out var set))
        {
            ref var entry = ref EntryOf(set, key, nowSeconds);
            if (nowSeconds - entry.MinuteFrom >= Minute)
            {
                (entry.MinuteFrom, entry.Connections) = (nowSeconds, 0);
            }

            entry.Connections += entry.Connections < int.MaxValue ? 1 : 0;
            return new ClientCount(entry.Connections, (int)(Minute - (nowSeconds - entry.MinuteFrom)), entry.Connections == most + 1);
        }
    }

    /// <inheritdoc cref="Connection"/>
    public ClientCount Message(ulong key, uint nowSeconds, int most)
    {
        lock (LockOf(key, out var set))
        {
            ref var entry = ref EntryOf(set, key, nowSeconds);
            if (nowSeconds - entry.HourFrom >= Hour)
            {
                (entry.HourFrom, entry.Messages) = (nowSeconds, 0);
            }

            entry.Messages += entry.Messages < int.MaxValue ? 1 : 0;
            return new ClientCount(entry.Messages, (int)(Hour - (nowSeconds - entry.HourFrom)), entry.Messages == most + 1);
        }
    }

    private Lock LockOf(ulong key, out int set)
    {
        set = (int)((uint)HashCode.Combine(key) % (uint)(_entries.Length / Ways));
        return _locks[set % _locks.Length];
    }

    private ref Entry EntryOf(int set, ulong key, uint now)
    {
        var entries = _entries.AsSpan(set * Ways, Ways);
        var least = 0;
        for (var i = 0; i < Ways; i++)
        {
            if (entries[i].Key == key)
            {
                return ref entries[i];
            }

            least = entries[i].Weight(now) < entries[least].Weight(now) ? i : least;
        }

        entries[least] = new Entry { Key = key, MinuteFrom = now, HourFrom = now };
        return ref entries[least];
    }

    // Of 32 octets, so that none straddles two cache lines.
    [StructLayout(LayoutKind.Sequential, Size = EntryBytes)]
    private struct Entry
    {
        public ulong Key;
        public uint MinuteFrom;
        public uint HourFrom;
        public int Connections;
        public int Messages;

        /// <summary>-1 for an empty one; 0 for one whose windows are over.</summary>
        public readonly long Weight(uint now) => Key == 0 ? -1 : (now - MinuteFrom < Minute ? Connections : 0L) + (now - HourFrom < Hour ? Messages : 0L);
    }
}
