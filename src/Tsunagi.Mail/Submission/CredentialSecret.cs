using System.Security.Cryptography;
using Tsunagi.Core.Outcomes;
using Tsunagi.Protocols.Mail.Sasl;

namespace Tsunagi.Mail.Submission;

/// <summary>The secrets of devices: made here, or set by somebody who has to.</summary>
internal static class CredentialSecret
{
    public const int SaltBytes = 16;
    public const int Shortest = 12;
    public const int Longest = 128;
    private const int MadeCharacters = 24;

    // Nothing that is mistaken for another on a printer's little screen; 24 of 31 are 118 bits.
    private const string Letters = "abcdefghijkmnpqrstuvwxyz23456789";

    public static string Make() => RandomNumberGenerator.GetString(Letters.AsSpan(0, 31), MadeCharacters);

    /// <summary>Why a secret that somebody chose is not taken.</summary>
    public static Refusal? WhyNot(string secret, string userName)
    {
        var name = userName[..userName.IndexOf('@', StringComparison.Ordinal)];
        return secret.Length is < Shortest or > Longest || secret.Trim().Length != secret.Length || secret.AsSpan().ContainsAnyExceptInRange(' ', '~')
            ? Refusal.Invalid("mail.credential.secret", "secret", "the secret cannot be used", $"{Shortest} to {Longest} printable characters of ASCII, no blank at either end")
            : secret.Contains(name, StringComparison.OrdinalIgnoreCase) || secret.Distinct().Count() < 6
            ? Refusal.Invalid("mail.credential.secret", "secret", "the secret is easily guessed", "one without the device's name, of six different characters at least; or leave it out and have one made")
            : null;
    }

    public static ScramVerifier Derive(string secret, int iterations) => ScramVerifier.Create(secret, RandomNumberGenerator.GetBytes(SaltBytes), iterations);
}
