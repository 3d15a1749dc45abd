using Tsunagi.Core.Net;
using Tsunagi.Core.Net.Tls;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Delivery;
using Tsunagi.Mail.Meters;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Trace;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Inbound;

/// <summary>What every session of the listener shares.</summary>
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
    Certificates? Certificates)
{
    /// <summary>What the machine of each session offers and allows.</summary>
    public SmtpServerOptions ServerOptions { get; } = new()
    {
        HostName = Options.OwnName,
        OfferStartTls = Certificates is not null,
        MaxMessageOctets = Options.Inbound.MaxMessageBytes,
        MaxRecipients = Options.Inbound.MaxRecipients,
        MaxErrors = Options.Inbound.MaxErrors,
        MaxRefusedRecipients = Options.Inbound.MaxRefusedRecipients,
        MaxIdleCommands = Options.Inbound.MaxIdleCommands,
        MaxLineOctets = Options.Inbound.MaxLineOctets,
    };
}
