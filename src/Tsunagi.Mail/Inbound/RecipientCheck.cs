using System.Net;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Delivery;
using Tsunagi.Mail.Submission;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Inbound;

/// <summary>
/// Decides on one RCPT: the address of reports is the provider's own; else (0) a customer's own server, or who handed it in after AUTH, sends to others, (1) whose domain is it, (2) postmaster is always taken, (3) can the next hop take such a message, (4) does the recipient
/// exist: the list knows, or the next hop is asked, or, when neither answers, the client is asked to come again.
/// </summary>
internal sealed class RecipientCheck
{
    private static readonly SmtpReply NotLoaded = new(451, new EnhancedStatus(4, 3, 5), "The contracts are being loaded, try again later");
    private static readonly SmtpReply NoAnswer = new(451, new EnhancedStatus(4, 4, 3), "Recipient cannot be verified now, try again later");
    private static readonly SmtpReply NoUtf8 = new(553, new EnhancedStatus(5, 6, 7), "The recipient's server does not take SMTPUTF8");

    private readonly GatewayContracts _contracts;
    private readonly RecipientLists _lists;
    private readonly CallAhead _callAhead;
    private readonly NextHopBook _book;
    private readonly Mailbox? _postmaster;
    private readonly Mailbox? _reports;
    private readonly long _reportBytes;
    private readonly NextHop? _smarthost;
    private readonly bool _leaves;
    private readonly bool _dryRun;

    public RecipientCheck(MailOptions options, GatewayContracts contracts, RecipientLists lists, CallAhead callAhead, NextHopBook book)
    {
        _contracts = contracts;
        _lists = lists;
        _callAhead = callAhead;
        _book = book;
        _dryRun = options.DryRun;
        var byMx = options.Outbound.Route == Routes.DepartureRoute.Mx && !_dryRun;
        _smarthost = !byMx && NextHop.TryParse(options.Smarthost, out var smarthost, out _) && !_dryRun ? smarthost : null;
        _leaves = byMx || _smarthost is not null;
        _reports = Mailbox.TryParse(options.Reports.Address, out var reports) && !_dryRun ? reports : null;
        _reportBytes = options.Reports.MaxMessageBytes;
        _postmaster = Mailbox.TryParse(options.Postmaster, out var postmaster) ? postmaster : null;
    }

    /// <summary>Why a credential may not send under a reverse-path (RFC 6409 section 6.1); the null one is for reports of devices and programs.</summary>
    public SmtpReply? WhyNotAs(ReversePath reversePath, LiveCredential credential)
    {
        if (!_contracts.Loaded)
        {
            return NotLoaded;
        }

        return reversePath.Mailbox is not { } mailbox || (AllowedSenders.Contains(credential.Senders, mailbox) && _contracts.Table.ForDomain(mailbox.Domain)?.Subscription == credential.Subscription)
            ? null
            : SubmittedHeader.NotAllowed(mailbox);
    }

    /// <param name="client">Whence the client comes; null where that is not known.</param>
    /// <param name="submitter">Who hands it in after AUTH; null for a client that brings it.</param>
    public ValueTask<RecipientVerdict> CheckAsync(
        ForwardPath recipient, SmtpTransaction transaction, IPAddress? client, LiveCredential? submitter, CancellationToken cancellationToken)
    {
        if (!_contracts.Loaded)
        {
            return Refuse(NotLoaded, recipient);
        }

        var table = _contracts.Table;
        if (recipient.Mailbox.Domain.Length == 0)
        {
            if (_contracts.ProviderPath.Length == 0)
            {
                return Refuse(NotLoaded, recipient);
            }

            var known = _postmaster is null ? recipient : new ForwardPath(_postmaster);
            return new(new RecipientVerdict(SmtpReplies.RecipientOk, table.ForDomain(known.Mailbox.Domain), known));
        }

        if (_reports is { } reports && IsReports(recipient.Mailbox, reports))
        {
            return transaction.Parameters.Size > _reportBytes ? Refuse(SmtpReplies.TooLarge, recipient)
                : _contracts.ProviderPath.Length == 0 ? Refuse(NotLoaded, recipient)
                : new(new RecipientVerdict(SmtpReplies.RecipientOk, null, recipient) { IsFeedback = true });
        }

        // (0)
        var served = table.ForDomain(recipient.Mailbox.Domain);
        var from = submitter is not null ? table.BySubscription.GetValueOrDefault(submitter.Subscription) : client is not null ? SenderOf(table, client, transaction.ReversePath) : null;
        if (_leaves && from is { } sender && sender.Subscription != served?.Subscription)
        {
            return CannotLeave(sender, recipient, transaction) is { } cannot
                ? Refuse(cannot, recipient)
                : new(new RecipientVerdict(SmtpReplies.RecipientOk, sender, recipient) { IsOutbound = true });
        }

        // (1) What is handed in for others leaves as above or not at all.
        if (served is not { } gateway || (submitter is not null && submitter.Subscription != served.Subscription))
        {
            return Refuse(SmtpReplies.RelayDenied, recipient);
        }

        // (2) RFC 5321 section 4.5.1. In a dry run nobody is asked, and nothing is bounced to anybody.
        if (recipient.Mailbox.IsPostmaster || _dryRun)
        {
            return new(new RecipientVerdict(SmtpReplies.RecipientOk, gateway, recipient));
        }

        // (3)
        if (CannotTake(gateway, recipient, transaction) is { } refusal)
        {
            return Refuse(refusal, recipient);
        }

        // (4)
        return ExistsAsync(gateway, recipient, cancellationToken);
    }

