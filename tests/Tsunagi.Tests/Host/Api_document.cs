using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Host;

/// <summary>The OpenAPI document of the whole program, and docs/20-operate/openapi.json; TSUNAGI_GOLDEN_ACCEPT=1 writes that again.</summary>
[Trait("Golden", "true")]
public sealed class Api_document(Api_document.Served served) : IClassFixture<Api_document.Served>
{
    private static readonly string[] Methods = ["get", "post", "put", "patch", "delete"];
    private readonly RunningNode _running = served.Running;
    private readonly byte[] _bytes = served.Bytes;
    private readonly JsonObject _document = JsonNode.Parse(served.Bytes)!.AsObject();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IEnumerable<(string Path, string Method, JsonObject Operation)> Operations =>
        from path in _document["paths"]!.AsObject()
        from method in path.Value!.AsObject()
        select (path.Key, method.Key, method.Value!.AsObject());

    private IReadOnlyList<(string Path, string Method, IAccessRule Rule)> Routes => _routes ??=
    [
        .. from endpoint in _running.Node.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           let path = "/" + endpoint.RoutePattern.RawText!.Trim('/')
           where path.StartsWith("/api/v1/", StringComparison.Ordinal) && !path.EndsWith("/openapi.json", StringComparison.Ordinal)
           from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
           select (path, method.ToLowerInvariant(), endpoint.Metadata.GetMetadata<IAccessRule>()!),
    ];

    private IReadOnlyList<(string Path, string Method, IAccessRule Rule)>? _routes;

    [Fact]
    public void Is_the_one_written_down() => Golden.Compare(Path.Combine(Repository.Root, "docs", "20-operate", "openapi.json"), _bytes);

    [Fact]
    public void Has_every_route_of_the_program_with_a_summary_a_name_and_who_may_call_it()
    {
        Assert.True(Routes.Count > 90, $"{Routes.Count} routes");
        foreach (var (path, method, rule) in Routes)
        {
            var operation = _document["paths"]![path]?[method];
            Assert.True(operation is not null, $"{method} {path} is not in the document");
            Assert.False(string.IsNullOrWhiteSpace((string?)operation["summary"]), $"{method} {path} has no summary");
            Assert.False(string.IsNullOrWhiteSpace((string?)operation["operationId"]), $"{method} {path} has no operationId");
            Assert.Equal(rule.Anonymous ? null : rule.Permission ?? "signed-in", (string?)operation["x-permission"]);
            Assert.Equal(!rule.Anonymous, operation["security"] is not null);
        }

        Assert.Equal(Routes.Count, Operations.Count());
        var names = Operations.Select(static o => (string)o.Operation["operationId"]!).ToList();
        Assert.Equal(names.Distinct(), names);
    }

    [Fact]
    public void Every_route_says_what_it_takes_and_gives_and_how_it_refuses()
    {
        foreach (var (path, method, operation) in Operations)
        {
            var name = $"{method} {path}";
            var parameters = (operation["parameters"] as JsonArray ?? []).Select(static p => p!.AsObject()).ToList();
            var inPath = path.Split('/').Where(static part => part.StartsWith('{')).Select(static part => part.Trim('{', '}')).ToList();
            Assert.Equal(inPath, parameters.Where(static p => (string?)p["in"] == "path").Select(static p => (string)p["name"]!));
            Assert.All(parameters.Where(static p => (string?)p["in"] == "path"), p => Assert.True(p["description"] is not null, $"{name}: {p["name"]} is not described"));
            Assert.All(parameters, p => Assert.True(p["schema"] is not null, $"{name}: {p["name"]} has no schema"));
            if (operation["requestBody"] is { } body)
            {
                Assert.All(body["content"]!.AsObject(), media => Assert.True(media.Value!["schema"] is not null, $"{name}: the body has no schema"));
            }

            var answers = operation["responses"]!.AsObject();
            var good = answers.Where(static a => a.Key.StartsWith('2')).ToList();
            Assert.True(good.Count == 1, $"{name} has {good.Count} good answers");
            Assert.True(good[0].Key == "204" || good[0].Value!["content"]!.AsObject().All(static media => media.Value!["schema"] is not null), $"{name}: the answer has no schema");
            Assert.All(answers.Where(static a => !a.Key.StartsWith('2')), a => Assert.StartsWith("#/components/responses/", (string?)a.Value!["$ref"], StringComparison.Ordinal));
            Assert.NotNull(answers["400"]);
            Assert.NotNull(answers["default"]);
            Assert.Equal(inPath.Count > 0, answers["404"] is not null);
        }

        Assert.All(_document["components"]!["responses"]!.AsObject(), answer => Assert.Equal(
            "#/components/schemas/ApiProblem", (string?)answer.Value!["content"]!["application/problem+json"]!["schema"]!["$ref"]));
    }

