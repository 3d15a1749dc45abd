namespace Tsunagi.Mail.Verdict;

/// <summary>What is done with a message for one recipient, from the mildest to the hardest. The numbers are stored.</summary>
public enum PolicyAction : byte
{
    /// <summary>It is delivered as it came.</summary>
    Accept = 0,

    /// <summary>It is delivered with a header field that says what was found.</summary>
    Tag = 1,

    /// <summary>It is kept; the recipient or an operator decides.</summary>
    Quarantine = 2,

    /// <summary>Its sender is asked to come again: only where a check was away, or the sender is new.</summary>
    Defer = 3,

    /// <summary>Its sender is refused, with the reason.</summary>
    Reject = 4,
}
