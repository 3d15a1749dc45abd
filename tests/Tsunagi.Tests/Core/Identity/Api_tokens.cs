using Tsunagi.Core.Identity;
using Tsunagi.Core.Tenants;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Identity;

public sealed class Api_tokens : IAsyncLifetime
{
    private ApiHost _host = null!;
    private Tenant _customer = null!;
    private Tenant _department = null!;
    private ApiClient _admin = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        using var root = await _host.OperatorAsync();
        _customer = await _host.AddTenantAsync("Customer");
        _department = await _host.AddTenantAsync("Department", _customer, "department");
        _admin = await _host.UserAsync("admin@customer.example", "tenant-admin", _customer);
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Token_does_what_it_was_made_for_and_nothing_else()
    {
        using var program = await TokenAsync(["core.user.read"]);
        await program.GetAsync("users");
        await program.GetAsync("audit", 403);
        await program.PostAsync("users", new { email = "x@customer.example", name = "X" }, 403);
        Assert.StartsWith("k_", (await program.GetAsync("session"))["actorId"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_for_a_part_of_the_tree_sees_only_that()
    {
        using var program = await TokenAsync(["core.user.read"], _department.Id);
        Assert.Empty((await program.GetAsync("users")).Json!["items"]!.AsArray());
        await program.GetAsync($"users/{_admin.UserId}", 404);
        Assert.Equal(404, (await _admin.PostAsync("tokens", new { name = "t", permissions = new[] { "core.user.read" }, tenantId = _host.Provider.Id })).Status);
    }

    [Fact]
    public async Task Nobody_makes_a_token_with_more_than_he_holds_and_it_shrinks_with_him()
    {
        Assert.Equal("token.permission", (await _admin.PostAsync("tokens", new { name = "t", permissions = new[] { "*" } }, 400)).Code);
        Assert.Equal("permissions[1]", (await _admin.PostAsync("tokens", new { name = "t", permissions = new[] { "core.user.read", "core.node.read" } }, 400))["field"]);
        using var program = await TokenAsync(["core.user.read", "core.audit.read"]);
        await program.GetAsync("audit");

        // A wildcard of the maker's is no key to what he loses later.
        var users = _host.Get<Tsunagi.Core.Identity.Users.UserDirectory>();
        var role = (await _host.Get<Tsunagi.Core.Identity.Roles.RoleBook>().AddAsync(_host.Root, new("Readers", ["core.user.read"]), Cancel)).Value!;
        Assert.True((await users.SetRolesAsync(_host.Root, _admin.UserId!, [new(role.Id)], null, Cancel)).Ok);
        await program.GetAsync("users");
        await program.GetAsync("audit", 403);
    }

    [Fact]
    public async Task Revoked_token_is_nobodys_at_once_and_an_old_one_after_its_days()
    {
        var made = await _admin.PostAsync("tokens", new { name = "t", permissions = new[] { "core.user.read" }, days = 2 }, 201);
        using var program = _host.Client();
        program.Token = made["secret"];
        await program.GetAsync("users");
        _host.Time.Advance(TimeSpan.FromDays(2));
        await program.GetAsync("users", 401);

        await _admin.PostAsync("session", new { email = "admin@customer.example", password = ApiHost.Password }, 200);
        using var second = await TokenAsync(["core.user.read"]);
        await second.GetAsync("users");
        var id = (await _admin.GetAsync("tokens")).Json!["items"]![0]!["id"]!.ToString();
        await _admin.SendAsync(HttpMethod.Delete, $"tokens/{id}", null, 204);
        await second.GetAsync("users", 401);
    }

    [Fact]
    public async Task Token_cannot_make_tokens_nor_touch_a_persons_account()
    {
        using var program = await TokenAsync(["core.token.write", "core.user.write"]);
        Assert.Equal("token.by-token", (await program.PostAsync("tokens", new { name = "t", permissions = new[] { "core.user.read" } }, 403)).Code);
        Assert.Equal("token.no-person", (await program.SendAsync(HttpMethod.Put, "session/password", new { password = ApiHost.Password, newPassword = "another long secret" }, 403)).Code);
        Assert.Equal("token.no-person", (await program.PostAsync("session/totp", new { password = ApiHost.Password }, 403)).Code);
    }

    [Fact]
    public async Task Wrong_token_is_not_made_up_for_by_a_cookie()
    {
        using var client = _host.Client();
        client.Cookie = _admin.Cookie;
        await client.GetAsync("users");
        client.Token = "tsk_" + new string('x', 43);
        await client.GetAsync("users", 401);
        client.Token = "garbage";
        await client.GetAsync("users", 401);
    }

    [Fact]
    public async Task Last_use_is_written_now_and_then()
    {
        using var program = await TokenAsync(["core.user.read"]);
        await program.GetAsync("users");
        await _host.Get<LastUse>().FlushAsync(Cancel);
        Assert.StartsWith("2026-07-01T00:00:00", (string?)(await _admin.GetAsync("tokens")).Json!["items"]![0]!["lastUsedAt"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Known_caller_costs_no_round_trip_for_some_seconds()
    {
        using var program = await TokenAsync(["core.user.read"]);
        await program.GetAsync("session");

        // Behind the program's back, so that only the cache can still know him.
        await _host.Stores.Control.WriteAsync(transaction => transaction.ExecuteAsync("UPDATE identity_token SET revoked_at = 1"), Cancel);
        await program.GetAsync("session");
        _host.Time.Advance(TimeSpan.FromSeconds(3));
        await program.GetAsync("session", 401);
    }

    private async Task<ApiClient> TokenAsync(string[] permissions, string? tenantId = null)
    {
        var made = await _admin.PostAsync("tokens", new { name = "ci", permissions, tenantId }, 201);
        Assert.StartsWith("tsk_", made["secret"], StringComparison.Ordinal);
        var client = _host.Client();
        client.Token = made["secret"];
        return client;
    }
}
