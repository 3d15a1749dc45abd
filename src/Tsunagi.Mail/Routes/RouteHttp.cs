using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Tsunagi.Core.Outbound;
using Tsunagi.Protocols.Mail.Route;

namespace Tsunagi.Mail.Routes;

/// <summary>
/// HTTPS to hosts that domains of strangers name: policies are fetched and reports handed in. Names are asked of the resolvers that mail routes are asked of; addresses pass the node's policy
/// (<see cref="OutboundTcp"/>); no redirects, cookies, proxies or decompression. Nothing the network does is an exception.
/// </summary>
internal sealed class RouteHttp : IDisposable
{
    private readonly HttpClient _client;
    private readonly TimeProvider _time;

    public RouteHttp(OutboundTcp outbound, MailTrust trust, TimeProvider time, IRouteDns? dns = null)
    {
        _time = time;
        _client = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,
                AutomaticDecompression = DecompressionMethods.None,
                MaxResponseHeadersLength = 16,
                PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
                ConnectCallback = (context, cancellationToken) => ConnectAsync(outbound, dns, context.DnsEndPoint, cancellationToken),
                SslOptions = new SslClientAuthenticationOptions
                {
                    CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck },
                    RemoteCertificateValidationCallback = (_, certificate, chain, errors) => trust.WhyNot(certificate, chain, errors) is null,
                },
            },
            disposeHandler: true)
        { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("Tsunagi/1");
    }

    /// <param name="mostOctets">Of the answer; more is a problem.</param>
    /// <param name="within">For all of it.</param>
    public async ValueTask<RouteHttpAnswer> SendAsync(HttpRequestMessage request, int mostOctets, TimeSpan within, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(within, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, linked.Token);
            var body = await ReadAsync(response, mostOctets, linked.Token);
            return body is null
                ? RouteHttpAnswer.Failed($"the answer is larger than {mostOctets} octets")
                : new RouteHttpAnswer((int)response.StatusCode, response.Content.Headers.ContentType?.ToString() ?? "", body);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return RouteHttpAnswer.Failed($"no answer within {within.TotalSeconds:0.#} seconds");
        }
        catch (HttpRequestException failed)
        {
            return failed.InnerException is AuthenticationException
                ? RouteHttpAnswer.Failed("its certificate is not valid for its name") with { IsCertificate = true }
                : RouteHttpAnswer.Failed(failed.InnerException is IOException or SocketException ? failed.InnerException.Message : $"the request failed ({failed.HttpRequestError})");
        }
        catch (IOException broken)
        {
            return RouteHttpAnswer.Failed($"the connection broke: {broken.Message}");
        }
    }

    public void Dispose() => _client.Dispose();

    private static async ValueTask<byte[]?> ReadAsync(HttpResponseMessage response, int mostOctets, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var body = new MemoryStream();
        var piece = new byte[8_192];
        int read;
        while ((read = await stream.ReadAsync(piece, cancellationToken)) > 0)
        {
            if (body.Length + read > mostOctets)
            {
                return null;
            }

            await body.WriteAsync(piece.AsMemory(0, read), cancellationToken);
        }

        return body.ToArray();
    }

    private static async ValueTask<Stream> ConnectAsync(OutboundTcp outbound, IRouteDns? dns, DnsEndPoint host, CancellationToken cancellationToken)
    {
        if (dns is null || IPAddress.TryParse(host.Host, out _))
        {
            return await outbound.ConnectAsync(host.Host, host.Port, cancellationToken);
        }

        var six = await dns.AddressesAsync(host.Host, AddressFamily.InterNetworkV6, cancellationToken);
        var four = await dns.AddressesAsync(host.Host, AddressFamily.InterNetwork, cancellationToken);
        IOException? last = null;
        foreach (var address in four.Values.AddRange(six.Values).Take(4))
        {
            try
            {
                return await outbound.ConnectAsync(address.ToString(), host.Port, cancellationToken);
            }
            catch (IOException failed)
            {
                last = failed;
            }
        }

        throw last ?? new IOException($"the host {host.Host} has no address");
    }
}

/// <summary>What a host answered, or <paramref name="Problem"/>: why there is no answer.</summary>
/// <param name="Status">0 without an answer.</param>
/// <param name="IsCertificate">The problem is the host's certificate.</param>
internal sealed record RouteHttpAnswer(int Status, string ContentType, byte[] Body, string Problem = "", bool IsCertificate = false)
{
    public static RouteHttpAnswer Failed(string problem) => new(0, "", [], problem);
}
