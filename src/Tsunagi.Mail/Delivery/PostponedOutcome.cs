using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Delivery;

/// <summary>What an attempt came to while the spool could not write it: kept in memory, so that what was delivered is not delivered again.</summary>
internal sealed record PostponedOutcome(Attempt Attempt, RecipientState[] States, IReadOnlyList<SmtpReply?> Replies, long NextMicros, bool StayReady);
