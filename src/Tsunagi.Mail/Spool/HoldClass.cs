namespace Tsunagi.Mail.Spool;

/// <summary>Why a message is kept from its recipients: the class of its quarantine. The numbers are stored.</summary>
internal enum HoldClass : byte
{
    /// <summary>It is not kept: it is delivered.</summary>
    None = 0,

    /// <summary>Unwanted mail, by the tenant's policy.</summary>
    Spam = 1,

    /// <summary>A scanner named malware in it.</summary>
    Virus = 2,

    /// <summary>A part whose kind the policy does not let through, or one that cannot be looked into.</summary>
    Attachment = 3,

    /// <summary>Any other rule of the policy.</summary>
    Policy = 4,
}
