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
}
