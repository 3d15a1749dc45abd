namespace Tsunagi.Mail.Quarantine;

/// <summary>
/// Where one recipient's held copy is: one word for the recipient, the administrator and the API alike. The ways between them are <see cref="HeldAct"/>'s table.
/// </summary>
public static class HeldState
{
    /// <summary>Kept; nobody asked for it.</summary>
    public const string Held = "held";

    /// <summary>The recipient asked an administrator to release it.</summary>
    public const string Requested = "requested";

    /// <summary>An administrator refused the request; it is kept until it expires.</summary>
    public const string Refused = "refused";

    /// <summary>Somebody released it; the node that keeps it hands it to its queue.</summary>
    public const string Releasing = "releasing";

    /// <summary>It is in the queue under its release id, and goes the way of all mail.</summary>
    public const string Released = "released";

    public const string Deleted = "deleted";

    /// <summary>Its days were over.</summary>
    public const string Expired = "expired";

    /// <summary>What is on the disk no longer opens: the disk lost it, or its key was destroyed.</summary>
    public const string Unreadable = "unreadable";

    public static readonly IReadOnlyList<string> All = [Held, Requested, Refused, Releasing, Released, Deleted, Expired, Unreadable];

    /// <summary>Those in which something can still be done with it.</summary>
    public static readonly IReadOnlyList<string> Open = [Held, Requested, Refused];

    /// <summary>Those whose content must stay on the disk.</summary>
    internal static readonly IReadOnlyList<string> NeedBody = [Held, Requested, Refused, Releasing];
}
