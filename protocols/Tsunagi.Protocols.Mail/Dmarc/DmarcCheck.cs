using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Protocols.Mail.Spf;

namespace Tsunagi.Protocols.Mail.Dmarc;

/// <summary>Evaluates DMARC (RFC 9989 section 5.3).</summary>
public static class DmarcCheck
{
    /// <summary>
    /// Is the message by whom it says it is? (1) the author's domain; (2) the record that applies, by a walk up the DNS; (3) the identifiers that passed and
    /// are aligned with the author's domain; (4) what the owner asks for when there is none.
    /// </summary>
    /// <param name="query">The author's domain and what SPF and DKIM found.</param>
    /// <param name="dns">Who answers.</param>
    /// <param name="options">How policies are found; the RFC's way when null.</param>
    /// <param name="cancellationToken">Ends the evaluation with an exception.</param>
    public static async ValueTask<DmarcResult> RunAsync(DmarcQuery query, IMailDns dns, DmarcOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(dns);
        options ??= DmarcOptions.Default;

        // (1)
        if (!MailDomain.TryNormalize(query.AuthorDomain, out string author) || !MailDomain.CanBeAsked(author))
        {
            return new DmarcResult { Verdict = DmarcVerdict.PermError, Reason = $"'{query.AuthorDomain}' is no domain name", AuthorDomain = query.AuthorDomain };
        }

        // (2)
        var tree = new TreeWalk(dns, options, cancellationToken);
        Walk walk = await tree.RunAsync(author);
        var result = new DmarcResult { Verdict = DmarcVerdict.None, Reason = "", AuthorDomain = author, OrganizationalDomain = walk.OrganizationalDomain() };
        if (walk.Applicable() is not { } applicable)
        {
            return walk.IsUncertain
                ? result with { Verdict = DmarcVerdict.TempError, Reason = $"the DNS gave no answer for the policy of {author}", Lookups = tree.Lookups }
                : result with { Reason = $"neither {author} nor a domain above it publishes a policy", Lookups = tree.Lookups };
        }

        DmarcRecord record = applicable.Record;
        if (record.HasBadPolicy && record.AggregateReports.IsEmpty) // section 4.10.1
        {
            return result with { Reason = $"the record of {applicable.Domain} names no policy, or one that is none, and no address for reports", PolicyDomain = applicable.Domain, Record = record, Lookups = tree.Lookups };
        }

        // (3)
        var alignment = new DmarcAlignment(author, walk, tree, options);
        bool spf = query.Spf is { Verdict: SpfVerdict.Pass } passed && await alignment.HoldsAsync(passed.Domain, record.IsSpfStrict);
        var signatures = ImmutableArray.CreateBuilder<DkimSignature>();
        foreach (DkimResult dkim in query.Dkim.Where(static d => d is { Verdict: DkimVerdict.Pass, Signature: not null }))
        {
            if (await alignment.HoldsAsync(dkim.Signature!.Domain, record.IsDkimStrict))
            {
                signatures.Add(dkim.Signature);
            }
        }

        // (4)
        (DmarcPolicy policy, string tag) = await PolicyAsync(author, applicable.Domain, record, dns, cancellationToken);
        result = result with
        {
            PolicyDomain = applicable.Domain,
            Record = record,
            Policy = policy,
            PolicyTag = tag,
            IsSpfAligned = spf,
            AlignedSignatures = signatures.ToImmutable(),
            Lookups = tree.Lookups,
        };
        if (spf || signatures.Count > 0)
        {
            string by = signatures.Count > 0 ? $"signed by {signatures[0].Domain}" : $"sent by a host of {query.Spf!.Domain}";
            return result with { Verdict = DmarcVerdict.Pass, Reason = by };
        }

        if (alignment.IsUncertain || walk.IsUncertain || await CouldHavePassedAsync(query, record, alignment))
        {
            return result with { Verdict = DmarcVerdict.TempError, Reason = "the DNS gave no answer for something that could have made it pass", Lookups = tree.Lookups };
        }

        DmarcPolicy disposition = record.IsTesting && policy > DmarcPolicy.None ? policy - 1 : policy;
        return result with { Verdict = DmarcVerdict.Fail, Disposition = disposition, Reason = $"nothing that passes is of {author}", Lookups = tree.Lookups };
    }

    // sections 4.7 and 4.10.1; a domain that does not exist is one the DNS answers NXDOMAIN for (section 3.2)
    private static async ValueTask<(DmarcPolicy Policy, string Tag)> PolicyAsync(
        string author, string domain, DmarcRecord record, IMailDns dns, CancellationToken cancellationToken)
    {
        if (record.HasBadPolicy)
        {
            return (DmarcPolicy.None, "p");
        }

        if (author == domain)
        {
            return (record.Policy ?? DmarcPolicy.None, "p");
        }

        if (record.NonExistentPolicy is { } nonExistent)
        {
            MailDnsAnswer<IPAddress> addresses = await dns.AddressesAsync(author, AddressFamily.InterNetwork, cancellationToken);
            if (addresses.Status == MailDnsStatus.NameError)
            {
                return (nonExistent, "np");
            }
        }

        return record.SubdomainPolicy is { } subdomains ? (subdomains, "sp") : (record.Policy ?? DmarcPolicy.None, "p");
    }

    // section 5.3.3: where an aligned check ended in a temporary error the policy is not applied
    private static async ValueTask<bool> CouldHavePassedAsync(DmarcQuery query, DmarcRecord record, DmarcAlignment alignment)
    {
        if (query.Spf is { Verdict: SpfVerdict.TempError } spf && await alignment.HoldsAsync(spf.Domain, record.IsSpfStrict))
        {
            return true;
        }

        foreach (DkimResult dkim in query.Dkim.Where(static d => d is { Verdict: DkimVerdict.TempError, Signature: not null }))
        {
            if (await alignment.HoldsAsync(dkim.Signature!.Domain, record.IsDkimStrict))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Identifier alignment (RFC 9989 section 4.4) with one author's domain.</summary>
internal sealed class DmarcAlignment(string author, Walk walk, TreeWalk tree, DmarcOptions options)
{
    private readonly Dictionary<string, bool> _known = [];

    /// <summary>A walk met a question without an answer, and the domain was not aligned without it.</summary>
    public bool IsUncertain { get; private set; }

    public async ValueTask<bool> HoldsAsync(string identifier, bool strict)
    {
        if (!MailDomain.TryNormalize(identifier, out string domain))
        {
            return false;
        }

        if (domain == author || strict)
        {
            return domain == author;
        }

        if (!_known.TryGetValue(domain, out bool aligned))
        {
            aligned = await ShareOrganizationAsync(domain) || ShareSuffix(domain);
            _known.Add(domain, aligned);
        }

        return aligned;
    }

    private async ValueTask<bool> ShareOrganizationAsync(string domain)
    {
        // An organizational domain is the domain itself or above it, so most strangers need no walk.
        string organization = walk.OrganizationalDomain();
        if (!MailDomain.IsSameOrBelow(domain, organization) || _known.Count >= options.Walks)
        {
            return false;
        }

        Walk other = await tree.RunAsync(domain);
        bool aligned = other.OrganizationalDomain() == organization;
        IsUncertain |= other.IsUncertain && !aligned;
        return aligned;
    }

    private bool ShareSuffix(string domain) =>
        options.LegacyOrganizationalDomain is { } list
            && walk.Records.All(found => found.Record.Suffix == DmarcSuffix.Unknown)
            && list(author) is { } own && list(domain) is { } other
            && own.Equals(other, StringComparison.OrdinalIgnoreCase);
}
