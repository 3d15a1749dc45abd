using System.Net;
using Tsunagi.Mail.Limits;

namespace Tsunagi.Tests.Mail.Limits;

public sealed class Client_table
{
    [Fact]
    public void A_window_begins_with_the_first_act_and_counts_until_it_is_over()
    {
        var table = new ClientTable(1_024);
        Assert.Equal(new ClientCount(1, 60, false), table.Connection(7, 1_000, 2));
        Assert.Equal(new ClientCount(2, 1, false), table.Connection(7, 1_059, 2));
        Assert.Equal(new ClientCount(3, 1, true), table.Connection(7, 1_059, 2));
        Assert.Equal(new ClientCount(4, 1, false), table.Connection(7, 1_059, 2));
        Assert.Equal(new ClientCount(1, 60, false), table.Connection(7, 1_060, 2));
        Assert.Equal(new ClientCount(1, 3_600, false), table.Message(8, 1_000, 2));
        Assert.Equal(2, table.Message(8, 4_599, 2).Count);
        Assert.Equal(1, table.Message(8, 4_600, 2).Count);
    }

    [Fact]
    public void Its_memory_is_taken_once()
    {
        Assert.Equal(65_536 * 32, new ClientTable(65_536).Bytes);
        Assert.Equal(131_072 * 32, new ClientTable(65_537).Bytes);
    }

    [Fact]
    public void A_flood_of_addresses_does_not_push_out_the_one_that_comes_all_the_time()
    {
        var table = new ClientTable(1_024);
        for (var i = 0; i < 50; i++)
        {
            table.Message(ulong.MaxValue, 1_000, 100);
        }

        for (ulong other = 1; other < 100_000; other++)
        {
            table.Message(other, 1_000, 100);
        }

        Assert.Equal(51, table.Message(ulong.MaxValue, 1_001, 100).Count);
    }

    [Fact]
    public void An_ipv6_client_is_its_64_and_no_ipv4_client_is_another()
    {
        Assert.Equal(Key("2001:db8:0:1::1"), Key("2001:db8:0:1:ffff::2"));
        Assert.NotEqual(Key("2001:db8:0:1::1"), Key("2001:db8:0:2::1"));
        Assert.NotEqual(Key("192.0.2.1"), Key("192.0.2.2"));
        Assert.NotEqual(Key("0.0.0.1"), Key("::1"));
        Assert.NotEqual(0UL, Key("::"));
        Assert.NotEqual(0UL, Key("0.0.0.0"));
    }

    private static ulong Key(string address) => ClientLimits.KeyOf(IPAddress.Parse(address));
}
