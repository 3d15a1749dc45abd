namespace Tsunagi.Ui.Parts;

/// <summary>How a time is written.</summary>
public enum MomentForm
{
    /// <summary>"3 min ago"; the full form is in the title.</summary>
    Relative,

    /// <summary>"14:03:07" today, "22 Nov 14:03" this year: for columns.</summary>
    Brief,

    /// <summary>"22 Nov 2026, 14:03:07".</summary>
    Full,
}
