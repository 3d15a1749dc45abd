using System.Net;
using Tsunagi.Protocols.Mail.Dnsbl;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Tests.Protocols.Mail.Dnsbl;

public sealed class Lists_in_the_dns
{
    // The examples of RFC 5782 sections 2.1 and 2.4, and its test points (section 5).
    [Theory]
    [InlineData("192.0.2.99", "99.2.0.192.bad.example.com")]
    [InlineData("2001:db8:1:2:3:4:567:89ab", "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.bad.example.com")]
    [InlineData("127.0.0.2", "2.0.0.127.bad.example.com")]
    [InlineData("::ffff:7f00:2", "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bad.example.com")]
    public void An_address_is_asked_for_backwards(string address, string name) => Assert.Equal(name, DnsList.NameOf(IPAddress.Parse(address), "bad.example.com"));

    [Theory]
    [InlineData("127.0.0.2", DnsListStatus.Listed)]
    [InlineData("127.0.0.2 127.0.0.10", DnsListStatus.Listed)]
    [InlineData("127.255.254.1", DnsListStatus.Listed)]
    [InlineData("127.255.255.252", DnsListStatus.Refused)]
    [InlineData("127.255.255.254", DnsListStatus.Refused)]
    [InlineData("127.0.0.2 127.255.255.255", DnsListStatus.Refused)]
    [InlineData("198.51.100.1", DnsListStatus.OutOfRange)]
    [InlineData("127.0.0.2 198.51.100.1", DnsListStatus.OutOfRange)]
    [InlineData("::1", DnsListStatus.OutOfRange)]
    public void Only_entries_of_127_are_entries(string entries, DnsListStatus status) =>
        Assert.Equal(status, DnsList.Read(new MailDnsAnswer<IPAddress>([.. entries.Split(' ').Select(IPAddress.Parse)])).Status);

    [Theory]
    [InlineData(MailDnsStatus.NameError, DnsListStatus.NotListed)]
    [InlineData(MailDnsStatus.NoData, DnsListStatus.NotListed)]
    [InlineData(MailDnsStatus.TempError, DnsListStatus.NoAnswer)]
    public void No_answer_is_not_no(MailDnsStatus asked, DnsListStatus status) => Assert.Equal(status, DnsList.Read(new MailDnsAnswer<IPAddress>(asked)).Status);

    [Fact]
    public void The_longest_address_leaves_the_zone_its_room() =>
        Assert.Equal(DnsList.LongestPrefix, DnsList.NameOf(IPAddress.IPv6Loopback, "x").Length - 1);
}
