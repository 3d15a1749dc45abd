using Tsunagi.Mail.Contract;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Import;

/// <summary>A domain that a Postfix relays, as the gateway would have it.</summary>
/// <param name="NextHop">Where its mail goes; null with a reason in <paramref name="WhyNot"/>.</param>
/// <param name="ByMx">The name is one whose MX records Postfix looks up; the gateway dials the name itself.</param>
/// <param name="TakesAll">Postfix asks no list: everything is taken, and the next hop is to be asked.</param>
/// <param name="Mailboxes">Addresses that exist, in lower case.</param>
/// <param name="Aliases">Address to the mailbox of this domain it stands for.</param>
internal sealed record PostfixDomain(
    string Name, string File, int Line, NextHop? NextHop, bool ByMx, string? WhyNot, bool TakesAll, IReadOnlyList<string> Mailboxes, IReadOnlyList<(string Address, string AliasOf)> Aliases);

/// <summary>
/// What a Postfix is set up to do for others' domains: (1) main.cf is read, (2) relay_domains are the domains, (3) transport_maps, or relay_transport and relayhost, say where each goes, (4) relay_recipient_maps say who exists,
/// (5) virtual_alias_maps add the aliases that stand for one mailbox of the same domain, (6) what Postfix keeps to itself (mydestination, virtual mailboxes and alias domains) is told.
/// </summary>
internal sealed class PostfixSetup
{
    private const int MaxAliasSteps = 10;
    private readonly MainCf _main;
    private readonly PostfixMaps _maps;
    private readonly ImportProblems _problems;

    private PostfixSetup(MainCf main, PostfixMaps maps, ImportProblems problems)
    {
        _main = main;
        _maps = maps;
        _problems = problems;
    }

    public static IReadOnlyList<PostfixDomain> Read(string mainFile, Func<string, string?> read, ImportProblems problems)
    {
        // (1)
        if (read(mainFile) is not { } text)
        {
            problems.Error(mainFile, 0, "the file is not there");
            return [];
        }

        return new PostfixSetup(MainCf.Read(mainFile, text, problems), new PostfixMaps(read, problems), problems).Read();
    }

    private List<PostfixDomain> Read()
    {
        // (2)
        var names = _maps.Domains(_main, "relay_domains");
        if (names.Count > 0)
        {
            _problems.Note(_main.File, _main.LineOf("relay_domains"), "Postfix takes mail for the names below a relay domain too (parent_domain_matches_subdomains); the gateway takes it for those that are named");
        }

        var (transports, recipients, aliases) = (_maps.Tables(_main, "transport_maps"), _maps.Tables(_main, "relay_recipient_maps"), _maps.Tables(_main, "virtual_alias_maps"));
        var byDomain = recipients.Values.Where(static entry => entry.Key.Contains('@', StringComparison.Ordinal)).ToLookup(static entry => DomainOf(entry.Key), StringComparer.Ordinal);
        var aliasesByDomain = aliases.Values.Where(static entry => entry.Key.Contains('@', StringComparison.Ordinal)).ToLookup(static entry => DomainOf(entry.Key), StringComparer.Ordinal);
        var domains = new List<PostfixDomain>(names.Count);
        foreach (var (name, place) in names)
        {
            if (MailDomain.Normalize(name) is not { } domain)
            {
                _problems.Error(place.File, place.Line, $"'{name}' is no name of a domain");
                continue;
            }

            // (3)
            var (nextHop, byMx, whyNot) = NextHopOf(name, transports);

            // (4)
            var takesAll = !_main.Has("relay_recipient_maps") || byDomain[name].Any(static entry => entry.Key[0] == '@');
            var mailboxes = MailboxesOf(byDomain[name]);

            // (5)
            var stands = AliasesOf(name, aliasesByDomain[name], aliases, mailboxes);
            domains.Add(new PostfixDomain(domain, place.File, place.Line, nextHop, byMx, whyNot, takesAll, [.. mailboxes.Order(StringComparer.Ordinal)], stands));
        }

        foreach (var entry in transports.Values.Where(static entry => entry.Key.Contains('@', StringComparison.Ordinal)))
        {
            _problems.Error(entry.File, entry.Line, $"{entry.Key} has a transport of its own: all mail of a subscription goes to one next hop");
        }

        TellOwn(aliases);
        return domains;
    }

    private HashSet<string> MailboxesOf(IEnumerable<PostfixEntry> entries)
    {
        var mailboxes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in entries.Where(static entry => entry.Key[0] != '@'))
        {
            if (Mailbox.TryParse(entry.Key, out var mailbox))
            {
                mailboxes.Add(mailbox!.ToString().ToLowerInvariant());
            }
            else
            {
                _problems.Error(entry.File, entry.Line, $"'{entry.Key}' is no mail address");
            }
        }

