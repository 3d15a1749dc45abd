using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Tsunagi.Core.Outbound;

/// <summary>
/// HTTP requests to addresses somebody else gave: the policy is asked at every connect, the request and the size of the answer are limited, and redirects
/// are an answer, not an order. No cookies, no proxy of the environment, no decompression (a small answer must not become a large one). Thread-safe.
/// </summary>
public sealed class OutboundHttp : IDisposable
{
    private readonly OutboundOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _client;

    public OutboundHttp(OutboundOptions options, OutboundTcp tcp, TimeProvider time)
    {
        _options = options;
        _time = time;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 32,
            MaxConnectionsPerServer = 8,

            // A kept connection was allowed when it was made; it must not outlive a change of the policy or of the name for long.
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            ConnectCallback = async (context, cancellationToken) => await tcp.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellationToken),
        };
        _client = new HttpClient(handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("Tsunagi/1");
    }

    /// <summary>Null when the address may be asked for; else what is wrong with it: for checking what a person types, before it is stored.</summary>
    public static string? WhyNot(string url) =>
        !Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") ? "it must begin with https:// or http://"
        : uri.UserInfo.Length > 0 ? "it must not hold a user name or password"
        : uri.Fragment.Length > 0 ? "it must not hold a fragment"
        : url.Length > 2_000 ? "it must not be longer than 2,000 characters"
        : null;

    /// <summary>Sends and reads the whole answer. Whatever the network does is in the answer, never an exception; only the caller's own cancellation throws.</summary>
    public async ValueTask<OutboundAnswer> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (WhyNot(request.RequestUri?.OriginalString ?? "") is { } wrong)
        {
            return Failed($"the address is not usable: {wrong}");
        }

        using var deadline = new CancellationTokenSource(_options.RequestDeadline, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, linked.Token);
            var body = await ReadAsync(response, linked.Token);
            return body is null
                ? Failed($"the answer is longer than {_options.MaxResponseBytes} bytes")
                : new OutboundAnswer((int)response.StatusCode, response.Headers, body, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed($"no answer within {_options.RequestDeadline.TotalSeconds:0.#} seconds");
        }
        catch (HttpRequestException failed)
        {
            return Failed(Reason(failed));
        }
        catch (IOException broken)
        {
            return Failed($"the connection broke: {broken.Message}");
        }
    }

    public void Dispose() => _client.Dispose();

    private async ValueTask<byte[]?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentLength > _options.MaxResponseBytes)
        {
            return null;
        }

        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var body = new MemoryStream();
        var buffer = new byte[8_192];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (body.Length + read > _options.MaxResponseBytes)
            {
                return null;
            }

            await body.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        return body.ToArray();
    }

    private static string Reason(HttpRequestException failed) => failed.InnerException switch
    {
        OutboundRefusedException refused => refused.Message,
        AuthenticationException => "the TLS certificate is not valid for this host",
        SocketException socket => $"the connection failed: {socket.SocketErrorCode}",
        IOException broken => broken.Message,
        _ => $"the request failed: {failed.HttpRequestError}",
    };

    private static OutboundAnswer Failed(string problem) => new(null, null, [], problem);
}
