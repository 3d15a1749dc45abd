using System.Text;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Tests.Protocols.Net.Radius;

public class MsChap_answers
{
    private static readonly byte[] AuthenticatorChallenge = Convert.FromHexString("5B5D7C7D7B3F2F3E3C2C602132262628");
    private static readonly byte[] PeerChallenge = Convert.FromHexString("21402324255E262A28295F2B3A337C7E");
    private static readonly byte[] NtResponse = Convert.FromHexString("82309ECD8D708B5EA08FAA3981CD83544233114A3D85D6DF");

    [Fact]
    public void Of_version_2_are_those_of_rfc_2759_section_9_2()
    {
        byte[] hash = NtHash("clientPass"), hashHash = new byte[16], challenge = new byte[8], response = new byte[24], success = new byte[42];
        Assert.Equal("44EBBA8D5312B8D611474411F56989AE", Convert.ToHexString(hash));
        MsChap.HashNtHash(hash, hashHash);
        Assert.Equal("41C00C584BD2D91C4017A2A12FA59F3F", Convert.ToHexString(hashHash));
        MsChap.ChallengeHash(PeerChallenge, AuthenticatorChallenge, "User"u8, challenge);
        Assert.Equal("D02E4386BCE91226", Convert.ToHexString(challenge));
        MsChap.NtResponse(AuthenticatorChallenge, PeerChallenge, "User"u8, hash, response);
        Assert.Equal(NtResponse, response);
        MsChap.AuthenticatorResponse(hash, response, PeerChallenge, AuthenticatorChallenge, "User"u8, success);
        Assert.Equal("S=407A5589115FD0D6209F510FE9C04566932CDA56", Encoding.ASCII.GetString(success));
    }

    [Fact]
    public void Of_version_2_leave_the_domain_out()
    {
        byte[] attribute = Attribute2(7);
        Assert.True(MsChap.VerifyV2(attribute, AuthenticatorChallenge, "BIGCO\\User"u8, NtHash("clientPass")));
        Assert.False(MsChap.VerifyV2(attribute, AuthenticatorChallenge, "user"u8, NtHash("clientPass")));
        Assert.False(MsChap.VerifyV2(attribute, AuthenticatorChallenge, "User"u8, NtHash("clientpass")));
        Assert.False(MsChap.VerifyV2(attribute.AsSpan(1), AuthenticatorChallenge, "User"u8, NtHash("clientPass")));
        Assert.False(MsChap.VerifyV2(attribute, AuthenticatorChallenge.AsSpan(1), "User"u8, NtHash("clientPass")));
    }

    [Fact]
    public void Of_version_1_are_those_of_rfc_2433_appendix_b()
    {
        // RFC 2433 section B.2: password "MyPw", challenge 10 2D B5 DF 08 5D 30 41.
        byte[] challenge = Convert.FromHexString("102DB5DF085D3041"), response = new byte[24];
        byte[] hash = NtHash("MyPw");
        Assert.Equal("FC156AF7EDCD6C0EDDE3337D427F4EAC", Convert.ToHexString(hash));
        MsChap.ChallengeResponse(challenge, hash, response);
        Assert.Equal("4E9D3C8F9CFD385D5BF4D3246791956CA4C351AB409A3D61", Convert.ToHexString(response));

        byte[] attribute = [1, 1, .. new byte[24], .. response];
        Assert.True(MsChap.Verify(attribute, challenge, hash));
        attribute[1] = 0; // the LM response would count, which is none
        Assert.False(MsChap.Verify(attribute, challenge, hash));
    }

    [Fact]
    public void Give_the_mppe_keys_of_rfc_3079_section_3_5_3()
    {
        // RFC 3079 section 3.5.3 (128-bit): SendStartKey128 of the server's side of that exchange.
        byte[] send = new byte[16], recv = new byte[16];
        MsChap.MppeKeys(NtHash("clientPass"), NtResponse, send, recv);
        Assert.Equal("8B7CDC149B993A1BA118CB153F56DCCB", Convert.ToHexString(send));
        Assert.NotEqual(send, recv);
        byte[] keys = new byte[32];
        MsChap.MppeKeysV1(NtHash("clientPass"), keys);
        Assert.Equal("000000000000000041C00C584BD2D91C4017A2A12FA59F3F0000000000000000", Convert.ToHexString(keys));
    }

    [Fact]
    public void That_fail_say_so_in_the_words_of_their_version()
    {
        Assert.Equal("E=691 R=0 C=D02E4386BCE91226 V=2", MsChap.Error(691, false, Convert.FromHexString("D02E4386BCE91226"), 1));
        Assert.Equal("E=647 R=1 C=5B5D7C7D7B3F2F3E3C2C602132262628 V=3 M=Account disabled", MsChap.Error(647, true, AuthenticatorChallenge, 2));
    }

    private static byte[] NtHash(string password)
    {
        byte[] hash = new byte[16];
        MsChap.NtHash(password, hash);
        return hash;
    }

    private static byte[] Attribute2(byte identifier) => [identifier, 0, .. PeerChallenge, .. new byte[8], .. NtResponse];
}
