using System.Net;
using Tsunagi.Core.Identity.SignIn;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Identity;

public sealed class Sign_in_throttle : IAsyncLifetime
{
    private const string Email = "root@provider.example";
    private static readonly ThrottleOptions Options = new() { FreePerPair = 3, FreePerAddress = 8, FreePerAccount = 12 };
    private ApiHost _host = null!;
    private SignInDesk _desk = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await ApiHost.StartAsync(throttle: Options);
        _desk = _host.Get<SignInDesk>();
        using var client = await _host.OperatorAsync();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Waits_begin_after_the_free_failures_double_and_end_with_a_success()
    {
        var peer = Peer("192.0.2.1");
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("sign-in.wrong", await TryAsync(peer, "wrong wrong wrong"));
        }

        foreach (var seconds in new[] { 1, 2, 4 })
        {
            Assert.Equal($"sign-in.throttled {seconds}", await TryAsync(peer, ApiHost.Password));
            _host.Time.Advance(TimeSpan.FromSeconds(seconds - 1));
            Assert.Equal("sign-in.throttled 1", await TryAsync(peer, ApiHost.Password));
            _host.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal("sign-in.wrong", await TryAsync(peer, "wrong wrong wrong"));
        }

        _host.Time.Advance(TimeSpan.FromSeconds(8));
        Assert.Equal("ok", await TryAsync(peer, ApiHost.Password));
        Assert.Equal("sign-in.wrong", await TryAsync(peer, "wrong wrong wrong"));
        Assert.Equal("ok", await TryAsync(peer, ApiHost.Password));
    }

    [Fact]
    public void Wait_doubles_up_to_the_longest_and_no_further()
    {
        var time = new ManualTime();
        var throttle = new SignInThrottle(new ThrottleOptions { FreePerPair = 1, FreePerAddress = 1_000, FreePerAccount = 1_000, LongestWait = TimeSpan.FromMinutes(15) }, time);
        var waits = Enumerable.Range(0, 13).Select(_ =>
        {
            throttle.Begin(Email, Peer("192.0.2.1"));
            return (int)throttle.Wait(Email, Peer("192.0.2.1")).TotalSeconds;
        });
        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900], waits);
        time.Advance(TimeSpan.FromSeconds(900));
        Assert.Equal(TimeSpan.Zero, throttle.Wait(Email, Peer("192.0.2.1")));
    }

    [Fact]
    public void Guessing_is_told_once_in_a_series_and_attempts_at_the_same_time_do_not_step_over_it()
    {
        var time = new ManualTime();
        var throttle = new SignInThrottle(Options, time);
        for (var series = 0; series < 2; series++)
        {
            for (var i = 0; i < Options.FreePerAccount - 1; i++)
            {
                throttle.Begin(Email, Peer("192.0.2.1"));
                Assert.False(throttle.TryTellOfAccount(Email));
            }

            throttle.Begin(Email, Peer("192.0.2.2"));
            throttle.Begin(Email, Peer("192.0.2.3"));
            Assert.True(throttle.TryTellOfAccount(Email));
            Assert.False(throttle.TryTellOfAccount(Email));
            time.Advance(Options.ForgetAfter + TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task Failures_are_forgotten_in_time()
    {
        var peer = Peer("192.0.2.1");
        for (var i = 0; i < 3; i++)
        {
            await TryAsync(peer, "wrong wrong wrong");
        }

        _host.Time.Advance(Options.ForgetAfter + TimeSpan.FromSeconds(1));
        Assert.Equal("sign-in.wrong", await TryAsync(peer, "wrong wrong wrong"));
        Assert.Equal("sign-in.wrong", await TryAsync(peer, "wrong wrong wrong"));
    }

    [Fact]
    public async Task Address_that_tries_many_accounts_waits_and_a_whole_ipv6_64_is_one_address()
    {
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal("sign-in.wrong", await TryAsync(Peer($"2001:db8::{i + 1:x}"), "wrong wrong wrong", $"user{i}@provider.example"));
        }

        Assert.StartsWith("sign-in.throttled", await TryAsync(Peer("2001:db8::ffff"), ApiHost.Password), StringComparison.Ordinal);
        Assert.Equal("ok", await TryAsync(Peer("2001:db8:0:1::1"), ApiHost.Password));
    }

    [Fact]
    public async Task Success_of_the_attackers_own_account_does_not_wash_off_his_address()
    {
        var home = await _host.AddTenantAsync("Customer");
        using var attacker = await _host.UserAsync("attacker@customer.example", "tenant-reader", home);
        var peer = Peer("192.0.2.66");
        for (var i = 0; i < 7; i++)
        {
            await TryAsync(peer, "wrong wrong wrong", $"user{i}@provider.example");
            Assert.Equal("ok", await TryAsync(peer, ApiHost.Password, "attacker@customer.example"));
        }

        await TryAsync(peer, "wrong wrong wrong", "user8@provider.example");
        Assert.StartsWith("sign-in.throttled", await TryAsync(peer, ApiHost.Password, "attacker@customer.example"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Last_administrator_is_never_kept_out_by_others_however_many_addresses_they_have()
    {
        await GuessAsync(Email, 40);
        Assert.Equal("ok", await TryAsync(Peer("198.51.100.1"), ApiHost.Password));
    }

    [Fact]
    public async Task Other_account_guessed_from_many_addresses_waits_a_minute_at_most_but_not_where_it_signed_in_lately()
    {
        var home = await _host.AddTenantAsync("Customer");
        using var user = await _host.UserAsync("user@customer.example", "tenant-admin", home);
        Assert.Equal("ok", await TryAsync(Peer("203.0.113.9"), ApiHost.Password, "user@customer.example"));
        await GuessAsync("user@customer.example", 40);
        Assert.Equal("sign-in.throttled 60", await TryAsync(Peer("198.51.100.1"), ApiHost.Password, "user@customer.example"));
        Assert.Equal("ok", await TryAsync(Peer("203.0.113.9"), ApiHost.Password, "user@customer.example"));

        await GuessAsync("user@customer.example", 40, from: 100);
        _host.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal("ok", await TryAsync(Peer("198.51.100.1"), ApiHost.Password, "user@customer.example"));
    }

    [Fact]
    public async Task Many_attempts_at_once_do_not_pass_as_one()
    {
        var peer = Peer("192.0.2.1");
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => TryAsync(peer, "wrong wrong wrong"), Cancel)));
        Assert.InRange(results.Count(result => result == "sign-in.wrong"), 3, 12);
        Assert.Contains(results, result => result.StartsWith("sign-in.throttled", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Operators_hear_once_of_an_account_that_is_being_guessed()
    {
        var home = await _host.AddTenantAsync("Customer");
        using var user = await _host.UserAsync("user@customer.example", "tenant-admin", home);
        for (var i = 0; i < 20; i++)
        {
            await TryAsync(Peer($"192.0.2.{i}"), "wrong wrong wrong", "user@customer.example");
        }

        var events = await _host.Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM outbox WHERE event LIKE '%session.throttled@1%'"), Cancel);
        Assert.Equal(1, events);
    }

    private async Task GuessAsync(string email, int times, int from = 0)
    {
        for (var i = 0; i < times; i++)
        {
            // The account's own wait is short; a patient crowd waits it out.
            await TryAsync(Peer($"10.{from + i}.0.1"), "wrong wrong wrong", email);
            if (i < times - 1)
            {
                _host.Time.Advance(TimeSpan.FromSeconds(61));
            }
        }
    }

    private async Task<string> TryAsync(SessionPeer peer, string password, string email = Email)
    {
        var outcome = await _desk.WithPasswordAsync(email, password, null, peer, Cancel);
        return outcome.Refusal is { } refusal ? refusal.RetryAfterSeconds is { } seconds ? $"{refusal.Code} {seconds}" : refusal.Code : "ok";
    }

    private static SessionPeer Peer(string address) => new(IPAddress.Parse(address), "test");
}
