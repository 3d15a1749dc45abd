namespace Tsunagi.Protocols.Flow.Bgp;

/// <summary>What is to be done about an error in a message, from mild to grave (RFC 7606 section 2).</summary>
public enum BgpErrorHandling
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>An attribute was left out; the routes are good.</summary>
    AttributeDiscard,

    /// <summary>The routes of the message are to be taken as withdrawn.</summary>
    TreatAsWithdraw,

    /// <summary>The routes of a family can not be read: the family is not to be used in this session any more.</summary>
    AfiSafiDisable,

    /// <summary>The session ends with the notification.</summary>
    SessionReset,
}

/// <summary>What came of reading a message.</summary>
/// <param name="Message">The message; null when the session is to be reset.</param>
/// <param name="Handling">The gravest thing that is to be done.</param>
/// <param name="Reason">What was being read and what was wrong; empty without an error.</param>
/// <param name="Notification">What to send when the session is to be reset, or when a family can not be disabled alone.</param>
public sealed record BgpReadResult(BgpMessage? Message, BgpErrorHandling Handling, string Reason, BgpNotification? Notification);
