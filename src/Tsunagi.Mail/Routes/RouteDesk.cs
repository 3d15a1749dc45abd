using Tsunagi.Core.Identity;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Delivery;
using Tsunagi.Protocols.Mail.Feedback;
using Tsunagi.Protocols.Mail.MtaSts;
using Tsunagi.Protocols.Mail.Route;

namespace Tsunagi.Mail.Routes;

/// <summary>Answers a person who asks where mail for a domain would go: everything is looked up anew, and, when asked, each server is spoken to as far as EHLO under TLS. No mail is sent.</summary>
internal sealed class RouteDesk(RouteBook routes, MxDoor door, ValidationWatch validation, GatewayContracts contracts, MailOptions options, IRouteDns? dns = null)
{
    private const int MostAsked = 5;

    /// <param name="caller">Sees whose server mail goes to as far as its part of the tree reaches.</param>
    /// <param name="domain">A domain, an address, or an address literal.</param>
    /// <param name="asks">Each server is dialled: for the provider's people alone, since it is the provider's address that dials.</param>
    public async ValueTask<Outcome<MailRouteView>> FindAsync(Caller caller, string domain, bool asks, string locale, CancellationToken cancellationToken)
    {
        var name = domain[(domain.LastIndexOf('@') + 1)..].Trim();
        if (name.Length is 0 or > 255 || (!name.StartsWith('[') && MailDomain.Normalize(name) is null))
        {
            return Refusal.Invalid("mail.route.domain", "domain", $"'{name}' is no domain", "a domain such as example.net, or an address such as [192.0.2.1]");
        }

        if (asks && !caller.IsOperator)
        {
            return new Refusal(RefusalKind.Forbidden, "mail.route.ask", "only the provider's people may have the servers of a domain spoken to; without that, what the DNS says of them is shown", "ask");
        }

        try
        {
            var route = await routes.FindAsync(name, cancellationToken);
            var servers = new List<RouteServerView>(route.Servers.Count);
            foreach (var server in route.Servers)
            {
                servers.Add(Of(server, asks && servers.Count < MostAsked && server.MayBeTried ? await door.AskAsync(route, server, cancellationToken) : null, locale));
            }

            return await OfAsync(caller, route, servers, locale, cancellationToken);
        }
        catch (RouteUnknownException unknown)
        {
            return Refusal.Conflict("mail.route.unknown", $"the route to {name} is not known now: {unknown.Message}");
        }
    }

    private async ValueTask<MailRouteView> OfAsync(Caller caller, Route route, IReadOnlyList<RouteServerView> servers, string locale, CancellationToken cancellationToken)
    {
        var (goes, nextHop) = Goes(caller, route);
        var texts = route.Plan.IsLiteral || dns is null ? [] : (await dns.TextsAsync(TlsReportRecord.NameOf(route.Domain), cancellationToken)).Values;
        return new MailRouteView(
            route.Domain, goes, nextHop, RouteText.Summary(route, goes, nextHop, options.Smarthost.Length > 0).In(locale), goes is "never" or "later" ? route.Plan.Status.ToString() : null, route.Plan.IsSecure, servers,
            PolicyOf(route.Sts), TlsReportRecord.TryRead(texts, out var addresses) ? [.. addresses.Select(static address => address.OriginalString)] : [],
            [.. Hints(route, goes).Select(hint => hint.In(locale)), .. route.Plan.Notes]);
    }

    // Where a customer's own server stands is that customer's, and whose it is above; the smarthost is the provider's. Others see what the DNS shows to everybody.
    private (string Goes, string? NextHop) Goes(Caller caller, Route route) =>
        contracts.Table.ForDomain(route.Domain) is { } gateway && caller.Scope.Covers(gateway.TenantPath) ? ("nextHop", gateway.NextHop.ToString())
        : options.Outbound.Route == DepartureRoute.Smarthost ? ("smarthost", caller.IsOperator && options.Smarthost.Length > 0 ? options.Smarthost : null)
        : (route.Plan.Outcome switch { MxOutcome.Deliver => "mx", MxOutcome.Never => "never", _ => "later" }, null);

    private IEnumerable<LocalizedText> Hints(Route route, string goes)
    {
        if (validation.IsIdle)
        {
            yield return RouteText.NeverValidated;
        }

        if (goes == "mx" && !options.Outbound.TrustResolver)
        {
            yield return RouteText.DaneOff;
        }

        if (route.Sts.Problem.Length > 0)
        {
            yield return RouteText.PolicyProblem(route.Sts);
        }
    }

    private static RoutePolicyView? PolicyOf(StsState sts) => sts.Policy is null && sts.Problem.Length == 0 ? null : new RoutePolicyView(
        sts.Policy is null ? null : sts.Id, sts.Policy?.Mode.ToString().ToLowerInvariant(), sts.Policy?.Patterns ?? [], (long?)sts.Policy?.MaxAge.TotalSeconds,
        sts.Policy is null ? null : UnixMicros.ToDateTimeOffset(sts.FetchedMicros), sts.Policy is null ? null : UnixMicros.ToDateTimeOffset(sts.ExpiresMicros), sts.Problem.Length > 0 ? sts.Problem : null);

    private static RouteServerView Of(RouteServer server, string? answer, string locale) => new(
        server.Host.Name, server.Host.Preference, [.. server.Host.Addresses.Select(static address => address.ToString())], server.Host.IsSecure, server.MayBeTried, RouteText.Policy(server.Demand.Policy),
        [.. server.Demand.Tlsa.Select(static record => record.ToString())], RouteText.Says(server).In(locale), answer);
}
