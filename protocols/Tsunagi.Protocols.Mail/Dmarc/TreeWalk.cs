using System.Collections.Immutable;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.Dmarc;

/// <summary>The records found on the way from a domain up to its top-level domain, the longest name first.</summary>
/// <param name="Start">Where the walk began.</param>
/// <param name="Records">The records.</param>
/// <param name="IsUncertain">One of the questions got no answer.</param>
internal sealed record Walk(string Start, ImmutableArray<(string Domain, DmarcRecord Record)> Records, bool IsUncertain)
{
    /// <summary>The organizational domain (RFC 9989 section 4.10.2).</summary>
    public string OrganizationalDomain()
    {
        foreach ((string domain, DmarcRecord record) in Records)
        {
            if (record.Suffix == DmarcSuffix.No)
            {
                return domain;
            }

            if (record.Suffix == DmarcSuffix.Yes && domain != Start)
            {
                return Below(domain);
            }
        }

        return Records.IsEmpty ? Start : Records[^1].Domain;
    }

    /// <summary>The record that applies to mail of the domain where the walk began: its own, its organization's, or its public suffix's (section 4.10.1).</summary>
    public (string Domain, DmarcRecord Record)? Applicable()
    {
        if (Records.IsEmpty)
        {
            return null;
        }

        if (Records[0].Domain == Start)
        {
            return Records[0];
        }

        string organization = OrganizationalDomain();
        foreach ((string Domain, DmarcRecord Record) found in Records)
        {
            if (found.Domain == organization)
            {
                return found;
            }
        }

        return Records.LastOrDefault(found => found.Record.Suffix == DmarcSuffix.Yes) is { Record: not null } suffix ? suffix : null;
    }

    private string Below(string domain)
    {
        string name = Start;
        while (MailDomain.Parent(name) != domain)
        {
            name = MailDomain.Parent(name);
        }

        return name;
    }
}

/// <summary>The DNS tree walk (RFC 9989 section 4.10). A name is asked for once, however many walks come by.</summary>
internal sealed class TreeWalk(IMailDns dns, DmarcOptions options, CancellationToken cancellationToken)
{
    private readonly Dictionary<string, (MailDnsStatus Status, DmarcRecord? Record)> _known = [];
    private readonly ImmutableArray<DmarcLookup>.Builder _lookups = ImmutableArray.CreateBuilder<DmarcLookup>();

    public ImmutableArray<DmarcLookup> Lookups => _lookups.ToImmutable();

    public async ValueTask<Walk> RunAsync(string start)
    {
        var records = ImmutableArray.CreateBuilder<(string, DmarcRecord)>();
        bool uncertain = false;
        int most = options.QueriesPerWalk;
        string domain = start;
        for (int i = 0; i < most && domain.Length > 0; i++)
        {
            (MailDnsStatus status, DmarcRecord? record) = await AskAsync(domain);
            uncertain |= status == MailDnsStatus.TempError;
            if (record is not null)
            {
                records.Add((domain, record));
                if (record.Suffix != DmarcSuffix.Unknown) // steps 2 and 7
                {
                    break;
                }
            }

            // One label less; from a name of eight or more straight to its last seven.
            domain = MailDomain.Parent(domain);
            while (i == 0 && MailDomain.Labels(domain) > most - 1)
            {
                domain = MailDomain.Parent(domain);
            }
        }

        return new Walk(start, records.ToImmutable(), uncertain);
    }

    private async ValueTask<(MailDnsStatus, DmarcRecord?)> AskAsync(string domain)
    {
        if (_known.TryGetValue(domain, out (MailDnsStatus, DmarcRecord?) known))
        {
            return known;
        }

        string name = "_dmarc." + domain;
        MailDnsAnswer<string> texts = MailDomain.CanBeAsked(name) ? await dns.TxtAsync(name, cancellationToken) : new MailDnsAnswer<string>(MailDnsStatus.NameError);
        DmarcRecord? record = null;
        int found = 0;
        foreach (string text in texts.Values)
        {
            if (DmarcRecord.TryParse(text, out DmarcRecord? read))
            {
                found++;
                record = read;
            }
        }

        record = found == 1 ? record : null; // several are as good as none (section 4.10)
        _lookups.Add(new DmarcLookup(domain, texts.Status, record?.Text));
        _known.Add(domain, (texts.Status, record));
        return (texts.Status, record);
    }
}
