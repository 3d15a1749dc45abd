using System.Net;
using Tsunagi.Core.Outbound;

namespace Tsunagi.Tests.Core.Outbound;

public sealed class Address_policy
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("0.0.0.0")]
    [InlineData("10.0.0.1")]
    [InlineData("10.255.255.255")]
    [InlineData("100.64.0.1")]
    [InlineData("100.100.100.200")] // a cloud's metadata service
    [InlineData("100.127.255.255")]
    [InlineData("169.254.169.254")] // most clouds' metadata service
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.1")]
    [InlineData("192.0.2.1")]
    [InlineData("192.88.99.1")]
    [InlineData("192.168.0.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.19.255.255")]
    [InlineData("198.51.100.1")]
    [InlineData("203.0.113.1")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::127.0.0.1")] // IPv4-compatible
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::ffff:0:127.0.0.1")] // IPv4-translated
    [InlineData("64:ff9b::7f00:1")] // NAT64 of 127.0.0.1
    [InlineData("64:ff9b::a9fe:a9fe")] // NAT64 of 169.254.169.254
    [InlineData("64:ff9b:1::1")]
    [InlineData("100::1")]
    [InlineData("2001::1")] // Teredo
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::1")] // 6to4 of 127.0.0.1
    [InlineData("3fff::1")]
    [InlineData("5f00::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")] // a cloud's metadata service
    [InlineData("fe80::1")]
    [InlineData("fe80::1%1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void Address_that_is_not_public_is_refused(string address) => Assert.NotNull(new AddressPolicy([]).WhyNot(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.0")]
    [InlineData("169.253.255.255")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("192.169.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("::ffff:1.1.1.1")]
    [InlineData("64:ff9b::101:101")] // NAT64 of 1.1.1.1
    [InlineData("2001:200::1")]
    [InlineData("2400:cb00::1")]
    [InlineData("2606:4700::1111")]
    public void Public_address_is_allowed(string address) => Assert.Null(new AddressPolicy([]).WhyNot(IPAddress.Parse(address)));

    [Fact]
    public void Operator_allows_a_network_and_only_that()
    {
        var policy = new AddressPolicy([IPNetwork.Parse("10.1.0.0/16"), IPNetwork.Parse("fd00:1::/32")]);
        Assert.Null(policy.WhyNot(IPAddress.Parse("10.1.255.255")));
        Assert.Null(policy.WhyNot(IPAddress.Parse("::ffff:10.1.0.1")));
        Assert.Null(policy.WhyNot(IPAddress.Parse("fd00:1::1")));
        Assert.NotNull(policy.WhyNot(IPAddress.Parse("10.2.0.0")));
        Assert.NotNull(policy.WhyNot(IPAddress.Parse("fd00:2::1")));
    }
}
