using Tsunagi.Core.Store;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Api;

public sealed class Idempotent_posts : IAsyncLifetime
{
    private ApiHost _host = null!;
    private ApiClient _client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        _client = await _host.OperatorAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Repeated_request_acts_once_and_gets_the_first_answer_again()
    {
        var body = new { name = "ci", permissions = new[] { "core.user.read" } };
        var first = await _client.SendAsync(HttpMethod.Post, "tokens", body, 201, ("Idempotency-Key", "k1"));
        var again = await _client.SendAsync(HttpMethod.Post, "tokens", body, 201, ("Idempotency-Key", "k1"));
        Assert.Equal(first.Text, again.Text);
        Assert.Equal(first.Headers["Location"], again.Headers["Location"]);
        Assert.Equal("true", again.Headers["Idempotency-Replayed"]);
        Assert.Single((await _client.GetAsync("tokens")).Json!["items"]!.AsArray());

        // The answer holds a secret made just now; at rest it must not.
        var stored = await _host.Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<string>("SELECT answer FROM idempotency_key"), Cancel);
        Assert.DoesNotContain("tsk_", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("tsk_", System.Text.Encoding.Latin1.GetString(Convert.FromBase64String(stored!)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Same_key_with_other_content_is_a_conflict_and_of_another_caller_another_key()
    {
        await _client.SendAsync(HttpMethod.Post, "users", new { email = "a@x.example", name = "A" }, 201, ("Idempotency-Key", "k1"));
        Assert.Equal("idempotency.other-content", (await _client.SendAsync(HttpMethod.Post, "users", new { email = "b@x.example", name = "B" }, 409, ("Idempotency-Key", "k1"))).Code);
        using var other = await _host.UserAsync("other@provider.example", "operator-admin", _host.Provider);
        await other.SendAsync(HttpMethod.Post, "users", new { email = "b@x.example", name = "B" }, 201, ("Idempotency-Key", "k1"));
    }

    [Fact]
    public async Task Failed_request_gives_its_key_back()
    {
        await _client.SendAsync(HttpMethod.Post, "users", new { email = "no address", name = "A" }, 400, ("Idempotency-Key", "k1"));
        await _client.SendAsync(HttpMethod.Post, "users", new { email = "a@x.example", name = "A" }, 201, ("Idempotency-Key", "k1"));
    }

    [Fact]
    public async Task Many_at_once_act_once()
    {
        var body = new { email = "a@x.example", name = "A" };
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _client.SendAsync(HttpMethod.Post, "users", body, null, ("Idempotency-Key", "k1"))));
        Assert.All(answers, answer => Assert.True(answer.Status == 201 || answer.Code == "idempotency.running", answer.Text));
        Assert.Contains(answers, answer => answer.Status == 201);
        Assert.Equal(1, await _host.Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM identity_user WHERE email = 'a@x.example'"), Cancel));
    }

    [Fact]
    public async Task Same_caller_looking_at_another_tenant_has_other_keys()
    {
        var customer = await _host.AddTenantAsync("Customer");
        var body = new { name = "R", permissions = new[] { "core.user.read" } };
        var first = await _client.SendAsync(HttpMethod.Post, "roles", body, 201, ("Idempotency-Key", "k1"));
        await _client.SendAsync(HttpMethod.Put, "session/scope", new { tenantId = customer.Id }, null);
        var other = await _client.SendAsync(HttpMethod.Post, "roles", body, 201, ("Idempotency-Key", "k1"));
        Assert.NotEqual(first["id"], other["id"]);
        Assert.False(other.Headers.ContainsKey("Idempotency-Replayed"));
    }

    [Fact]
    public async Task Key_past_its_retention_stands_for_something_new()
    {
        await _client.SendAsync(HttpMethod.Post, "users", new { email = "a@x.example", name = "A" }, 201, ("Idempotency-Key", "k1"));
        _host.Time.Advance(_host.Get<Tsunagi.Core.Idempotency.IdempotencyOptions>().Retention + TimeSpan.FromSeconds(1));
        _client.Cookie = null;
        using var again = _host.Client();
        await again.PostAsync("session", new { email = "root@provider.example", password = ApiHost.Password }, 200);
        await again.SendAsync(HttpMethod.Post, "users", new { email = "b@x.example", name = "B" }, 201, ("Idempotency-Key", "k1"));
    }

    [Fact]
    public async Task Sign_in_takes_no_key_and_is_never_replayed()
    {
        using var client = _host.Client();
        var body = new { email = "root@provider.example", password = ApiHost.Password };
        await client.SendAsync(HttpMethod.Post, "session", body, 200, ("Idempotency-Key", "k1"));
        client.Cookie = null;
        var again = await client.SendAsync(HttpMethod.Post, "session", body, 200, ("Idempotency-Key", "k1"));
        Assert.False(again.Headers.ContainsKey("Idempotency-Replayed"));
        Assert.NotNull(client.Cookie);
    }

    [Fact]
    public async Task Key_at_the_limit_is_taken_and_one_character_longer_is_refused()
    {
        await _client.SendAsync(HttpMethod.Post, "users", new { email = "a@x.example", name = "A" }, 201, ("Idempotency-Key", new string('k', 255)));
        Assert.Equal("idempotency.key", (await _client.SendAsync(HttpMethod.Post, "users", new { email = "b@x.example", name = "B" }, 400, ("Idempotency-Key", new string('k', 256)))).Code);
    }
}
