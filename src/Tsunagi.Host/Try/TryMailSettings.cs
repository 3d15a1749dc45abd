using System.Net;
using Tsunagi.Mail.Contract;

namespace Tsunagi.Host.Try;

/// <summary>What `tsunagi try mail` was told.</summary>
/// <param name="NextHop">The person's own server: shown as where mail would go, never sent anything.</param>
/// <param name="Listen">Where copies are taken.</param>
/// <param name="Domains">Domains copies may be addressed to; the first is the one the instructions use.</param>
internal sealed record TryMailSettings(NextHop NextHop, IPEndPoint Listen, IReadOnlyList<string> Domains, int ConsolePort)
{
    /// <summary>Nobody can own it (RFC 2606), so a copy that goes astray goes nowhere.</summary>
    public const string CopyDomain = "copy.tsunagi.invalid";

    public string CopyAddress => "copy@" + Domains[0];

    /// <summary>What is wrong with what was typed, or null.</summary>
    public static string? Parse(string nextHop, string? listen, IReadOnlyList<string> domains, int consolePort, out TryMailSettings settings)
    {
        settings = new TryMailSettings(new NextHop("", NextHop.SmtpPort), new IPEndPoint(IPAddress.Loopback, 2525), [CopyDomain], consolePort);
        if (!NextHop.TryParse(nextHop, out var hop, out var error))
        {
            return "--next-hop: " + error;
        }

        if (listen is not null && (!IPEndPoint.TryParse(listen, out var parsed) || parsed.Port == 0))
        {
            return $"--listen: '{listen}' is not address:port, for example 127.0.0.1:2525 or 0.0.0.0:2525";
        }

        if (domains.FirstOrDefault(static domain => Uri.CheckHostName(domain) != UriHostNameType.Dns || !domain.Contains('.', StringComparison.Ordinal)) is { } wrong)
        {
            return $"--domain: '{wrong}' is not a domain name";
        }

        settings = settings with
        {
            NextHop = hop,
            Listen = listen is null ? settings.Listen : IPEndPoint.Parse(listen),
            Domains = domains.Count > 0 ? [.. domains.Select(static domain => domain.ToLowerInvariant()).Distinct()] : settings.Domains,
        };
        return null;
    }
}
