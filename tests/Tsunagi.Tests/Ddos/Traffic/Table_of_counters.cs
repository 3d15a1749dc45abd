using System.Runtime.CompilerServices;
using Tsunagi.Ddos.Traffic;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Tests.Ddos.Traffic;

/// <summary>Rows of counters: so many and not one more, exact for whom they are, and taken from those without traffic alone.</summary>
public sealed class Table_of_counters
{
    private static readonly FlowAddress One = Of(0xC0000201);

    [Theory]
    [InlineData(1_000, 0)]
    [InlineData(1_000, 1)]
    [InlineData(4_096, 0)]
    [InlineData(4_097, 3)]
    public void It_takes_as_many_as_its_limit_and_not_one_more(int most, int reserved)
    {
        var table = new TrafficTable(most, reserved);
        for (var i = 0; i < most; i++)
        {
            Assert.True(Add(table, Of((uint)i), 100));
        }

        Assert.False(Add(table, Of((uint)most), 100));
        Assert.Equal((most, 1L), (table.Count, table.Overflows));
        Assert.True(Add(table, Of(7), 100)); // known ones go on
        for (var i = 0; i <= reserved; i++)
        {
            // What is reserved is for those that must have a row, and no more than that.
            Assert.Equal(i < reserved, Add(table, Of((uint)(most + i)), 100, isSure: true));
        }

        Assert.Equal(most + reserved, table.Count);
    }

    [Fact]
    public void A_flood_of_random_destinations_changes_neither_size_nor_what_is_known()
    {
        var table = new TrafficTable(1_000);
        var random = new Random(7);
        Add(table, One, 100, packets: 5);
        for (var i = 0; i < 200_000; i++)
        {
            ref var row = ref table.Touch(new FlowAddress((ulong)random.NextInt64(), (ulong)random.NextInt64()), 128, 100);
            if (!Unsafe.IsNullRef(ref row))
            {
                row.Add(new TrafficSpread(100, 1, 1, 1));
            }
        }

        Assert.Equal((1_000, 199_001L), (table.Count, table.Overflows));
        Assert.Equal(5UL, table.Find(One, 32).Sum(100).Packets);
    }

    [Fact]
    public void A_new_address_takes_the_row_of_one_whose_traffic_is_out_of_the_window_and_of_no_other()
    {
        var table = new TrafficTable(1_000);
        for (var i = 0; i < 1_000; i++)
        {
            Add(table, Of((uint)i), i < 500 ? 100 : 105, packets: (ulong)i + 1);
        }

        // At 110 the window may still hold what came at 100; at 111 it does not.
        Assert.False(Add(table, One, 110));
        var taken = 0;
        for (var i = 0; i < 10_000 && taken < 500; i++)
        {
            taken += Add(table, Of(1_000_000 + (uint)i), 111) ? 1 : 0;
        }

        Assert.Equal((500, 500L, 1_000), (taken, table.Taken, table.Count));
        for (var i = 0; i < 1_000; i++)
        {
            ref var row = ref table.Find(Of((uint)i), 32);
            Assert.Equal(i < 500, Unsafe.IsNullRef(ref row));
            Assert.True(i < 500 || row.Sum(110).Packets == (ulong)i + 1);
        }
    }

    [Theory]
    [InlineData(300, 1)]
    [InlineData(3_000, 2)]
    [InlineData(9_000, 3)]
    public void Whatever_comes_and_goes_each_has_what_is_its_own(int most, int seed)
    {
        var table = new TrafficTable(most);
        var (random, expected) = (new Random(seed), new Dictionary<FlowAddress, (int Slot, ulong Packets)>());
        for (var slot = 100; slot < 160; slot++)
        {
            for (var i = 0; i < most / 4; i++)
            {
                var address = Of((uint)random.Next(3 * most));
                var packets = (ulong)random.Next(1, 100);
                ref var row = ref table.Touch(address, 32, slot);
                if (Unsafe.IsNullRef(ref row))
                {
                    Assert.Equal(most, table.Count);
                    continue;
                }

                var before = row.Sum(slot).Packets;
                row.Add(new TrafficSpread(slot, 1, packets, packets * 100));
                var known = expected.GetValueOrDefault(address);
                expected[address] = (slot, before + packets);
                Assert.True(before == 0 || known.Slot > slot - TrafficSlots.Window);
            }

            table.Sweep(most / 3, slot - 20);
        }

        Assert.InRange(table.Count, 1, most);
        var found = 0;
        foreach (var (address, last) in expected)
        {
            ref var row = ref table.Find(address, 32);
            found += Unsafe.IsNullRef(ref row) ? 0 : 1;
            Assert.True(!Unsafe.IsNullRef(ref row) || last.Slot < 150, "it had traffic in the window and is not there");
            Assert.True(Unsafe.IsNullRef(ref row) || row.Sum(last.Slot).Packets == last.Packets);
        }

        Assert.Equal(table.Count, found);
    }

    [Fact]
    public void Rows_without_traffic_are_taken_out_and_the_others_stay()
    {
        var table = new TrafficTable(20_000);
        for (var i = 0; i < 20_000; i++)
        {
            Add(table, Of((uint)i), i % 3 == 0 ? 500 : 100, packets: (ulong)i + 1);
        }

        for (var i = 0; i < 10; i++)
        {
            table.Sweep(5_000, 200);
        }

        Assert.Equal(6_667, table.Count);
        for (var i = 0; i < 20_000; i++)
        {
            ref var row = ref table.Find(Of((uint)i), 32);
            Assert.Equal(i % 3 != 0, Unsafe.IsNullRef(ref row));
            Assert.True(i % 3 != 0 || row.Sum(500).Packets == (ulong)i + 1);
        }

        // And there is room again.
        Assert.True(Add(table, One, 600));
    }

    [Fact]
    public void An_address_and_its_prefix_are_two_things()
    {
        var table = new TrafficTable(1_000);
        table.Touch(One.Prefix(24), 24, 100).Add(new TrafficSpread(100, 1, 1, 1));
        table.Touch(One.Prefix(24), 32, 100).Add(new TrafficSpread(100, 1, 2, 2));
        Assert.Equal((1UL, 2UL), (table.Find(One.Prefix(24), 24).Sum(100).Packets, table.Find(One.Prefix(24), 32).Sum(100).Packets));
    }

    private static FlowAddress Of(uint address) => FlowAddress.FromIPv4(address);

    private static bool Add(TrafficTable table, FlowAddress address, int slot, ulong packets = 1, bool isSure = false)
    {
        ref var row = ref table.Touch(address, 32, slot, isSure);
        if (Unsafe.IsNullRef(ref row))
        {
            return false;
        }

        row.Add(new TrafficSpread(slot, 1, packets, packets));
        return true;
    }
}
