using System.Buffers.Binary;
using System.Security.Cryptography;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Ids;

/// <summary>
/// Makes the ids of everything that is stored: a kind ("t" tenant, "s" subscription, "u" user, "m" message ...), an underscore, and
/// 26 characters of lower-case Crockford base 32 (48 bits of milliseconds, 80 random bits). They sort by time of birth, are hard to guess,
/// and tell a reader (and the search box) what they name.
/// </summary>
public static class Id
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int BodyLength = 26;
    private const int RandomLength = 10;
    private const int Drawn = 100 * RandomLength;

    // Random bytes are asked for by the hundred: asking costs more than the bytes.
    [ThreadStatic]
    private static byte[]? _drawn;

    [ThreadStatic]
    private static int _left;

    public static string New(string kind, TimeProvider time)
    {
        if (_left == 0)
        {
            RandomNumberGenerator.Fill(_drawn ??= new byte[Drawn]);
            _left = Drawn;
        }

        _left -= RandomLength;
        return Format(kind, time.GetUtcNow().ToUnixTimeMilliseconds(), _drawn.AsSpan(_left, RandomLength));
    }

    /// <summary>The id of a kind with this time and these 10 random bytes: the same input gives the same id.</summary>
    public static string Format(string kind, long unixMilliseconds, ReadOnlySpan<byte> random)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(random.Length, RandomLength, nameof(random));
        Span<byte> bits = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bits, (ulong)unixMilliseconds << 16);
        random.CopyTo(bits[6..]);
        var value = BinaryPrimitives.ReadUInt128BigEndian(bits);
        return string.Create(kind.Length + 1 + BodyLength, (kind, value), static (text, state) =>
        {
            state.kind.CopyTo(text);
            text[state.kind.Length] = '_';
            var rest = state.value;
            for (var i = text.Length - 1; i > state.kind.Length; i--)
            {
                text[i] = Alphabet[(int)(rest & 31)];
                rest >>= 5;
            }
        });
    }

    /// <summary>Reads an id of this kind back into its 16 bytes (48 bits of milliseconds, 80 random bits); false when it is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, string kind, out UInt128 value)
    {
        value = 0;
        if (text.Length != kind.Length + 1 + BodyLength || !text.StartsWith(kind, StringComparison.Ordinal) || text[kind.Length] != '_')
        {
            return false;
        }

        foreach (var c in text[(kind.Length + 1)..])
        {
            var digit = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0 || value >> 123 != 0)
            {
                return false;
            }

            value = (value << 5) | (UInt128)digit;
        }

        return true;
    }

    /// <summary>The kind of an id ("t"), or null when the text has not the shape of one.</summary>
    public static string? KindOf(string text)
    {
        var underscore = text.IndexOf('_');
        if (underscore is < 1 or > 4 || text.Length != underscore + 1 + BodyLength)
        {
            return null;
        }

        return text.AsSpan(underscore + 1).ContainsAnyExcept(Alphabet) ? null : text[..underscore];
    }
}
