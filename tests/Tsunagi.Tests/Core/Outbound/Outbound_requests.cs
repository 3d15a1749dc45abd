using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Outbound;

namespace Tsunagi.Tests.Core.Outbound;

public sealed class Outbound_requests : IAsyncLifetime
{
    private static readonly OutboundOptions Loopback = new() { Allow = [IPNetwork.Parse("127.0.0.0/8")], MaxResponseBytes = 4_096 };
    private WebApplication _app = null!;
    private int _port;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.MapGet("/bytes/{count:int}", (int count) => Results.Text(new string('x', count)));
        _app.MapGet("/stream/{count:int}", async (int count, HttpContext context) =>
        {
            for (var sent = 0; sent < count; sent += 512)
            {
                await context.Response.Body.WriteAsync(new byte[Math.Min(512, count - sent)]);
            }
        });
        _app.MapGet("/redirect", () => Results.Redirect("http://169.254.169.254/latest/meta-data"));
        _app.MapGet("/hang", async (HttpContext context) => await Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System, context.RequestAborted));
        await _app.StartAsync(Cancel);
        _port = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
    }

    public async ValueTask DisposeAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(deadline.Token);
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Answer_is_read_up_to_the_limit_and_one_byte_more_is_too_much()
    {
        Assert.Equal(4_096, (await GetAsync("/bytes/4096", Loopback)).Body.Length);
        Assert.Contains("longer than 4096", (await GetAsync("/bytes/4097", Loopback)).Problem, StringComparison.Ordinal);
        Assert.Equal(4_096, (await GetAsync("/stream/4096", Loopback)).Body.Length);
        Assert.Contains("longer than 4096", (await GetAsync("/stream/4097", Loopback)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirect_is_an_answer_and_is_not_followed()
    {
        var answer = await GetAsync("/redirect", Loopback);
        Assert.Equal(302, answer.Status);
        Assert.False(answer.Ok);
    }

    [Fact]
    public async Task Host_that_never_answers_is_given_up_at_the_deadline() =>
        Assert.Contains("no answer within 0.7", (await GetAsync("/hang", Loopback with { RequestDeadline = TimeSpan.FromMilliseconds(700) })).Problem, StringComparison.Ordinal);

    [Theory]
    [InlineData("http://127.0.0.1")]
    [InlineData("http://localhost")]
    [InlineData("http://[::1]")]
    [InlineData("http://2130706433")]
    [InlineData("http://0x7f.1")]
    [InlineData("http://0177.0.0.1")]
    [InlineData("http://[::ffff:127.0.0.1]")]
    public async Task Loopback_in_any_spelling_is_refused_without_saying_what_is_there(string host)
    {
        var answer = await SendAsync($"{host}:{_port}/bytes/1", new OutboundOptions());
        Assert.Null(answer.Status);
        Assert.Contains("not public", answer.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1,", answer.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_that_resolves_to_a_private_address_is_refused_at_the_connect()
    {
        using var http = Http(new OutboundOptions(), (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("10.0.0.1"), IPAddress.Parse("169.254.169.254")]));
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://innocent.example/");
        Assert.Contains("not public (private)", (await http.SendAsync(request, Cancel)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_names_addresses_only_the_allowed_are_tried()
    {
        var tcp = Tcp(Loopback, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("10.0.0.1"), IPAddress.Loopback]));
        await using var stream = await tcp.ConnectAsync("two.example", _port, Cancel);
        Assert.Equal(IPAddress.Loopback, ((IPEndPoint)stream.Socket.RemoteEndPoint!).Address);
    }

    [Fact]
    public async Task Name_that_changes_between_two_requests_is_checked_each_time_it_is_connected()
    {
        var asked = 0;
        var tcp = Tcp(Loopback, (_, _) => Task.FromResult<IPAddress[]>([asked++ == 0 ? IPAddress.Loopback : IPAddress.Parse("10.0.0.1")]));
        await (await tcp.ConnectAsync("rebind.example", _port, Cancel)).DisposeAsync();
        await Assert.ThrowsAsync<OutboundRefusedException>(() => tcp.ConnectAsync("rebind.example", _port, Cancel).AsTask());
    }

    [Fact]
    public async Task Resolver_that_hangs_or_fails_is_an_io_error_with_the_name()
    {
        var hanging = Tcp(Loopback with { ConnectDeadline = TimeSpan.FromMilliseconds(150) }, async (_, cancellationToken) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System, cancellationToken);
            return [];
        });
        Assert.Contains("no answer within", (await Assert.ThrowsAsync<IOException>(() => hanging.ConnectAsync("slow.example", 25, Cancel).AsTask())).Message, StringComparison.Ordinal);
        var unknown = Tcp(Loopback, (_, _) => Task.FromException<IPAddress[]>(new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.HostNotFound)));
        Assert.Contains("resolving unknown.example", (await Assert.ThrowsAsync<IOException>(() => unknown.ConnectAsync("unknown.example", 25, Cancel).AsTask())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://host.example/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("host.example")]
    [InlineData("https://user:secret@host.example/")]
    [InlineData("https://host.example/#x")]
    public async Task Address_of_another_kind_is_refused_before_anything_is_sent(string url)
    {
        Assert.NotNull(OutboundHttp.WhyNot(url));
        Assert.Contains("not usable", (await SendAsync(url, Loopback)).Problem, StringComparison.Ordinal);
    }

    private Task<OutboundAnswer> GetAsync(string path, OutboundOptions options) => SendAsync($"http://127.0.0.1:{_port}{path}", options);

    private static async Task<OutboundAnswer> SendAsync(string url, OutboundOptions options)
    {
        using var http = Http(options, null);
        using var request = new HttpRequestMessage { Method = HttpMethod.Get, RequestUri = new Uri(url, UriKind.RelativeOrAbsolute) };
        return await http.SendAsync(request, Cancel);
    }

    private static OutboundHttp Http(OutboundOptions options, Func<string, CancellationToken, Task<IPAddress[]>>? resolve) =>
        new(options, resolve is null ? new OutboundTcp(options, TimeProvider.System) : Tcp(options, resolve), TimeProvider.System);

    private static OutboundTcp Tcp(OutboundOptions options, Func<string, CancellationToken, Task<IPAddress[]>> resolve) => new(options, TimeProvider.System) { Resolve = resolve };
}
