using Tsunagi.Core.Audit;
using Tsunagi.Core.Identity.Passwords;
using Tsunagi.Core.Identity.SignIn;
using Tsunagi.Core.Store;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Identity;

public sealed class Signing_in : IAsyncLifetime
{
    private const string Email = "root@provider.example";
    private ApiHost _host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await ApiHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task First_start_makes_one_operator_whose_link_works_once()
    {
        var first = _host.Get<FirstStart>();
        var link = await first.EnsureAsync(_host.Provider, Email, Cancel);
        Assert.StartsWith("/link/", link, StringComparison.Ordinal);

        // Started again before anybody used it: a new link, and the old one is void.
        var again = await first.EnsureAsync(_host.Provider, Email, Cancel);
        using var client = _host.Client();
        Assert.Equal("link.gone", (await client.PostAsync("session/password-link", new { token = link![6..], password = ApiHost.Password })).Code);
        Assert.Equal("password.length", (await client.PostAsync("session/password-link", new { token = again![6..], password = "short" })).Code);
        await client.PostAsync("session/password-link", new { token = again[6..], password = ApiHost.Password }, 200);
        Assert.Equal("link.gone", (await client.PostAsync("session/password-link", new { token = again[6..], password = ApiHost.Password })).Code);
        Assert.Null(await first.EnsureAsync(_host.Provider, Email, Cancel));

        var me = await client.GetAsync("session");
        Assert.Equal(Email, me["actorName"]);
        Assert.Equal("*", (string?)me.Json!["permissions"]![0]);
        Assert.Equal("true", me["isOperator"]);
    }

    [Fact]
    public async Task Link_older_than_a_day_is_void()
    {
        var link = await _host.Get<FirstStart>().EnsureAsync(_host.Provider, Email, Cancel);
        _host.Time.Advance(TimeSpan.FromHours(24));
        using var client = _host.Client();
        Assert.Equal("link.gone", (await client.PostAsync("session/password-link", new { token = link![6..], password = ApiHost.Password })).Code);
    }

