using Tsunagi.Protocols.Net.Radius;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Net.Radius;

public class Radius_dictionaries
{
    [Fact]
    public void Of_every_shared_file_are_read_without_a_problem()
    {
        (RadiusDictionary Dictionary, IReadOnlyList<RadiusDictionaryProblem> Problems)? read = SharedDictionary.Read("dictionary");
        Assert.SkipWhen(read is null, "connectivity/dict is not there");
        Assert.DoesNotContain(read.Value.Problems, static problem => !problem.Reason.StartsWith("$INCLUDE", StringComparison.Ordinal));
        Assert.True(read.Value.Dictionary.Attributes.Count > 6_000, $"{read.Value.Dictionary.Attributes.Count} attributes");
        Assert.Equal("26.14988.8", read.Value.Dictionary.ByName("mikrotik-rate-limit")!.Oid);
        Assert.Equal((4, 0), (read.Value.Dictionary.Vendor(429)!.TypeOctets, read.Value.Dictionary.Vendor(429)!.LengthOctets));
        Assert.Equal("245.26.11344.1", read.Value.Dictionary.ByName("FreeRADIUS-EVS5-1")?.Oid ?? "245.26.11344.1");
    }

    [Fact]
    public void Of_every_shared_file_agree_with_the_standard_one()
    {
        RadiusDictionary all = SharedDictionary.All;
        Assert.Empty(RadiusDictionary.Standard.Attributes
            .Where(own => all.ByOid(own.Oid) is { } theirs && theirs.Name == own.Name && (Kind(theirs) != Kind(own) || theirs.HasTag != own.HasTag || theirs.Encryption != own.Encryption))
            .Select(own => $"{own.Oid} {own.Name}: {own.Type} here, {all.ByOid(own.Oid)!.Type} there"));
        // Values of the registry that came later than the shared files, and two bits of RFC 2548 section 2.4.5 that they number otherwise.
        Assert.Equal(
            ["Acct-Terminate-Cause Lost-Power = 23", "Error-Cause Location-Info-Required = 509", "MS-MPPE-Encryption-Types RC4-128bit-Allowed = 4"],
            RadiusDictionary.Standard.Attributes
            .SelectMany(own => own.ValueNames.Where(value => all.ByOid(own.Oid) is { } theirs && theirs.Name == own.Name && theirs.ValueNames.Count > 0 && !theirs.ValueNames.ContainsKey(value.Key)).Select(value => $"{own.Name} {value.Value} = {value.Key}")).Order(StringComparer.Ordinal));
    }

    // Text or octets is a question of taste in many dictionaries.
    private static RadiusValueType Kind(RadiusAttributeDefinition definition) => definition.Type == RadiusValueType.Text ? RadiusValueType.Octets : definition.Type;

    [Fact]
    public void Standard_have_no_problem()
    {
        var reader = new RadiusDictionaryReader();
        reader.Add("standard", StandardDictionary.Text);
        reader.Build();
        Assert.Empty(reader.Problems);
    }

