using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FsCheck.Fluent;
using Tsunagi.Protocols.Net.Radius;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Net.Radius;

public class Radius_secrets
{
    [Fact]
    public void Hash_as_the_base_library_does() => Properties.Holds(Properties.Bytes("ab", 300), octets =>
    {
        Span<byte> hash = stackalloc byte[16];
        Md5State.Hash(octets, hash);
        Assert.True(hash.SequenceEqual(MD5.HashData(octets)));

        var state = Md5State.Start();
        foreach (byte[] part in octets.Chunk(7))
        {
            state.Update(part);
        }

        state.Finish(hash);
        Assert.True(hash.SequenceEqual(MD5.HashData(octets)));
    });

    [Theory]
    [InlineData("", "31d6cfe0d16ae931b73c59d7e0c089c0")]
    [InlineData("a", "bde52cb31de33e46245e05fbdbd6fb24")]
    [InlineData("abc", "a448017aaf21d8525fc10ae87aa6729d")]
    [InlineData("message digest", "d9130a8164549fe818874806e1c7014b")]
    [InlineData("abcdefghijklmnopqrstuvwxyz", "d79e1c308aa5bbcdeea8ed63df412da9")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "043f8582f241db351ce627e153e7f0e4")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345678901234567890", "e33b4ddc9c38f2199c3e7b164fcc0536")]
    public void Hash_by_md4_as_rfc_1320_says(string text, string hash)
    {
        Span<byte> result = stackalloc byte[16];
        Md4.Hash(Encoding.ASCII.GetBytes(text), result);
        Assert.Equal(hash, Convert.ToHexStringLower(result));
    }

    [Fact]
    public void Of_rfc_2865_section_7_1_hide_and_sign()
    {
        // RFC 2865 section 7.1
        byte[] request = Convert.FromHexString("010000380f403f9473978057bd83d5cb98f4227a01066e656d6f02120dbe708d93d413ce3196e43f782a0aee0406c0a80110050600000003");
        byte[] answer = Convert.FromHexString("0200002686fe220e7624ba2a1005f6bf9b55e0b20606000000010f06000000000e06c0a80103");
        var secret = new RadiusSecret("xyzzy5461"u8);
        Assert.True(RadiusPacket.TryParse(request, null, out RadiusPacket asked, out _));
        Assert.True(asked.TryFind(RadiusType.UserPassword, out ReadOnlySpan<byte> hidden));
        Span<byte> password = stackalloc byte[128];
        Assert.True(secret.TryRevealPassword(hidden, asked.Authenticator, password, out int length));
        Assert.Equal("arctangent", Encoding.ASCII.GetString(password[..length]));
        Assert.True(RadiusPacket.TryParse(answer, null, out RadiusPacket answered, out _));
        Assert.True(secret.VerifyAnswer(answered, asked.Authenticator));

        byte[] again = new byte[64];
        var writer = new RadiusWriter(again, RadiusCode.AccessAccept, 0);
        writer.Add(RadiusType.ServiceType, 1);
        writer.Add(15, 0);
        writer.Add(14, System.Net.IPAddress.Parse("192.168.1.3"));
        Assert.True(writer.TryFinishAnswer(secret, asked.Authenticator, out int written));
        Assert.Equal(answer, again[..written]);
    }

    [Fact]
    public void Of_rfc_2865_section_7_2_answer_chap()
    {
        byte[] request = Convert.FromHexString("010100472aee86f08d0d55969ca5978e0d3367a20108666c6f707379031316e97557c316185895f293ff63440772750406c0a80110050600000014060600000002070600000001");
        Assert.True(RadiusPacket.TryParse(request, null, out RadiusPacket asked, out _));
        Assert.True(asked.TryFind(RadiusType.ChapPassword, out ReadOnlySpan<byte> chap));
        Assert.True(Chap.Verify(chap, "arctangent"u8, asked.Authenticator));
        Assert.False(Chap.Verify(chap, "arctangenT"u8, asked.Authenticator) || Chap.Verify(chap[..16], "arctangent"u8, asked.Authenticator));
    }

    [Fact]
    public void Of_the_shared_vectors_hold()
    {
        string? path = SharedFiles.Find("data/connectivity/vectors/rfc2865_rfc2759.json");
        Assert.SkipWhen(path is null, "connectivity/vectors is not there");
        using JsonDocument vectors = JsonDocument.Parse(File.ReadAllText(path));
        foreach (string name in (string[])["rfc2865_7_1", "rfc2865_7_2"])
        {
            JsonElement vector = vectors.RootElement.GetProperty(name);
            var secret = new RadiusSecret(Encoding.ASCII.GetBytes(vector.GetProperty("secret").GetString()!));
            Assert.True(RadiusPacket.TryParse(Convert.FromHexString(vector.GetProperty("request").GetString()!), null, out RadiusPacket asked, out _));
            Assert.True(RadiusPacket.TryParse(Convert.FromHexString(vector.GetProperty("response").GetString()!), null, out RadiusPacket answered, out _));
            Assert.True(secret.VerifyAnswer(answered, asked.Authenticator));
        }
    }

    [Theory]
    [InlineData(0, 16)]
    [InlineData(16, 16)]
    [InlineData(17, 32)]
    [InlineData(128, 128)]
    [InlineData(129, 0)]
    public void Hide_passwords_of_up_to_128_octets(int octets, int hidden)
    {
        var secret = new RadiusSecret("s"u8);
        byte[] password = [.. Enumerable.Range(1, octets).Select(static each => (byte)each)];
        byte[] authenticator = RandomNumberGenerator.GetBytes(16);
        byte[] result = new byte[160];
        Assert.Equal(hidden, secret.HidePassword(password, authenticator, result));
        if (hidden > 0)
        {
            byte[] revealed = new byte[128];
            Assert.True(secret.TryRevealPassword(result.AsSpan(0, hidden), authenticator, revealed, out int length));
            Assert.Equal(password, revealed[..length]);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(144)]
    public void Refuse_hidden_passwords_of_a_wrong_length(int octets) =>
        Assert.False(new RadiusSecret("s"u8).TryRevealPassword(new byte[octets], new byte[16], new byte[256], out _));

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(239)]
    public void Hide_with_a_salt_and_reveal_the_same(int octets)
    {
        var secret = new RadiusSecret(Encoding.ASCII.GetBytes(new string('k', 80)));
        byte[] value = RandomNumberGenerator.GetBytes(octets);
        byte[] authenticator = RandomNumberGenerator.GetBytes(16);
        byte[] hidden = new byte[253], revealed = new byte[253];
        int length = secret.HideSalted(value, 0x0102, authenticator, hidden);
        Assert.True(length > octets && (hidden[0] & 0x80) != 0);
        Assert.True(secret.TryRevealSalted(hidden.AsSpan(0, length), authenticator, revealed, out int clear));
        Assert.Equal(value, revealed[..clear]);
        Assert.Equal(0, secret.HideSalted(new byte[240], 1, authenticator, hidden));
    }

    [Fact]
    public void Are_not_empty() => Assert.Throws<ArgumentException>(static () => new RadiusSecret([]));
}
