using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Protocols.Cpe.Cwmp;
using Tsunagi.Routers.Cwmp;
using Tsunagi.Routers.Simulate;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Routers;

/// <summary>The order of a session, its cookie and connection, what does not belong in it.</summary>
public class Acs_sessions(RoutersNode world) : IClassFixture<RoutersNode>
{
    [Fact]
    public async Task Are_known_by_cookie_and_by_connection()
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        var (status, message, response) = await RoutersNode.PostAsync(http, world.Url, RoutersNode.Inform("S1"));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.IsType<InformResponse>(message);
        string cookie = response.Headers.GetValues("Set-Cookie").First().Split(';')[0];

        // The router's own request, then its turn ends; by connection, without the cookie.
        (_, message, _) = await RoutersNode.PostAsync(http, world.Url, new GetRpcMethods());
        Assert.Contains("Inform", Assert.IsType<GetRpcMethodsResponse>(message).Methods);
        (_, message, _) = await RoutersNode.PostAsync(http, world.Url, new UnknownMethod("X_Dance"), cookie);
        Assert.Equal(8000, Assert.IsType<CwmpFault>(message).Code);
        (_, message, _) = await RoutersNode.PostAsync(http, world.Url, new TransferComplete("k", 0, "", "", ""), cookie);
        Assert.IsType<TransferCompleteResponse>(message);

        // By cookie over another connection.
        using var other = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        (status, _, _) = await RoutersNode.PostAsync(other, world.Url, null, cookie);
        Assert.Equal(HttpStatusCode.NoContent, status);

