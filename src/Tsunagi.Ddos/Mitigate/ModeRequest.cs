using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Ddos.Mitigate;

/// <summary>Which mode a protection is wanted in, and why.</summary>
public sealed record ModeRequest
{
    [Required, AllowedValues(ResponseMode.Observe, ResponseMode.Ask, ResponseMode.Automatic), Description("observe, ask or automatic.")]
    public string Mode { get; init; } = "";

    [Required, StringLength(300, MinimumLength = 3), Description("Why.")]
    public string Reason { get; init; } = "";

    [StringLength(40), Description("The dry run that lets it go so far (dr_…); the newest that does without it. Only asked for where more is done than before.")]
    public string? Report { get; init; }

    [Description("It goes further without the report of a dry run: needs the permission ddos.mode.override, and is told as a warning.")]
    public bool WithoutReport { get; init; }
}