    // One address, its case aside: reporters copy it out of customers' records.
    private static bool IsReports(Mailbox mailbox, Mailbox reports) => mailbox.ToString().Equals(reports.ToString(), StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Who sends by us: the customer that lists the client's address, in the name of one of its own domains. A report, which has no sender, is of the customer whose address
    /// it is. Null for everybody else's mail, which is only taken for those we serve: the address alone lets nobody send in a name that is not its own.
    /// </summary>
    private static Gateway? SenderOf(GatewayTable table, IPAddress client, ReversePath reversePath)
    {
        Gateway? sender = null;
        foreach (var gateway in table.Relays.Of(client))
        {
            if (reversePath.Mailbox is not { } mailbox)
            {
                return gateway;
            }

            sender ??= table.ForDomain(mailbox.Domain) is { } own && own.Subscription == gateway.Subscription ? own : null;
        }

        return sender;
    }

    private SmtpReply? CannotLeave(Gateway sender, ForwardPath recipient, SmtpTransaction transaction)
    {
        // What a domain's own servers take is known when they are spoken to.
        var offered = _smarthost is null ? null : _book.Of(_smarthost);
        if (transaction.Parameters.Size > Math.Min(sender.Settings.MaxMessageBytes, offered?.MaxMessageOctets ?? long.MaxValue))
        {
            return SmtpReplies.TooLarge;
        }

        return (!recipient.Mailbox.IsAscii || !transaction.ReversePath.IsAscii) && offered is { SmtpUtf8: false } ? NoUtf8 : null;
    }

    private SmtpReply? CannotTake(Gateway gateway, ForwardPath recipient, SmtpTransaction transaction)
    {
        var offered = _book.Of(gateway.NextHop);
        if (transaction.Parameters.Size > Math.Min(gateway.Settings.MaxMessageBytes, offered?.MaxMessageOctets ?? long.MaxValue))
        {
            return SmtpReplies.TooLarge;
        }

        var needsUtf8 = !recipient.Mailbox.IsAscii || !transaction.ReversePath.IsAscii;
        return needsUtf8 && offered is { SmtpUtf8: false } ? NoUtf8 : null;
    }

    private async ValueTask<RecipientVerdict> ExistsAsync(Gateway gateway, ForwardPath recipient, CancellationToken cancellationToken)
    {
        var source = gateway.Settings.Recipients;
        var listed = source == RecipientSource.CallAhead ? null : _lists.Knows(gateway, recipient.Mailbox);
        if (listed == true || (listed == false && source == RecipientSource.List))
        {
            return new RecipientVerdict(listed.Value ? SmtpReplies.RecipientOk : SmtpReplies.UnknownRecipient, gateway, recipient);
        }

        if (source == RecipientSource.List)
        {
            return new RecipientVerdict(NoAnswer, gateway, recipient);
        }

        var answer = await _callAhead.AskAsync(gateway, recipient, cancellationToken);
        return new RecipientVerdict(answer switch
        {
            CallAheadAnswer.Exists => SmtpReplies.RecipientOk,
            CallAheadAnswer.Unknown => SmtpReplies.UnknownRecipient,
            _ => NoAnswer,
        }, gateway, recipient);
    }

    private static ValueTask<RecipientVerdict> Refuse(SmtpReply reply, ForwardPath recipient) => new(new RecipientVerdict(reply, null, recipient));
}
