using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Tsunagi.Core.Outbound;
using Tsunagi.Protocols.Cpe.Digest;
using Tsunagi.Routers.Devices;

namespace Tsunagi.Routers.Cwmp;

/// <summary>
/// Asks a router to call now (TR-069 A6 3.2.2): (1) a GET of the address it told, under the policy of outbound connections, (2) its Digest challenge is answered with the
/// credentials that are known for it. What became of it is kept with the router, for the page.
/// </summary>
internal sealed class ConnectionRequests(OutboundHttp outbound, DeviceSecrets secrets, DeviceBook devices, RoutersOptions options, TimeProvider time)
{
    public const string Called = "called";

    /// <summary>"called", or a sentence why not.</summary>
    public async ValueTask<string> WakeAsync(RouterDevice device, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.Cwmp.ConnectionRequestDeadline, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        string what;
        try
        {
            what = await AskAsync(device, linked.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            what = string.Create(CultureInfo.InvariantCulture, $"no answer within {options.Cwmp.ConnectionRequestDeadline.TotalSeconds:0.#} seconds");
        }

        await devices.WakedAsync(device, what, cancellationToken);
        return what;
    }

    private async ValueTask<string> AskAsync(RouterDevice device, CancellationToken cancellationToken)
    {
        if (device.ConnectionUrl.Length == 0 || OutboundHttp.WhyNot(device.ConnectionUrl) is not null)
        {
            return "the router has told no address at which it can be asked";
        }

        // (1)
        var first = await SendAsync(device.ConnectionUrl, null, cancellationToken);
        if (first.Status != 401)
        {
            return Say(first);
        }

        // (2)
        if (await secrets.FindAsync(device, DeviceSecrets.Connection, cancellationToken) is not { } credentials)
        {
            return "the router asks for credentials, and none are known for it";
        }

        foreach (var header in first.Headers?.WwwAuthenticate.Select(static h => h.ToString()) ?? [])
        {
            if (DigestChallenge.TryParse(header, out var challenge))
            {
                var answer = DigestResponse.Answer(
                    challenge!, credentials.Username, credentials.Password, "GET", new Uri(device.ConnectionUrl).PathAndQuery, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), 1);
                var second = await SendAsync(device.ConnectionUrl, answer.ToString(), cancellationToken);
                return second.Status == 401 ? "the router refuses the credentials that are known for it" : Say(second);
            }
        }

        return "the router asks for credentials in a way that is not known";
    }

    private static string Say(OutboundAnswer answer) =>
        answer.Ok ? Called : answer.Problem ?? (answer.Status == 503 ? "the router is busy with a session" : string.Create(CultureInfo.InvariantCulture, $"the router answered {answer.Status}"));

    private async ValueTask<OutboundAnswer> SendAsync(string url, string? authorization, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (authorization is not null)
        {
            var (scheme, rest) = (authorization[..6], authorization[7..]);
            request.Headers.Authorization = new AuthenticationHeaderValue(scheme, rest);
        }

        return await outbound.SendAsync(request, cancellationToken);
    }
}