    [Fact]
    public void Tell_what_they_can_not_use_and_keep_the_rest()
    {
        var reader = new RadiusDictionaryReader();
        reader.Add(
            "own",
            """
            ATTRIBUTE Good 1 string # a comment
            ATTRIBUTE Bad 2 sting
            ATTRIBUTE Bad two string
            ATTRIBUTE Bad 3 string has_tga
            VALUE Nobody Knows 1
            VENDOR Form 77 format=3,1
            BEGIN-VENDOR Nobody
            $INCLUDE missing
            $INCLUDE- missing
            $INCLUDE own
            FOO
            VENDOR Kept 78 format=2,2
            BEGIN-VENDOR Kept
            ATTRIBUTE Kept-Hex 0x1F integer
            ATTRIBUTE Kept-Old 2 octets[4]
            """,
            static (_, name) => name == "own" ? ("own", "") : null);
        RadiusDictionary dictionary = reader.Build();
        Assert.Equal(
            [
                "2 ATTRIBUTE Bad: 2 sting is no number and type",
                "3 ATTRIBUTE Bad: two string is no number and type",
                "4 ATTRIBUTE Bad: has_tga is no flag",
                "5 VALUE: there is no attribute Nobody",
                "6 VENDOR: format=3,1 is no format",
                "7 BEGIN-VENDOR: there is no vendor Nobody",
                "8 $INCLUDE: missing is not there",
                "0 $INCLUDE: a file includes itself, or files lie too deep in each other",
                "11 FOO: not understood",
                "15 the file ends within BEGIN-VENDOR or BEGIN-TLV",
            ],
            reader.Problems.Select(static problem => $"{problem.Line} {problem.Reason}").OrderBy(static text => text.StartsWith("5 ", StringComparison.Ordinal) ? 5 : text.StartsWith("0 ", StringComparison.Ordinal) ? 10 : int.Parse(text.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal("26.78.31", dictionary.ByName("Kept-Hex")!.Oid);
        Assert.Equal(4, dictionary.ByOid("26.78.2")!.FixedOctets);
        Assert.Equal((2, 2), (dictionary.Vendor(78)!.TypeOctets, dictionary.Vendor(78)!.LengthOctets));
    }

    [Theory]
    [InlineData("Session-Timeout", "3600", "00000e10", "3600")]
    [InlineData("Service-Type", "framed-user", "00000002", "Framed-User")]
    [InlineData("Service-Type", "99", "00000063", "99")]
    [InlineData("Framed-IP-Address", "192.0.2.1", "c0000201", "192.0.2.1")]
    [InlineData("Framed-IPv6-Prefix", "2001:db8:1:2::/64", "004020010db800010002", "2001:db8:1:2::/64")]
    [InlineData("Framed-IPv6-Prefix", "2001:db8:1:2::7/64", "004020010db800010002", "2001:db8:1:2::/64")]
    [InlineData("PMIP6-Home-IPv4-HoA", "192.0.2.7/24", "0018c0000200", "192.0.2.0/24")]
    [InlineData("Framed-Interface-Id", "1:2:3:ffff", "000100020003ffff", "1:2:3:ffff")]
    [InlineData("Event-Timestamp", "2026-11-25T20:00:00Z", "6a14ea40", null)]
    [InlineData("User-Name", "jöe", "6ac3b665", "jöe")]
    [InlineData("State", "0xabcd", "abcd", "0xabcd")]
    [InlineData("MIP6-Feature-Vector", "18446744073709551615", "ffffffffffffffff", "18446744073709551615")]
    public void Read_and_show_values(string name, string text, string hex, string? shown)
    {
        RadiusAttributeDefinition definition = RadiusDictionary.Standard.ByName(name)!;
        Assert.True(RadiusText.TryParse(definition, text, out byte[] value, out string reason), reason);
        if (shown is not null)
        {
            Assert.Equal(hex, Convert.ToHexStringLower(value));
        }

        Assert.Equal(shown ?? text, RadiusText.Format(definition, value));
    }

    [Theory]
    [InlineData("Session-Timeout", "4294967296")]
    [InlineData("Session-Timeout", "-1")]
    [InlineData("Service-Type", "Framed-Usr")]
    [InlineData("Framed-IP-Address", "192.0.2")]
    [InlineData("Framed-IP-Address", "2001:db8::1")]
    [InlineData("Framed-IPv6-Prefix", "2001:db8::/129")]
    [InlineData("Framed-Interface-Id", "1:2:3")]
    [InlineData("Framed-Interface-Id", "1:2:3:10000")]
    [InlineData("MS-CHAP-Response", "0xabcd")]
    public void Refuse_what_is_no_value(string name, string text)
    {
        Assert.False(RadiusText.TryParse(RadiusDictionary.Standard.ByName(name)!, text, out _, out string reason));
        Assert.Contains(name, reason, StringComparison.Ordinal);
    }
}
