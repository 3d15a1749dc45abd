using Tsunagi.Core.Identity.Passwords;

namespace Tsunagi.Scenarios.Browser;

/// <summary>What an authenticator app does with a typed secret.</summary>
internal static class TestCodes
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static string At(string base32, DateTimeOffset at)
    {
        var bits = string.Concat(base32.Where(Alphabet.Contains).Select(static letter => Convert.ToString(Alphabet.IndexOf(letter, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        var secret = Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2)).ToArray();
        return Totp.CodeAt(secret, Totp.StepAt(at));
    }
}
