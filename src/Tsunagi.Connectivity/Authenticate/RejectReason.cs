namespace Tsunagi.Connectivity.Authenticate;

/// <summary>Why an Access-Request was rejected.</summary>
public enum RejectReason
{
    None,
    UnknownUser,
    WrongPassword,
    NoPasswordGiven,

    /// <summary>The line's password is kept in a form that can not serve what the NAS used (CHAP with a hash).</summary>
    FormCannotServe,
    Suspended,
    TooManySessions,
    PoolUsedUp,

    /// <summary>Too many wrong passwords from this station within the minute.</summary>
    Throttled,

    /// <summary>EAP is asked for, which is not served.</summary>
    EapNotServed,
}
