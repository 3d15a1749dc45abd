using FsCheck;
using FsCheck.Fluent;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.Addresses;

/// <summary>The tree of a pool against a plain set of numbers.</summary>
public sealed class Slots_of_a_pool
{
    private enum Act
    {
        Lowest,
        Roomiest,
        Take,
        Free,
        FillTaken,
        FillFree,
    }

    [Fact]
    public void Whatever_is_done_it_says_what_a_plain_set_says()
    {
        var steps = from bits in Gen.Choose(0, 7)
                    from acts in Gen.ArrayOf(
                        from act in Gen.Frequency((4, Gen.Constant(Act.Lowest)), (4, Gen.Constant(Act.Roomiest)), (3, Gen.Constant(Act.Take)), (5, Gen.Constant(Act.Free)), (1, Gen.Constant(Act.FillTaken)), (1, Gen.Constant(Act.FillFree)))
                        from at in Gen.Choose(0, (1 << bits) - 1)
                        from count in Gen.Choose(0, (1 << bits) - at)
                        select (act, at, count), 120)
                    select (bits, acts);
        Properties.Holds(steps, static each => Compare(each.bits, each.acts), 300);
    }

    [Fact]
    public void Roomiest_keeps_neighbours_as_far_apart_as_it_can()
    {
        var tree = new SlotTree(4);
        var order = Enumerable.Range(0, 16).Select(_ =>
        {
            var slot = tree.FindRoomiest();
            Assert.True(tree.TryTake(slot));
            return slot;
        }).ToArray();

        // RFC 3531 section 3.2: leftmost bits first, the order of the numbers read backwards.
        Assert.Equal([0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15], order);
        Assert.Equal(-1, tree.FindRoomiest());
        Assert.Equal(-1, tree.FindLowest());
    }

    [Fact]
    public void The_largest_pool_costs_what_is_used_of_it()
    {
        var tree = new SlotTree(62);
        Assert.True(tree.TryTake((1L << 62) - 1));
        Assert.False(tree.TryTake((1L << 62) - 1));
        Assert.Equal(0, tree.FindLowest());
        Assert.Equal(1, tree.Used);
        Assert.Throws<ArgumentOutOfRangeException>(static () => new SlotTree(63));
    }

    private static void Compare(int bits, (Act Act, int At, int Count)[] acts)
    {
        var tree = new SlotTree(bits);
        var taken = new SortedSet<long>();
        var all = Enumerable.Range(0, 1 << bits).Select(static n => (long)n).ToArray();
        foreach (var (act, at, count) in acts)
        {
            switch (act)
            {
                case Act.Lowest:
                    var lowest = all.Where(n => !taken.Contains(n)).DefaultIfEmpty(-1).First();
                    Assert.Equal(lowest, tree.FindLowest());
                    TakeBoth(lowest);
                    break;
                case Act.Roomiest:
                    var roomiest = tree.FindRoomiest();
                    Assert.Equal(taken.Count == all.Length, roomiest < 0);
                    TakeBoth(roomiest);
                    break;
                case Act.Take:
                    Assert.Equal(taken.Add(at), tree.TryTake(at));
                    break;
                case Act.Free:
                    Assert.Equal(taken.Remove(at), tree.TryFree(at));
                    break;
                default:
                    tree.Fill(at, count, act == Act.FillTaken);
                    foreach (var n in all.Skip(at).Take(count))
                    {
                        _ = act == Act.FillTaken ? taken.Add(n) : taken.Remove(n);
                    }

                    break;
            }

            Assert.Equal(taken.Count, tree.Used);
            Assert.Equal(!taken.Contains(at), tree.IsFree(at));
            for (var height = 0; height <= bits; height++)
            {
                var (first, size) = (at >> height << height, 1 << height);
                Assert.Equal(taken.Count(n => n >= first && n < first + size), tree.UsedIn(at, height));
            }
        }

        void TakeBoth(long slot)
        {
            if (slot >= 0)
            {
                Assert.True(taken.Add(slot));
                Assert.True(tree.TryTake(slot));
            }
        }
    }
}
