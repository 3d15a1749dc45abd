using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.Spf;

/// <summary>Whether a term matched, or the error that ends the check.</summary>
internal readonly record struct SpfMatch(bool IsMatch, SpfVerdict? Error, string Detail)
{
    public static SpfMatch Yes(string detail) => new(true, null, detail);

    public static SpfMatch No(string detail) => new(false, null, detail);

    public static SpfMatch Failed(SpfVerdict error, string detail) => new(false, error, detail);
}

// The mechanisms of RFC 7208 section 5, and what they ask.
internal sealed partial class SpfEvaluation
{
    private ImmutableArray<string> _clientNames;

    private AddressFamily Family => query.ClientAddress.AddressFamily;

    private string AddressType => Family == AddressFamily.InterNetworkV6 ? "AAAA" : "A";

    private async ValueTask<SpfMatch> MatchAsync(SpfMechanism mechanism, string domain, List<SpfLookup> asked)
    {
        switch (mechanism.Kind)
        {
            case SpfMechanismKind.All:
                return SpfMatch.Yes("");
            case SpfMechanismKind.Ip4 or SpfMechanismKind.Ip6:
                return mechanism.Network!.AddressFamily == Family && IsWithin(mechanism.Network, mechanism) ? SpfMatch.Yes("") : SpfMatch.No("");
        }

        string target = domain;
        if (mechanism.Domain is { } spec)
        {
            target = SpfMacroExpansion.Name(await ExpandAsync(spec, domain, asked));
        }

        // A name that can not be asked for does not exist; a local part outside ASCII makes such names (RFC 8616 section 4).
        if (!MailDomain.CanBeAsked(target))
        {
            return SpfMatch.No($"'{target}' is no name the DNS can hold");
        }

        return mechanism.Kind switch
        {
            SpfMechanismKind.A => await MatchAddressAsync(mechanism, target, asked),
            SpfMechanismKind.Mx => await MatchExchangesAsync(mechanism, target, asked),
            SpfMechanismKind.Ptr => await MatchClientNameAsync(target, asked),
            _ => await MatchExistsAsync(target, asked),
        };
    }

    // section 5.3
    private async ValueTask<SpfMatch> MatchAddressAsync(SpfMechanism mechanism, string target, List<SpfLookup> asked)
    {
        MailDnsAnswer<IPAddress> addresses = await AddressesAsync(target, Family, asked);
        return Unanswered(addresses.Status, target) ?? Void(addresses.IsVoid) ?? Among(addresses.Values, mechanism, target) ?? SpfMatch.No("");
    }

    // section 5.4; a domain without MX records has no mail hosts here, its own address does not stand in for one
    private async ValueTask<SpfMatch> MatchExchangesAsync(SpfMechanism mechanism, string target, List<SpfLookup> asked)
    {
        MailDnsAnswer<MailExchange> exchanges = await dns.ExchangesAsync(target, cancellationToken);
        asked.Add(new SpfLookup("MX", target, exchanges.Status, [.. exchanges.Values.Select(mx => $"{mx.Preference} {mx.Host}")]));
        if ((Unanswered(exchanges.Status, target) ?? Void(exchanges.IsVoid)) is { } ended)
        {
            return ended;
        }

        int hosts = 0;
        bool anyAsked = false, anyFound = false;
        foreach (MailExchange exchange in exchanges.Values.OrderBy(mx => mx.Preference))
        {
            // section 4.6.4: no more than ten hosts' addresses
            if (++hosts > limits.ExchangesPerTerm)
            {
                return SpfMatch.Failed(SpfVerdict.PermError, $"{target} has more than {limits.ExchangesPerTerm} mail hosts");
            }

            string host = SpfMacroExpansion.Name(exchange.Host);
            if (!MailDomain.CanBeAsked(host))
            {
                continue;
            }

            MailDnsAnswer<IPAddress> addresses = await AddressesAsync(host, Family, asked);
            anyAsked = true;
            anyFound |= !addresses.IsVoid;
            if ((Unanswered(addresses.Status, host) ?? Among(addresses.Values, mechanism, host)) is { } match)
            {
                return match;
            }
        }

        // A term counts once, however many of its hosts have no address of the client's family.
        return Void(anyAsked && !anyFound) ?? SpfMatch.No("");
    }

    // section 5.5: DNS errors are no match
    private async ValueTask<SpfMatch> MatchClientNameAsync(string target, List<SpfLookup> asked)
    {
        foreach (string name in await ClientNamesAsync(asked))
        {
            if (MailDomain.IsSameOrBelow(name, target))
            {
                return SpfMatch.Yes($"the client is {name}");
            }
        }

        return Void(asked.Exists(lookup => lookup is { Type: "PTR", Status: MailDnsStatus.NoData or MailDnsStatus.NameError })) ?? SpfMatch.No("");
    }

