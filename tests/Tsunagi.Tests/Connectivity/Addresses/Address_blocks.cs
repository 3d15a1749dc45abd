using FsCheck;
using FsCheck.Fluent;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.Addresses;

/// <summary>Arithmetic of blocks, the gaps between them, when a pool ends, and the names of a reverse zone.</summary>
public sealed class Address_blocks
{
    [Fact]
    public void A_block_written_is_the_block_read()
    {
        var blocks = from is6 in Gen.Elements(true, false)
                     from length in Gen.Choose(0, is6 ? 128 : 32)
                     from high in Gen.Choose(0, int.MaxValue)
                     from low in Gen.Choose(0, int.MaxValue)
                     select new AddressBlock(is6 ? ((UInt128)(ulong)high << 97) | ((UInt128)(ulong)low << 3) : (uint)high, is6 ? 128 : 32, is6).At(length);
        Properties.Holds(blocks, static block =>
        {
            Assert.Equal(block, AddressBlock.Parse(block.ToString()));
            Assert.Equal(block, AddressBlock.From(block.ToNetwork()));
            Assert.True(block.Contains(block) && block.Overlaps(block));
            Assert.True(block.At(block.Length / 2).Contains(block));
        });
    }

    [Theory]
    [InlineData("192.0.2.1/24")]
    [InlineData("010.0.0.0/8")]
    [InlineData("192.0.2.0/33")]
    [InlineData("2001:db8::/129")]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("::ffff:192.0.2.1")]
    public void What_can_be_read_in_two_ways_is_no_block(string text) => Assert.False(AddressBlock.TryParse(text, out _));

    [Theory]
    [InlineData("10.0.0.0/24", 26, "", "10.0.0.0/26")]
    [InlineData("10.0.0.0/24", 26, "10.0.0.0/25 10.0.0.192/26", "10.0.0.128/26")]
    [InlineData("10.0.0.0/24", 25, "10.0.0.0/26 10.0.0.128/32", "")]
    [InlineData("10.0.0.0/24", 24, "10.0.0.77/32", "")]
    [InlineData("10.0.0.0/30", 32, "10.0.0.0/32 10.0.0.2/32", "10.0.0.1/32")]
    [InlineData("2001:db8::/32", 48, "2001:db8::/33 2001:db8:8000::/48", "2001:db8:8001::/48")]
    [InlineData("255.255.255.0/24", 25, "255.255.255.0/24", "")]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127", 128, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/128 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", "")]
    public void The_lowest_gap_that_fits_is_found(string whole, int length, string taken, string expected) =>
        Assert.Equal(expected, PrefixTree.LowestFree(AddressBlock.Parse(whole), length, taken.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(AddressBlock.Parse))?.ToString() ?? "");

    [Fact]
    public void What_overlaps_is_counted_once() =>
        Assert.Equal(0.75, PrefixTree.Covered(AddressBlock.Parse("10.0.0.0/24"), ((string[])["10.0.0.0/25", "10.0.0.0/26", "10.0.0.192/26", "10.1.0.0/24"]).Select(AddressBlock.Parse)));

    [Fact]
    public void A_pool_that_grows_by_ten_a_day_ends_in_the_days_that_are_left()
    {
        var growing = PoolForecast.Of([.. Enumerable.Range(0, 10).Select(static day => ((long)day, 100L + (10 * day)))], 256);
        Assert.Equal(10, growing.PerDay, 6);
        Assert.Equal(6.6, growing.DaysLeft!.Value, 6);
        Assert.Null(PoolForecast.Of([(1, 5), (2, 9)], 256).DaysLeft);
        Assert.Null(PoolForecast.Of([(1, 9), (2, 8), (3, 7)], 256).DaysLeft);
        Assert.Equal(0, PoolForecast.Of([(1, 9), (2, 11), (3, 13)], 12).DaysLeft);
    }

    [Fact]
    public void Reverse_names_are_those_of_the_trees_of_both_families()
    {
        var zone = ReverseZone.Write("x", ((string[])["198.51.100.7/32", "198.51.100.0/24", "2001:db8::1/128", "2001:db8:40::/48"]).Select(AddressBlock.Parse), "ip.isp.example.");
        Assert.Equal(
            """
            ; reverse records of x
            7.100.51.198.in-addr.arpa. IN PTR 198-51-100-7.ip.isp.example.
            *.100.51.198.in-addr.arpa. IN PTR 198-51-100-0.ip.isp.example.
            1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. IN PTR 20010db8000000000000000000000001.ip.isp.example.
            *.0.4.0.0.8.b.d.0.1.0.0.2.ip6.arpa. IN PTR 20010db8004.ip.isp.example.

            """.ReplaceLineEndings("\n"), zone);
    }
}
