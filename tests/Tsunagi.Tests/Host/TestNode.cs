using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Configuration;
using Tsunagi.Host.Configuration;
using Tsunagi.Host.Running;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Host;

/// <summary>A whole node in this process, on ports of its own and a directory of its own, with its operator signed in.</summary>
public sealed class TestNode : IAsyncDisposable
{
    public const string Password = "a test password of some length";

    private readonly DirectoryInfo _directory;
    private readonly ProviderNode _node;
    private readonly NodeFaults _faults = new();

    private TestNode(DirectoryInfo directory, ProviderNode node, TestApi operatorApi)
    {
        _directory = directory;
        _node = node;
        Operator = operatorApi;
        node.Services.GetRequiredService<ILoggerFactory>().AddProvider(_faults);
    }

    public TestApi Operator { get; }

    public string Url => _node.Url;

    public string Data => _directory.FullName;

    public IServiceProvider Services => _node.Services;

    /// <summary>The errors it wrote since this was asked last.</summary>
    public string TakeFaults() => _faults.Take();

    /// <param name="postgres">A connection string, or null for SQLite.</param>
    /// <param name="more">Values of the node's file beside the tests' own.</param>
    public static async Task<TestNode> StartAsync(string? postgres = null, IReadOnlyDictionary<string, string>? more = null)
    {
        var directory = Directory.CreateTempSubdirectory("tsunagi-test-");
        if (postgres is null)
        {
            await ReadyTables.PlaceAsync(directory.FullName);
        }

        var overrides = Overrides(directory, postgres);
        foreach (var (key, value) in more ?? new Dictionary<string, string>())
        {
            overrides[key] = value;
        }

        var node = await RunAsync(overrides);
        var api = new TestApi(node.Url);
        await api.PostAsync("/session/password-link", new { token = node.SetUpLink![(node.SetUpLink!.LastIndexOf('/') + 1)..], password = Password });
        return new TestNode(directory, node, api);
    }

    /// <summary>A second node on the same database, with the same operator signed in.</summary>
    public async Task<TestNode> BesideAsync(string postgres)
    {
        var directory = Directory.CreateTempSubdirectory("tsunagi-test-");
        var overrides = Overrides(directory, postgres);
        overrides["secrets.masterFile"] = Path.Combine(_directory.FullName, "keys", "master.json");
        var node = await RunAsync(overrides);
        var api = new TestApi(node.Url);
        await api.PostAsync("/session", new { email = "operator@localhost", password = Password });
        return new TestNode(directory, node, api);
    }

    /// <summary>A tenant with one administrator, signed in.</summary>
    /// <param name="also">A role he has beside that of an administrator.</param>
    public async Task<(string Tenant, TestApi Api)> AddTenantAsync(string? parent, string kind, string name, string? also = null)
    {
        var tenant = (string)(await Operator.PostAsync("/tenants", new { parentId = parent, kind, name }))["id"]!;
        var user = await Operator.PostAsync(
            "/users", new { email = name + "@users.example", name, tenantId = tenant, roles = ((string[])["tenant-admin", also ?? "tenant-reader"]).Select(static role => new { role }) });
        var api = new TestApi(Url);
        var link = (string)user["linkPath"]!;
        await api.PostAsync("/session/password-link", new { token = link[(link.LastIndexOf('/') + 1)..], password = Password });
        return (tenant, api);
    }

    public async ValueTask DisposeAsync()
    {
        Operator.Dispose();
        await _node.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private static Dictionary<string, string> Overrides(DirectoryInfo directory, string? postgres)
    {
        var overrides = new Dictionary<string, string>
        {
            ["data"] = directory.FullName, ["console.listen"] = "127.0.0.1:0", ["mail.listen"] = "[\"127.0.0.1:0\"]", ["log.level"] = "error", ["outbound.allow"] = "[\"127.0.0.0/8\"]",
        };
        if (postgres is not null)
        {
            overrides["store.kind"] = "postgres";
            overrides["store.connection"] = postgres;
        }

        return overrides;
    }

    private static async Task<ProviderNode> RunAsync(Dictionary<string, string> overrides)
    {
        var problems = new List<ConfigProblem>();
        var configuration = NodeConfiguration.Load(null, global::Tsunagi.Host.Modules.All, overrides, problems);
        Assert.Empty(problems);
        return await ProviderNode.StartAsync(configuration!, global::Tsunagi.Host.Modules.All, TimeProvider.System, CancellationToken.None);
    }
}

/// <summary>The API as one signed-in user sees it.</summary>
public sealed class TestApi : IDisposable
{
    private readonly CookieContainer _cookies;
    private readonly HttpClient _http;

    public TestApi(string url)
    {
        _cookies = new CookieContainer();
        _http = new HttpClient(new SocketsHttpHandler { CookieContainer = _cookies, AllowAutoRedirect = false }) { BaseAddress = new Uri(url) };
    }

    public HttpClient Http => _http;

    /// <summary>The cookie of its session, for a browser that is to be signed in as the same user.</summary>
    public string Session => _cookies.GetCookies(_http.BaseAddress!)["tsunagi"]!.Value;

    /// <summary>What the antiforgery fields of this session's forms say.</summary>
    public string? FormToken { get; set; }

    public Task<JsonNode> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    public Task<JsonNode> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, path, body);

    public Task<JsonNode> PutAsync(string path, object body) => SendAsync(HttpMethod.Put, path, body);

    public async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, object? body = null)
    {
        using var response = await AskAsync(method, path, body);
        return response.StatusCode;
    }

    public async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, "/api/v1" + path);
        if (body is not null)
        {
            request.Content = JsonContent.Create(body, options: JsonSerializerOptions.Web);
        }

        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, object? body)
    {
        using var response = await AskAsync(method, path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }
}
