using System.Net;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.Spf;

/// <summary>check_host() of RFC 7208 section 4.</summary>
public static class SpfCheck
{
    /// <summary>
    /// May this client send as this sender? (1) the identity: the reverse-path, or postmaster of the HELO name when that is null; (2) the domain is one
    /// that can be asked for; (3) its record is looked up and selected; (4) the record is read whole; (5) its mechanisms are tried in order; (6) else its
    /// redirect is followed; (7) else the result is neutral; (8) of a fail, the explanation is fetched. Steps 2 to 7 are repeated for includes and redirects.
    /// The caller bounds the time by the token and by what its DNS answers.
    /// </summary>
    /// <param name="query">Who sends as whom.</param>
    /// <param name="dns">Who answers.</param>
    /// <param name="limits">How much work; the RFC's when null.</param>
    /// <param name="cancellationToken">Ends the check with an exception.</param>
    public static async ValueTask<SpfResult> RunAsync(SpfQuery query, IMailDns dns, SpfLimits? limits, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(dns);
        IPAddress client = query.ClientAddress.IsIPv4MappedToIPv6 ? query.ClientAddress.MapToIPv4() : new IPAddress(query.ClientAddress.GetAddressBytes());

        // (1) RFC 7208 sections 2.4 and 4.3: a sender without a local part is postmaster.
        SpfIdentity identity = query.Sender.Length == 0 ? SpfIdentity.Helo : SpfIdentity.MailFrom;
        int at = query.Sender.LastIndexOf('@');
        string given = identity == SpfIdentity.Helo ? query.HeloName : query.Sender[(at + 1)..];
        string local = at > 0 ? query.Sender[..at] : "postmaster";
        if (!MailDomain.TryNormalize(given, out string domain))
        {
            domain = given;
        }

        string sender = $"{local}@{domain}";
        var evaluation = new SpfEvaluation(query with { ClientAddress = client }, sender, dns, limits ?? SpfLimits.Default, cancellationToken);
        SpfOutcome outcome = await evaluation.CheckHostAsync(domain, depth: 0);

        // (8)
        string? explanation = outcome is { Verdict: SpfVerdict.Fail, Explanation: { } exp } ? await evaluation.ExplainAsync(exp, outcome.TermDomain) : null;
        return new SpfResult
        {
            Verdict = outcome.Verdict,
            Domain = domain,
            Identity = identity,
            Sender = sender,
            Term = outcome.Term,
            TermDomain = outcome.TermDomain,
            Reason = outcome.Reason,
            Explanation = explanation,
            Lookups = evaluation.Lookups,
            VoidLookups = evaluation.VoidLookups,
            Steps = evaluation.Steps,
        };
    }
}
