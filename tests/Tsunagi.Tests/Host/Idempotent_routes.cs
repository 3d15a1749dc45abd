using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;

namespace Tsunagi.Tests.Host;

/// <summary>The program as it runs takes Idempotency-Key on every POST of its API, whichever module maps it.</summary>
public sealed class Idempotent_routes
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A key that is too long is refused before the route runs, so every route can be asked without doing anything.</summary>
    [Fact]
    public async Task Every_post_looks_at_the_key_before_it_acts()
    {
        await using var node = await TestNode.StartAsync();
        var posts = node.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(static e => e.RoutePattern.RawText!.TrimStart('/').StartsWith("api/v1/", StringComparison.Ordinal) && e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("POST") == true)
            .Where(static e => e.Metadata.GetMetadata<IAccessRule>() is { Anonymous: false })
            .Select(static e => System.Text.RegularExpressions.Regex.Replace("/" + e.RoutePattern.RawText!.Trim('/'), "{[^}]+}", "x")).ToList();
        Assert.True(posts.Count >= 25, string.Join('\n', posts));
        foreach (var path in posts)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("{}", null, "application/json") };
            request.Headers.TryAddWithoutValidation("Idempotency-Key", new string('k', 256));
            using var answer = await node.Operator.Http.SendAsync(request, Cancel);
            Assert.Contains("idempotency.key", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Route_of_a_module_answers_the_same_request_once()
    {
        await using var node = await TestNode.StartAsync();
        var answers = new List<(int Status, bool Replayed)>();
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/tenants") { Content = new StringContent("""{"kind":"customer","name":"Once"}""", null, "application/json") };
            request.Headers.TryAddWithoutValidation("Idempotency-Key", "one");
            using var answer = await node.Operator.Http.SendAsync(request, Cancel);
            answers.Add(((int)answer.StatusCode, answer.Headers.Contains("Idempotency-Replayed")));
        }

        Assert.Equal([(201, false), (201, true)], answers);
        Assert.Single((await node.Operator.GetAsync("/tenants?name=Once"))["items"]!.AsArray());
    }
}