    [Fact]
    public void Every_post_that_does_not_sign_in_takes_an_idempotency_key()
    {
        foreach (var (path, method, rule) in Routes.Where(static r => r.Method == "post"))
        {
            var parameters = _document["paths"]![path]![method]!["parameters"] as JsonArray ?? [];
            Assert.Equal(!rule.Anonymous, parameters.Any(static p => (string?)p!["name"] == "Idempotency-Key"));
        }
    }

    [Fact]
    public void Every_reference_leads_somewhere_and_every_schema_is_led_to()
    {
        var references = new HashSet<string>(StringComparer.Ordinal);
        Gather(_document, references);
        foreach (var reference in references)
        {
            var at = (JsonNode?)_document;
            foreach (var part in reference.Split('/').Skip(1))
            {
                at = at?[part];
            }

            Assert.True(at is not null, $"{reference} leads nowhere");
        }

        Assert.All(_document["components"]!["schemas"]!.AsObject(), schema => Assert.Contains("#/components/schemas/" + schema.Key, references));
    }

    [Fact]
    public void Members_that_may_be_null_are_optional_and_only_requests_are_closed()
    {
        var schemas = _document["components"]!["schemas"]!;
        Assert.DoesNotContain("lastSignInAt", schemas["User"]!["required"]!.AsArray().Select(static name => (string?)name));
        Assert.Contains("email", schemas["User"]!["required"]!.AsArray().Select(static name => (string?)name));
        Assert.Null(schemas["User"]!["additionalProperties"]);
        Assert.False((bool)schemas["NewUser"]!["additionalProperties"]!);
    }

    [Fact]
    public void Has_one_order()
    {
        Assert.Equal(_document["paths"]!.AsObject().Select(static p => p.Key).Order(StringComparer.Ordinal), _document["paths"]!.AsObject().Select(static p => p.Key));
        Assert.All(_document["paths"]!.AsObject(), path => Assert.Equal(Methods.Where(path.Value!.AsObject().ContainsKey), path.Value!.AsObject().Select(static m => m.Key)));
        Assert.All(_document["components"]!.AsObject(), part => Assert.Equal(part.Value!.AsObject().Select(static p => p.Key).Order(StringComparer.Ordinal), part.Value!.AsObject().Select(static p => p.Key)));
    }

    [Fact]
    public async Task Is_not_sent_again_to_who_has_it()
    {
        using var http = new HttpClient { BaseAddress = new Uri(_running.Node.Url) };
        using var first = await http.GetAsync("/api/v1/openapi.json", Cancel);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/v1/openapi.json") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        using var answer = await http.SendAsync(again, Cancel);
        Assert.Equal(System.Net.HttpStatusCode.NotModified, answer.StatusCode);
        Assert.Equal(_bytes, await first.Content.ReadAsByteArrayAsync(Cancel));
    }

    /// <summary>The whole program, asked once.</summary>
    public sealed class Served : IAsyncLifetime
    {
        internal RunningNode Running { get; private set; } = null!;

        internal byte[] Bytes { get; private set; } = [];

        public async ValueTask InitializeAsync()
        {
            Running = await RunningNode.StartAsync();
            using var http = new HttpClient { BaseAddress = new Uri(Running.Node.Url) };
            Bytes = await http.GetByteArrayAsync("/api/v1/openapi.json", Cancel);
        }

        public ValueTask DisposeAsync() => Running.DisposeAsync();
    }

    private static void Gather(JsonNode? node, HashSet<string> references)
    {
        switch (node)
        {
            case JsonObject members:
                if (members["$ref"] is JsonValue reference)
                {
                    references.Add((string)reference!);
                }

                foreach (var mapped in members["discriminator"]?["mapping"] as JsonObject ?? [])
                {
                    references.Add((string)mapped.Value!);
                }

                foreach (var (_, member) in members)
                {
                    Gather(member, references);
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    Gather(item, references);
                }

                break;
        }
    }
}
