using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Identity;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Api;

public sealed class Api_description
{
    [Fact]
    public async Task Document_is_openapi_3_1_and_tells_permissions_times_and_ranges()
    {
        await using var host = await ApiHost.StartAsync();
        using var client = host.Client();
        var document = (await client.GetAsync("openapi.json")).Json!;
        Assert.StartsWith("3.1", (string?)document["openapi"], StringComparison.Ordinal);
        var users = document["paths"]!["/api/v1/users"]!;
        Assert.Equal("core.user.read", (string?)users["get"]!["x-permission"]);
        Assert.NotNull(users["get"]!["responses"]!["403"]);
        Assert.Contains(users["get"]!["parameters"]!.AsArray(), parameter => (string?)parameter!["name"] == "limit");
        Assert.Null(document["paths"]!["/api/v1/session"]!["post"]!["x-permission"]);
        var user = document["components"]!["schemas"]!["User"]!["properties"]!;
        Assert.Equal("date-time", (string?)user["createdAt"]!["format"]);
        Assert.Contains("string", user["createdAt"]!["type"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Null(user["tenantPath"]);
        Assert.NotNull(document["components"]!["schemas"]!["ApiProblem"]!["properties"]!["allowed"]);
        var patch = document["paths"]!["/api/v1/users/{user}"]!["patch"]!;
        Assert.Contains(patch["parameters"]!.AsArray(), parameter => (string?)parameter!["name"] == "If-Match");
        Assert.NotNull(patch["responses"]!["412"]);
    }

    [Fact]
    public async Task Every_route_of_the_api_has_an_access_rule_with_a_declared_permission()
    {
        await using var host = await ApiHost.StartAsync();
        var declared = Tsunagi.Core.CoreDescription.Description.Permissions.Select(permission => permission.Name).ToHashSet();
        var endpoints = host.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        Assert.NotEmpty(endpoints);
        foreach (var endpoint in endpoints)
        {
            var rule = endpoint.Metadata.GetMetadata<IAccessRule>();
            Assert.True(rule is not null, $"{endpoint.RoutePattern.RawText} has no access rule");
            Assert.True(rule.Permission is null || declared.Contains(rule.Permission), $"{endpoint.RoutePattern.RawText}: {rule.Permission} is not declared");
        }
    }
}
