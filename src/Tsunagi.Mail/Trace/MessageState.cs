using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Trace;

/// <summary>Where a message is, in one word: what pages, filters and the API use.</summary>
public static class MessageState
{
    /// <summary>Accepted, not tried yet.</summary>
    public const string Queued = "queued";

    /// <summary>Accepted while the subscription was on hold; kept.</summary>
    public const string Held = "held";

    /// <summary>Tried, and somebody still waits.</summary>
    public const string Deferred = "deferred";

    /// <summary>Every recipient's next hop took it.</summary>
    public const string Delivered = "delivered";

    /// <summary>Some recipients got it, others did not.</summary>
    public const string Partial = "partial";

    /// <summary>Refused for all.</summary>
    public const string Failed = "failed";

    /// <summary>Tried until the queue life ended.</summary>
    public const string Expired = "expired";

    /// <summary>A report that nobody takes, or a part that was withdrawn.</summary>
    public const string Dropped = "dropped";

    /// <summary>The quarantine took it over.</summary>
    public const string Quarantined = "quarantined";

    /// <summary>Refused at the door for what was found in it: it was never ours, and its sender was told.</summary>
    public const string Rejected = "rejected";

    /// <summary>Judged for another mail server, which has it: nothing was done about it (shadow).</summary>
    public const string Watched = "watched";

    /// <summary>Held before it leaves: its sender may still take it back.</summary>
    public const string Pending = "pending";

    /// <summary>Taken back before it left.</summary>
    public const string Recalled = "recalled";

    public static readonly IReadOnlyList<string> All = [Queued, Held, Deferred, Delivered, Partial, Failed, Expired, Dropped, Quarantined, Rejected, Watched, Pending, Recalled];

    /// <summary>After an attempt. What only left its window is queued: nobody has put it off.</summary>
    internal static string Of(AttemptFacts facts) => Of(facts.States) is var state && state == Deferred && facts.NextHop == AttemptFacts.Window ? Queued : state;

    /// <summary>Of one recipient after an attempt.</summary>
    internal static string Of(AttemptFacts facts, int recipient) => Of(facts.States[recipient]) is var state && state == Deferred && facts.NextHop == AttemptFacts.Window ? Queued : state;

    internal static string Of(IReadOnlyList<RecipientState> states)
    {
        var counts = (Waiting: 0, Delivered: 0, Expired: 0, Dropped: 0, Held: 0, Refused: 0, Watched: 0, Pending: 0, Recalled: 0);
        for (var i = 0; i < states.Count; i++)
        {
            switch (states[i])
            {
                case RecipientState.Waiting: counts.Waiting++; break;
                case RecipientState.Delivered: counts.Delivered++; break;
                case RecipientState.Expired: counts.Expired++; break;
                case RecipientState.Dropped: counts.Dropped++; break;
                case RecipientState.Held: counts.Held++; break;
                case RecipientState.Refused: counts.Refused++; break;
                case RecipientState.Watched: counts.Watched++; break;
                case RecipientState.Pending: counts.Pending++; break;
                case RecipientState.Recalled: counts.Recalled++; break;
            }
        }

        return counts switch
        {
            { Waiting: > 0 } => Deferred,
            { Pending: > 0 } => Pending,
            { Held: > 0 } => Quarantined,
            _ when counts.Delivered == states.Count && states.Count > 0 => Delivered,
            { Delivered: > 0 } => Partial,
            _ when counts.Expired == states.Count && states.Count > 0 => Expired,
            _ when counts.Dropped == states.Count => Dropped,
            _ when counts.Refused == states.Count => Rejected,
            _ when counts.Watched == states.Count => Watched,
            _ when counts.Recalled == states.Count => Recalled,
            _ => Failed,
        };
    }

    internal static string Of(RecipientState state) => state switch
    {
        RecipientState.Delivered => Delivered,
        RecipientState.Failed => Failed,
        RecipientState.Expired => Expired,
        RecipientState.Dropped => Dropped,
        RecipientState.Held => Quarantined,
        RecipientState.Refused => Rejected,
        RecipientState.Watched => Watched,
        RecipientState.Pending => Pending,
        RecipientState.Recalled => Recalled,
        _ => Deferred,
    };
}
