using System.Net;
using System.Text;
using Tsunagi.Protocols.Flow.Stix;

namespace Tsunagi.Tests.Protocols.Flow.Stix;

/// <summary>Objects as they are read: what is asked of them, what is kept, what is refused, and by which limit.</summary>
public class Stix_objects
{
    private const string Id = "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";

    private const string Indicator = $$"""
        {"type":"indicator","spec_version":"2.1","id":"{{Id}}","created":"2016-04-06T20:03:48.000Z","modified":"2016-04-06T20:03:48.123456789Z",
         "pattern":"[ipv4-addr:value = '203.0.114.5']","pattern_type":"stix","valid_from":"2016-01-01T00:00:00Z","x_ours":{"deep":[1,{"a":null}]},"confidence":70,
         "created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff","object_marking_refs":["marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"],
         "granular_markings":[{"marking_ref":"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed","selectors":["pattern"]}]}
        """;

    [Fact]
    public void An_indicator_of_the_standard_is_read_with_all_its_markings_and_what_nobody_knows_of_it_is_kept()
    {
        Assert.True(StixReader.TryReadObject(Utf8(Indicator), null, out var read, out var error), error.ToString());

        Assert.Equal(Id, read!.Id.ToString());
        Assert.Equal(70, read.Confidence);
        Assert.Equal(["marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"], read.Markings.Select(static id => id.ToString()));
        Assert.Equal("identity--f431f809-377b-45e0-aa1c-6a4751cae5ff", Assert.Single(read.References).ToString());
        Assert.Contains("""{"deep":[1,{"a":null}]}""", Encoding.UTF8.GetString(StixWriter.Bundle([read])), StringComparison.Ordinal);
        Assert.Equal(new DateTimeOffset(2016, 4, 6, 20, 3, 48, TimeSpan.Zero).AddTicks(1_234_567), read.Version);
    }

    // Made by the npm package @security-alliance/stix 0.1.1 (its own canonical JSON and UUID), and by Python's uuid.uuid5.
    [Fact]
    public void Observables_have_the_identifiers_that_others_give_them()
    {
        var address = StixWriter.Address(IPNetwork.Parse("198.51.100.3/32"), Tlp.Green);
        Assert.Equal("ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4", address.Id.ToString());
        Assert.Equal("ipv6-addr--6469e3a9-b053-5e34-a025-9396ae051d26", StixWriter.Address(IPNetwork.Parse("2001:db8::1/128"), Tlp.Green).Id.ToString());
        Assert.True(StixId.TryParse("ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd", out var source));
        Assert.Equal("network-traffic--6d8692b5-83cb-5c03-9e3c-2b39bdf234a4", StixWriter.Traffic(source, "udp", 53, Tlp.Green).Id.ToString());
    }

