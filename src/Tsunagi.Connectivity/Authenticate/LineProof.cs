using System.Security.Cryptography;
using System.Text;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Authenticate;

/// <summary>
/// Whether a request proves its line: by the circuit it comes over, or by PAP, CHAP (RFC 2865), MS-CHAP or MS-CHAPv2 (RFC 2548, RFC 2759) against the form its password is kept in. Pure.
/// </summary>
internal static class LineProof
{
    private const uint BroadbandForum = 3561;

    /// <summary>Agent-Circuit-Id (RFC 4679 section 3.3.1).</summary>
    public static string? CircuitOf(RadiusPacket request) => TextOf(request, 1);

    /// <summary>Agent-Remote-Id (RFC 4679 section 3.3.2).</summary>
    public static string? RemoteOf(RadiusPacket request) => TextOf(request, 2);

    /// <summary>Whether the line is proved; attributes that the method itself adds to the answer are written.</summary>
    public static RejectReason Prove(Line line, RadiusPacket request, RadiusSecret secret, Span<byte> attributes, out int length)
    {
        length = 0;
        if (line.CircuitProves && line.CircuitId == CircuitOf(request) && (line.RemoteId is null || line.RemoteId == RemoteOf(request)))
        {
            return RejectReason.None;
        }

        if (request.TryFind(RadiusType.EapMessage, out ReadOnlySpan<byte> _))
        {
            return RejectReason.EapNotServed;
        }

        if (request.TryFind(RadiusType.UserPassword, out ReadOnlySpan<byte> hidden))
        {
            Span<byte> password = stackalloc byte[RadiusSecret.LongestPassword];
            return line.Password.Form == LinePasswordForm.None ? RejectReason.FormCannotServe
                : secret.TryRevealPassword(hidden, request.Authenticator, password, out var octets) && PasswordCheck.IsRight(line.Password, password[..octets]) ? RejectReason.None : RejectReason.WrongPassword;
        }

        if (request.TryFind(RadiusType.ChapPassword, out ReadOnlySpan<byte> chap))
        {
            // RFC 2865 section 2.2: the challenge is its own attribute or the Request Authenticator.
            var challenge = request.TryFind(RadiusType.ChapChallenge, out ReadOnlySpan<byte> own) ? own : request.Authenticator;
            return (line.Password.Serves & PasswordProofs.Chap) == PasswordProofs.None ? RejectReason.FormCannotServe
                : Chap.Verify(chap, line.Password.Value, challenge) ? RejectReason.None : RejectReason.WrongPassword;
        }

        return request.TryFindVendor(MsChap.Vendor, MsChap.ChallengeType, out var msChallenge) ? ProveMsChap(line, request, secret, msChallenge, attributes, out length) : RejectReason.NoPasswordGiven;
    }

    private static RejectReason ProveMsChap(Line line, RadiusPacket request, RadiusSecret secret, ReadOnlySpan<byte> challenge, Span<byte> attributes, out int length)
    {
        length = 0;
        var isSecond = request.TryFindVendor(MsChap.Vendor, MsChap.Response2Type, out var response);
        if (!isSecond && !request.TryFindVendor(MsChap.Vendor, MsChap.ResponseType, out response))
        {
            return RejectReason.NoPasswordGiven;
        }

        Span<byte> ntHash = stackalloc byte[MsChap.HashOctets];
        if (!PasswordCheck.TryNtHash(line.Password, ntHash))
        {
            return RejectReason.FormCannotServe;
        }

        request.TryFind(RadiusType.UserName, out ReadOnlySpan<byte> user);
        var isRight = isSecond ? MsChap.VerifyV2(response, challenge, user, ntHash) : MsChap.Verify(response, challenge, ntHash);
        if (!isRight)
        {
            return RejectReason.WrongPassword;
        }

        // RFC 2548 sections 2.3.3 and 2.4
        Span<byte> whole = stackalloc byte[RadiusPacket.HeaderOctets + 256];
        var writer = new RadiusWriter(whole, RadiusCode.AccessAccept, 0);
        if (isSecond)
        {
            Span<byte> success = stackalloc byte[1 + MsChap.AuthenticatorResponseOctets];
            success[0] = response[0];
            MsChap.AuthenticatorResponse(ntHash, response[26..], response.Slice(2, 16), challenge, user, success[1..]);
            writer.AddVendor(MsChap.Vendor, MsChap.SuccessType, success);
            Span<byte> send = stackalloc byte[MsChap.HashOctets], recv = stackalloc byte[MsChap.HashOctets], salted = stackalloc byte[64];
            MsChap.MppeKeys(ntHash, response[26..], send, recv);
            var salt = (ushort)RandomNumberGenerator.GetInt32(0x7FFF);
            writer.AddVendor(MsChap.Vendor, MsChap.MppeSendKeyType, salted[..secret.HideSalted(send, salt, request.Authenticator, salted)]);
            writer.AddVendor(MsChap.Vendor, MsChap.MppeRecvKeyType, salted[..secret.HideSalted(recv, (ushort)(salt + 1), request.Authenticator, salted)]);
        }
        else
        {
            Span<byte> keys = stackalloc byte[32], hidden = stackalloc byte[32];
            MsChap.MppeKeysV1(ntHash, keys);
            writer.AddVendor(MsChap.Vendor, MsChap.MppeKeysType, hidden[..secret.HidePassword(keys, request.Authenticator, hidden)]);
        }

        // Encryption allowed, with 40 or 128 bits.
        writer.AddVendor(MsChap.Vendor, MsChap.EncryptionPolicyType, [0, 0, 0, 1]);
        writer.AddVendor(MsChap.Vendor, MsChap.EncryptionTypesType, [0, 0, 0, 6]);
        length = writer.Written - RadiusPacket.HeaderOctets;
        whole[RadiusPacket.HeaderOctets..writer.Written].CopyTo(attributes);
        return RejectReason.None;
    }

    private static string? TextOf(RadiusPacket request, byte type) => request.TryFindVendor(BroadbandForum, type, out var value) ? Encoding.UTF8.GetString(value) : null;
}
