using Tsunagi.Ddos.Archive;

namespace Tsunagi.Tests.Ddos.Archive;

/// <summary>Numbers are put in the order of their upper halves, and equal ones stay as they came.</summary>
public sealed class Sorted_by_digits
{
    [Theory]
    [InlineData(0, 0xFFFFFFFF)]
    [InlineData(1, 0xFFFFFFFF)]
    [InlineData(5_000, 0xFFFFFFFF)]
    [InlineData(5_000, 0x000000FF)] // two digits are the same for all
    [InlineData(5_000, 0x003FF800)]
    [InlineData(5_000, 0xFFC00000)]
    [InlineData(5_000, 0)]
    public void As_a_stable_sort_would_put_them(int count, uint mask)
    {
        var random = new Random(count + (int)(mask >> 3));
        var numbers = Enumerable.Range(0, count).Select(i => ((ulong)((uint)random.NextInt64() & mask) << 32) | (uint)i).ToArray();
        var sorted = RadixSort.ByUpperHalf((ulong[])numbers.Clone(), new ulong[count]).ToArray();
        Assert.Equal(numbers.OrderBy(static number => number >> 32), sorted);
    }
}
