namespace Tsunagi.Protocols.Mail.Dsn;

/// <summary>What became of the message for one recipient (RFC 3464 section 2.3.3).</summary>
public enum DsnAction
{
    /// <summary>Given up.</summary>
    Failed,
    /// <summary>Not yet, tried further.</summary>
    Delayed,
    /// <summary>In the mailbox.</summary>
    Delivered,
    /// <summary>Passed to a host that gives no further notice.</summary>
    Relayed,
    /// <summary>Delivered to a list or an alias of several.</summary>
    Expanded,
}
