namespace Tsunagi.Ui.Parts;

/// <summary>How a thing stands, in six tones. A tone is never shown by colour alone: the words or the icon say it too.</summary>
public enum Tone
{
    Neutral,
    Good,
    Info,
    Waiting,
    Warning,
    Bad,
}

/// <summary>A short state with its tone ("Running", Good).</summary>
public sealed record Status(Tone Tone, string Label);

public static class Tones
{
    /// <summary>The CSS class of a tone ("tone-good").</summary>
    public static string Css(this Tone tone) => tone switch
    {
        Tone.Good => "tone-good",
        Tone.Info => "tone-info",
        Tone.Waiting => "tone-waiting",
        Tone.Warning => "tone-warning",
        Tone.Bad => "tone-bad",
        _ => "tone-neutral",
    };

    public static string Icon(this Tone tone) => tone switch
    {
        Tone.Good => "circle-check",
        Tone.Info => "info-circle",
        Tone.Waiting => "circle-dashed",
        Tone.Warning => "alert-triangle",
        Tone.Bad => "alert-circle",
        _ => "point",
    };
}
