using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Inbound;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Trace;
using Tsunagi.Mail.Verdict;

namespace Tsunagi.Mail.Beside;

/// <summary>What the filter needs beside another mail server, whichever way that asks.</summary>
internal sealed record BesideServices(
    MailOptions Options, GatewayContracts Contracts, RecipientLists Lists, MailFilter Filter, MailSpool Spool, RefusalWriter Refusals, TimeProvider Time);
