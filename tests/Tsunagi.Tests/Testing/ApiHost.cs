using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tsunagi.Core;
using Tsunagi.Core.Api;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Identity.Passwords;
using Tsunagi.Core.Identity.SignIn;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Outbound;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Tests.Testing;

/// <summary>Core with its API on a free loopback port, on stores of its own, under a manual clock; no module, no background work.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    public const string Password = "a long enough secret";
    private readonly TestStores _stores;
    private readonly WebApplication _app;

    private ApiHost(TestStores stores, WebApplication app, ManualTime time)
    {
        _stores = stores;
        _app = app;
        Time = time;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public ManualTime Time { get; }

    public Uri Address { get; }

    public Tsunagi.Core.Store.Stores Stores => _stores.Stores;

    public string Directory => _stores.Directory;

    public Tenant Provider { get; private set; } = null!;

    /// <summary>The provider's administrator, as a caller for direct calls of services.</summary>
    public Caller Root => new("u_root", "root@provider.example", new TenantScope(Provider.Id, Provider.TenantPath), new HashSet<string> { "*" }, true, "en");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="map">Routes of the test's own.</param>
    public static async Task<ApiHost> StartAsync(Action<RouteGroupBuilder>? map = null, int iterations = 1_000, ThrottleOptions? throttle = null, ILoggerProvider? logs = null)
    {
        var stores = await TestStores.OpenAsync([.. CoreDescription.Description.Schema]);
        var time = new ManualTime();
        var masters = MasterKeys.Open(SecretsSetup.DefaultMasterFile(stores.Directory), time);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (logs is not null)
        {
            builder.Logging.AddProvider(logs);
        }

        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var services = builder.Services;
        services.AddSingleton<TimeProvider>(time);
        services.AddRoutingCore();
        services.AddCore(stores.Stores, new Node("n_test", "b_test", stores.Directory), Array.Empty<IServiceModule>());
        services.AddSecrets(masters, await SecretBox.OpenAsync(stores.Stores, masters, time, Cancel));
        services.AddIdentity(CoreDescription.Description.Permissions);
        services.AddSingleton(new PasswordHashes(iterations, 4, time));
        services.AddSingleton(throttle ?? new ThrottleOptions());
        services.AddApi().AddOutbound(new OutboundOptions { Allow = [IPNetwork.Parse("127.0.0.0/8")] });
        foreach (var background in services.Where(static each => each.ServiceType == typeof(Microsoft.Extensions.Hosting.IHostedService) && each.ImplementationType?.Assembly != typeof(Microsoft.Extensions.Hosting.IHostedService).Assembly
            && each.ImplementationType?.Namespace?.StartsWith("Microsoft", StringComparison.Ordinal) != true).ToList())
        {
            services.Remove(background);
        }

        var app = builder.Build();
        app.UseApiErrors();
        app.UseRouting();
        app.UseCaller();
        app.UseIdempotency();
        var api = app.MapApi();
        CoreApi.Map(api);
        map?.Invoke(api);
        await app.StartAsync(Cancel);
        var host = new ApiHost(stores, app, time);
        host.Provider = await host.Get<TenantDirectory>().EnsureProviderAsync("Provider", "en", "Asia/Tokyo", "JPY", Cancel);
        return host;
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public ApiClient Client() => new(Address);

    /// <summary>Moves a batch of the outbox to the feed; returns how many.</summary>
    public async ValueTask<int> ProjectOutboxAsync()
    {
        var moved = await OutboxMove.RunAsync(Stores, Stores, Get<EventCatalogue>(), Time, Cancel);
        Get<EventSignal>().Pulse();
        return moved;
    }

    /// <summary>A client signed in as the operator of the first start.</summary>
    public async Task<ApiClient> OperatorAsync(string email = "root@provider.example")
    {
        var link = await Get<FirstStart>().EnsureAsync(Provider, email, Cancel);
        var client = Client();
        await client.SendAsync(HttpMethod.Post, "session/password-link", new { token = link!.Split('/')[^1], password = Password }, 200);
        return client;
    }

    public async Task<Tenant> AddTenantAsync(string name, Tenant? below = null, string kind = "customer") =>
        (await Get<TenantDirectory>().AddAsync(Root, new NewTenant((below ?? Provider).Id, kind, name), Cancel)).Value!;

    /// <summary>A new user with one role, signed in.</summary>
    public async Task<ApiClient> UserAsync(string email, string role, Tenant home, Tenant? where = null)
    {
        var users = Get<Tsunagi.Core.Identity.Users.UserDirectory>();
        var made = await users.AddAsync(Root, new(email, "User", home.Id, null, [new(role, (where ?? home).Id)]), Cancel);
        Assert.True(made.Ok, made.Refusal?.Message);
        var client = Client();
        await client.SendAsync(HttpMethod.Post, "session/password-link", new { token = made.Value.LinkPath.Split('/')[^1], password = Password }, 200);
        client.UserId = made.Value.User.Id;
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        // Nobody is waited for: a client that keeps its connection is cut off at once, on a busy machine as on an idle one.
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        await _stores.DisposeAsync();
    }
}

/// <summary>A caller of the API that keeps its session cookie and shows status, headers and JSON.</summary>
internal sealed class ApiClient(Uri address) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(address, "/api/v1/"), Timeout = TimeSpan.FromSeconds(30) };

    public string? Cookie { get; set; }

    public string? Token { get; set; }

    public string? UserId { get; set; }

    public async Task<ApiAnswer> SendAsync(HttpMethod method, string path, object? body = null, int? expect = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = body as HttpContent ?? (body is string raw ? new StringContent(raw, Encoding.UTF8, "application/json") : JsonContent.Create(body, options: ApiJson.Options));
        }

        if (Cookie is not null)
        {
            request.Headers.Add("Cookie", $"tsunagi={Cookie}");
        }

        if (Token is not null)
        {
            request.Headers.Authorization = new("Bearer", Token);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var all = response.Headers.Concat(response.Content.Headers).ToDictionary(each => each.Key, each => string.Join(", ", each.Value), StringComparer.OrdinalIgnoreCase);
        if (all.TryGetValue("Set-Cookie", out var set) && set.StartsWith("tsunagi=", StringComparison.Ordinal))
        {
            Cookie = set["tsunagi=".Length..set.IndexOf(';', StringComparison.Ordinal)] is { Length: > 0 } value ? value : null;
        }

        var json = text.Length > 0 && all.GetValueOrDefault("Content-Type", "").Contains("json", StringComparison.Ordinal) ? JsonNode.Parse(text) : null;
        var answer = new ApiAnswer((int)response.StatusCode, all, text, json);
        if (expect is not null)
        {
            Assert.True(expect == answer.Status, $"{method} {path}: expected {expect}, got {answer.Status} {text}");
        }

        return answer;
    }

    public Task<ApiAnswer> GetAsync(string path, int? expect = 200) => SendAsync(HttpMethod.Get, path, null, expect);

    public Task<ApiAnswer> PostAsync(string path, object? body, int? expect = null) => SendAsync(HttpMethod.Post, path, body, expect);

    public void Dispose() => _http.Dispose();
}

internal sealed record ApiAnswer(int Status, IReadOnlyDictionary<string, string> Headers, string Text, JsonNode? Json)
{
    public string Code => (string?)Json?["code"] ?? "";

    public string? this[string member] => Json?[member]?.ToString();
}
