using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tsunagi.Connectivity.Proxy;
using Tsunagi.Protocols.Net.Radius;
using Tsunagi.Tests.Connectivity.Radius;

namespace Tsunagi.Tests.Connectivity.Proxy;

/// <summary>A home server on loopback that does what a test says with each request; both kinds at one port.</summary>
internal sealed class FakeHomeServer : IDisposable
{
    public const string Secret = "between us";

    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));

    public FakeHomeServer() => _ = ReceiveAsync();

    public static RadiusSecret Shared { get; } = new(Encoding.ASCII.GetBytes(Secret));

    public int Port => ((IPEndPoint)_socket.Client.LocalEndPoint!).Port;

    /// <summary>Requests as they came, Status-Server left out.</summary>
    public ConcurrentQueue<byte[]> Requests { get; } = new();

    public int Asked;

    /// <summary>Answers of a request; none leaves it unanswered.</summary>
    public Func<byte[], IEnumerable<byte[]>> Answers { get; set; } = static request => [Answer(request)];

    /// <summary>Whether it is there at all.</summary>
    public bool IsUp { get; set; } = true;

    public HomeServerOption Option(string name, string secretFile) => new() { Name = name, Address = "127.0.0.1", AuthenticatePort = Port, AccountPort = Port, SecretFile = secretFile };

    /// <summary>Accept, or what answers the request's kind, with all Proxy-States of the request behind the attributes.</summary>
    public static byte[] Answer(byte[] request, RadiusWorld.Fill? fill = null, RadiusCode? code = null, RadiusSecret? secret = null, bool isSigned = true, bool hasStates = true)
    {
        Assert.True(RadiusPacket.TryParse(request, null, out var packet, out _));
        var buffer = new byte[4_096];
        var writer = new RadiusWriter(buffer, code ?? (packet.Code == RadiusCode.AccountingRequest ? RadiusCode.AccountingResponse : RadiusCode.AccessAccept), packet.Identifier);
        if (isSigned)
        {
            writer.AddMessageAuthenticator();
        }

        // What is hidden in an answer is hidden with the request's authenticator.
        fill?.Invoke(ref writer);
        foreach (var attribute in packet.Attributes)
        {
            if (hasStates && attribute.Type == RadiusType.ProxyState)
            {
                writer.AddEncoded(attribute.Octets);
            }
        }

        Assert.True(writer.TryFinishAnswer(secret ?? Shared, packet.Authenticator, out var length));
        return buffer[..length];
    }

    public void Dispose() => _socket.Dispose();

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                var got = await _socket.ReceiveAsync();
                if (!IsUp)
                {
                    continue;
                }

                if (got.Buffer[0] == (byte)RadiusCode.StatusServer)
                {
                    Interlocked.Increment(ref Asked);

                    // Which of its ports was asked is not known here: each takes the answer of its kind.
                    await _socket.SendAsync(Answer(got.Buffer), got.RemoteEndPoint);
                    await _socket.SendAsync(Answer(got.Buffer, code: RadiusCode.AccountingResponse), got.RemoteEndPoint);
                    continue;
                }

                Requests.Enqueue(got.Buffer);
                foreach (var answer in Answers(got.Buffer))
                {
                    await _socket.SendAsync(answer, got.RemoteEndPoint);
                }
            }
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
