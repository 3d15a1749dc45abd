using Tsunagi.Core.Identity.SignIn;
using Tsunagi.Core.Identity.Users;
using Tsunagi.Core.Tenants;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Identity;

public sealed class Users_and_roles : IAsyncLifetime
{
    private ApiHost _host = null!;
    private ApiClient _operator = null!;
    private Tenant _reseller = null!;
    private Tenant _customer = null!;
    private Tenant _sibling = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        _operator = await _host.OperatorAsync();
        _reseller = await _host.AddTenantAsync("Reseller", kind: "reseller");
        _customer = await _host.AddTenantAsync("Customer", _reseller);
        _sibling = await _host.AddTenantAsync("Sibling", _reseller);
    }

    public async ValueTask DisposeAsync()
    {
        _operator.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Owner_sees_his_users_and_roles_and_everyone_elses_are_not_found()
    {
        using var admin = await _host.UserAsync("admin@customer.example", "tenant-admin", _customer);
        using var other = await _host.UserAsync("admin@sibling.example", "tenant-admin", _sibling);
        var role = (await admin.PostAsync("roles", new { name = "Desk", permissions = new[] { "core.user.read" } }, 201))["id"];
        var token = (await admin.PostAsync("tokens", new { name = "ci", permissions = new[] { "core.user.read" } }, 201)).Json!["token"]!["id"]!.ToString();

        foreach (var path in new[] { $"users/{admin.UserId}", $"users/{admin.UserId}/roles", $"tokens/{token}" })
        {
            await admin.GetAsync(path);
            await _operator.GetAsync(path);
            Assert.Equal("not-found", (await other.GetAsync(path, 404)).Code);
        }

        foreach (var (method, path, body) in new (HttpMethod, string, object?)[]
        {
            (HttpMethod.Patch, $"users/{admin.UserId}", new { name = "x" }), (HttpMethod.Put, $"users/{admin.UserId}/roles", new { roles = Array.Empty<object>() }),
            (HttpMethod.Post, $"users/{admin.UserId}/link", null), (HttpMethod.Delete, $"users/{admin.UserId}/totp?reason=lost", null), (HttpMethod.Patch, $"roles/{role}", new { name = "x" }),
            (HttpMethod.Delete, $"roles/{role}", null), (HttpMethod.Delete, $"tokens/{token}", null),
        })
        {
            await other.SendAsync(method, path, body, 404);
        }

        Assert.DoesNotContain("admin@customer.example", (await other.GetAsync("users")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Desk", (await other.GetAsync("roles")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(token, (await other.GetAsync("tokens")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("customer.example", (await other.GetAsync("audit?limit=200")).Text, StringComparison.Ordinal);
        Assert.Contains("user.added", (await admin.GetAsync("audit?limit=200")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_permission_on_what_one_sees_is_403_and_without_sign_in_401()
    {
        using var reader = await _host.UserAsync("reader@customer.example", "tenant-reader", _customer);
        await reader.GetAsync($"users/{reader.UserId}");
        var refused = await reader.SendAsync(HttpMethod.Patch, $"users/{reader.UserId}", new { name = "x" }, 403);
        Assert.Equal(("permission.missing", "core.user.write"), (refused.Code, refused["allowed"]));
        using var nobody = _host.Client();
        Assert.Equal("sign-in.needed", (await nobody.GetAsync("users", 401)).Code);
        nobody.Token = "tsk_" + new string('A', 43);
        await nobody.GetAsync("users", 401);
    }

    [Fact]
    public async Task Nobody_gives_a_role_that_permits_more_than_he_holds()
    {
        using var admin = await _host.UserAsync("admin@customer.example", "tenant-admin", _customer);
        Assert.Equal("role.beyond-yours", (await admin.PostAsync("users", new { email = "x@customer.example", name = "X", roles = new[] { new { role = "operator-admin" } } }, 403)).Code);
        Assert.Equal("role.beyond-yours", (await admin.PostAsync("roles", new { name = "All", permissions = new[] { "*" } }, 403)).Code);
        Assert.Equal("role.tenant", (await admin.PostAsync("users", new { email = "x@customer.example", name = "X", roles = new[] { new { role = "tenant-admin", tenantId = _sibling.Id } } }, 400)).Code);
        Assert.Equal("role.beyond-yours", (await admin.SendAsync(HttpMethod.Put, $"users/{admin.UserId}/roles", new { roles = new[] { new { role = "operator-admin" } } }, 403)).Code);

        // A role of the sibling's own is none of this tenant's.
        using var other = await _host.UserAsync("admin@sibling.example", "tenant-admin", _sibling);
        var foreign = (await other.PostAsync("roles", new { name = "Desk", permissions = new[] { "core.user.read" } }, 201))["id"];
        Assert.Equal("role.unknown", (await admin.PostAsync("users", new { email = "x@customer.example", name = "X", roles = new[] { new { role = foreign } } }, 400)).Code);
    }

    [Fact]
    public async Task Lesser_administrator_cannot_take_over_a_greater_one_of_his_own_tenant()
    {
        using var lesser = await _host.UserAsync("lesser@provider.example", "support", _host.Provider);
        await _operator.PostAsync("roles", new { name = "People", permissions = new[] { "core.user.*" } }, 201);
        var role = (await _operator.GetAsync("roles")).Json!.AsArray().Single(each => (string?)each!["name"] == "People")!["id"]!.ToString();
        await _operator.SendAsync(HttpMethod.Put, $"users/{lesser.UserId}/roles", new { roles = new[] { new { role } } }, 200);
        var root = (await _operator.GetAsync("session")).Json!["user"]!["id"]!.ToString();
        Assert.Equal("user.beyond-yours", (await lesser.PostAsync($"users/{root}/link", null, 403)).Code);
        Assert.Equal("user.beyond-yours", (await lesser.SendAsync(HttpMethod.Patch, $"users/{root}", new { state = "disabled" }, 403)).Code);
        Assert.Equal("user.beyond-yours", (await lesser.SendAsync(HttpMethod.Put, $"users/{root}/roles", new { roles = Array.Empty<object>() }, 403)).Code);
        Assert.Equal("user.beyond-yours", (await lesser.SendAsync(HttpMethod.Delete, $"users/{root}/totp?reason=lost", null, 403)).Code);
    }

    [Fact]
    public async Task Last_administrator_cannot_be_disabled_nor_lose_his_role_until_there_is_another()
    {
        var root = (await _operator.GetAsync("session")).Json!["user"]!["id"]!.ToString();
        Assert.Equal("user.last-administrator", (await _operator.SendAsync(HttpMethod.Patch, $"users/{root}", new { state = "disabled" }, 409)).Code);
        Assert.Equal("user.last-administrator", (await _operator.SendAsync(HttpMethod.Put, $"users/{root}/roles", new { roles = new[] { new { role = "support" } } }, 409)).Code);
        Assert.Equal("operator-admin", (string?)(await _operator.GetAsync($"users/{root}/roles")).Json!.AsArray().Single()!["role"]);

        // One who has not set a password yet is not another administrator.
        var invited = await _operator.PostAsync("users", new { email = "second@provider.example", name = "Second", roles = new[] { new { role = "operator-admin" } } }, 201);
        Assert.Equal("user.last-administrator", (await _operator.SendAsync(HttpMethod.Patch, $"users/{root}", new { state = "disabled" }, 409)).Code);

        using var second = _host.Client();
        await second.PostAsync("session/password-link", new { token = invited["linkPath"]!.Split('/')[^1], password = ApiHost.Password }, 200);
        await second.SendAsync(HttpMethod.Patch, $"users/{root}", new { state = "disabled" }, 200);
        await _operator.GetAsync("session", 401);
        await _operator.PostAsync("session", new { email = "root@provider.example", password = ApiHost.Password }, 401);
    }

    [Fact]
    public async Task Own_role_that_makes_the_only_administrator_cannot_lose_that()
    {
        var role = (await _operator.PostAsync("roles", new { name = "Boss", permissions = new[] { "*" } }, 201))["id"];
        var root = (await _operator.GetAsync("session")).Json!["user"]!["id"]!.ToString();
        await _operator.SendAsync(HttpMethod.Put, $"users/{root}/roles", new { roles = new[] { new { role } } }, 200);
        Assert.Equal("user.last-administrator", (await _operator.SendAsync(HttpMethod.Patch, $"roles/{role}", new { permissions = new[] { "core.user.read" } }, 409)).Code);
        Assert.Equal("role.in-use", (await _operator.SendAsync(HttpMethod.Delete, $"roles/{role}", null, 409)).Code);
        await _operator.GetAsync("users");
    }

    [Fact]
    public async Task Change_of_a_role_holds_at_once_for_everyone_who_has_it()
    {
        var role = (await _operator.PostAsync("roles", new { name = "Desk", permissions = new[] { "core.user.read" } }, 201))["id"];
        using var user = await _host.UserAsync("desk@provider.example", role!, _host.Provider);
        await user.GetAsync("users");
        await _operator.SendAsync(HttpMethod.Patch, $"roles/{role}", new { permissions = new[] { "core.audit.read" } }, 200);
        await user.GetAsync("users", 403);
        await user.GetAsync("audit");
    }

    [Fact]
    public async Task Disabled_user_and_his_tokens_are_out_with_the_same_commit()
    {
        using var admin = await _host.UserAsync("admin@customer.example", "tenant-admin", _customer);
        using var program = _host.Client();
        program.Token = (await admin.PostAsync("tokens", new { name = "ci", permissions = new[] { "core.user.read" } }, 201))["secret"];
        await program.GetAsync("users");
        await _operator.SendAsync(HttpMethod.Patch, $"users/{admin.UserId}", new { state = "disabled" }, 200);
        await program.GetAsync("users", 401);
        await admin.GetAsync("session", 401);
        await _operator.SendAsync(HttpMethod.Patch, $"users/{admin.UserId}", new { state = "active" }, 200);
        await program.GetAsync("users", 401);
        await admin.PostAsync("session", new { email = "admin@customer.example", password = ApiHost.Password }, 200);
    }

    [Fact]
    public async Task Address_is_one_whatever_its_case_and_belongs_to_one_user()
    {
        await _operator.PostAsync("users", new { email = "  Some.One@Customer.Example ", name = "One" }, 201);
        Assert.Equal("user.email-taken", (await _operator.PostAsync("users", new { email = "some.one@customer.example", name = "Two" }, 409)).Code);
        Assert.Equal("user.email", (await _operator.PostAsync("users", new { email = "no address", name = "Two" }, 400)).Code);
    }

    [Fact]
    public async Task Session_can_look_at_a_tenant_below_and_sees_only_that_then()
    {
        using var reseller = await _host.UserAsync("admin@reseller.example", "tenant-admin", _reseller);
        using var customer = await _host.UserAsync("admin@customer.example", "tenant-admin", _customer);
        Assert.Contains("admin@customer.example", (await reseller.GetAsync("users")).Text, StringComparison.Ordinal);
        await reseller.SendAsync(HttpMethod.Put, "session/scope", new { tenantId = _customer.Id }, 200);
        Assert.DoesNotContain("admin@reseller.example", (await reseller.GetAsync("users")).Text, StringComparison.Ordinal);
        await reseller.SendAsync(HttpMethod.Put, "session/scope", new { tenantId = _host.Provider.Id }, 404);
        await customer.SendAsync(HttpMethod.Put, "session/scope", new { tenantId = _sibling.Id }, 404);
        await reseller.SendAsync(HttpMethod.Put, "session/scope", new { tenantId = _reseller.Id }, 200);
        Assert.Contains("admin@reseller.example", (await reseller.GetAsync("users")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Role_for_a_part_of_the_tree_permits_nothing_outside_it()
    {
        using var helper = await _host.UserAsync("helper@reseller.example", "tenant-admin", _reseller, where: _customer);
        var me = await helper.GetAsync("session");
        Assert.Equal(_customer.Id, me["tenantId"]);
        await helper.GetAsync($"users/{helper.UserId}", 404);
        await helper.SendAsync(HttpMethod.Put, "session/scope", new { tenantId = _reseller.Id }, 404);
    }

    [Fact]
    public async Task Version_that_was_changed_meanwhile_is_412_with_the_current_one()
    {
        using var admin = await _host.UserAsync("admin@customer.example", "tenant-admin", _customer);
        var tag = (await _operator.GetAsync($"users/{admin.UserId}")).Headers["ETag"];
        await _operator.SendAsync(HttpMethod.Patch, $"users/{admin.UserId}", new { name = "First" }, 200, ("If-Match", tag));
        var stale = await _operator.SendAsync(HttpMethod.Patch, $"users/{admin.UserId}", new { name = "Second" }, 412, ("If-Match", tag));
        var now = (await _operator.GetAsync($"users/{admin.UserId}")).Headers["ETag"];
        Assert.Equal((now, now.Trim('"')), (stale.Headers["ETag"], stale["currentVersion"]));
        Assert.Equal("if-match.unreadable", (await _operator.SendAsync(HttpMethod.Patch, $"users/{admin.UserId}", new { name = "Third" }, 400, ("If-Match", "W/\"x\""))).Code);
        await _operator.SendAsync(HttpMethod.Patch, $"users/{admin.UserId}", new { name = "Third" }, 200, ("If-Match", now));
    }
}
