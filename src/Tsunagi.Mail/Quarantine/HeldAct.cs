namespace Tsunagi.Mail.Quarantine;

/// <summary>
/// One way between two states of held mail. The table below is all of them:
/// <code>
/// act       from                         to          by
/// release   held refused                 releasing   the recipient, where the class and the contract allow it
/// release   held requested refused       releasing   an administrator; from requested it approves the request
/// done      releasing                    released    the node that keeps it
/// lost      releasing                    unreadable  the node that keeps it
/// request   held                         requested   the recipient
/// refuse    requested                    refused     an administrator
/// delete    held requested refused       deleted     the recipient, an administrator; not under a legal hold
/// expire    held requested refused       expired     the program; not under a legal hold
/// </code>
/// </summary>
/// <param name="Word">In events ("mail.quarantine." and the participle), audit and meters.</param>
internal sealed record HeldAct(string Word, IReadOnlyList<string> From, string To)
{
    public static readonly HeldAct Release = new("released", [HeldState.Held, HeldState.Requested, HeldState.Refused], HeldState.Releasing);

    public static readonly HeldAct ReleaseByRecipient = new("released", [HeldState.Held, HeldState.Refused], HeldState.Releasing);

    public static readonly HeldAct Done = new("done", [HeldState.Releasing], HeldState.Released);

    public static readonly HeldAct Lost = new("unreadable", [HeldState.Releasing], HeldState.Unreadable);

    public static readonly HeldAct Request = new("requested", [HeldState.Held], HeldState.Requested);

    public static readonly HeldAct Refuse = new("refused", [HeldState.Requested], HeldState.Refused);

    public static readonly HeldAct Delete = new("deleted", HeldState.Open, HeldState.Deleted) { EndsIt = true };

    public static readonly HeldAct Expire = new("expired", HeldState.Open, HeldState.Expired) { EndsIt = true };

    /// <summary>It takes the content away, which a legal hold forbids.</summary>
    public bool EndsIt { get; init; }

    /// <summary>True when a copy in this state has this act behind it already: doing it again is no error and changes nothing.</summary>
    public bool IsDoneIn(string state) => state == To || (To == HeldState.Releasing && state == HeldState.Released);
}
