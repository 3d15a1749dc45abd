using System.Numerics;

namespace Tsunagi.Mail.Delivery;

/// <summary>Something that waits in a <see cref="TimerWheel{T}"/>: the wheel links its items to each other, so waiting costs no memory of its own.</summary>
internal abstract class WheelItem<T>
    where T : WheelItem<T>
{
    internal T? NextInSlot;
    internal T? PreviousInSlot;
    internal int Slot = -1;

    /// <summary>The tick at which it is due.</summary>
    internal long DueTick;

    internal bool IsWaiting => Slot >= 0;
}

/// <summary>
/// A hierarchical timer wheel (Varghese and Lauck, 1987): six levels of 64 slots; a tick is whatever the owner says (one second). Adding,
/// removing and expiring are O(1) whatever waits, so a million deferred messages cost nothing until they are due. Not thread-safe: the owner locks.
/// </summary>
internal sealed class TimerWheel<T>
    where T : WheelItem<T>
{
    private const int Bits = 6;
    private const int SlotsPerLevel = 1 << Bits;
    private const int Levels = 6;

    private readonly T?[] _slots = new T?[Levels * SlotsPerLevel];
    private long _now;

    public TimerWheel(long nowTick) => _now = nowTick;

    public int Count { get; private set; }

    /// <summary>Puts an item in, to come out at <paramref name="dueTick"/> or at the next advance when that has passed.</summary>
    public void Add(T item, long dueTick)
    {
        item.DueTick = Math.Max(dueTick, _now + 1);
        Link(item);
        Count++;
    }

    public void Remove(T item)
    {
        if (!item.IsWaiting)
        {
            return;
        }

        Unlink(item);
        Count--;
    }

    /// <summary>Moves time on and hands over every item that became due, in the order of their ticks.</summary>
    public void AdvanceTo(long nowTick, Action<T> due)
    {
        if (Count == 0)
        {
            _now = Math.Max(_now, nowTick);
            return;
        }

        while (_now < nowTick)
        {
            _now++;

            // When a level has gone round, the slot above it that now begins is spread over the levels below.
            for (var level = 1; level < Levels && (_now & ((1L << (level * Bits)) - 1)) == 0; level++)
            {
                Spread((level * SlotsPerLevel) + (int)((_now >> (level * Bits)) & (SlotsPerLevel - 1)));
            }

            Expire((int)(_now & (SlotsPerLevel - 1)), due);
        }
    }

    private void Expire(int slot, Action<T> due)
    {
        while (_slots[slot] is { } item)
        {
            Unlink(item);
            Count--;
            due(item);
        }
    }

    private void Spread(int slot)
    {
        var item = _slots[slot];
        _slots[slot] = null;
        while (item is not null)
        {
            var next = item.NextInSlot;
            Link(item);
            item = next;
        }
    }

    private void Link(T item)
    {
        // The level is that of the highest digit (base 64) in which the due tick differs from now.
        var difference = (ulong)(item.DueTick ^ _now);
        var level = difference == 0 ? 0 : Math.Min(BitOperations.Log2(difference) / Bits, Levels - 1);
        var slot = (level * SlotsPerLevel) + (int)((item.DueTick >> (level * Bits)) & (SlotsPerLevel - 1));
        item.Slot = slot;
        item.PreviousInSlot = null;
        item.NextInSlot = _slots[slot];
        if (item.NextInSlot is { } head)
        {
            head.PreviousInSlot = item;
        }

        _slots[slot] = item;
    }

    private void Unlink(T item)
    {
        if (item.PreviousInSlot is { } previous)
        {
            previous.NextInSlot = item.NextInSlot;
        }
        else
        {
            _slots[item.Slot] = item.NextInSlot;
        }

        if (item.NextInSlot is { } next)
        {
            next.PreviousInSlot = item.PreviousInSlot;
        }

        item.Slot = -1;
        item.NextInSlot = null;
        item.PreviousInSlot = null;
    }
}
