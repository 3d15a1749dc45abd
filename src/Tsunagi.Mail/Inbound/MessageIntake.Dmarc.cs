using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Authentication;
using Tsunagi.Mail.Checks.Client;
using Tsunagi.Mail.Reporting.Dmarc;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Dmarc;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Inbound;

/// <summary>
/// What the author's domain is told of a message once a day, if it asks for that (RFC 9990): noted beside the verdicts, and counted once the message is taken or refused. One that is put off, or that could not be kept, comes again
/// and is counted then.
/// </summary>
internal sealed partial class MessageIntake
{
    private readonly List<DmarcSighting> _seen = [];

    /// <summary>
    /// Notes one sighting for each domain of recipients. Not of mail that nobody outside brought: handed in after AUTH, or from our own networks or a customer's servers, whose addresses say nothing of the author's; not of
    /// reports that are the domain's own, lest two reporters tell each other of their reports for ever (what only calls itself one is counted, or whoever forges a domain would hide so); and not where a recipient's policy had nobody look, or the contract says that its mail is not counted.
    /// </summary>
    private void See(SmtpServerMachine machine, Findings found, MessageVerdict[] verdicts)
    {
        if (_services.Dmarc is not { IsOn: true } counts || found.Authenticated is not { } authenticated || _submitter is not null || (_header.IsReport && authenticated.Dmarc?.Verdict == DmarcVerdict.Pass)
            || _clientAddress is not { } client || ClientCheck.IsOfOurs(client) || _services.Contracts.Table.Relays.Of(client).Any())
        {
            return;
        }

        var sender = machine.Transaction!.ReversePath.Mailbox?.Domain ?? "";
        var day = counts.Day;
        foreach (var (domain, hardest) in _judged.Select((judged, i) => (judged, Verdict: verdicts[i]))
            .Where(static one => one.judged.Part.Gateway is { Settings.DmarcReports: true } && one.judged.Policy.Wants(AuthenticationCheck.CheckName))
            .GroupBy(static one => one.judged.Recipient.Mailbox.Domain, StringComparer.OrdinalIgnoreCase)
            .Select(static group => (group.Key, group.MaxBy(static one => one.Verdict.Action).Verdict)))
        {
            if (DmarcSighting.Of(authenticated, hardest, client, sender, domain, day) is { } seen)
            {
                _seen.Add(seen);
            }
        }
    }

    private void CountSeen()
    {
        foreach (var seen in _seen)
        {
            _services.Dmarc!.Add(seen, 1);
        }
    }
}
