using System.Text;
using Tsunagi.Core.Identity.Passwords;

namespace Tsunagi.Tests.Core.Identity;

public sealed class Totp_codes
{
    private static readonly byte[] Secret = "12345678901234567890"u8.ToArray();

    // RFC 6238 appendix B, the rows of SHA1.
    [Theory]
    [InlineData(59, "94287082")]
    [InlineData(1_111_111_109, "07081804")]
    [InlineData(1_111_111_111, "14050471")]
    [InlineData(1_234_567_890, "89005924")]
    [InlineData(2_000_000_000, "69279037")]
    [InlineData(20_000_000_000, "65353130")]
    public void Vectors_of_rfc_6238_hold(long seconds, string code) =>
        Assert.Equal(code, Totp.CodeAt(Secret, Totp.StepAt(DateTimeOffset.FromUnixTimeSeconds(seconds)), digits: 8));

    // RFC 4226 appendix D.
    [Fact]
    public void Vectors_of_rfc_4226_hold()
    {
        string[] codes = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        Assert.Equal(codes, Enumerable.Range(0, 10).Select(step => Totp.CodeAt(Secret, step)));
    }

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void Code_is_taken_one_step_before_and_after_and_no_further(int offset, bool taken)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_234_567_890);
        Assert.Equal(taken, Totp.TryVerify(Secret, Totp.CodeAt(Secret, Totp.StepAt(now) + offset), now, 0, out _));
    }

    [Fact]
    public void Code_is_not_taken_twice_nor_an_older_one_after_it()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_234_567_890);
        Assert.True(Totp.TryVerify(Secret, Totp.CodeAt(Secret, Totp.StepAt(now)), now, 0, out var step));
        Assert.False(Totp.TryVerify(Secret, Totp.CodeAt(Secret, Totp.StepAt(now)), now, step, out _));
        Assert.False(Totp.TryVerify(Secret, Totp.CodeAt(Secret, Totp.StepAt(now) - 1), now, step, out _));
        Assert.True(Totp.TryVerify(Secret, Totp.CodeAt(Secret, Totp.StepAt(now) + 1), now, step, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345")]
    [InlineData("1234567")]
    [InlineData("１２３４５６")]
    [InlineData("abcdef")]
    public void Anything_else_is_no_code(string code) => Assert.False(Totp.TryVerify(Secret, code, DateTimeOffset.UnixEpoch, 0, out _));

    // RFC 4648 section 10, without padding.
    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Base_32_vectors_hold(string text, string base32) => Assert.Equal(base32, Totp.ToBase32(Encoding.ASCII.GetBytes(text)));
}
