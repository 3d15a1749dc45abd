using Tsunagi.Ddos.Archive;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Tests.Ddos.Archive;

/// <summary>More flows than are summed one by one: the largest are exact, or it is said what may be missing.</summary>
public sealed class Largest_flows_in_two_readings
{
    private const int Flows = 300_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Are_exact_where_some_are_much_larger_than_most(int seed)
    {
        var records = Records(seed);
        var table = Read(records, FlowOrder.Octets, mostFlows: 1_000_000);
        var (items, missing) = table.Top(100);
        var wanted = records.GroupBy(static each => each.Flow).Select(static group => (group.Key, Octets: (ulong)group.Sum(static each => (long)each.Octets))).OrderByDescending(static each => each.Octets).Take(100).ToList();
        Assert.Equal(0UL, missing);
        Assert.InRange(table.Count, 100, 40_000);
        Assert.Equal(wanted.Select(static each => each.Octets), items.Select(static each => each.Sums.Octets));
        Assert.Equal(wanted.ToDictionary(static each => each.Key, static each => each.Octets), items.ToDictionary(static each => each.Flow, static each => each.Sums.Octets));
    }

    /// <summary>Where all are nearly alike too many could be among the largest: how much one may have that is not named is said, and none has more.</summary>
    [Fact]
    public void Say_what_may_be_missing_where_all_are_nearly_alike()
    {
        List<(FlowTuple Flow, ulong Octets)> records = [.. Enumerable.Range(0, 40_000).Select(static i => (Flow(i), 1_050 + (ulong)(i * 7_919L % 91)))];
        var (items, missing) = Read(records, FlowOrder.Octets, mostFlows: 1_000_000).Top(100);
        var named = items.Select(static each => each.Flow).ToHashSet();
        Assert.True(missing >= records.Where(each => !named.Contains(each.Flow)).Max(static each => each.Octets), $"{missing}");
        Assert.Equal(1_140UL, missing);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(1, true)]
    public void As_many_as_there_is_room_for_and_with_one_more_it_is_said(int room, bool said)
    {
        // Two of them are one worker's.
        var (_, missing) = Read([.. Enumerable.Range(0, 3).Select(static i => (Flow(i), 1_000UL))], FlowOrder.Octets, room).Top(2);
        Assert.Equal(said, missing > 0);
    }

    // Two workers, as the program has them.
    private static TupleTable Read(IReadOnlyList<(FlowTuple Flow, ulong Octets)> records, FlowOrder order, int mostFlows)
    {
        TupleTable[] tables = [new(mostFlows, order), new(mostFlows, order)];
        for (var reading = 0; reading < 2; reading++)
        {
            for (var i = 0; i < records.Count; i++)
            {
                var (flow, octets) = records[i];

                // A good hash, and the same for the same flow.
                var hash = (ulong)flow.GetHashCode() * 0x9E3779B97F4A7C15;
                if (tables[i & 1].Meets(hash, octets, 1))
                {
                    tables[i & 1].Add(in flow, octets, 1);
                }
            }

            if (reading == 0)
            {
                TupleTable.Choose(tables);
            }
        }

        tables[0].Add(tables[1]);
        return tables[0];
    }

    private static List<(FlowTuple Flow, ulong Octets)> Records(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 2 * Flows).Select(_ => (Flow(random.Next(Flows)), (ulong)Math.Exp(6 + (8 * random.NextDouble() * random.NextDouble()))))];
    }

    private static FlowTuple Flow(int i) => new(FlowAddress.FromIPv4(0x0A00_0000 + (uint)(i / 60_000)), FlowAddress.FromIPv4(0xC000_0200), (ushort)(i % 60_000), 443, 6);
}
