using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Protocols.Mail.Route;

/// <summary>
/// Finds the mail servers of a domain (RFC 5321 section 5.1): (1) an address literal is its own server; (2) MX records, of which "." alone says that the domain takes no mail (RFC 7505); none: the domain
/// itself is the server; (3) in order of preference, equals in a drawn order; (4) their addresses, IPv6 and IPv4 in turn; (5) from the first server that is ourselves on, nobody is tried: else mail would go in circles.
/// What nobody answers is told apart from what does not exist: the first is tried again, the second goes back to its sender.
/// </summary>
public static class MxPlanner
{
    private static readonly EnhancedStatus NoAnswer = new(4, 4, 3);
    private static readonly EnhancedStatus BadDomain = new(5, 1, 2);
    private static readonly EnhancedStatus NullMx = new(5, 1, 10);
    private static readonly EnhancedStatus NoRoute = new(5, 4, 4);
    private static readonly EnhancedStatus Loop = new(5, 4, 6);

    /// <param name="dns">Who answers.</param>
    /// <param name="domain">As it stands in the recipient's address: a name in any form, or a literal with its brackets.</param>
    /// <param name="options">Limits, and who we are.</param>
    /// <param name="cancellationToken">Ends it by an exception.</param>
    public static async ValueTask<MxPlan> PlanAsync(IRouteDns dns, string domain, MxOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dns);
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentNullException.ThrowIfNull(options);

        // (1)
        if (domain.StartsWith('['))
        {
            return OfLiteral(domain, options);
        }

        if (!MailDomain.TryNormalize(domain, out string name) || !MailDomain.IsHostName(name))
        {
            return Ends(domain, MxOutcome.Never, BadDomain, $"'{Message.DisplayText.Clean(domain, 100)}' is no domain name");
        }

        // (2)
        RouteAnswer<MailExchange> answer = await dns.ExchangesAsync(name, cancellationToken).ConfigureAwait(false);
        switch (answer.Status)
        {
            case MailDnsStatus.TempError:
                return Ends(name, MxOutcome.Later, NoAnswer, $"the MX records of {name} cannot be looked up now: {Problem(answer.Problem)}");
            case MailDnsStatus.NameError:
                return Ends(name, MxOutcome.Never, BadDomain, $"the domain {name} does not exist") with { IsSecure = answer.IsSecure, Ttl = answer.Ttl };
        }

        bool isImplicit = answer.Status == MailDnsStatus.NoData;
        IReadOnlyList<MailExchange> exchanges = isImplicit ? [new MailExchange(0, name)] : answer.Values;
        if (exchanges.All(static exchange => exchange.Host.Length == 0))
        {
            // RFC 7505 section 3: a "." beside other records is no null MX, and no server either.
            return Ends(name, MxOutcome.Never, NullMx, $"{name} takes no mail: its MX record is \".\"") with { IsSecure = answer.IsSecure, Ttl = answer.Ttl };
        }