        return mailboxes;
    }

    // transport(5): the name, then .parent for what lies below, then *.
    private (NextHop? NextHop, bool ByMx, string? WhyNot) NextHopOf(string domain, Dictionary<string, PostfixEntry> transports)
    {
        var entry = transports.GetValueOrDefault(domain);
        for (var dot = domain.IndexOf('.', StringComparison.Ordinal); entry is null && dot >= 0; dot = domain.IndexOf('.', dot + 1))
        {
            entry = transports.GetValueOrDefault(domain[dot..]);
        }

        entry ??= transports.GetValueOrDefault("*");
        var value = entry is null or { Value: ":" } ? _main.Value("relay_transport") : entry.Value;
        var colon = value.IndexOf(':', StringComparison.Ordinal);
        var (transport, hop) = colon < 0 ? (value, "") : (value[..colon], value[(colon + 1)..].Trim());
        if (transport is not ("" or "smtp" or "relay"))
        {
            return (null, false, $"the transport {value} is no SMTP to a server: the gateway hands mail on by SMTP alone");
        }

        hop = hop.Length > 0 ? hop : _main.Value("relayhost");
        return hop.Length == 0 ? (null, false, "it goes where its MX records point, which here would be the gateway itself: name the server in transport_maps as smtp:[host]") : Hop(hop);
    }

    private static (NextHop? NextHop, bool ByMx, string? WhyNot) Hop(string text)
    {
        // Services by name, as /etc/services has them.
        var numbered = text.EndsWith(":smtp", StringComparison.Ordinal) ? text[..^4] + "25" : text.EndsWith(":submission", StringComparison.Ordinal) ? text[..^10] + "587" : text;
        var plain = numbered.Replace("[ipv6:", "[", StringComparison.OrdinalIgnoreCase);
        return text.Contains(',', StringComparison.Ordinal) || PostfixLines.Words(text).Count() != 1 ? (null, false, $"'{text}' names several servers; a subscription has one next hop")
            : NextHop.TryParse(plain, out var hop, out var error) ? (hop, !text.StartsWith('[') && !System.Net.IPAddress.TryParse(hop.Host, out _), null)
            : (null, false, error);
    }

    private List<(string Address, string AliasOf)> AliasesOf(string domain, IEnumerable<PostfixEntry> entries, Dictionary<string, PostfixEntry> all, HashSet<string> mailboxes)
    {
        var stands = new List<(string, string)>();
        PostfixEntry? first = null;
        foreach (var entry in entries.Where(entry => !mailboxes.Contains(entry.Key)))
        {
            if (entry.Key[0] == '@')
            {
                _problems.Error(entry.File, entry.Line, $"{entry.Key} rewrites every address of {domain}; the gateway rewrites none");
            }
            else if (Mailbox.TryParse(entry.Key, out _) && MailboxOf(entry, all, mailboxes) is { } mailbox)
            {
                first ??= entry;
                stands.Add((entry.Key, mailbox));
            }
            else
            {
                _problems.Error(entry.File, entry.Line, $"{entry.Key} stands for no single mailbox of {domain} that relay_recipient_maps knows; the gateway rewrites no addresses, so the next hop has to know it, and it is not entered");
            }
        }

        if (first is not null)
        {
            _problems.Note(first.File, first.Line, $"aliases of {domain} are handed to the next hop as they are written: the gateway rewrites no addresses, so the next hop has to know them");
        }

        return stands;
    }

    private static string? MailboxOf(PostfixEntry alias, Dictionary<string, PostfixEntry> all, HashSet<string> mailboxes)
    {
        var target = alias.Value;
        for (var step = 0; step < MaxAliasSteps; step++)
        {
            if (PostfixLines.Words(target).ToList() is not [var one])
            {
                return null;
            }

            target = one.ToLowerInvariant();
            if (mailboxes.Contains(target))
            {
                return target;
            }

            if (!all.TryGetValue(target, out var next))
            {
                return null;
            }

            target = next.Value;
        }

        return null;
    }

    // (6)
    private void TellOwn(Dictionary<string, PostfixEntry> aliases)
    {
        foreach (var (parameter, why) in ((string, string)[])[
            ("mydestination", "is delivered on that machine itself; it stays there, or its mail needs a server of its own behind the gateway"),
            ("virtual_mailbox_domains", "is delivered into mailboxes of that machine; it stays there, or its mail needs a server of its own behind the gateway"),
            ("virtual_alias_domains", "consists of aliases that Postfix rewrites; the gateway rewrites no addresses: keep that Postfix as its next hop")])
        {
            // Names without a domain (postmaster, localhost) are of no interest; where main.cf names no alias domains, the tables' keys are them.
            var names = parameter == "virtual_alias_domains" && !_main.Has(parameter) ? aliases : _maps.Domains(_main, parameter);
            foreach (var entry in names.Values.Where(static entry => !entry.Key.Contains('@', StringComparison.Ordinal) && entry.Key.Contains('.', StringComparison.Ordinal) && !entry.Key.StartsWith("localhost.", StringComparison.Ordinal)))
            {
                _problems.Note(entry.File, entry.Line, $"{entry.Key} ({parameter}) {why}");
            }
        }
    }

    private static string DomainOf(string address) => address[(address.LastIndexOf('@') + 1)..];
}
