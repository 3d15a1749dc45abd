using Tsunagi.Core.Modules;
using Tsunagi.Mail.Pending;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;

namespace Tsunagi.Mail.Pages;

/// <summary>How the pages say what became of mail that waits, or waited, before it left.</summary>
internal static class PendingWords
{
    public static LocalizedText NameOf(string state) => state switch
    {
        PendingState.Pending => new("Waits to leave", "送信保留中"),
        PendingState.Sent => new("Sent", "送信"),
        _ => new("Taken back", "取り消し"),
    };

    public static Status StatusOf(string state, ConsoleView view) => new(
        state switch { PendingState.Pending => Tone.Waiting, PendingState.Sent => Tone.Good, _ => Tone.Neutral }, view[NameOf(state)]);

    /// <summary>The hint about a recipient whose domain looks like a mistake.</summary>
    public static LocalizedText Doubt(string doubt) => new(string.Format(System.Globalization.CultureInfo.InvariantCulture, PendingTexts.Doubt.En, doubt), string.Format(System.Globalization.CultureInfo.InvariantCulture, PendingTexts.Doubt.Ja, doubt));

    public static string Subject(string subject, ConsoleView view) => subject.Trim().Length > 0 ? subject : view[PendingTexts.NoSubject];
}
