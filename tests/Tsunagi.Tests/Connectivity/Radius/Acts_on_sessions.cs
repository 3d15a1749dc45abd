using System.Net;
using System.Net.Sockets;
using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Sessions;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Tests.Connectivity.Radius;

public class Acts_on_sessions
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(RadiusCode.DisconnectAck, null, "ack", "")]
    [InlineData(RadiusCode.DisconnectNak, 503u, "nak", "Session-Context-Not-Found")]
    [InlineData(null, null, "no-answer", "")]
    public async Task Keep_what_the_access_server_answered(RadiusCode? code, uint? cause, string outcome, string errorCause)
    {
        await using var world = await RadiusWorld.OpenAsync(RadiusWorld.Options() with { Sessions = new SessionOptions { ActTries = 2, ActWait = TimeSpan.FromSeconds(2) } });
        using var nas = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        world.Set(own => own with { DynamicAuthorization = (IPEndPoint)nas.Client.LocalEndPoint! }, world.Line("joe", "secret"));
        await world.AccountAsync(world.Accounting(1, "a", static (ref writer) => writer.Add(RadiusType.FramedIpAddress, IPAddress.Parse("192.0.2.7"))));
        await world.ProjectAsync();
        var session = Assert.Single(await world.SessionsAsync());
        var serving = ServeAsync(world, nas, code, cause);
        var acting = world.World.Get<SessionActs>().DisconnectAsync(world.World.Operator, session.Id, "a test", Cancel).AsTask();
        var received = await serving;
        if (code is null)
        {
            while (!acting.IsCompleted)
            {
                world.World.Time.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
            }
        }

        var act = ConnectivityWorld.Value(await acting);
        Assert.Equal((outcome, errorCause, "disconnect", "a test"), (act.Outcome, act.ErrorCause, act.Kind, act.Reason));
        Assert.Equal(act, Assert.Single(await world.World.Get<SessionStore>().ActsAsync(world.World.Operator, session.Id, Cancel)));
        Assert.Contains("User-Name = \"joe\"", received, StringComparison.Ordinal);
        Assert.Contains("Acct-Session-Id = \"a\"", received, StringComparison.Ordinal);
        Assert.Contains("Framed-IP-Address = 192.0.2.7", received, StringComparison.Ordinal);
        Assert.Null(Assert.Single(await world.SessionsAsync()).EndedAt); // its accounting ends it
    }

    [Fact]
    public async Task Send_attributes_and_refuse_what_is_none()
    {
        await using var world = await RadiusWorld.OpenAsync();
        using var nas = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        world.Set(own => own with { DynamicAuthorization = (IPEndPoint)nas.Client.LocalEndPoint! }, world.Line("joe", "secret"));
        await world.AccountAsync(world.Report(1, "a", 0, 0, 0));
        await world.ProjectAsync();
        var session = Assert.Single(await world.SessionsAsync());
        var acts = world.World.Get<SessionActs>();
        var serving = ServeAsync(world, nas, RadiusCode.CoaAck, null);
        var act = ConnectivityWorld.Value(await acts.ChangeAsync(world.World.Operator, session.Id, "quota", [new LineReply("Mikrotik-Rate-Limit", "1M/1M")], Cancel));
        Assert.Equal(("coa", "ack"), (act.Kind, act.Outcome));
        Assert.Contains("Mikrotik-Rate-Limit = \"1M/1M\"", await serving, StringComparison.Ordinal);
        Assert.Equal("connectivity.session.attribute", (await acts.ChangeAsync(world.World.Operator, session.Id, "x", [new LineReply("Session-Timeout", "soon")], Cancel)).Refusal!.Code);
        await world.AccountAsync(world.Report(2, "a", 10, 1, 1, identifier: 2));
        await world.ProjectAsync();
        Assert.Equal("connectivity.session.ended", (await acts.DisconnectAsync(world.World.Operator, session.Id, "x", Cancel)).Refusal!.Code);
        Assert.Equal("not-found", (await acts.DisconnectAsync(world.World.Operator, "cs_none", "x", Cancel)).Refusal!.Code);
    }

    private static async Task<string> ServeAsync(RadiusWorld world, UdpClient nas, RadiusCode? code, uint? cause)
    {
        var received = await nas.ReceiveAsync(Cancel);
        return Answer(world, nas, code, cause, received);
    }

    private static string Answer(RadiusWorld world, UdpClient nas, RadiusCode? code, uint? cause, UdpReceiveResult received)
    {
        Assert.True(RadiusPacket.TryParse(received.Buffer, null, out var request, out _));
        Assert.True(world.Shared.VerifyRequest(request) && world.Shared.VerifyMessageAuthenticator(request));
        if (code is { } answer)
        {
            var buffer = new byte[128];
            var writer = new RadiusWriter(buffer, answer, request.Identifier);
            if (cause is { } error)
            {
                writer.Add(RadiusType.ErrorCause, error);
            }

            Assert.True(writer.TryFinishAnswer(world.Shared, request.Authenticator, out var length));
            nas.Send(buffer, length, received.RemoteEndPoint);
        }

        return string.Join(", ", RadiusDecoder.Decode(request, RadiusDictionary.Standard).SelectMany(static pair => pair.Leaves()));
    }
}
