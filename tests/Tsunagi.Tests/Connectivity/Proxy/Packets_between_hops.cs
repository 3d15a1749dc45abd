using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Tsunagi.Connectivity.Proxy;
using Tsunagi.Protocols.Net.Radius;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.Proxy;

/// <summary>What goes on and what comes back, whatever stands in it: only what must change does.</summary>
public class Packets_between_hops
{
    private static readonly RadiusSecret Nas = new("the access server's"u8);
    private static readonly RadiusSecret Home = new("the home server's"u8);

    private static readonly ProxiedRealm Open = new("*", [], false, false, RelayedAccounting.Through, new ReplyFilter(["Filter-Id", "Tunnel-Password", "Framed-Route", "Service-Type"], [], "test"), []);

    [Fact]
    public void Open_the_same_password_under_the_other_secret() => Properties.Holds(Properties.Bytes("ab", 128), password =>
    {
        var request = Request((ref writer) =>
        {
            Span<byte> hidden = stackalloc byte[128];
            writer.Add(RadiusType.UserPassword, hidden[..Nas.HidePassword(password, writer.Authenticator, hidden)]);
        });
        Assert.True(RadiusPacket.TryParse(Forward(request, out _), null, out var sent, out _));
        Assert.True(sent.TryFind(RadiusType.UserPassword, out ReadOnlySpan<byte> found));
        Span<byte> clear = stackalloc byte[128];
        Assert.True(Home.TryRevealPassword(found, sent.Authenticator, clear, out var length));
        Assert.Equal(password.AsSpan().TrimEnd((byte)0), clear[..length]);
        Assert.True(Home.VerifyMessageAuthenticator(sent));
    });

    [Fact]
    public void Keep_proxy_states_and_all_else_in_their_order() => Properties.Holds(Attributes(), attributes =>
    {
        var request = Request((ref writer) =>
        {
            foreach (var (type, value) in attributes)
            {
                writer.Add(type, value);
            }
        });
        var sent = Forward(request, out var state);
        var ours = new[] { RadiusType.ProxyState, (byte)(state.Length + 2) }.Concat(state);
        Assert.True(RadiusPacket.TryParse(request, null, out var asked, out _));
        Assert.Equal(asked.Attributes.Octets[18..].ToArray().Concat(ours), sent[(RadiusPacket.HeaderOctets + 18)..]);

        // Whatever the home server makes of Proxy-States, the access server gets its own.
        var buffer = new byte[4_096];
        var writer = new RadiusWriter(buffer, RadiusCode.AccessAccept, sent[1]);
        writer.AddMessageAuthenticator();
        writer.Add(RadiusType.ProxyState, "not asked for"u8);
        writer.Add(RadiusType.ReplyMessage, "hello");
        Assert.True(writer.TryFinishAnswer(Home, sent.AsSpan(4, 16), out var length));
        Assert.True(RadiusPacket.TryParse(buffer.AsSpan(0, length), null, out var answer, out _));
        var back = new byte[4_096];
        var written = ProxiedPackets.WriteAnswer(answer, asked, Open, new RadiusHop(Home, sent.AsSpan(4, 16)), new RadiusHop(Nas, asked.Authenticator), static _ => true, back, out _);
        Assert.True(RadiusPacket.TryParse(back.AsSpan(0, written), null, out var returned, out _));
        Assert.True(Nas.VerifyAnswer(returned, asked.Authenticator) && Nas.VerifyMessageAuthenticator(returned, asked.Authenticator));
        Assert.Equal(RadiusPacket.HeaderOctets, returned.MessageAuthenticatorAt);
        Assert.Equal(States(asked), States(returned));
    }, count: 200);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Hide_a_tunnels_password_anew_or_do_not_go_on(bool isWhole)
    {
        var request = Request(static (ref _) => { });
        var sent = Forward(request, out _);
        var buffer = new byte[512];
        var writer = new RadiusWriter(buffer, RadiusCode.AccessAccept, sent[1]);
        writer.AddMessageAuthenticator();
        Span<byte> value = stackalloc byte[64];
        value[0] = 3;
        var length = 1 + Home.HideSalted("tunnel"u8, 0x9ABC, sent.AsSpan(4, 16), value[1..]);
        writer.Add(RadiusType.TunnelPassword, isWhole ? value[..length] : value[..(length - 1)]);
        Assert.True(writer.TryFinishAnswer(Home, sent.AsSpan(4, 16), out var whole));
        Assert.True(RadiusPacket.TryParse(request, null, out var asked, out _) & RadiusPacket.TryParse(buffer.AsSpan(0, whole), null, out var answer, out _));
        var back = new byte[4_096];
        var written = ProxiedPackets.WriteAnswer(answer, asked, Open, new RadiusHop(Home, sent.AsSpan(4, 16)), new RadiusHop(Nas, asked.Authenticator), static _ => true, back, out _);
        Assert.Equal(isWhole, written > 0);
        if (isWhole)
        {
            Assert.True(RadiusPacket.TryParse(back.AsSpan(0, written), null, out var returned, out _));
            Assert.Contains("Tunnel-Password:3 = \"tunnel\"", RadiusDecoder.Decode(returned, RadiusDictionary.Standard, Nas, request[4..20]).Select(static pair => pair.ToString()));
        }
    }

    [Fact]
    public void Longer_than_a_packet_do_not_go_on()
    {
        var request = Request(static (ref writer) =>
        {
            for (var i = 0; i < 15; i++)
            {
                writer.Add(RadiusType.ReplyMessage, new byte[253]);
            }

            writer.Add(RadiusType.ReplyMessage, new byte[215]);
        });
        Assert.True(RadiusPacket.TryParse(request, null, out var packet, out _));
        Assert.Equal(4_096, ProxiedPackets.WriteRequest(packet, Nas, Home, 1, new byte[14], false, new byte[4_096]));
        Assert.Equal(0, ProxiedPackets.WriteRequest(packet, Nas, Home, 1, new byte[15], false, new byte[4_096]));
    }

    private delegate void Fill(ref RadiusWriter writer);

    private static byte[] Request(Fill fill)
    {
        var buffer = new byte[4_096];
        var writer = new RadiusWriter(buffer, RadiusCode.AccessRequest, 7);
        RandomNumberGenerator.Fill(writer.Authenticator);
        writer.AddMessageAuthenticator();
        fill(ref writer);
        Assert.True(writer.TryFinishAccess(Nas, out var length));
        return buffer[..length];
    }

    private static byte[] Forward(byte[] request, out byte[] state)
    {
        state = [1, 2, 3, 4, 5, 6, 7, 8];
        var buffer = new byte[4_096];
        Assert.True(RadiusPacket.TryParse(request, null, out var packet, out _));
        return buffer[..ProxiedPackets.WriteRequest(packet, Nas, Home, 9, state, false, buffer)];
    }

    private static Gen<(byte Type, byte[] Value)[]> Attributes() => Gen.ArrayOf(
        from type in Gen.Frequency((2, Gen.Constant(RadiusType.ProxyState)), (3, Gen.Elements<byte>(RadiusType.UserName, RadiusType.CallingStationId, RadiusType.EapMessage, RadiusType.NasPortId, RadiusType.State, 250)))
        from value in Properties.Bytes("ab@", 40)
        select (type, value.Length > 0 ? value : "x"u8.ToArray()),
        12);

    private static List<string> States(RadiusPacket packet)
    {
        var states = new List<string>();
        foreach (var attribute in packet.Attributes)
        {
            if (attribute.Type == RadiusType.ProxyState)
            {
                states.Add(Convert.ToHexString(attribute.Octets));
            }
        }

        return states;
    }
}
