using System.Security.Cryptography;

namespace Tsunagi.Protocols.Net.Radius;

/// <summary>
/// A secret shared by a client and a server, with the hash states that follow from it made once: what signs packets, checks them and hides passwords. Immutable; used from any
/// thread at once.
/// </summary>
public sealed partial class RadiusSecret
{
    private const int HmacBlockOctets = 64;

    private readonly byte[] _secret;
    private readonly Md5State _inner;
    private readonly Md5State _outer;
    private readonly Md5State _plain;

    /// <summary>The octets as both sides have them; not empty (RFC 2865 section 3).</summary>
    public RadiusSecret(ReadOnlySpan<byte> secret)
    {
        if (secret.IsEmpty)
        {
            throw new ArgumentException("a shared secret is not empty", nameof(secret));
        }

        _secret = secret.ToArray();
        _plain = Md5State.Start();
        _plain.Update(secret);

        // RFC 2104: a key longer than a block is its hash.
        Span<byte> block = stackalloc byte[HmacBlockOctets];
        block.Clear();
        if (secret.Length > HmacBlockOctets)
        {
            Md5State.Hash(secret, block);
        }
        else
        {
            secret.CopyTo(block);
        }

        Span<byte> pad = stackalloc byte[HmacBlockOctets];
        for (int i = 0; i < HmacBlockOctets; i++)
        {
            pad[i] = (byte)(block[i] ^ 0x36);
        }

        _inner = Md5State.Start();
        _inner.Update(pad);
        for (int i = 0; i < HmacBlockOctets; i++)
        {
            pad[i] = (byte)(block[i] ^ 0x5C);
        }

        _outer = Md5State.Start();
        _outer.Update(pad);
    }

    /// <summary>
    /// Whether the Message-Authenticator of an Access-Request or Status-Server is right (RFC 2869 section 5.14), or that of a packet whose authenticator is a hash (Accounting, Disconnect,
    /// CoA: the hash is taken with zeros in its place). False when there is none.
    /// </summary>
    public bool VerifyMessageAuthenticator(RadiusPacket request)
    {
        Span<byte> zero = stackalloc byte[RadiusPacket.AuthenticatorOctets];
        zero.Clear();
        return VerifyMessageAuthenticator(request, request.Code is RadiusCode.AccessRequest or RadiusCode.StatusServer ? request.Authenticator : zero);
    }

    /// <summary>Whether the Message-Authenticator of an answer is right, taken with the authenticator of its request. False when there is none.</summary>
    public bool VerifyMessageAuthenticator(RadiusPacket answer, ReadOnlySpan<byte> requestAuthenticator)
    {
        if (answer.MessageAuthenticatorAt < 0)
        {
            return false;
        }

        Span<byte> right = stackalloc byte[RadiusPacket.AuthenticatorOctets];
        MessageAuthenticator(answer.Octets, answer.MessageAuthenticatorAt, requestAuthenticator, right);
        return CryptographicOperations.FixedTimeEquals(right, answer.Octets.Slice(answer.MessageAuthenticatorAt + 2, RadiusPacket.AuthenticatorOctets));
    }

    /// <summary>Whether the authenticator of an Accounting-, Disconnect- or CoA-Request is the hash it must be (RFC 2866 section 3, RFC 5176 section 2.3).</summary>
    public bool VerifyRequest(RadiusPacket request)
    {
        Span<byte> zero = stackalloc byte[RadiusPacket.AuthenticatorOctets];
        zero.Clear();
        return VerifyAnswer(request, zero);
    }

    /// <summary>Whether the authenticator of an answer is the hash it must be (RFC 2865 section 3).</summary>
    public bool VerifyAnswer(RadiusPacket answer, ReadOnlySpan<byte> requestAuthenticator)
    {
        Span<byte> right = stackalloc byte[RadiusPacket.AuthenticatorOctets];
        Authenticate(answer.Octets, requestAuthenticator, right);
        return CryptographicOperations.FixedTimeEquals(right, answer.Authenticator);
    }

    // MD5(Code + Identifier + Length + authenticator + Attributes + secret)
    internal void Authenticate(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> authenticator, Span<byte> hash)
    {
        Md5State state = Md5State.Start();
        state.Update(packet[..4]);
        state.Update(authenticator);
        state.Update(packet[RadiusPacket.HeaderOctets..]);
        state.Update(_secret);
        state.Finish(hash);
    }

    // HMAC-MD5(secret, Code + Identifier + Length + authenticator + Attributes), the sixteen octets of the attribute itself taken as zero.
    internal void MessageAuthenticator(ReadOnlySpan<byte> packet, int at, ReadOnlySpan<byte> authenticator, Span<byte> hash)
    {
        Span<byte> zero = stackalloc byte[RadiusPacket.AuthenticatorOctets];
        zero.Clear();
        Md5State state = _inner;
        state.Update(packet[..4]);
        state.Update(authenticator);
        state.Update(packet[RadiusPacket.HeaderOctets..(at + 2)]);
        state.Update(zero);
        state.Update(packet[(at + 2 + RadiusPacket.AuthenticatorOctets)..]);
        state.Finish(hash);
        Md5State outer = _outer;
        outer.Update(hash[..Md5State.HashOctets]);
        outer.Finish(hash);
    }
}
