using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Outbound;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Delivery;
using Tsunagi.Protocols.Mail.Dane;
using Tsunagi.Protocols.Mail.Route;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Routes;

/// <summary>
/// Opens connections to the mail servers of a domain: (1) the route (<see cref="RouteBook"/>), (2) its servers and their addresses in order, until one answers as it should, (3) TLS as the server's
/// policy asks; only where no policy asks for any, TLS that fails is followed by a second try in the clear, (4) how each session went is counted for the domain's report (<see cref="TlsResults"/>).
/// </summary>
internal sealed partial class MxDoor(RouteBook routes, OutboundTcp outbound, MailTrust trust, TlsResults results, MailOptions options, TimeProvider time, ILogger<MxDoor> log)
{
    private const int MostProblems = 4;

    // RFC 3463 codes X.4.3 (directory server failure), X.4.1 (no answer from host), X.7.5 (cryptographic failure).
    private static readonly EnhancedStatus NoDirectory = new(4, 4, 3);
    private static readonly EnhancedStatus NoAnswer = new(4, 4, 1);
    private static readonly EnhancedStatus NotTrusted = new(4, 7, 5);

    // The server's EHLO name is ours to choose, and its patience with a person who waits is not 5 minutes.
    private readonly DeliveryOptions _delivery = options.Delivery with { ConnectDeadline = options.Outbound.AddressDeadline < options.Delivery.ConnectDeadline ? options.Outbound.AddressDeadline : options.Delivery.ConnectDeadline };

    /// <param name="domain">Of the recipients.</param>
    /// <param name="isReport">The mail is a report about TLS: it is delivered whatever policies say, and never reported on (RFC 8460 section 3).</param>
    /// <returns>A connection, or what every recipient of the domain is answered for good.</returns>
    /// <exception cref="NextHopException">No server takes mail now.</exception>
    public async ValueTask<(NextHopConnection? Connection, SmtpReply? Never)> OpenAsync(string domain, bool isReport, CancellationToken cancellationToken)
    {
        // (1)
        Route route;
        try
        {
            route = await routes.OfAsync(domain, cancellationToken);
        }
        catch (RouteUnknownException unknown)
        {
            throw new NextHopException($"the route to {domain} is not known now: {unknown.Message}", unknown) { Status = NoDirectory };
        }
        catch (OperationCanceledException stopped)
        {
            throw new NextHopException($"looking up the route to {domain}: stopped", stopped);
        }

        return route.Plan.Outcome switch
        {
            MxOutcome.Never => (null, new SmtpReply(550, route.Plan.Status, route.Plan.Why)),
            MxOutcome.Later => throw new NextHopException(route.Plan.Why, null) { Status = route.Plan.Status },
            _ => (await AlongAsync(route, isReport, cancellationToken), null),
        };
    }

