using System.Collections.Immutable;
using Tsunagi.Protocols.Mail.Dmarc;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Protocols.Mail.Feedback;

/// <summary>An address that wants a domain's aggregate reports and may have them.</summary>
/// <param name="Mailbox">Where it goes: in ASCII, its domain in A-labels.</param>
/// <param name="MostOctets">What it takes at most, as it travels; null where nothing is said.</param>
public sealed record AggregateDestination(Mailbox Mailbox, long? MostOctets)
{
    /// <summary>It is of another organization, which says by its own record that it wants the domain's reports.</summary>
    public bool HasPermission { get; init; }
}

/// <summary>Whether and where a domain wants its aggregate reports.</summary>
public sealed record AggregateDestinations
{
    /// <summary>The record as it stands now; null where there is none, several, or the DNS gave no answer.</summary>
    public DmarcRecord? Record { get; init; }

    /// <summary>The addresses, in the record's order, each once. By mail alone: RFC 9990 knows no other way.</summary>
    public ImmutableArray<AggregateDestination> Addresses { get; init; } = [];

    /// <summary>The DNS gave no answer to something: asking later may find more.</summary>
    public bool IsUncertain { get; init; }

    /// <summary>Addresses that may not have them, and why, in words for an operator.</summary>
    public ImmutableArray<string> Refused { get; init; } = [];

    /// <summary>
    /// Asks for the domain's record, and of every address in another organization whether that wants the reports (RFC 9990 section 4): a stranger must not be able to have anybody's mailbox filled.
    /// </summary>
    /// <param name="domain">The policy domain, in lower case and A-labels.</param>
    /// <param name="most">Addresses that are looked for; the search ends when so many may have them.</param>
    /// <param name="dns">Who answers. A question for the record, and for each of ten addresses one for its permission and eight at most for its organization.</param>
    /// <param name="cancellationToken">Ends the search with an exception.</param>
    public static async ValueTask<AggregateDestinations> FindAsync(string domain, int most, IMailDns dns, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentNullException.ThrowIfNull(dns);
        var tree = new TreeWalk(dns, DmarcOptions.Default, cancellationToken);
        Walk walk = await tree.RunAsync(domain);
        if (walk.Records.IsEmpty || walk.Records[0].Domain != domain)
        {
            return new AggregateDestinations { IsUncertain = walk.IsUncertain };
        }

        DmarcRecord record = walk.Records[0].Record;
        var addresses = ImmutableArray.CreateBuilder<AggregateDestination>();
        var refused = ImmutableArray.CreateBuilder<string>();
        bool uncertain = false;
        foreach (DmarcReportUri uri in record.AggregateUris)
        {
            if (addresses.Count >= most)
            {
                break;
            }

            if (MailboxOf(uri) is not { } mailbox)
            {
                refused.Add("one is no address of mail, or one that only SMTPUTF8 could reach");
                continue;
            }

            (AggregateDestination? found, string? why) = await PermittedAsync(domain, walk, new AggregateDestination(mailbox, uri.MostOctets), tree, dns, cancellationToken);
            uncertain |= found is null && why is null;
            if (found is not null && !addresses.Any(known => Same(known.Mailbox, found.Mailbox)))
            {
                addresses.Add(found);
            }
            else if (why is not null)
            {
                refused.Add(why);
            }
        }

        return new AggregateDestinations { Record = record, Addresses = addresses.ToImmutable(), IsUncertain = uncertain, Refused = refused.ToImmutable() };
    }

    // Section 4, steps 1 to 9. Neither an address nor a reason: the DNS gave no answer.
    private static async ValueTask<(AggregateDestination? Found, string? Why)> PermittedAsync(
        string domain, Walk walk, AggregateDestination wanted, TreeWalk tree, IMailDns dns, CancellationToken cancellationToken)
    {
        string host = wanted.Mailbox.Domain;
        if (host == domain)
        {
            return (wanted, null);
        }

        // A record that was not found for want of an answer may be the one that sets both apart.
        Walk other = await tree.RunAsync(host);
        bool uncertain = walk.IsUncertain || other.IsUncertain;
        if (!uncertain && !other.Records.IsEmpty && other.OrganizationalDomain() == walk.OrganizationalDomain())
        {
            return (wanted, null);
        }

        string name = $"{domain}._report._dmarc.{host}";
        if (!MailDomain.CanBeAsked(name))
        {
            return (null, $"the name that would say whether {host} wants them is too long");
        }

        MailDnsAnswer<string> texts = await dns.TxtAsync(name, cancellationToken);
        List<DmarcRecord> permits = [.. texts.Values.Select(static text => DmarcRecord.TryParse(text, out DmarcRecord? record) ? record : null).OfType<DmarcRecord>()];
        if (texts.Status == MailDnsStatus.TempError || (permits.Count == 0 && uncertain))
        {
            return (null, null);
        }

        if (permits.Count == 0)
        {
            return (null, $"{host} is of others and does not say that it wants them (no record at {name})");
        }

        // (9) The receiver may name another address of its own; one elsewhere forbids both.
        foreach (DmarcReportUri uri in permits.SelectMany(static permit => permit.AggregateUris).Take(1))
        {
            return MailboxOf(uri) is { } instead && instead.Domain == host
                ? (new AggregateDestination(instead, uri.MostOctets ?? wanted.MostOctets) { HasPermission = true }, null)
                : (null, $"the record at {name} names an address elsewhere");
        }

        return (wanted with { HasPermission = true }, null);
    }

    // In the one form in which it is compared and sent to.
    private static Mailbox? MailboxOf(DmarcReportUri uri) =>
        Uri.TryCreate(uri.Uri, UriKind.Absolute, out Uri? parsed) && TlsReportRecord.Mailbox(parsed) is { } mailbox && System.Text.Ascii.IsValid(mailbox.LocalPart) && ReportNames.Domain(mailbox.Domain) is { } host
            ? new Mailbox(mailbox.LocalPart, host)
            : null;

    private static bool Same(Mailbox one, Mailbox other) => one.ToString().Equals(other.ToString(), StringComparison.OrdinalIgnoreCase);
}
