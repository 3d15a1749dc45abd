namespace Tsunagi.Protocols.Mail.Milter;

/// <summary>What a filter may change (SMFIF).</summary>
[Flags]
public enum MilterActions : uint
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>Header fields may be added.</summary>
    AddHeader = 0x01,
    /// <summary>The body may be replaced.</summary>
    ChangeBody = 0x02,
    /// <summary>Recipients may be added.</summary>
    AddRecipient = 0x04,
    /// <summary>Recipients may be taken out.</summary>
    RemoveRecipient = 0x08,
    /// <summary>Header fields may be changed and deleted.</summary>
    ChangeHeader = 0x10,
    /// <summary>The message may be held by the server.</summary>
    Quarantine = 0x20,
}

/// <summary>Steps that a filter does not want to hear of, and answers it does not give (SMFIP).</summary>
[Flags]
public enum MilterSteps : uint
{
    /// <summary>Everything is told and answered.</summary>
    None = 0,
    /// <summary>Unknown commands are not told.</summary>
    NoUnknown = 0x100,
    /// <summary>DATA is not told.</summary>
    NoData = 0x200,
    /// <summary>The filter may ask for no more of the body.</summary>
    Skip = 0x400,
    /// <summary>Refused recipients are told too.</summary>
    RefusedRecipients = 0x800,
    /// <summary>Header fields are not answered.</summary>
    NoReplyHeader = 0x80,
    /// <summary>The value of a header field keeps the white space behind its colon.</summary>
    LeadingSpace = 0x100000,
}
