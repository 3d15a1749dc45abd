using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Tsunagi.Protocols.Flow.Stix;
using Tsunagi.Protocols.Flow.Taxii;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Sharing;

/// <summary>Our server as a client of TAXII 2.1 meets it, on both stores.</summary>
public class Taxii_server
{
    private const string Objects = "api/collections/isps/objects/";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Serves_the_collections_of_a_token_and_what_is_asked_of_them(bool onPostgres)
    {
        await using var node = await SharingNode.StartAsync("a.example", postgres: onPostgres ? await (await PostgresCluster.SharedAsync()).CopyForNodeAsync() : null);
        var (reader, writer, both) = (await node.TokenAsync("reader"), await node.TokenAsync("writer"), await node.TokenAsync("both"));
        await IsKeptAsync(node, reader, writer);

        var (_, discovery) = await node.AskAsync("", reader);
        Assert.Equal(node.Root, (string)discovery["api_roots"]![0]!);
        var (_, root) = await node.AskAsync("api/", reader, basic: true);
        Assert.Equal(TaxiiMedia.Taxii, (string)root["versions"]![0]!);
        var (_, collections) = await node.AskAsync("api/collections/", reader);
        Assert.Equal(["isps", "world"], ((JsonArray)collections["collections"]!).Select(static each => (string)each!["alias"]!));
        Assert.All((JsonArray)collections["collections"]!, static each => Assert.Equal((true, false), ((bool)each!["can_read"]!, (bool)each["can_write"]!)));
        var id = (string)collections["collections"]![0]!["id"]!;
        Assert.True(Guid.TryParse(id, out _));

        // Five objects in two versions of one, added by a client; a page of two at a time finds each once, by next and by added_after.
        var (added, status) = await node.AskAsync(Objects, both, body: Envelope(Note(1), Note(2), Note(3), Note(4), Note(4, second: 2)));
        Assert.Equal((HttpStatusCode.Accepted, "complete", 5, 0), (added.StatusCode, (string)status["status"]!, (int)status["success_count"]!, (int)status["failure_count"]!));
        Assert.Equal(5, (int)(await node.AskAsync("api/status/" + (string)status["id"]!, both)).Body["total_count"]!);
        Assert.Equal(HttpStatusCode.NotFound, await node.StatusAsync("api/status/" + (string)status["id"]!, reader));
        Assert.Equal([Id(1), Id(2), Id(3), Id(4)], await PagesAsync(node, both, id, byNext: true));
        Assert.Equal([Id(1), Id(2), Id(3), Id(4)], await PagesAsync(node, both, id, byNext: false));

        await MatchesAsync(node, both);
        await AddsAsync(node, both, writer);
    }