        // It is over.
        (status, _, _) = await RoutersNode.PostAsync(http, world.Url, null, cookie);
        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    [Fact]
    public async Task Of_one_router_supersede_each_other()
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        var (_, _, response) = await RoutersNode.PostAsync(http, world.Url, RoutersNode.Inform("S2"));
        string first = response.Headers.GetValues("Set-Cookie").First().Split(';')[0];
        using var other = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        (_, _, response) = await RoutersNode.PostAsync(other, world.Url, RoutersNode.Inform("S2"));
        string second = response.Headers.GetValues("Set-Cookie").First().Split(';')[0];
        Assert.Equal(HttpStatusCode.BadRequest, (await RoutersNode.PostAsync(http, world.Url, null, first)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await RoutersNode.PostAsync(other, world.Url, null, second)).Status);
    }

    [Fact]
    public async Task Of_two_routers_over_one_connection_of_a_proxy_go_on_by_their_cookies_and_only_by_them()
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, MaxConnectionsPerServer = 1 });
        async Task<string> InformAsync(string serial) =>
            (await RoutersNode.PostAsync(http, world.Url, RoutersNode.Inform(serial))).Response.Headers.GetValues("Set-Cookie").First().Split(';')[0];

        string first = await InformAsync("P1"), second = await InformAsync("P2");
        Assert.IsType<GetRpcMethodsResponse>((await RoutersNode.PostAsync(http, world.Url, new GetRpcMethods(), first)).Message);
        Assert.Equal(HttpStatusCode.BadRequest, (await RoutersNode.PostAsync(http, world.Url, new GetRpcMethods())).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await RoutersNode.PostAsync(http, world.Url, null, second)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await RoutersNode.PostAsync(http, world.Url, null, first)).Status);

        // Whose word it is without a cookie is not certain on such a connection any more, whoever begins on it.
        await InformAsync("P3");
        Assert.Equal(HttpStatusCode.BadRequest, (await RoutersNode.PostAsync(http, world.Url, null)).Status);
    }

    [Fact]
    public async Task Refuse_what_is_out_of_order_and_what_is_no_message()
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        Assert.Equal(HttpStatusCode.BadRequest, (await RoutersNode.PostAsync(http, world.Url, null)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await RoutersNode.PostAsync(http, world.Url, new RebootResponse())).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await RoutersNode.PostAsync(http, world.Url, null, octets: Encoding.ASCII.GetBytes("hello"))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await RoutersNode.PostAsync(http, world.Url, null, octets: Encoding.ASCII.GetBytes("<!DOCTYPE a><Envelope/>"))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await RoutersNode.PostAsync(http, world.Url, RoutersNode.Inform("S3") with { Device = new DeviceId("A", "not hex", "", "1") })).Status);
        using var get = await http.GetAsync(world.Url, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
        var (_, _, response) = await RoutersNode.PostAsync(http, world.Url, RoutersNode.Inform("S3"));
        string cookie = response.Headers.GetValues("Set-Cookie").First().Split(';')[0];
        Assert.Equal(HttpStatusCode.BadRequest, (await RoutersNode.PostAsync(http, world.Url, new RebootResponse(), cookie)).Status);

        // Neither listener answers for the other.
        using var console = await http.GetAsync(new Uri(world.Url, "/sign-in"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, console.StatusCode);
        using var acs = await http.PostAsync(new Uri(world.Node.Url), new ByteArrayContent(CwmpWriter.Write(new CwmpEnvelope { Message = RoutersNode.Inform("S4") })), TestContext.Current.CancellationToken);
        Assert.NotEqual(HttpStatusCode.OK, acs.StatusCode);
    }

    [Fact]
    public async Task Take_blanks_for_an_empty_post_and_chunks_for_a_message()
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        using var chunked = new HttpRequestMessage(HttpMethod.Post, world.Url) { Content = new StreamContent(new Trickle(CwmpWriter.Write(new CwmpEnvelope { Message = RoutersNode.Inform("S5") }))) };
        chunked.Headers.TransferEncodingChunked = true;
        using var response = await http.SendAsync(chunked, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await RoutersNode.PostAsync(http, world.Url, null, octets: "\r\n"u8.ToArray())).Status);
    }

    [Fact]
    public void Follow_the_table_in_every_state()
    {
        foreach (SessionState state in Enum.GetValues<SessionState>())
        {
            foreach (SessionInput input in Enum.GetValues<SessionInput>())
            {
                Assert.Equal(input == SessionInput.Inform, SessionTable.Step(state, input) == SessionStep.Begin);
            }
        }
    }

    [Fact]
    public async Task Recorded_from_another_router_run_to_their_end()
    {
        string? folder = SharedFiles.Find("data/routers/cwmp");
        Assert.SkipWhen(folder is null, "the recorded session is not here (TSUNAGI_SHARED)");
        await world.AddSiteAsync("Recorded", device: "202BC1-BM632w-000000");
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        byte[] inform = await File.ReadAllBytesAsync(Path.Combine(folder!, "sim-session-0.xml"), TestContext.Current.CancellationToken);
        Assert.IsType<InformResponse>((await RoutersNode.PostAsync(http, world.Url, null, octets: inform)).Message);
        var (_, message, _) = await RoutersNode.PostAsync(http, world.Url, null);
        Assert.Equal(new GetParameterNames("InternetGatewayDevice.", NextLevel: false), message);
        byte[] names = await File.ReadAllBytesAsync(Path.Combine(folder!, "sim-session-4.xml"), TestContext.Current.CancellationToken);
        (_, message, _) = await RoutersNode.PostAsync(http, world.Url, null, octets: names);
        Assert.IsType<GetParameterValues>(message);
        byte[] values = await File.ReadAllBytesAsync(Path.Combine(folder!, "sim-session-5.xml"), TestContext.Current.CancellationToken);
        HttpStatusCode status;
        (status, message, _) = await RoutersNode.PostAsync(http, world.Url, null, octets: values);
        Assert.True(status is HttpStatusCode.NoContent || message is GetParameterValues, status.ToString());
    }

    private sealed class Trickle(byte[] octets) : MemoryStream(octets)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..Math.Min(buffer.Length, 100)], cancellationToken);
    }
}
