using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Protocols.Mail.Dane;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Protocols.Mail.MtaSts;
using Tsunagi.Protocols.Mail.Route;

namespace Tsunagi.Mail.Routes;

/// <summary>
/// The routes to domains: (1) the mail servers (<see cref="MxPlanner"/>), (2) the domain's MTA-STS policy, (3) for each server what its TLS must be: TLSA records that were validated come first (RFC 8461
/// section 2), then the policy, then nothing. A server whose TLSA records cannot be looked up is not dialled: that is what somebody who takes them away would bring about (RFC 7672 section 2.1.2).
/// </summary>
internal sealed class RouteBook(StsPolicies policies, ValidationWatch validation, GatewayContracts contracts, MailOptions options, TimeProvider time, IRouteDns? dns = null)
{
    private const int MostKept = 50_000;
    private const string DnssecInvalid = "dnssec-invalid";
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, (Route Route, long UntilMicros)> _kept = new(StringComparer.Ordinal);
    private readonly ImmutableArray<string> _ownNames = [options.OwnName, .. options.Outbound.Self.Where(static text => !IPAddress.TryParse(text, out _))];
    private readonly ImmutableArray<IPAddress> _ownAddresses = [.. options.Outbound.Self.Select(static text => IPAddress.TryParse(text, out var address) ? address : null).OfType<IPAddress>()];

    /// <param name="domain">Of the recipients.</param>
    /// <exception cref="RouteUnknownException">What holds for it cannot be known now.</exception>
    public async ValueTask<Route> OfAsync(string domain, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        if (_kept.TryGetValue(domain, out var kept) && kept.UntilMicros > now)
        {
            return kept.Route;
        }

        var route = await FindAsync(domain, cancellationToken);
        if (_kept.Count >= MostKept)
        {
            _kept.Clear();
        }

        _kept[domain] = (route, now + (long)KeepFor(route).TotalMicroseconds);
        return route;
    }

    /// <summary>Asked anew, for people.</summary>
    /// <exception cref="RouteUnknownException">What holds for it cannot be known now.</exception>
    public async ValueTask<Route> FindAsync(string domain, CancellationToken cancellationToken)
    {
        if (dns is null)
        {
            throw new RouteUnknownException("no resolver is there to ask for mail servers", null);
        }

        // (1)
        var plan = await MxPlanner.PlanAsync(dns, domain, Limits(domain), cancellationToken);
        validation.Saw(plan.IsSecure);
        if (plan.Outcome != MxOutcome.Deliver)
        {
            return new Route(plan, StsState.None, [.. plan.Hosts.Select(static host => new RouteServer(host, TlsDemand.None, host.Problem))]);
        }

        // (2)
        var sts = plan.IsLiteral ? StsState.None : await policies.OfAsync(plan.Domain, cancellationToken);

        // (3)
        var servers = new List<RouteServer>(plan.Hosts.Length);
        foreach (var host in plan.Hosts)
        {
            servers.Add(await DemandAsync(plan, host, sts, cancellationToken));
        }

        return new Route(plan, sts, servers);
    }

    private MxOptions Limits(string domain) => new()
    {
        Hosts = options.Outbound.MaxServers,
        AddressesEach = options.Outbound.MaxAddresses,
        OwnNames = _ownNames,
        OwnAddresses = _ownAddresses,
        IsOwnDomain = contracts.Table.ForDomain(domain) is not null,
        UsesIPv6 = options.Outbound.IPv6,
    };

    // What nobody answered is asked again at once.
    private TimeSpan KeepFor(Route route) =>
        route.Plan.Outcome == MxOutcome.Later || route.Sts.Problem.Length > 0 || route.Servers.Any(static server => server.RefusedAs == DnssecInvalid) ? TimeSpan.Zero
        : route.Plan.Ttl <= TimeSpan.Zero || route.Plan.Ttl > options.Outbound.KeepRoute ? options.Outbound.KeepRoute
        : route.Plan.Ttl < Shortest ? Shortest : route.Plan.Ttl;

    private async ValueTask<RouteServer> DemandAsync(MxPlan plan, MxHost host, StsState sts, CancellationToken cancellationToken)
    {
        if (host.Addresses.IsEmpty)
        {
            return new RouteServer(host, TlsDemand.None, host.Problem);
        }

        if (options.Outbound.TrustResolver && plan.IsSecure && host.IsSecure && !plan.IsLiteral && await DaneAsync(plan, host, cancellationToken) is { } dane)
        {
            return dane;
        }

        if (sts.Policy is not { Mode: not StsMode.None } policy)
        {
            return new RouteServer(host, TlsDemand.None);
        }

        var demand = new TlsDemand(policy.Mode == StsMode.Enforce ? TlsPolicy.StsEnforce : TlsPolicy.StsTesting) { Sts = policy };
        return policy.Names(host.Name) || policy.Mode == StsMode.Testing
            ? new RouteServer(host, demand)
            : new RouteServer(host, demand, $"the domain's MTA-STS policy (enforce) does not name it (it names {string.Join(", ", policy.Patterns.Take(3))})", "validation-failure");
    }

    /// <summary>Null where the server has no TLSA records that count (RFC 7672 section 2.2.2): its other policies hold.</summary>
    private async ValueTask<RouteServer?> DaneAsync(MxPlan plan, MxHost host, CancellationToken cancellationToken)
    {
        // Where a CNAME led stands first (section 2.1.3); without records there, the name itself.
        foreach (var name in new[] { host.CanonicalName, host.Name }.Where(static name => name.Length > 0).Distinct(StringComparer.Ordinal))
        {
            var records = await dns!.TlsaAsync(string.Create(CultureInfo.InvariantCulture, $"_{options.Outbound.SmtpPort}._tcp.{name}"), cancellationToken);
            if (records.Status == MailDnsStatus.TempError)
            {
                return new RouteServer(
                    host, new TlsDemand(TlsPolicy.Dane) { Names = [name] },
                    $"its TLSA records cannot be looked up ({records.Problem}), and without knowing them nothing is sent: the domain's or this machine's DNSSEC may be broken", DnssecInvalid);
            }

            if (records is { Status: MailDnsStatus.Found, IsSecure: true })
            {
                var isUsable = records.Values.Any(static record => record.IsUsable);
                return new RouteServer(host, new TlsDemand(isUsable ? TlsPolicy.Dane : TlsPolicy.DaneUnauthenticated)
                {
                    Tlsa = records.Values, Names = [.. new[] { name, host.Name, plan.Domain, plan.CanonicalDomain }.Where(static one => one.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)],
                });
            }
        }

        return null;
    }
}