    [Theory]
    [InlineData("\"spec_version\":\"2.1\"", "\"spec_version\":\"2.0\"", "spec_version")]
    [InlineData("\"type\":\"indicator\"", "\"type\":\"malware\"", "begins with its type")]
    [InlineData("\"confidence\":70", "\"confidence\":101", "confidence")]
    [InlineData("\"confidence\":70", "\"revoked\":\"yes\"", "revoked")]
    [InlineData("\"pattern_type\":\"stix\",", "", "pattern_type")]
    [InlineData("\"valid_from\":\"2016-01-01T00:00:00Z\"", "\"valid_from\":\"2016-01-01T00:00:00\"", "valid_from")]
    [InlineData("\"valid_from\":\"2016-01-01T00:00:00Z\"", "\"valid_from\":\"2016-01-02T00:00:00Z\",\"valid_until\":\"2016-01-02T00:00:00Z\"", "valid_until")]
    [InlineData("2016-04-06T20:03:48.123456789Z", "2016-04-06T20:03:47Z", "not before created")]
    [InlineData("\"created_by_ref\":\"identity--", "\"created_by_ref\":\"tool--", "identity")]
    [InlineData("[\"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da\"]", "[]", "not an empty one")]
    [InlineData("[\"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da\"]", "[\"tool--34098fce-860f-48ae-8e50-ebd3cc5e41da\"]", "marking-definition")]
    [InlineData("\"deep\":[1", "\"a_ref\":\"nothing\",\"deep\":[1", "no identifier")]
    [InlineData("\"confidence\":70", "\"confidence\":70,\"confidence\":71", "JSON")]
    [InlineData("\"pattern\":\"[ipv4", "\"pattern\":\"\\ud800[ipv4", "Unicode")]
    public void What_the_standard_asks_for_is_asked(string part, string instead, string says)
    {
        Assert.Contains(part, Indicator, StringComparison.Ordinal);
        Assert.False(StixReader.TryReadObject(Utf8(Indicator.Replace(part, instead, StringComparison.Ordinal)), null, out var read, out var error));
        Assert.Null(read);
        Assert.Contains(says, error.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"observed-data","first_observed":"2020-01-01T00:00:01Z","last_observed":"2020-01-01T00:00:00Z","number_observed":1,"object_refs":["ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd"]}""", "last_observed")]
    [InlineData("""{"type":"observed-data","first_observed":"2020-01-01T00:00:00Z","last_observed":"2020-01-01T00:00:00Z","number_observed":0,"object_refs":["ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd"]}""", "number_observed")]
    [InlineData("""{"type":"observed-data","first_observed":"2020-01-01T00:00:00Z","last_observed":"2020-01-01T00:00:00Z","number_observed":1}""", "object_refs or objects")]
    [InlineData("""{"type":"network-traffic","protocols":["udp"]}""", "src_ref")]
    [InlineData("""{"type":"network-traffic","protocols":["udp"],"src_ref":"ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd","src_port":65536}""", "src_port")]
    [InlineData("""{"type":"ipv4-addr","value":"2001:db8::1"}""", "IPv4")]
    [InlineData("""{"type":"ipv6-addr","value":"192.0.2.1"}""", "IPv6")]
    [InlineData("""{"type":"marking-definition"}""", "definition")]
    [InlineData("""{"type":"sighting"}""", "sighting_of_ref")]
    [InlineData("""{"type":"report","name":"a","published":"2020-01-01T00:00:00Z","object_refs":[]}""", "object_refs")]
    public void Each_type_asks_for_what_is_its_own(string members, string says)
    {
        var type = members.Split('"')[3];
        var whole = members[..^1] + $$""","id":"{{type}}--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","spec_version":"2.1","created":"2020-01-01T00:00:00Z","modified":"2020-01-01T00:00:00Z"}""";
        Assert.False(StixReader.TryReadObject(Utf8(whole), null, out _, out var error));
        Assert.Contains(says, error.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Old_observed_data_names_its_own_keys_and_its_markings_still_count()
    {
        var old = """
            {"type":"observed-data","spec_version":"2.1","id":"observed-data--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2020-01-01T00:00:00Z","modified":"2020-01-01T00:00:00Z","first_observed":"2020-01-01T00:00:00Z",
             "last_observed":"2020-01-01T00:00:00Z","number_observed":1,"objects":{"0":{"type":"network-traffic","src_ref":"1","protocols":["tcp"]},"1":{"type":"ipv4-addr","value":"192.0.2.1",
             "object_marking_refs":["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"]}}}
            """;
        Assert.True(StixReader.TryReadObject(Utf8(old), null, out var read, out var error), error.ToString());
        Assert.Empty(read!.References);
        Assert.Equal(Tlp.Red, TlpMarkings.OfId(Assert.Single(read.Markings)));
    }

    [Fact]
    public void One_bad_object_of_a_bundle_does_not_take_the_others_with_it()
    {
        var bundle = $$"""{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","objects":[{{Indicator}},{"type":"indicator"},7,{{Indicator}}]}""";
        Assert.True(StixReader.TryReadBundle(Utf8(bundle), null, out var read, out _));
        Assert.Equal((2, 2), (read.Objects.Length, read.Refused.Length));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"type\":\"bundle\"}")]
    [InlineData("{\"type\":\"bundle\",\"id\":\"indicator--5d0092c5-5f74-4287-9642-33f4c354e56d\"}")]
    [InlineData("{\"type\":\"bundle\",\"id\":\"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d\",\"objects\":{}}")]
    public void What_is_no_bundle_is_said_to_be_none(string text) => Assert.False(StixReader.TryReadBundle(Utf8(text), null, out _, out _));

    [Fact]
    public void Each_limit_holds_at_itself_and_one_past_it()
    {
        var octets = Utf8(Indicator);
        var bundle = Utf8($$"""{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","objects":[{{Indicator}},{{Indicator}}]}""");
        Assert.True(StixReader.TryReadObject(octets, new StixLimits { MaxOctets = octets.Length }, out _, out _));
        Assert.False(StixReader.TryReadObject(octets, new StixLimits { MaxOctets = octets.Length - 1 }, out _, out _));
        Assert.True(StixReader.TryReadObject(octets, new StixLimits { MaxObjectOctets = Indicator.Length }, out _, out _));
        Assert.False(StixReader.TryReadObject(octets, new StixLimits { MaxObjectOctets = Indicator.Length - 1 }, out _, out _));
        Assert.True(StixReader.TryReadObject(octets, new StixLimits { MaxDepth = 4 }, out _, out _));
        Assert.False(StixReader.TryReadObject(octets, new StixLimits { MaxDepth = 3 }, out _, out _));
        Assert.True(StixReader.TryReadObject(octets, new StixLimits { MaxReferences = 3 }, out _, out _));
        Assert.False(StixReader.TryReadObject(octets, new StixLimits { MaxReferences = 2 }, out _, out _));
        Assert.True(StixReader.TryReadBundle(bundle, new StixLimits { MaxObjects = 2 }, out _, out _));
        Assert.False(StixReader.TryReadBundle(bundle, new StixLimits { MaxObjects = 1 }, out _, out _));
    }

    [Theory]
    [InlineData("2020-01-01T00:00:00Z", "2020-01-01T00:00:00.000Z")]
    [InlineData("2020-01-01T00:00:00.1Z", "2020-01-01T00:00:00.100Z")]
    [InlineData("2020-01-01T23:59:59.123456Z", "2020-01-01T23:59:59.123456Z")]
    [InlineData("2020-01-01T00:00:00", null)]
    [InlineData("2020-01-01T00:00:00+00:00", null)]
    [InlineData("2020-01-01T00:00:00.Z", null)]
    [InlineData("2020-02-30T00:00:00Z", null)]
    [InlineData("2020-01-01 00:00:00Z", null)]
    [InlineData("2020-01-01T00:00:00.12x4Z", null)]
    public void Times_are_in_utc_and_nothing_else(string text, string? written)
    {
        Assert.Equal(written is not null, StixTime.TryParse(text, out var time));
        Assert.Equal(written, written is null ? null : StixTime.Format(time));
    }

    internal static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