    [Fact]
    public async Task Nothing_that_signs_in_is_stored_as_it_is()
    {
        var link = await _host.Get<FirstStart>().EnsureAsync(_host.Provider, Email, Cancel);
        using var client = _host.Client();
        await client.PostAsync("session/password-link", new { token = link![6..], password = ApiHost.Password }, 200);
        var token = (await client.PostAsync("tokens", new { name = "t", permissions = new[] { "core.user.read" } }, 201))["secret"]!;
        var totp = (await client.PostAsync("session/totp", new { password = ApiHost.Password }, 200))["secret"]!;
        await _host.Stores.Control.MakeDurableAsync(Cancel);
        foreach (var file in Directory.EnumerateFiles(_host.Directory, "*", SearchOption.AllDirectories))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy, Cancel);
            var text = System.Text.Encoding.Latin1.GetString(copy.ToArray());
            foreach (var secret in new[] { link[6..], ApiHost.Password, client.Cookie!, token, totp })
            {
                Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Wrong_password_and_unknown_address_get_the_same_answer_and_cost_the_same_rounds()
    {
        using var operatorClient = await _host.OperatorAsync();
        var hashes = _host.Get<PasswordHashes>();
        using var client = _host.Client();
        var before = hashes.RoundsRun;
        var wrong = await client.PostAsync("session", new { email = Email, password = "wrong wrong wrong" }, 401);
        var middle = hashes.RoundsRun;
        var unknown = await client.PostAsync("session", new { email = "nobody@provider.example", password = "wrong wrong wrong" }, 401);
        var after = hashes.RoundsRun;
        Assert.Equal(1_000, middle - before);
        Assert.Equal(1_000, after - middle);
        Assert.Equal(Same(wrong), Same(unknown));

        static string Same(ApiAnswer answer) => answer.Text.Replace(answer["correlation"]!, "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_begins_with_a_new_token_whatever_the_browser_brought()
    {
        using var first = await _host.OperatorAsync();
        var fixedByAttacker = first.Cookie!;
        using var victim = _host.Client();
        victim.Cookie = fixedByAttacker;
        await victim.PostAsync("session", new { email = Email, password = ApiHost.Password }, 200);
        Assert.NotEqual(fixedByAttacker, victim.Cookie);

        // An invented one is not adopted either.
        using var other = _host.Client();
        other.Cookie = new string('A', 43);
        await other.GetAsync("session", 401);
        await other.PostAsync("session", new { email = Email, password = ApiHost.Password }, 200);
        Assert.NotEqual(new string('A', 43), other.Cookie);
    }

    [Fact]
    public async Task Cookie_is_for_the_browser_alone()
    {
        using var client = _host.Client();
        var link = await _host.Get<FirstStart>().EnsureAsync(_host.Provider, Email, Cancel);
        var answer = await client.PostAsync("session/password-link", new { token = link![6..], password = ApiHost.Password }, 200);
        var cookie = answer.Headers["Set-Cookie"];
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("path=/;", cookie + ";", StringComparison.OrdinalIgnoreCase);
        Assert.Equal("no-store", answer.Headers["Cache-Control"]);
    }

    [Fact]
    public async Task Session_ends_when_idle_for_12_hours_and_after_7_days_in_any_case()
    {
        using var client = await _host.OperatorAsync();
        _host.Time.Advance(TimeSpan.FromHours(11.9));
        await client.GetAsync("session");
        for (var hours = 11.9; hours < 7 * 24 - 12; hours += 11.9)
        {
            _host.Time.Advance(TimeSpan.FromHours(11.9));
            await client.GetAsync("session");
        }

        _host.Time.Advance(TimeSpan.FromHours(11.9));
        await client.GetAsync("session", 401);

        using var idle = _host.Client();
        await idle.PostAsync("session", new { email = Email, password = ApiHost.Password }, 200);
        _host.Time.Advance(TimeSpan.FromHours(12));
        await idle.GetAsync("session", 401);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_and_a_revoked_one_is_nobodys_at_once()
    {
        using var client = await _host.OperatorAsync();
        using var second = _host.Client();
        await second.PostAsync("session", new { email = Email, password = ApiHost.Password }, 200);
        var sessions = (await client.GetAsync("session/all")).Json!.AsArray();
        Assert.Equal(2, sessions.Count);

        var stolen = client.Cookie;
        await client.SendAsync(HttpMethod.Delete, "session", null, 204);
        client.Cookie = stolen;
        await client.GetAsync("session", 401);

        var own = (await second.GetAsync("session/all")).Json!.AsArray().Single()!["id"]!.ToString();
        await second.SendAsync(HttpMethod.Delete, $"session/all/{own}", null, 204);
        await second.GetAsync("session", 401);
    }

    [Fact]
    public async Task Code_is_asked_after_the_password_taken_once_and_refused_the_second_time()
    {
        using var client = await _host.OperatorAsync();
        var secret = Decode((await client.PostAsync("session/totp", new { password = ApiHost.Password }, 200))["secret"]!);
        Assert.Equal("totp.code", (await client.SendAsync(HttpMethod.Put, "session/totp", new { code = "000000" }, 400)).Code);
        await client.SendAsync(HttpMethod.Put, "session/totp", new { code = Code(secret) }, 204);

        using var other = _host.Client();
        _host.Time.Advance(TimeSpan.FromSeconds(30));
        var asked = await other.PostAsync("session", new { email = Email, password = ApiHost.Password }, 200);
        Assert.Equal("code-wanted", asked["state"]);
        Assert.Null(other.Cookie);
        Assert.Equal("sign-in.code-wrong", (await other.PostAsync("session/code", new { codeToken = asked["codeToken"], code = "000000" }, 401)).Code);
        await other.PostAsync("session/code", new { codeToken = asked["codeToken"], code = Code(secret) }, 200);
        await other.GetAsync("session");

        // The same code again, in the same half minute: both with a new token and beside the password.
        using var thief = _host.Client();
        var second = await thief.PostAsync("session", new { email = Email, password = ApiHost.Password }, 200);
        Assert.Equal(401, (await thief.PostAsync("session/code", new { codeToken = second["codeToken"], code = Code(secret) })).Status);
        Assert.Equal(401, (await thief.PostAsync("session", new { email = Email, password = ApiHost.Password, code = Code(secret) })).Status);
        _host.Time.Advance(TimeSpan.FromSeconds(30));
        await thief.PostAsync("session", new { email = Email, password = ApiHost.Password, code = Code(secret) }, 200);
    }

    [Fact]
    public async Task Token_for_the_code_is_good_for_five_minutes_and_one_session()
    {
        using var client = await _host.OperatorAsync();
        var secret = Decode((await client.PostAsync("session/totp", new { password = ApiHost.Password }, 200))["secret"]!);
        await client.SendAsync(HttpMethod.Put, "session/totp", new { code = Code(secret) }, 204);
        _host.Time.Advance(TimeSpan.FromMinutes(1));

        using var other = _host.Client();
        var token = (await other.PostAsync("session", new { email = Email, password = ApiHost.Password }, 200))["codeToken"];
        _host.Time.Advance(TimeSpan.FromMinutes(5));
        await other.PostAsync("session/code", new { codeToken = token, code = Code(secret) }, 401);
        token = (await other.PostAsync("session", new { email = Email, password = ApiHost.Password }, 200))["codeToken"];
        await other.PostAsync("session/code", new { codeToken = token, code = Code(secret) }, 200);
        _host.Time.Advance(TimeSpan.FromMinutes(1));
        await other.PostAsync("session/code", new { codeToken = token, code = Code(secret) }, 401);
    }

    [Fact]
    public async Task New_password_ends_every_other_session_and_needs_the_old_one()
    {
        using var client = await _host.OperatorAsync();
        using var second = _host.Client();
        await second.PostAsync("session", new { email = Email, password = ApiHost.Password }, 200);
        Assert.Equal("password.wrong", (await client.SendAsync(HttpMethod.Put, "session/password", new { password = "not my password", newPassword = "another long secret" }, 400)).Code);
        await client.SendAsync(HttpMethod.Put, "session/password", new { password = ApiHost.Password, newPassword = "another long secret" }, 204);
        await client.GetAsync("session");
        await second.GetAsync("session", 401);
        await second.PostAsync("session", new { email = Email, password = ApiHost.Password }, 401);
        await second.PostAsync("session", new { email = Email, password = "another long secret" }, 200);
    }

    [Fact]
    public async Task Old_password_parameters_are_renewed_at_the_next_sign_in()
    {
        using var client = await _host.OperatorAsync();
        using var old = new PasswordHashes(10, 1, _host.Time);
        var weak = await old.HashAsync(ApiHost.Password, Cancel);
        await _host.Stores.Control.WriteAsync(transaction => transaction.ExecuteAsync("UPDATE identity_user SET password_hash = @weak", new { weak }), Cancel);
        using var other = _host.Client();
        await other.PostAsync("session", new { email = Email, password = ApiHost.Password }, 200);
        var stored = await _host.Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<string>("SELECT password_hash FROM identity_user"), Cancel);
        Assert.Contains("i=1000$", stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recovery_on_the_machine_lets_a_disabled_user_without_authenticator_back_in()
    {
        using var client = await _host.OperatorAsync();
        var secret = Decode((await client.PostAsync("session/totp", new { password = ApiHost.Password }, 200))["secret"]!);
        await client.SendAsync(HttpMethod.Put, "session/totp", new { code = Code(secret) }, 204);
        await _host.Stores.Control.WriteAsync(transaction => transaction.ExecuteAsync("UPDATE identity_user SET state = 'disabled'"), Cancel);

        var start = _host.Get<FirstStart>();
        Assert.False((await start.RecoverAsync("nobody@provider.example", withoutCode: true, Cancel)).Ok);
        var link = await start.RecoverAsync("ROOT@provider.example ", withoutCode: true, Cancel);
        using var other = _host.Client();
        await other.PostAsync("session/password-link", new { token = link.Value![6..], password = "a recovered secret" }, 200);
        await other.GetAsync("session");
    }

    [Fact]
    public async Task Sign_ins_are_in_the_audit_without_secrets()
    {
        using var client = await _host.OperatorAsync();
        var entries = (await client.GetAsync("audit?act=session.")).Json!["items"]!.AsArray();
        Assert.Equal("session.started", (string?)entries.Single()!["act"]);
        Assert.Equal(Email, (string?)entries.Single()!["actorName"]);
        var all = (await client.GetAsync("audit?limit=200")).Text;
        Assert.DoesNotContain(client.Cookie!, all, StringComparison.Ordinal);
        Assert.DoesNotContain("pbkdf2", all, StringComparison.Ordinal);
        Assert.True((await _host.Get<AuditTrail>().VerifyAsync(Cancel)).Holds);
    }

    private string Code(byte[] secret) => Totp.CodeAt(secret, Totp.StepAt(_host.Time.GetUtcNow()));

    internal static byte[] Decode(string base32)
    {
        var bytes = new List<byte>();
        var (bits, value) = (0, 0);
        foreach (var c in base32)
        {
            value = (value << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal);
            if ((bits += 5) >= 8)
            {
                bytes.Add((byte)(value >> (bits -= 8)));
                value &= (1 << bits) - 1;
            }
        }

        return [.. bytes];
    }
}