    private static async Task IsKeptAsync(SharingNode node, string reader, string writer)
    {
        var stranger = await node.TokenAsync("both", "ddos.incident.read");
        Assert.Equal(HttpStatusCode.Unauthorized, await node.StatusAsync("", null));
        Assert.Equal(HttpStatusCode.Unauthorized, await node.StatusAsync("", "tsk_" + new string('a', 43)));
        Assert.Equal(HttpStatusCode.Unauthorized, await node.StatusAsync("", stranger));
        Assert.Contains("Basic", (await node.AskAsync("", null)).Response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotAcceptable, await node.StatusAsync("", reader, accept: "application/json"));
        Assert.Equal(HttpStatusCode.NotFound, await node.StatusAsync("api/collections/own/", reader));
        Assert.Equal(HttpStatusCode.NotFound, await node.StatusAsync("api/collections/none/", reader));
        Assert.Equal(HttpStatusCode.Forbidden, await node.StatusAsync(Objects, writer));
        Assert.Equal(HttpStatusCode.Forbidden, await node.StatusAsync(Objects, reader, body: Envelope(Note(1))));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await node.StatusAsync(Objects, writer, body: Envelope(Note(1)), contentType: "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, await node.StatusAsync(Objects, writer, body: "nothing"u8.ToArray()));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await node.StatusAsync(Objects, writer, body: Envelope("{}")));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await node.StatusAsync(Objects, writer, body: new byte[4_194_305]));
        Assert.Equal(HttpStatusCode.BadRequest, await node.StatusAsync(Objects + "?limit=0", reader));
        Assert.Equal(HttpStatusCode.BadRequest, await node.StatusAsync(Objects + "?next=x", reader));
        Assert.Equal(HttpStatusCode.NotFound, await node.StatusAsync(Objects + Id(9) + "/", reader));
    }

    private static async Task<IReadOnlyList<string>> PagesAsync(SharingNode node, string token, string collection, bool byNext)
    {
        List<string> seen = [];
        var more = "";
        for (var pages = 0; pages < 10; pages++)
        {
            var (response, page) = await node.AskAsync($"api/collections/{collection}/objects/?limit=2{more}", token);
            seen.AddRange(((JsonArray?)page["objects"] ?? []).Select(static each => (string)each!["id"]!));
            if (!(bool)page["more"]!)
            {
                return seen;
            }

            more = byNext ? "&next=" + (string)page["next"]! : "&added_after=" + response.Headers.GetValues("X-TAXII-Date-Added-Last").Single();
        }

        return ["it never ended"];
    }

    private static async Task MatchesAsync(SharingNode node, string token)
    {
        async Task<int> CountAsync(string query) => ((JsonArray?)(await node.AskAsync(Objects + query, token)).Body["objects"])?.Count ?? 0;
        Assert.Equal(5, await CountAsync("?match[version]=all"));
        Assert.Equal(4, await CountAsync("?match[version]=first"));
        Assert.Equal(5, await CountAsync("?match[version]=first,last"));
        Assert.Equal(1, await CountAsync("?match[version]=2020-01-01T00:00:02Z"));
        Assert.Equal(2, await CountAsync($"?match[id]={Id(1)},{Id(2)}"));
        Assert.Equal(0, await CountAsync("?match[type]=indicator"));
        Assert.Equal(4, await CountAsync("?match[type]=note"));
        Assert.Equal(0, await CountAsync("?match[spec_version]=2.0"));
        Assert.Equal(1, await CountAsync(Id(4) + "/"));
        Assert.Equal(["2020-01-01T00:00:00.000Z", "2020-01-01T00:00:02.000Z"], ((JsonArray)(await node.AskAsync(Objects + Id(4) + "/versions/", token)).Body["versions"]!).Select(static each => (string)each!));
        var manifest = (JsonArray)(await node.AskAsync("api/collections/isps/manifest/?match[version]=all", token)).Body["objects"]!;
        Assert.Equal(5, manifest.Count);
        Assert.All(manifest, static each => Assert.Equal(TaxiiMedia.Stix, (string)each!["media_type"]!));
    }

    /// <summary>What comes in is taken once, by its maker, and not when it could not be handed on.</summary>
    private static async Task AddsAsync(SharingNode node, string both, string writer)
    {
        var (_, again) = await node.AskAsync(Objects, both, body: Envelope(Note(1)));
        Assert.Equal(1, (int)again["success_count"]!);
        var (_, mixed) = await node.AskAsync(Objects, writer, body: Envelope(Note(1, second: 5), Note(6, Tlp.Red), Note(7, Tlp.AmberStrict), Note(8, Tlp.Green), """{"type":"note"}"""));
        Assert.Equal((1, 4), ((int)mixed["success_count"]!, (int)mixed["failure_count"]!));
        var why = ((JsonArray)mixed["failures"]!).Select(static each => (string)each!["message"]!).ToList();
        Assert.Contains(why, static text => text.Contains("RED never leaves", StringComparison.Ordinal));
        Assert.Contains(why, static text => text.Contains("AMBER+STRICT", StringComparison.Ordinal));
        Assert.Contains(why, static text => text.Contains("another's", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, await node.StatusAsync(Objects + Id(6) + "/", both));
        Assert.Equal(HttpStatusCode.OK, await node.StatusAsync(Objects + Id(8) + "/", both));
    }

    private static string Id(int number) => $"note--00000000-0000-4000-8000-{number:D12}";

    private static string Note(int number, Tlp level = Tlp.Amber, int second = 0) => $$"""
        {"type":"note","spec_version":"2.1","id":"{{Id(number)}}","created":"2020-01-01T00:00:00Z","modified":"2020-01-01T00:00:0{{second}}Z","content":"c","object_refs":["tool--00000000-0000-4000-8000-000000000001"],"object_marking_refs":["{{TlpMarkings.IdOf(level)}}"]}
        """;

    private static byte[] Envelope(params string[] objects) => Encoding.UTF8.GetBytes($$"""{"objects":[{{string.Join(',', objects)}}]}""");
}
