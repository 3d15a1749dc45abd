using System.Text;
using Tsunagi.Mail.Directories;
using Tsunagi.Mail.Inbound;
using Tsunagi.Protocols.Net.Ldap;

namespace Tsunagi.Tests.Mail.Directories;

/// <summary>What of a directory's objects are recipients.</summary>
public sealed class Directory_rows
{
    [Theory]
    [InlineData("mail=A@One.example", "a@one.example  ")]
    [InlineData("mail=a@one.example;proxyAddresses=smtp:b@one.example;proxyAddresses=c@one.example", "a@one.example  |b@one.example a@one.example |c@one.example a@one.example ")]
    [InlineData("proxyAddresses=smtp:b@one.example;proxyAddresses=SMTP:a@one.example", "a@one.example  |b@one.example a@one.example ")]
    [InlineData("mail=a@one.example;proxyAddresses=X500:/o=x;proxyAddresses=sip:a@one.example;proxyAddresses=SMTP:a@one.example", "a@one.example  ")]
    [InlineData("mail=a@two.example;proxyAddresses=smtp:a@one.example", "a@one.example  ")]
    [InlineData("mail=a@elsewhere.example", "")]
    [InlineData("mail=no address", "")]
    [InlineData("cn=a", "")]
    [InlineData("mail=a@one.example;memberOf=CN=Sales\\, East,OU=Groups,DC=x;memberOf=cn=Zoo,DC=x;memberOf=CN=b|c,DC=x", "a@one.example  zoo")]
    [InlineData("mail=a@one.example;memberOf=sales;memberOf=Sales", "a@one.example  sales")]
    public void An_object_becomes_its_address_its_aliases_and_groups(string attributes, string expected)
    {
        var rows = new DirectoryRows(new DirectorySettings(), new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "one.example" });
        rows.Add(Entry(attributes));
        Assert.Equal(expected, Show(rows));
        Assert.Equal(expected.Length == 0 ? 1 : 0, rows.PassedOver);
    }

    [Fact]
    public void An_address_that_two_objects_have_stays_the_firsts_and_the_other_keeps_the_rest()
    {
        var rows = new DirectoryRows(new DirectorySettings(), new HashSet<string> { "one.example" });
        rows.Add(Entry("mail=a@one.example"));
        rows.Add(Entry("mail=a@one.example;proxyAddresses=smtp:b@one.example;proxyAddresses=smtp:c@one.example"));
        rows.Add(Entry("mail=b@one.example"));
        Assert.Equal("a@one.example  |b@one.example  |c@one.example b@one.example ", Show(rows));
        Assert.Equal((3, 2), (rows.Objects, rows.PassedOver));
    }

    [Fact]
    public void More_addresses_than_a_list_takes_are_a_failure_and_no_cut_list()
    {
        var rows = new DirectoryRows(new DirectorySettings(), new HashSet<string> { "one.example" });
        var aliases = Enumerable.Range(0, 5_000).Select(static i => $"smtp:{i}").ToArray();
        for (var part = 0; part < RecipientListBook.MaxEntries / 5_000; part++)
        {
            rows.Add(new LdapEntry("cn=a", new Dictionary<string, IReadOnlyList<ReadOnlyMemory<byte>>> { ["proxyAddresses"] = [.. aliases.Select(alias => (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes($"{alias}.{part}@one.example"))] }));
        }

        Assert.Equal(RecipientListBook.MaxEntries, rows.Rows.Count);
        Assert.Throws<DirectoryException>(() => rows.Add(Entry("mail=last@one.example")));
    }

    private static LdapEntry Entry(string attributes) => new(
        "cn=a",
        attributes.Split(';').Select(static pair => (Name: pair[..pair.IndexOf('=', StringComparison.Ordinal)], Value: pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..])).GroupBy(static pair => pair.Name)
            .ToDictionary(static group => group.Key, static group => (IReadOnlyList<ReadOnlyMemory<byte>>)[.. group.Select(static pair => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(pair.Value))], StringComparer.OrdinalIgnoreCase));

    private static string Show(DirectoryRows rows) =>
        string.Join('|', rows.Rows.Values.OrderBy(static row => row.Address, StringComparer.Ordinal).Select(static row => $"{row.Address} {row.AliasOf} {row.InGroups}"));
}
