using System.Net;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Mail.Checks.Authentication;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Dmarc;
using Tsunagi.Protocols.Mail.Feedback;
using Tsunagi.Protocols.Mail.Spf;

namespace Tsunagi.Mail.Reporting.Dmarc;

/// <summary>What a report says of messages that were alike (RFC 9990 section 3.1.1.7: one record for each source, results and names). Everything is bounded and clean: it is a stranger's word and goes to another.</summary>
/// <param name="DayAt">The first microsecond of the day, UTC.</param>
/// <param name="Domain">The policy domain, which the report is about.</param>
/// <param name="EnvelopeFrom">Domain of the reverse-path; empty for the null path.</param>
/// <param name="Reason">Why another policy was applied than the published one; null where none was.</param>
/// <param name="Signatures">Lines "domain selector result", those that matter most first.</param>
/// <param name="SpfResult">"domain scope result".</param>
internal sealed record DmarcSighting(
    long DayAt, string Domain, string Source, string HeaderFrom, string EnvelopeFrom, string EnvelopeTo, ReportedDisposition Disposition, OverrideReason? Reason, bool Dkim, bool Spf, string Signatures, string SpfResult)
{
    private const int MostSignatures = 5;
    private const int MostSelector = 63;

    /// <summary>The policy as it was found.</summary>
    public required string Published { get; init; }

    /// <summary>It passed, and the filter had nothing against it.</summary>
    public required bool IsGood { get; init; }

    public bool Passes => Dkim || Spf;

    /// <summary>The same without what a sender may write as it likes: what one host is counted as once it came in many kinds, so that it cannot fill a domain's report.</summary>
    public DmarcSighting Coarse() => this with { HeaderFrom = Domain, EnvelopeFrom = "", EnvelopeTo = "", Signatures = "", SpfResult = "" };

    /// <param name="verdict">What was done for the recipients of the domain.</param>
    public static DmarcSighting? Of(Authenticated found, MessageVerdict verdict, IPAddress client, string reversePathDomain, string recipientDomain, long dayAt)
    {
        if (found.Dmarc is not { Verdict: DmarcVerdict.Pass or DmarcVerdict.Fail, Record: { } record } dmarc || record.AggregateUris.IsEmpty || ReportNames.Domain(recipientDomain) is not { } to)
        {
            return null;
        }

        var (disposition, reason) = DoneAbout(dmarc, verdict);
        return new DmarcSighting(
            dayAt, dmarc.PolicyDomain, (client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client).ToString(), dmarc.AuthorDomain, ReportNames.Domain(reversePathDomain) ?? "", to, disposition, reason,
            !dmarc.AlignedSignatures.IsEmpty, dmarc.IsSpfAligned, SignaturesOf(dmarc, found.Dkim), SpfOf(found.Spf))
        {
            Published = PublishedBy(record),
            IsGood = dmarc.Verdict == DmarcVerdict.Pass && verdict.Wished == PolicyAction.Accept,
        };
    }

    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
        '\0', Source, HeaderFrom, EnvelopeFrom, EnvelopeTo, Disposition, Reason, Dkim, Spf, Signatures, SpfResult))).AsSpan(0, 16));

    /// <summary>
    /// What DMARC alone did: what else the filter found is not said (RFC 9990 section 8.3), so a message that a virus had refused was quarantined at most where that is what the policy of the recipient makes of the record.
    /// </summary>
    private static (ReportedDisposition Done, OverrideReason? Reason) DoneAbout(DmarcResult dmarc, MessageVerdict verdict)
    {
        if (dmarc.Verdict == DmarcVerdict.Pass)
        {
            return (ReportedDisposition.Pass, null);
        }

        var said = verdict.Evidence.FirstOrDefault(static one => one.Evidence.Code is AuthenticationCheck.DmarcFail or AuthenticationCheck.DmarcQuarantine or AuthenticationCheck.DmarcReject)?.Action ?? PolicyAction.Accept;
        var applied = (PolicyAction)Math.Min((int)said, (int)verdict.Action) switch { PolicyAction.Reject => DmarcPolicy.Reject, PolicyAction.Quarantine => DmarcPolicy.Quarantine, _ => DmarcPolicy.None };
        return (
            applied switch { DmarcPolicy.Reject => ReportedDisposition.Reject, DmarcPolicy.Quarantine => ReportedDisposition.Quarantine, _ => ReportedDisposition.None },
            applied == dmarc.Policy ? null : applied == dmarc.Disposition ? OverrideReason.PolicyTestMode : OverrideReason.LocalPolicy);
    }

    // RFC 9990 section 3.1.3: those that pass and are the author's own, those that pass and are aligned, those that pass, the others.
    private static string SignaturesOf(DmarcResult dmarc, IEnumerable<DkimResult> signatures) => string.Join(
        '\n',
        signatures.Where(static one => one.Signature is { } signature && ReportNames.Domain(signature.Domain) is not null && IsSelector(signature.Selector))
            .OrderBy(one => one.Verdict != DkimVerdict.Pass ? 3 : one.Signature!.Domain.Equals(dmarc.AuthorDomain, StringComparison.OrdinalIgnoreCase) ? 0 : dmarc.AlignedSignatures.Contains(one.Signature) ? 1 : 2)
            .Take(MostSignatures)
            .Select(static one => $"{ReportNames.Domain(one.Signature!.Domain)} {one.Signature.Selector} {one.Verdict}"));

    private static bool IsSelector(string selector) => selector.Length is > 0 and <= MostSelector && selector.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static string SpfOf(SpfResult? spf) => spf is not null && ReportNames.Domain(spf.Domain) is { } domain ? $"{domain} {spf.Identity} {spf.Verdict}" : "";

    private static string PublishedBy(DmarcRecord record)
    {
        var text = new StringBuilder("v=DMARC1; p=").Append(Word(record.HasBadPolicy ? DmarcPolicy.None : record.Policy ?? DmarcPolicy.None));
        text.Append(record.SubdomainPolicy is { } subdomains ? "; sp=" + Word(subdomains) : "").Append(record.NonExistentPolicy is { } absent ? "; np=" + Word(absent) : "");
        text.Append(record.IsDkimStrict ? "; adkim=s" : "; adkim=r").Append(record.IsSpfStrict ? "; aspf=s" : "; aspf=r").Append(record.IsTesting ? "; t=y" : "");
        return text.Append("; fo=").AppendJoin(':', record.FailureOptions).ToString();
    }

    private static string Word(DmarcPolicy policy) => policy.ToString().ToLowerInvariant();
}
