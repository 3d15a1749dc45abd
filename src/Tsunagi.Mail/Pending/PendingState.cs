namespace Tsunagi.Mail.Pending;

/// <summary>
/// What was decided about one recipient of a message that waits before it leaves. The row decides, once, by a guarded statement: of its time, "send now" and "cancel", on whatever node, the first to commit
/// counts and the others find it decided. The spool of the message's node follows (<see cref="PendingKeeper"/>).
/// </summary>
public static class PendingState
{
    public const string Pending = "pending";

    /// <summary>It goes, or went, the way of all mail.</summary>
    public const string Sent = "sent";

    public const string Recalled = "recalled";

    public static readonly IReadOnlyList<string> All = [Pending, Sent, Recalled];
}
