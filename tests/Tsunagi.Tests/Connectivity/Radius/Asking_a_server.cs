using System.Net;
using System.Net.Sockets;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Protocols.Net.Radius;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.Radius;

public class Asking_a_server
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_timer_that_fires_behind_the_answer_harms_nobody()
    {
        var time = new LateTime();
        var secret = new RadiusSecret("secret"u8);
        using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var asking = RadiusClient.AskAsync((IPEndPoint)server.Client.LocalEndPoint!, Request(secret), secret, false, 1, TimeSpan.FromSeconds(2), time, Cancel);
        var received = await server.ReceiveAsync(Cancel);
        await server.SendAsync(Answer(received.Buffer, secret), received.RemoteEndPoint, Cancel);
        Assert.NotNull((await asking).Answer);
        Assert.Equal(1, time.FireAll());
    }

    // A program that is down refuses on loopback at once: the pause until the next try is as long as the wait for an answer, so both timers fire at one moment.
    [Fact]
    public async Task Waits_and_asks_again_where_nobody_listens()
    {
        using var gone = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var server = (IPEndPoint)gone.Client.LocalEndPoint!;
        gone.Dispose();
        var secret = new RadiusSecret("secret"u8);
        var exchange = await RadiusClient.AskAsync(server, Request(secret), secret, false, 40, TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancel);
        Assert.Null(exchange.Answer);
        Assert.Equal(40, exchange.Tries);
        Assert.NotNull(exchange.Problem);
    }

    private static byte[] Request(RadiusSecret secret)
    {
        var buffer = new byte[64];
        var writer = new RadiusWriter(buffer, RadiusCode.AccountingRequest, 1);
        writer.Add(RadiusType.AcctStatusType, 1u);
        Assert.True(writer.TryFinishSigned(secret, out var length));
        return buffer[..length];
    }

    private static byte[] Answer(byte[] request, RadiusSecret secret)
    {
        var buffer = new byte[64];
        var writer = new RadiusWriter(buffer, RadiusCode.AccountingResponse, request[1]);
        Assert.True(writer.TryFinishAnswer(secret, request.AsSpan(4, RadiusPacket.AuthenticatorOctets), out var length));
        return buffer[..length];
    }
}
