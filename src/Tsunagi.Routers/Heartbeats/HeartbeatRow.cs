using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tsunagi.Routers.Heartbeats;

/// <summary>What a node holds of one box, beside its place in the index: about 1.5 kB with its hour.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct HeartbeatRow
{
    public UInt128 Id;

    /// <summary>rt_…; null where the row is free.</summary>
    public string? Device;

    /// <summary>µs: since when the box is its site's, and when its passphrase was made.</summary>
    public long FirstAt;
    public long KeyedAt;
    public HeartbeatKey Key;

    /// <summary>µs; 0 before the first heartbeat.</summary>
    public long HeardAt;
    public UInt128 Address;

    /// <summary>Heartbeats in succession, none of which was missed.</summary>
    public int Streak;
    public byte Cpu;
    public long MemoryUsed;
    public long MemoryAvailable;
    public HeartbeatCounters Counters;

    /// <summary>The beginning of the HMAC that was taken last.</summary>
    public ulong Latest;

    /// <summary>Counters that were lower than those before, and when: what they continue decides whether that was a replay.</summary>
    public HeartbeatCounters Suspect;
    public ulong SuspectDigest;
    public long SuspectAt;

    public HeartbeatMinutes Minutes;
    public long MinutesKeptAt;
    public long RefusedToldAt;
    public long LookedUpAt;
    public bool IsDirty;

    /// <summary>What was counted with this passphrase: counters from before begin anew.</summary>
    public readonly bool HasCounters => HeardAt > 0 && HeardAt >= KeyedAt;
}

/// <summary>A passphrase: 32 letters of ASCII.</summary>
[InlineArray(Length)]
internal struct HeartbeatKey
{
    public const int Length = 32;
    private byte _first;
}

/// <summary>The counters of the first four interfaces of a heartbeat.</summary>
[InlineArray(HeartbeatMinutes.Interfaces)]
internal struct HeartbeatCounters
{
    private HeartbeatCounter _first;

    /// <summary>The place of an interface, or the next free one; -1 where all four are another's.</summary>
    public readonly int Find(ushort index)
    {
        for (var i = 0; i < HeartbeatMinutes.Interfaces; i++)
        {
            if (!this[i].IsThere || this[i].Interface == index)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Whether no place is another interface's than it was; a place that was free is nobody's.</summary>
    public readonly bool AreOfTheSame(in HeartbeatCounters former)
    {
        for (var i = 0; i < HeartbeatMinutes.Interfaces; i++)
        {
            if (this[i].IsThere && former[i].IsThere && this[i].Interface != former[i].Interface)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether these may follow those: no counter of an interface that both have is lower, but for one of 32 bits that began anew.</summary>
    public readonly bool Follow(in HeartbeatCounters former)
    {
        for (var i = 0; i < HeartbeatMinutes.Interfaces; i++)
        {
            if (!this[i].IsThere || former.Find(this[i].Interface) is not (>= 0 and var at) || !former[at].IsThere)
            {
                continue;
            }

            if (HeartbeatCounter.Since(former[at].In, this[i].In) is null || HeartbeatCounter.Since(former[at].Out, this[i].Out) is null)
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>What an interface counted, and its rates since the heartbeat before, in bits per second.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct HeartbeatCounter
{
    private const ulong Wrap = 1UL << 32;

    public bool IsThere;
    public ushort Interface;
    public ulong In;
    public ulong Out;
    public float? InRate;
    public float? OutRate;

    /// <summary>Octets between two readings; null where the second cannot follow the first. A counter of 32 bits may have begun anew: it was in its upper half and is in its lower.</summary>
    public static ulong? Since(ulong former, ulong now) => now >= former ? now - former : former is >= Wrap / 2 and < Wrap && now < Wrap / 2 ? now + Wrap - former : null;
}
