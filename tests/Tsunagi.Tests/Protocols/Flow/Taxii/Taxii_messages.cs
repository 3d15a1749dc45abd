using System.Text;
using Tsunagi.Protocols.Flow.Stix;
using Tsunagi.Protocols.Flow.Taxii;
using Tsunagi.Tests.Protocols.Flow.Stix;

namespace Tsunagi.Tests.Protocols.Flow.Taxii;

/// <summary>Messages, media types and parameters of TAXII 2.1.</summary>
public class Taxii_messages
{
    private static readonly DateTimeOffset At = new(2016, 11, 1, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void Each_is_written_as_the_standard_shows_it()
    {
        Assert.Equal("""{"title":"t","description":"d","default":"https://a.example/api1/","api_roots":["https://a.example/api1/"]}""", Text(TaxiiWriter.Write(new TaxiiDiscovery("t", "d", null, "https://a.example/api1/", ["https://a.example/api1/"]))));
        Assert.Equal("""{"title":"t","versions":["application/taxii+json;version=2.1"],"max_content_length":9}""", Text(TaxiiWriter.Write(new TaxiiApiRoot("t", null, [TaxiiMedia.Taxii], 9))));
        Assert.Equal("""{"collections":[{"id":"i","title":"t","alias":"a","can_read":true,"can_write":false,"media_types":["application/stix+json;version=2.1"]}]}""", Text(TaxiiWriter.Write([new TaxiiCollection("i", "t", null, "a", CanRead: true, CanWrite: false)])));
        Assert.Equal("{}", Text(TaxiiWriter.Write(Array.Empty<TaxiiCollection>())));
        Assert.Equal("""{"more":true,"objects":[{"id":"i","date_added":"2016-11-01T03:04:05.000Z","version":"2016-11-01T03:04:05.000Z","media_type":"application/stix+json;version=2.1"}]}""", Text(TaxiiWriter.Manifest([new TaxiiManifestRecord("i", At, At)], hasMore: true)));
        Assert.Equal("""{"more":false,"versions":["2016-11-01T03:04:05.000Z"]}""", Text(TaxiiWriter.Versions([At], hasMore: false)));
        Assert.Equal("""{"title":"t","http_status":"404"}""", Text(TaxiiWriter.Write(new TaxiiError("t", null, 404))));
        Assert.Equal("""{"more":false}""", Text(TaxiiWriter.Envelope([], hasMore: false, null)));
    }

    [Fact]
    public void What_is_written_reads_as_the_same()
    {
        var status = new TaxiiStatus("i", IsComplete: true, At, [new("a", At, null)], [new("b", At, "no")], []);
        Assert.True(TaxiiReader.TryReadStatus(TaxiiWriter.Write(status), null, out var read, out _));
        Assert.Equal((status.Id, 2, "no"), (read!.Id, read.TotalCount, read.Failures[0].Message));
        TaxiiCollection[] collections = [new("i", "t", "d", "a", CanRead: true, CanWrite: false)];
        Assert.True(TaxiiReader.TryReadCollections(TaxiiWriter.Write(collections), null, out var all, out _));
        Assert.Equal(collections, all);
        var marking = TlpMarkings.Of(Tlp.Green);
        Assert.True(TaxiiReader.TryReadEnvelope(TaxiiWriter.Envelope([marking], hasMore: true, "n"), null, out var envelope, out _));
        Assert.Equal((marking.Id, true, "n"), (envelope!.Content.Objects[0].Id, envelope.HasMore, envelope.Next));
        Assert.Equal(404, TaxiiReader.ReadError(TaxiiWriter.Write(new TaxiiError("t", "d", 404)))!.HttpStatus);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"more\":1}")]
    [InlineData("{\"objects\":1}")]
    [InlineData("{\"more\":true,\"more\":false}")]
    [InlineData("not json")]
    public void What_is_no_envelope_is_said_to_be_none(string text) => Assert.False(TaxiiReader.TryReadEnvelope(Stix_objects.Utf8(text), null, out _, out _));

    [Theory]
    [InlineData("application/taxii+json;version=2.1", true)]
    [InlineData("application/taxii+json; version=\"2.1\"", true)]
    [InlineData("application/taxii+json", true)]
    [InlineData("text/html, */*;q=0.1", true)]
    [InlineData("application/taxii+json;version=2.0", false)]
    [InlineData("application/vnd.oasis.taxii+json; version=2.0", false)]
    [InlineData("application/json", false)]
    [InlineData("*/*;q=0", false)]
    [InlineData("", false)]
    public void Accept_takes_this_version_and_no_other(string accept, bool isAccepted) => Assert.Equal(isAccepted, TaxiiMedia.IsAccepted(accept));

    [Theory]
    [InlineData("added_after", "2020-01-01T00:00:00Z", true)]
    [InlineData("added_after", "yesterday", false)]
    [InlineData("limit", "1", true)]
    [InlineData("limit", "0", false)]
    [InlineData("limit", "-1", false)]
    [InlineData("match[version]", "first,last", true)]
    [InlineData("match[version]", "2020-01-01T00:00:00Z", true)]
    [InlineData("match[version]", "all,last", false)]
    [InlineData("match[version]", "newest", false)]
    [InlineData("match[id]", "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", true)]
    [InlineData("match[id]", "indicator", false)]
    [InlineData("match[type]", "indicator,incident", true)]
    [InlineData("match[type]", "", false)]
    [InlineData("match[color]", "red", true)]
    public void Parameters_are_read_or_said_to_be_wrong(string name, string value, bool isRead)
    {
        Assert.Equal(isRead, TaxiiQuery.TryRead([KeyValuePair.Create(name, value)], out _, out var problem));
        Assert.Equal(isRead, problem.Length == 0);
    }

    private static string Text(byte[] octets) => Encoding.UTF8.GetString(octets);
}