    // section 5.7: an A record, whatever the client's family
    private async ValueTask<SpfMatch> MatchExistsAsync(string target, List<SpfLookup> asked)
    {
        MailDnsAnswer<IPAddress> addresses = await AddressesAsync(target, AddressFamily.InterNetwork, asked);
        return Unanswered(addresses.Status, target) ?? Void(addresses.IsVoid) ?? SpfMatch.Yes($"{target} exists");
    }

    private static SpfMatch? Unanswered(MailDnsStatus status, string name) =>
        status == MailDnsStatus.TempError ? SpfMatch.Failed(SpfVerdict.TempError, $"the DNS gave no answer for {name}") : null;

    // section 4.6.4: terms that find nothing are limited too; below the limit they do not match
    private SpfMatch? Void(bool isVoid)
    {
        if (!isVoid)
        {
            return null;
        }

        return ++VoidLookups > limits.VoidLookups
            ? SpfMatch.Failed(SpfVerdict.PermError, $"more than {limits.VoidLookups} lookups found nothing")
            : SpfMatch.No("nothing found");
    }

    private SpfMatch? Among(ImmutableArray<IPAddress> addresses, SpfMechanism mechanism, string name)
    {
        foreach (IPAddress address in addresses)
        {
            if (address.AddressFamily == Family && IsWithin(address, mechanism))
            {
                return SpfMatch.Yes($"{name} is {address}");
            }
        }

        return null;
    }

    private bool IsWithin(IPAddress network, SpfMechanism mechanism)
    {
        Span<byte> one = stackalloc byte[16];
        Span<byte> other = stackalloc byte[16];
        network.TryWriteBytes(one, out int octets);
        query.ClientAddress.TryWriteBytes(other, out _);
        int bits = octets == 4 ? mechanism.PrefixV4 : mechanism.PrefixV6;
        int whole = bits / 8;
        return one[..whole].SequenceEqual(other[..whole]) && (bits % 8 == 0 || ((one[whole] ^ other[whole]) >> (8 - bits % 8)) == 0);
    }

    // section 5.5: names of the client that lead back to it
    private async ValueTask<ImmutableArray<string>> ClientNamesAsync(List<SpfLookup> asked)
    {
        if (!_clientNames.IsDefault)
        {
            return _clientNames;
        }

        MailDnsAnswer<string> names = await dns.NamesAsync(query.ClientAddress, cancellationToken);
        asked.Add(new SpfLookup("PTR", query.ClientAddress.ToString(), names.Status, names.Values));
        var validated = ImmutableArray.CreateBuilder<string>();
        foreach (string given in names.Values.Take(limits.ClientNames))
        {
            string name = SpfMacroExpansion.Name(given);
            if (MailDomain.CanBeAsked(name) && (await AddressesAsync(name, Family, asked)).Values.Contains(query.ClientAddress))
            {
                validated.Add(name);
            }
        }

        return _clientNames = validated.ToImmutable();
    }

    // section 7.3: of the validated names, the domain itself is best, then one below it, then any; else "unknown"
    private async ValueTask<string> ClientNameAsync(string domain, List<SpfLookup> asked)
    {
        ImmutableArray<string> names = await ClientNamesAsync(asked);
        return names.FirstOrDefault(name => name.Equals(domain, StringComparison.OrdinalIgnoreCase))
            ?? names.FirstOrDefault(name => MailDomain.IsSameOrBelow(name, domain))
            ?? names.FirstOrDefault()
            ?? "unknown";
    }

    private async ValueTask<string?> ExpandAsync(SpfMacroString macro, string domain, List<SpfLookup> asked)
    {
        string clientName = macro.Parts.Any(part => part.Letter == 'p') ? await ClientNameAsync(domain, asked) : "";
        return SpfMacroExpansion.Expand(macro, query, sender, domain, clientName, limits.ExpandedCharacters);
    }

    private async ValueTask<MailDnsAnswer<string>> TxtAsync(string name, List<SpfLookup> asked)
    {
        MailDnsAnswer<string> texts = await dns.TxtAsync(name, cancellationToken);
        asked.Add(new SpfLookup("TXT", name, texts.Status, texts.Values));
        return texts;
    }

    private async ValueTask<MailDnsAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, List<SpfLookup> asked)
    {
        MailDnsAnswer<IPAddress> addresses = await dns.AddressesAsync(name, family, cancellationToken);
        string type = family == Family ? AddressType : "A";
        asked.Add(new SpfLookup(type, name, addresses.Status, [.. addresses.Values.Select(address => address.ToString())]));
        return addresses;
    }
}
