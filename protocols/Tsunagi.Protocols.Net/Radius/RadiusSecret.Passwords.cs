namespace Tsunagi.Protocols.Net.Radius;

public sealed partial class RadiusSecret
{
    /// <summary>The longest password that User-Password can carry (RFC 2865 section 5.2).</summary>
    public const int LongestPassword = 128;

    private const int SaltOctets = 2;

    /// <summary>
    /// Hides a password (RFC 2865 section 5.2): padded with zeros to a multiple of 16 and XORed with a chain of MD5s over secret and authenticator.
    /// </summary>
    /// <param name="password">Up to 128 octets.</param>
    /// <param name="authenticator">The Request Authenticator of the packet it goes into.</param>
    /// <param name="hidden">At least the padded length.</param>
    /// <returns>Octets written: 16 to 128; 0 when the password is longer than 128 octets or does not fit.</returns>
    public int HidePassword(ReadOnlySpan<byte> password, ReadOnlySpan<byte> authenticator, Span<byte> hidden)
    {
        int length = Math.Max(16, (password.Length + 15) / 16 * 16);
        if (password.Length > LongestPassword || hidden.Length < length)
        {
            return 0;
        }

        hidden[..length].Clear();
        password.CopyTo(hidden);
        Chain(hidden[..length], authenticator, default, reveals: false);
        return length;
    }

    /// <summary>The password of a User-Password, without the zeros at its end. False when the hidden octets are not 16 to 128 in steps of 16. What comes out with a wrong secret is not told from a password.</summary>
    public bool TryRevealPassword(ReadOnlySpan<byte> hidden, ReadOnlySpan<byte> authenticator, Span<byte> password, out int length)
    {
        length = 0;
        if (hidden.Length is 0 or > LongestPassword || hidden.Length % 16 != 0 || password.Length < hidden.Length)
        {
            return false;
        }

        Span<byte> clear = password[..hidden.Length];
        hidden.CopyTo(clear);
        Chain(clear, authenticator, default, reveals: true);
        length = clear.LastIndexOfAnyExcept((byte)0) + 1;
        return true;
    }

    /// <summary>
    /// Encrypts a value with a salt: Tunnel-Password without its tag (RFC 2868 section 3.5), MS-MPPE-Send-Key and -Recv-Key (RFC 2548 section 2.4.2). The salt's first bit is set;
    /// it is unique in its packet.
    /// </summary>
    /// <returns>Octets written: the salt and a multiple of 16; 0 when the value does not fit.</returns>
    public int HideSalted(ReadOnlySpan<byte> value, ushort salt, ReadOnlySpan<byte> authenticator, Span<byte> hidden)
    {
        int length = (value.Length + 16) / 16 * 16;
        if (value.Length > 239 || hidden.Length < SaltOctets + length)
        {
            return 0;
        }

        hidden[0] = (byte)((salt >> 8) | 0x80);
        hidden[1] = (byte)salt;
        Span<byte> body = hidden.Slice(SaltOctets, length);
        body.Clear();
        body[0] = (byte)value.Length;
        value.CopyTo(body[1..]);
        Chain(body, authenticator, hidden[..SaltOctets], reveals: false);
        return SaltOctets + length;
    }

    /// <summary>The value encrypted with a salt. False when its form is wrong or (as with a wrong secret) its length can not be.</summary>
    public bool TryRevealSalted(ReadOnlySpan<byte> hidden, ReadOnlySpan<byte> authenticator, Span<byte> value, out int length)
    {
        length = 0;
        if (hidden.Length < SaltOctets + 16 || (hidden.Length - SaltOctets) % 16 != 0 || hidden.Length > 253)
        {
            return false;
        }

        Span<byte> clear = stackalloc byte[256];
        clear = clear[..(hidden.Length - SaltOctets)];
        hidden[SaltOctets..].CopyTo(clear);
        Chain(clear, authenticator, hidden[..SaltOctets], reveals: true);
        if (clear[0] > clear.Length - 1 || value.Length < clear[0])
        {
            return false;
        }

        length = clear[0];
        clear.Slice(1, length).CopyTo(value);
        return true;
    }

    /// <summary>Ascend-Send-Secret and its like: 16 octets XORed with MD5 over authenticator and secret; the same both ways. What is longer than 16 octets is cut.</summary>
    public void AscendSecret(ReadOnlySpan<byte> value, ReadOnlySpan<byte> authenticator, Span<byte> result)
    {
        Md5State state = Md5State.Start();
        state.Update(authenticator);
        state.Update(_secret);
        result = result[..16];
        state.Finish(result);
        for (int i = 0; i < Math.Min(16, value.Length); i++)
        {
            result[i] ^= value[i];
        }
    }

    // b(1) = MD5(S + RA + salt), c(1) = p(1) xor b(1); b(i) = MD5(S + c(i-1)), c(i) = p(i) xor b(i)
    private void Chain(Span<byte> octets, ReadOnlySpan<byte> authenticator, ReadOnlySpan<byte> salt, bool reveals)
    {
        Span<byte> mask = stackalloc byte[16];
        Span<byte> before = stackalloc byte[16];
        for (int at = 0; at < octets.Length; at += 16)
        {
            Md5State state = _plain;
            if (at == 0)
            {
                state.Update(authenticator);
                state.Update(salt);
            }
            else
            {
                state.Update(before);
            }

            state.Finish(mask);
            Span<byte> part = octets.Slice(at, 16);
            if (reveals)
            {
                part.CopyTo(before);
            }

            for (int i = 0; i < 16; i++)
            {
                part[i] ^= mask[i];
            }

            if (!reveals)
            {
                part.CopyTo(before);
            }
        }
    }
}