    /// <summary>What a server says when it is spoken to, for people: as far as EHLO under TLS, then QUIT. Not counted.</summary>
    public async ValueTask<string> AskAsync(Route route, RouteServer server, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await DialAsync(route, server, server.Host.Addresses[0], isReport: false, cancellationToken, isCounted: false);
            await connection.QuitAsync();
            return connection.Described;
        }
        catch (NextHopException failed)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return failed.Message;
        }
    }

    // (2)
    private async ValueTask<NextHopConnection> AlongAsync(Route route, bool isReport, CancellationToken cancellationToken)
    {
        if (!isReport && route.Sts is { Policy: null, ProblemAs.Length: > 0 } sts)
        {
            results.CountPolicy(route.Domain, sts.ProblemAs);
        }

        var (problems, left) = (new List<string>(), options.Outbound.MaxAddresses);
        NextHopException? last = null;
        var refused = false;
        foreach (var server in route.Servers)
        {
            if (server.Refused.Length > 0 && !(isReport && !server.Host.Addresses.IsEmpty))
            {
                problems.Add($"{server.Host.Name}: {server.Refused}");
                refused |= server.RefusedAs.Length > 0;
                Count(route, server, "", server.RefusedAs, isReport);
                continue;
            }

            foreach (var address in server.Host.Addresses)
            {
                if (left-- == 0 || cancellationToken.IsCancellationRequested)
                {
                    break;
                }

                try
                {
                    return await DialAsync(route, server, address, isReport, cancellationToken);
                }
                catch (NextHopException failed)
                {
                    last = failed;
                    refused |= failed.TlsResult.Length > 0;
                    problems.Add(failed.Message);
                    Count(route, server, address.ToString(), failed.TlsResult, isReport);
                }
            }
        }

        var words = string.Join("; ", problems.Take(MostProblems)) + (problems.Count > MostProblems ? $"; and {problems.Count - MostProblems} more" : "");
        LogNoServer(log, route.Domain, words);
        throw new NextHopException(refused ? words + ". It is kept and tried again; nothing is sent in the clear" : words, last)
        {
            Status = refused ? last?.Status ?? NotTrusted : last is { IsForbidden: true } ? null : NoAnswer, IsForbidden = last?.IsForbidden ?? false,
        };
    }

    // (3)
    private async ValueTask<NextHopConnection> DialAsync(Route route, RouteServer server, IPAddress address, bool isReport, CancellationToken cancellationToken, bool isCounted = true)
    {
        var demand = isReport ? TlsDemand.None : server.Demand;
        var nextHop = new NextHop(server.Host.Name, options.Outbound.SmtpPort);
        NextHopConnection connection;
        var fallback = "";
        try
        {
            connection = await NextHopConnection.OpenAsync(outbound, nextHop, address, TlsOf(server.Host, demand), options.OwnName, _delivery, time, cancellationToken);
        }
        catch (NextHopException failed) when (failed.TlsResult.Length > 0 && !demand.IsMandatory && !cancellationToken.IsCancellationRequested)
        {
            fallback = failed.Message;
            connection = await NextHopConnection.OpenAsync(outbound, nextHop, address, new PeerTls(NextHopTls.Never, nextHop.Host), options.OwnName, _delivery, time, cancellationToken);
        }

        // (4)
        var result = connection.Tls.Length == 0 ? fallback.Length > 0 ? "validation-failure" : "starttls-not-supported" : connection.Doubt?.Result ?? "";
        if (demand.Policy == TlsPolicy.StsTesting && result.Length == 0 && !demand.Sts!.Names(server.Host.Name))
        {
            result = "validation-failure";
        }

        Count(route, server, address.ToString(), result, isReport || !isCounted, succeeded: result.Length == 0);
        connection.Described = RouteWords.OfConnection(connection, demand, fallback);
        return connection;
    }

    private PeerTls TlsOf(MxHost host, TlsDemand demand) => demand.Policy switch
    {
        TlsPolicy.Dane => new PeerTls(NextHopTls.Required, demand.Names[0], demand.Who) { WhyNot = (certificate, chain, _) => WhyNot(demand, certificate, chain) },
        TlsPolicy.DaneUnauthenticated => new PeerTls(NextHopTls.Required, demand.Names[0], demand.Who) { WhyNot = static (_, _, _) => null },
        TlsPolicy.StsEnforce => new PeerTls(NextHopTls.Required, host.Name, demand.Who) { WhyNot = trust.WhyNot },
        TlsPolicy.StsTesting => new PeerTls(NextHopTls.Opportunistic, host.Name, demand.Who) { WhyNot = trust.WhyNot, OnlyTells = true },
        _ => new PeerTls(NextHopTls.Opportunistic, host.Name),
    };

    private CertificateProblem? WhyNot(TlsDemand demand, X509Certificate? certificate, X509Chain? chain)
    {
        if (certificate is not X509Certificate2 own)
        {
            return new CertificateProblem("validation-failure", "it presents no certificate");
        }

        var presented = new List<X509Certificate2> { own };
        presented.AddRange(chain?.ChainPolicy.ExtraStore ?? []);
        var checkedBy = DaneVerifier.Verify(demand.Tlsa, presented, demand.Names, time.GetUtcNow());
        return checkedBy.Verdict == DaneVerdict.Failed ? new CertificateProblem("validation-failure", checkedBy.Why) : null;
    }

    private void Count(Route route, RouteServer server, string address, string result, bool isReport, bool succeeded = false)
    {
        if (!isReport && !route.Plan.IsLiteral && (succeeded || result.Length > 0))
        {
            results.Count(route, server, address, result);
        }
    }

    [LoggerMessage(2911, LogLevel.Information, "no mail server of {Domain} takes mail now: {Problems}")]
    private static partial void LogNoServer(ILogger log, string domain, string problems);
}
