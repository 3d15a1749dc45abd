namespace Tsunagi.Mail.Spool;

/// <summary>Where one recipient's copy is. The numbers are stored.</summary>
internal enum RecipientState : byte
{
    /// <summary>Still to be delivered: never tried, or put off by the next hop.</summary>
    Waiting = 0,

    /// <summary>The next hop said 2xx after the content.</summary>
    Delivered = 1,

    /// <summary>The next hop refused for good; the sender was told.</summary>
    Failed = 2,

    /// <summary>Still not delivered when the queue life ended; the sender was told.</summary>
    Expired = 3,

    /// <summary>A report that nobody takes: it ends here, with no report about a report (RFC 5321 section 4.5.5).</summary>
    Dropped = 4,

    /// <summary>The quarantine took it over: what becomes of it is told there.</summary>
    Held = 5,

    /// <summary>Refused at the door after the content was judged: it was never ours, and its sender was told. Only in the trace.</summary>
    Refused = 6,

    /// <summary>Judged for another mail server, which has it and was told to take it as it is (shadow). Only in the trace.</summary>
    Watched = 7,

    /// <summary>Held before it leaves: its sender may still take it back. At its time it goes on waiting to be delivered (<see cref="Waiting"/>).</summary>
    Pending = 8,

    /// <summary>Taken back before it left; the sender was told.</summary>
    Recalled = 9,
}
