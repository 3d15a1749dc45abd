using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tsunagi.Core.Identity.Passwords;

/// <summary>Time-based one-time codes (RFC 6238 over RFC 4226): HMAC-SHA-1, 30 seconds, 6 digits, what every authenticator speaks.</summary>
public static class Totp
{
    public const int SecretBytes = 20;
    public const int StepSeconds = 30;
    private const int Digits = 6;
    private const int Window = 1;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretBytes);

    public static long StepAt(DateTimeOffset at) => at.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>The code of one step (RFC 4226 section 5.3).</summary>
    public static string CodeAt(ReadOnlySpan<byte> secret, long step, int digits = Digits)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[20];
#pragma warning disable CA5350 // RFC 6238 is HMAC-SHA-1 in every authenticator; the weakness of SHA-1 does not touch HMAC.
        HMACSHA1.HashData(secret, counter, hash);
#pragma warning restore CA5350
        var offset = hash[^1] & 0x0F;
        var number = BinaryPrimitives.ReadUInt32BigEndian(hash[offset..]) & 0x7FFF_FFFF;
        var modulus = (uint)Math.Pow(10, digits);
        return (number % modulus).ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');
    }

    /// <summary>
    /// Checks a code against the steps around now that were not used yet. A code is taken once (RFC 6238 section 5.2): the caller stores
    /// <paramref name="step"/> as the new last one. All steps of the window are compared whatever the result.
    /// </summary>
    public static bool TryVerify(ReadOnlySpan<byte> secret, string code, DateTimeOffset now, long lastStep, out long step)
    {
        step = 0;
        var given = Encoding.ASCII.GetBytes(code.Replace(" ", "", StringComparison.Ordinal));
        var middle = StepAt(now);
        for (var each = middle - Window; each <= middle + Window; each++)
        {
            var equal = CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(CodeAt(secret, each)), given);
            if (equal && each > lastStep && step == 0)
            {
                step = each;
            }
        }

        return step != 0;
    }

    /// <summary>What the authenticator scans (key URI format).</summary>
    public static string Uri(ReadOnlySpan<byte> secret, string email, string issuer) =>
        $"otpauth://totp/{System.Uri.EscapeDataString(issuer)}:{System.Uri.EscapeDataString(email)}?secret={ToBase32(secret)}&issuer={System.Uri.EscapeDataString(issuer)}&algorithm=SHA1&digits={Digits}&period={StepSeconds}";

    /// <summary>RFC 4648 base 32 without padding: what a person types when there is no camera.</summary>
    public static string ToBase32(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder((bytes.Length * 8 + 4) / 5);
        var (bits, value) = (0, 0);
        foreach (var b in bytes)
        {
            value = (value << 8) | b;
            for (bits += 8; bits >= 5; bits -= 5)
            {
                text.Append(Base32[(value >> (bits - 5)) & 31]);
            }

            value &= (1 << bits) - 1;
        }

        return bits > 0 ? text.Append(Base32[(value << (5 - bits)) & 31]).ToString() : text.ToString();
    }
}
