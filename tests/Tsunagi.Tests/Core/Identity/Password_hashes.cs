using Tsunagi.Core.Identity.Passwords;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Identity;

public sealed class Password_hashes
{
    private const string Right = "a long enough secret";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Right_password_is_right_and_any_other_is_wrong()
    {
        using var hashes = new PasswordHashes(1_000, 2, TimeProvider.System);
        var stored = (await hashes.HashAsync(Right, Cancel))!;
        Assert.Equal(PasswordCheck.Right, await hashes.CheckAsync(Right, stored, Cancel));
        Assert.Equal(PasswordCheck.Wrong, await hashes.CheckAsync(Right + " ", stored, Cancel));
        Assert.NotEqual(stored, await hashes.HashAsync(Right, Cancel));
    }

    [Fact]
    public async Task Default_is_the_210_000_rounds_of_sha_512()
    {
        using var hashes = new PasswordHashes(new PasswordOptions(), TimeProvider.System);
        Assert.StartsWith("$pbkdf2-sha512$i=210000$", await hashes.HashAsync(Right, Cancel), StringComparison.Ordinal);
        Assert.Equal(210_000, hashes.RoundsRun);
    }

    [Fact]
    public async Task Every_check_runs_the_same_rounds_whether_there_is_such_a_user_or_not()
    {
        using var old = new PasswordHashes(300, 2, TimeProvider.System);
        using var hashes = new PasswordHashes(1_000, 2, TimeProvider.System);
        var current = await hashes.HashAsync(Right, Cancel);
        var weaker = await old.HashAsync(Right, Cancel);
        foreach (var (password, stored) in new[] { (Right, current), ("wrong", current), (Right, weaker), ("wrong", weaker), ("wrong", null), ("wrong", ""), ("wrong", "$pbkdf2-sha512$i=x$a$b") })
        {
            var before = hashes.RoundsRun;
            await hashes.CheckAsync(password, stored, Cancel);
            Assert.Equal(1_000, hashes.RoundsRun - before);
        }
    }

    [Fact]
    public async Task Password_with_older_parameters_is_right_but_to_be_made_again()
    {
        using var old = new PasswordHashes(300, 2, TimeProvider.System);
        using var hashes = new PasswordHashes(1_000, 2, TimeProvider.System);
        Assert.Equal(PasswordCheck.RightButOld, await hashes.CheckAsync(Right, await old.HashAsync(Right, Cancel), Cancel));
    }

    [Theory]
    [InlineData("elevenchars", "password.length")]
    [InlineData("password1234", "password.well-known")]
    [InlineData("PASSWORDPASSWORD!!", "password.well-known")]
    [InlineData("123456789012", "password.well-known")]
    [InlineData("aaaaaaaaaaaaaa", "password.well-known")]
    [InlineData("abcdefghijklm", "password.well-known")]
    [InlineData("operator@provider.example", "password.own-address")]
    [InlineData("my operator@provider.example!", "password.own-address")]
    [InlineData("Operator2026!", "password.own-address")]
    public void Weak_password_is_refused_with_its_reason(string password, string code) =>
        Assert.Equal(code, PasswordRules.Check(password, "operator@provider.example")?.Code);

    [Theory]
    [InlineData("twelve chars")]
    [InlineData("correct horse battery")]
    [InlineData("らくだが三頭歩いている夜に")]
    public void Long_password_without_digits_or_signs_is_fine(string password) => Assert.Null(PasswordRules.Check(password, "operator@provider.example"));

    [Fact]
    public void Length_limits_are_where_they_say()
    {
        var text = string.Concat(Enumerable.Range(0, 300).Select(i => (char)('a' + (i * 7 % 26))));
        Assert.NotNull(PasswordRules.Check(text[..11], "x@y"));
        Assert.Null(PasswordRules.Check(text[..12], "x@y"));
        Assert.Null(PasswordRules.Check(text[..256], "x@y"));
        Assert.NotNull(PasswordRules.Check(text[..257], "x@y"));
    }

    [Fact]
    public async Task Who_gets_no_turn_in_five_seconds_is_told_that_it_is_busy()
    {
        var time = new ManualTime();
        using var hashes = new PasswordHashes(1, 0, time);
        var check = hashes.CheckAsync("a", null, TestContext.Current.CancellationToken).AsTask();
        var hash = hashes.HashAsync("a", TestContext.Current.CancellationToken).AsTask();
        time.Advance(PasswordHashes.WaitForTurn - TimeSpan.FromMilliseconds(1));
        Assert.False(check.IsCompleted || hash.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(PasswordCheck.Busy, await check);
        Assert.Null(await hash);
    }
}
