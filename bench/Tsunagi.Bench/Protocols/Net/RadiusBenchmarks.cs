using BenchmarkDotNet.Attributes;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Bench.Protocols.Net;

/// <summary>An Access-Request with PAP and Message-Authenticator, checked and answered. <c>./tsunagi bench '*Radius*'</c>; no step allocates.</summary>
[MemoryDiagnoser]
public class RadiusBenchmarks
{
    private readonly RadiusSecret _secret = new("testing123"u8);
    private readonly byte[] _request = new byte[256];
    private readonly byte[] _answer = new byte[4_096];
    private readonly byte[] _password = new byte[128];
    private int _length;

    [GlobalSetup]
    public void Write()
    {
        var writer = new RadiusWriter(_request, RadiusCode.AccessRequest, 1);
        writer.AddMessageAuthenticator();
        writer.Add(RadiusType.UserName, "u00001");
        _secret.HidePassword("pw00001"u8, writer.Authenticator, writer.Reserve(RadiusType.UserPassword, 16));
        writer.TryFinishAccess(_secret, out _length);
    }

    [Benchmark]
    public bool Parse() => RadiusPacket.TryParse(_request.AsSpan(0, _length), null, out _, out _);

    [Benchmark]
    public bool Check()
    {
        return RadiusPacket.TryParse(_request.AsSpan(0, _length), null, out RadiusPacket packet, out _) && _secret.VerifyMessageAuthenticator(packet) && packet.TryFind(RadiusType.UserPassword, out ReadOnlySpan<byte> hidden)
            && _secret.TryRevealPassword(hidden, packet.Authenticator, _password, out _);
    }

    [Benchmark]
    public bool Answer()
    {
        if (!RadiusPacket.TryParse(_request.AsSpan(0, _length), null, out RadiusPacket packet, out _))
        {
            return false;
        }

        var writer = new RadiusWriter(_answer, RadiusCode.AccessAccept, packet.Identifier);
        writer.AddMessageAuthenticator();
        writer.Add(RadiusType.SessionTimeout, 3_600);
        return writer.TryFinishAnswer(_secret, packet.Authenticator, out _);
    }
}
