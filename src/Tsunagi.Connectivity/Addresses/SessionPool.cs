using System.Net;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>This node's share of a pool for sessions, in memory. Its members hold its lock and never wait for anything.</summary>
internal sealed class SessionPool
{
    private readonly Lock _turn = new();
    private readonly SlotTree _tree;
    private readonly HashSet<long> _blocks = [];
    private readonly Dictionary<string, (long Slot, long Until)> _promised = new(StringComparer.Ordinal);
    private readonly Dictionary<long, string> _inUse = [];
    private readonly PriorityQueue<long, long> _rested = new();
    private readonly Dictionary<long, long> _resting = [];
    private readonly int _blockBits;

    /// <param name="blockBits">A share is 2^blockBits parts.</param>
    public SessionPool(PoolRow pool, int blockBits)
    {
        Pool = pool;
        _blockBits = blockBits;
        _tree = new SlotTree(pool.Bits);
        _tree.Set(0, pool.Bits, taken: true);
    }

    public PoolRow Pool { get; }

    public long Blocks => 1L << (Pool.Bits - _blockBits);

    public long ExhaustedAt { get; private set; }

    public long Used
    {
        get
        {
            lock (_turn)
            {
                return _inUse.Count + _resting.Count + _promised.Count;
            }
        }
    }

    public long Free
    {
        get
        {
            lock (_turn)
            {
                return _tree.Slots - _tree.Used;
            }
        }
    }

    /// <summary>The addresses of a block.</summary>
    public (AddressBlock First, AddressBlock Last) RangeOf(long block) => (
        Pool.Block.Part((ulong)(block << _blockBits), Pool.PartLength), Pool.Block.Part((ulong)(((block + 1) << _blockBits) - 1), Pool.PartLength));

    /// <summary>A block of the pool is this node's from now on; what is reserved, in use or resting in it stays taken.</summary>
    /// <param name="held">What sessions hold of it, and held lately: line, address, and when it is free again (null: it is in use).</param>
    public void Take(long block, IEnumerable<(string Line, AddressBlock Address, long? FreeAt)> held)
    {
        lock (_turn)
        {
            if (!_blocks.Add(block))
            {
                return;
            }

            var first = block << _blockBits;
            _tree.Set(first, _blockBits, taken: false);
            foreach (var reserved in Pool.ReservedList.Select(AddressBlock.Parse))
            {
                var from = Math.Max(first, (long)Pool.Block.NumberOf(reserved.At(Math.Min(reserved.Length, Pool.PartLength)), Pool.PartLength));
                var last = Math.Min(first + (1L << _blockBits) - 1, (long)((reserved.Last - Pool.Block.Base) >> (Pool.Block.Width - Pool.PartLength)));
                for (var slot = from; slot <= last; slot++)
                {
                    _tree.TryTake(slot);
                }
            }

            foreach (var (line, address, freeAt) in held)
            {
                if (InUse(line, address) && freeAt is { } at)
                {
                    Release(line, address, at);
                }
            }
        }
    }

    /// <param name="named">What the line would like to have, where nothing is promised to it yet.</param>
    /// <param name="isOnly">That, or nothing.</param>
    public bool TryPromise(string line, AddressBlock? named, bool isOnly, long now, long until, out AddressBlock granted)
    {
        lock (_turn)
        {
            granted = default;
            var slot = -1L;
            var wanted = named is { } block && block.Length == Pool.PartLength ? SlotOf(block) : null;
            if (_promised.TryGetValue(line, out var promise))
            {
                slot = promise.Slot;
                if (isOnly && slot != wanted)
                {
                    return false;
                }
            }
            else if (wanted is { } free && _tree.TryTake(free))
            {
                slot = free;
            }
            else if (isOnly)
            {
                return false;
            }
            else
            {
                slot = Pool.Policy == PoolPolicy.Sparse ? _tree.FindRoomiest() : _tree.FindLowest();
                if (slot < 0)
                {
                    ExhaustedAt = now;
                    return false;
                }

                _tree.TryTake(slot);
            }

            _promised[line] = (slot, until);
            granted = Pool.Block.Part((ulong)slot, Pool.PartLength);
            return true;
        }
    }

    /// <summary>False when the address is not of this node's share.</summary>
    public bool InUse(string line, AddressBlock address)
    {
        lock (_turn)
        {
            if (SlotOf(address) is not { } slot)
            {
                return false;
            }

            if (_promised.TryGetValue(line, out var promise) && promise.Slot == slot)
            {
                _promised.Remove(line);
            }

            _tree.TryTake(slot);
            _inUse[slot] = line;
            _resting.Remove(slot);
            return true;
        }
    }

    /// <summary>What was promised to a line is another's: its promise ends, and the part is in use by that one.</summary>
    public void Correct(string promised, AddressBlock address, string holder)
    {
        lock (_turn)
        {
            if (SlotOf(address) is { } slot && _promised.TryGetValue(promised, out var promise) && promise.Slot == slot)
            {
                _promised.Remove(promised);
                _inUse[slot] = holder;
            }
        }
    }

    /// <summary>It rests until then. What another line holds meanwhile stays.</summary>
    public void Release(string line, AddressBlock address, long freeAt)
    {
        lock (_turn)
        {
            if (SlotOf(address) is { } slot && _inUse.TryGetValue(slot, out var holder) && holder == line)
            {
                _inUse.Remove(slot);
                Rest(slot, freeAt);
            }
        }
    }

    /// <summary>Frees what has rested, and what was promised and never used.</summary>
    public void Sweep(long now)
    {
        lock (_turn)
        {
            while (_rested.TryPeek(out var slot, out var freeAt) && freeAt <= now)
            {
                _rested.Dequeue();

                // Not what is in use again, and not what rests longer since it ended once more.
                if (_resting.TryGetValue(slot, out var last) && last <= now)
                {
                    _resting.Remove(slot);
                    _tree.TryFree(slot);
                }
            }

            foreach (var (line, promise) in _promised.Where(promise => promise.Value.Until <= now).ToList())
            {
                _promised.Remove(line);
                Rest(promise.Slot, now + (Pool.RestSeconds * UnixMicros.PerSecond));
            }
        }
    }

    private void Rest(long slot, long freeAt)
    {
        _resting[slot] = freeAt;
        _rested.Enqueue(slot, freeAt);
    }

    private long? SlotOf(AddressBlock address) =>
        Pool.Block.Contains(address) && address.Length >= Pool.PartLength && (long)Pool.Block.NumberOf(address.At(Pool.PartLength), Pool.PartLength) is var slot && _blocks.Contains(slot >> _blockBits) ? slot : null;
}
