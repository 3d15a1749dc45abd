using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>
/// Which slots of a pool are taken: a binary tree over 2^bits slots whose subtrees that are wholly free or wholly taken are no nodes at all. Finding, taking and freeing walk one path
/// (at most 63 steps); nothing scans. Used by one thread at a time.
/// </summary>
internal sealed class SlotTree
{
    private const int Empty = -1;
    private const int Full = -2;

    private readonly List<Node> _nodes = [];
    private readonly Stack<int> _spare = new();
    private int _root = Empty;

    public SlotTree(int bits)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 62);
        Bits = bits;
    }

    public int Bits { get; }

    public long Slots => 1L << Bits;

    public long Used => UsedOf(_root, Bits);

    /// <summary>The lowest free slot, or -1.</summary>
    public long FindLowest()
    {
        var (index, at) = (_root, 0L);
        if (index == Full)
        {
            return -1;
        }

        for (var height = Bits; index != Empty; height--)
        {
            var node = _nodes[index];
            (index, at) = node.Left != Full ? (node.Left, at) : (node.Right, at + (1L << (height - 1)));
        }

        return at;
    }

    /// <summary>
    /// The free slot with the most room behind it: at each level the half with fewer taken slots, so that neighbours stay as far apart as the pool allows and a prefix can grow in
    /// place (RFC 3531). -1 when none is free.
    /// </summary>
    public long FindRoomiest()
    {
        var (index, at) = (_root, 0L);
        if (index == Full)
        {
            return -1;
        }

        for (var height = Bits; index != Empty; height--)
        {
            var node = _nodes[index];
            var goesRight = UsedOf(node.Right, height - 1) < UsedOf(node.Left, height - 1);
            (index, at) = goesRight ? (node.Right, at + (1L << (height - 1))) : (node.Left, at);
        }

        return at;
    }

    public bool IsFree(long slot) => UsedIn(slot, 0) == 0;

    /// <summary>Taken slots among the 2^bits around <paramref name="slot"/>.</summary>
    public long UsedIn(long slot, int bits)
    {
        Debug.Assert(slot >= 0 && slot < Slots && bits <= Bits, "a slot of the pool");
        var index = _root;
        for (var height = Bits; height > bits && index >= 0; height--)
        {
            index = IsRight(slot, height) ? _nodes[index].Right : _nodes[index].Left;
        }

        return UsedOf(index, bits);
    }

    /// <summary>False when it was taken.</summary>
    public bool TryTake(long slot)
    {
        if (!IsFree(slot))
        {
            return false;
        }

        Set(slot, 0, taken: true);
        return true;
    }

    /// <summary>False when it was free.</summary>
    public bool TryFree(long slot)
    {
        if (IsFree(slot))
        {
            return false;
        }

        Set(slot, 0, taken: false);
        return true;
    }

    /// <summary>Takes or frees the whole 2^bits slots around one, whatever they were.</summary>
    public void Set(long slot, int bits, bool taken) => _root = Set(_root, Bits, slot, bits, taken);

    /// <summary>Takes or frees <paramref name="count"/> slots from <paramref name="first"/> on, in as few aligned steps as that needs.</summary>
    public void Fill(long first, long count, bool taken)
    {
        while (count > 0)
        {
            var bits = 0;
            while (bits < Bits && (first & ((1L << (bits + 1)) - 1)) == 0 && 1L << (bits + 1) <= count)
            {
                bits++;
            }

            Set(first, bits, taken);
            first += 1L << bits;
            count -= 1L << bits;
        }
    }

    private static bool IsRight(long slot, int height) => (slot >> (height - 1) & 1) != 0;

    private long UsedOf(int index, int height) => index switch { Empty => 0, Full => 1L << height, _ => _nodes[index].Used };

    private int Set(int index, int height, long slot, int bits, bool taken)
    {
        if (height == bits)
        {
            Forget(index);
            return taken ? Full : Empty;
        }

        if (index == (taken ? Full : Empty))
        {
            return index;
        }

        var node = index >= 0 ? _nodes[index] : new Node(index, index, UsedOf(index, height));
        var (left, right) = (node.Left, node.Right);
        if (IsRight(slot, height))
        {
            right = Set(right, height - 1, slot, bits, taken);
        }
        else
        {
            left = Set(left, height - 1, slot, bits, taken);
        }

        if (left == right && left < 0)
        {
            Give(index);
            return left;
        }

        var next = new Node(left, right, UsedOf(left, height - 1) + UsedOf(right, height - 1));
        if (index >= 0)
        {
            _nodes[index] = next;
            return index;
        }

        if (_spare.TryPop(out var spare))
        {
            _nodes[spare] = next;
            return spare;
        }

        _nodes.Add(next);
        return _nodes.Count - 1;
    }

    private void Forget(int index)
    {
        if (index < 0)
        {
            return;
        }

        var node = _nodes[index];
        Forget(node.Left);
        Forget(node.Right);
        Give(index);
    }

    private void Give(int index)
    {
        if (index >= 0)
        {
            _spare.Push(index);
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Node(int Left, int Right, long Used);
}
