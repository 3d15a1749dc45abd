using Tsunagi.Protocols.Mail.MtaSts;

namespace Tsunagi.Mail.Routes;

/// <summary>Fetches a domain's policy file (RFC 8461 section 3.3): HTTPS with a certificate of the policy host's own name, no redirect followed, text/plain, limited in size and time.</summary>
internal sealed class StsFetch(RouteHttp http, MailOptions options)
{
    /// <summary>The policy, or why it could not be had, with the result-type of RFC 8460 section 4.3.2.1.</summary>
    public async ValueTask<(StsPolicy? Policy, string Problem, string ProblemAs)> FetchAsync(string domain, CancellationToken cancellationToken)
    {
        var host = StsLocation.HostOf(domain);
        var port = options.Outbound.PolicyPort;
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(Uri.UriSchemeHttps, host, port, StsLocation.Path).Uri);
        var answer = await http.SendAsync(request, StsPolicy.MostOctets, options.Outbound.PolicyDeadline, cancellationToken);
        if (answer.Problem.Length > 0)
        {
            return (null, $"https://{host}{StsLocation.Path}: {answer.Problem}", answer.IsCertificate ? "sts-webpki-invalid" : "sts-policy-fetch-error");
        }

        if (answer.Status != 200)
        {
            return (null, $"https://{host}{StsLocation.Path} answers {answer.Status}{(answer.Status is >= 300 and < 400 ? ", and redirects are not followed" : "")}", "sts-policy-fetch-error");
        }

        if (!StsLocation.IsPolicyType(answer.ContentType))
        {
            return (null, $"https://{host}{StsLocation.Path} is not text/plain", "sts-policy-fetch-error");
        }

        return StsPolicy.TryRead(answer.Body, out var policy, out var why) ? (policy, "", "") : (null, $"https://{host}{StsLocation.Path}: {why}", "sts-policy-invalid");
    }
}
