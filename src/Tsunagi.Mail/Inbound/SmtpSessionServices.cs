using Tsunagi.Core.Net;
using Tsunagi.Core.Net.Tls;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Delivery;
using Tsunagi.Mail.Limits;
using Tsunagi.Mail.Meters;
using Tsunagi.Mail.Pending;
using Tsunagi.Mail.Reporting.Dmarc;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Submission;
using Tsunagi.Mail.Trace;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Inbound;

/// <summary>What every session of the listeners shares.</summary>
internal sealed record SmtpSessionServices(
    MailOptions Options,
    GatewayContracts Contracts,
    RecipientCheck Recipients,
    NextHopBook Book,
    MailSpool Spool,
    DeliveryScheduler Scheduler,
    RecipientLists Lists,
    MailFilter Filter,
    RefusalWriter Refusals,
    ConnectionLimits Limits,
    MailMetrics Metrics,
    TimeProvider Time,
    SubmissionAccess Submission,
    SendingGuard Sending,
    ClientLimits Clients,
    Certificates? Certificates,
    PendingWord? Pending = null,
    DmarcCounts? Dmarc = null)
{
    /// <summary>The gateway's own listener.</summary>
    public SmtpDoor Door { get; } = new(ServerOptionsOf(Options) with { OfferStartTls = Certificates is not null }, Limits, IsSubmission: false, IsTlsFirst: false);

    /// <summary>What the machines of all listeners' sessions allow.</summary>
    public static SmtpServerOptions ServerOptionsOf(MailOptions options) => new()
    {
        HostName = options.OwnName,
        MaxMessageOctets = options.Inbound.MaxMessageBytes,
        MaxRecipients = options.Inbound.MaxRecipients,
        MaxErrors = options.Inbound.MaxErrors,
        MaxRefusedRecipients = options.Inbound.MaxRefusedRecipients,
        MaxIdleCommands = options.Inbound.MaxIdleCommands,
        MaxLineOctets = options.Inbound.MaxLineOctets,
    };
}
