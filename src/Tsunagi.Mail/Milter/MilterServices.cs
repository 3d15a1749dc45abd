using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Inbound;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Trace;
using Tsunagi.Mail.Verdict;

namespace Tsunagi.Mail.Milter;

/// <summary>What every milter session shares.</summary>
internal sealed record MilterServices(
    MailOptions Options, GatewayContracts Contracts, RecipientLists Lists, MailFilter Filter, MailSpool Spool, RefusalWriter Refusals, TimeProvider Time);