        var plan = new MxPlan
        {
            Domain = name, Outcome = MxOutcome.Deliver, IsImplicit = isImplicit, IsSecure = answer.IsSecure, Ttl = answer.Ttl,
            CanonicalDomain = answer is { IsSecure: true, CanonicalName.Length: > 0 } ? answer.CanonicalName : name,
        };
        return await new Walk(dns, options, plan).RunAsync(exchanges, cancellationToken).ConfigureAwait(false);
    }

    private static MxPlan OfLiteral(string literal, MxOptions options)
    {
        // RFC 5321 section 4.1.3: IPv6 has a tag; without one only dotted octets are an address.
        string text = literal.TrimEnd(']')[1..];
        bool isSix = text.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase);
        text = isSix ? text[5..] : text;
        if (!literal.EndsWith(']') || text.Contains(':', StringComparison.Ordinal) != isSix || !IPAddress.TryParse(text, out IPAddress? address) || (!isSix && text.AsSpan().Count('.') != 3))
        {
            return Ends(literal, MxOutcome.Never, BadDomain, $"'{Message.DisplayText.Clean(literal, 100)}' is no address");
        }

        return options.OwnAddresses.Contains(address)
            ? Ends(literal, MxOutcome.Never, Loop, $"{literal} is this mail server itself")
            : new MxPlan { Domain = literal, Outcome = MxOutcome.Deliver, IsLiteral = true, CanonicalDomain = literal, Hosts = [new MxHost(address.ToString(), 0, [address])] };
    }

    private static MxPlan Ends(string domain, MxOutcome outcome, EnhancedStatus status, string why) =>
        new() { Domain = domain, Outcome = outcome, Status = status, Why = why, CanonicalDomain = domain };

    private static string Problem(string problem) => problem.Length > 0 ? problem : "no answer";

    private sealed class Walk(IRouteDns dns, MxOptions options, MxPlan plan)
    {
        private readonly ImmutableArray<MxHost>.Builder _hosts = ImmutableArray.CreateBuilder<MxHost>();
        private readonly ImmutableArray<string>.Builder _notes = ImmutableArray.CreateBuilder<string>();
        private TimeSpan _ttl = plan.Ttl;
        private bool _isUncertain;
        private int? _ownPreference;

        public async ValueTask<MxPlan> RunAsync(IReadOnlyList<MailExchange> exchanges, CancellationToken cancellationToken)
        {
            // (3)
            List<MailExchange> ordered = Order(exchanges);
            foreach (MailExchange exchange in ordered.Take(options.Hosts))
            {
                if (_ownPreference is { } own && exchange.Preference >= own)
                {
                    break;
                }

                await AddAsync(exchange, cancellationToken).ConfigureAwait(false);
            }

            if (ordered.Count > options.Hosts)
            {
                _notes.Add($"{ordered.Count - options.Hosts} more MX records are beyond the limit of {options.Hosts} and not tried");
            }

            // (5) Equals of ourselves may have been added before we were met.
            _hosts.RemoveAll(host => _ownPreference is { } own && host.Preference >= own);
            return End(ordered);
        }

        private MxPlan End(List<MailExchange> ordered)
        {
            MxPlan ended = plan with { Hosts = _hosts.ToImmutable(), Ttl = _ttl, Notes = _notes.ToImmutable() };
            if (_hosts.Any(static host => !host.Addresses.IsEmpty))
            {
                return ended;
            }

            if (_ownPreference is not null && _hosts.Count == 0)
            {
                return ended with { Outcome = MxOutcome.Never, Status = Loop, Why = $"mail for {plan.Domain} would come back here: this server is its best MX, and does not take its mail" };
            }

            if (_isUncertain)
            {
                return ended with { Outcome = MxOutcome.Later, Status = NoAnswer, Why = $"no address of a mail server of {plan.Domain} can be looked up now: {string.Join("; ", Problems())}" };
            }

            return plan.IsImplicit
                ? ended with { Outcome = MxOutcome.Never, Status = NoRoute, Why = $"{plan.Domain} has neither an MX record nor an address" }
                : ended with { Outcome = MxOutcome.Never, Status = NoRoute, Why = $"none of the mail servers of {plan.Domain} ({string.Join(", ", ordered.Take(3).Select(static exchange => exchange.Host.Length == 0 ? "." : exchange.Host))}) has an address" };
        }

        private IEnumerable<string> Problems() => _hosts.Where(static host => host.Problem.Length > 0).Take(3).Select(static host => $"{host.Name}: {host.Problem}");

        private List<MailExchange> Order(IReadOnlyList<MailExchange> exchanges)
        {
            List<MailExchange> shuffled = [.. exchanges.Where(static exchange => exchange.Host.Length > 0).DistinctBy(static exchange => exchange.Host.ToLowerInvariant())];
            for (int i = shuffled.Count - 1; i > 0; i--)
            {
                int j = options.Draw(i + 1);
                (shuffled[i], shuffled[j]) = (shuffled[j], shuffled[i]);
            }

            return [.. shuffled.OrderBy(static exchange => exchange.Preference)];
        }

        // (4)
        private async ValueTask AddAsync(MailExchange exchange, CancellationToken cancellationToken)
        {
            if (!MailDomain.TryNormalize(exchange.Host, out string name) || !MailDomain.IsHostName(name))
            {
                _hosts.Add(new MxHost(Message.DisplayText.Clean(exchange.Host, 100), exchange.Preference, [], "it is no host name"));
                return;
            }

            if (IPAddress.TryParse(name, out _))
            {
                // RFC 5321 section 5.1: an address is no name; common and wrong.
                _hosts.Add(new MxHost(name, exchange.Preference, [], "the MX record holds an address where a name belongs"));
                return;
            }

            if (!options.IsOwnDomain && options.OwnNames.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                Own(name, exchange.Preference);
                return;
            }

            RouteAnswer<IPAddress> six = options.UsesIPv6 ? await dns.AddressesAsync(name, AddressFamily.InterNetworkV6, cancellationToken).ConfigureAwait(false) : new RouteAnswer<IPAddress>(MailDnsStatus.NoData) { IsSecure = true };
            RouteAnswer<IPAddress> four = await dns.AddressesAsync(name, AddressFamily.InterNetwork, cancellationToken).ConfigureAwait(false);
            Keep(exchange, name, six, four);
        }

        private void Keep(MailExchange exchange, string name, RouteAnswer<IPAddress> six, RouteAnswer<IPAddress> four)
        {
            foreach (RouteAnswer<IPAddress> answer in (RouteAnswer<IPAddress>[])[six, four])
            {
                _ttl = answer.Ttl > TimeSpan.Zero && (_ttl == TimeSpan.Zero || answer.Ttl < _ttl) ? answer.Ttl : _ttl;
            }

            IPAddress[] addresses = [.. InTurn(six.Values, four.Values)];
            if (!options.IsOwnDomain && addresses.Any(address => options.OwnAddresses.Contains(address)))
            {
                Own(name, exchange.Preference);
                return;
            }

            bool isUncertain = six.Status == MailDnsStatus.TempError || four.Status == MailDnsStatus.TempError;
            string problem = addresses.Length > 0 ? "" : isUncertain ? Problem(four.Status == MailDnsStatus.TempError ? four.Problem : six.Problem) : "it has no address";
            _isUncertain |= isUncertain && addresses.Length == 0;

            // An answer that found nothing may be unsigned and still say nothing wrong: what is used must be validated.
            bool isSecure = addresses.Length > 0 && (six.Values.IsEmpty || six.IsSecure) && (four.Values.IsEmpty || four.IsSecure);
            string canonical = six.CanonicalName.Length > 0 && !six.Values.IsEmpty ? six.CanonicalName : four.CanonicalName;
            _hosts.Add(new MxHost(name, exchange.Preference, [.. addresses.Take(options.AddressesEach)], problem) { IsSecure = isSecure, CanonicalName = isSecure && canonical != name ? canonical : "" });
        }

        // RFC 8305 section 4 has the families take turns; servers have many addresses of one more often than of both.
        private static IEnumerable<IPAddress> InTurn(ImmutableArray<IPAddress> six, ImmutableArray<IPAddress> four)
        {
            for (int i = 0; i < Math.Max(six.Length, four.Length); i++)
            {
                if (i < six.Length)
                {
                    yield return six[i];
                }

                if (i < four.Length)
                {
                    yield return four[i];
                }
            }
        }

        private void Own(string name, int preference)
        {
            _ownPreference = preference;
            _notes.Add($"{name} (preference {preference}) is this mail server itself: it and those behind it are not tried");
        }
    }
}
