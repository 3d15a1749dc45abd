namespace Tsunagi.Mail.Quarantine.Digest;

/// <summary>How a link turned out.</summary>
public enum LinkState
{
    Good,

    /// <summary>One of ours, and its time is over.</summary>
    Expired,

    /// <summary>Not one of ours, or changed on its way.</summary>
    Wrong,

    /// <summary>Too much was tried with it, or from where it comes.</summary>
    TooMany,
}
