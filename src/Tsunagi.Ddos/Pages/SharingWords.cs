using Tsunagi.Core.Modules;
using Tsunagi.Ddos.Sharing;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;

namespace Tsunagi.Ddos.Pages;

/// <summary>How the pages say what sharing holds.</summary>
internal static class SharingWords
{
    public static Status StatusOf(ForeignIncident row, ConsoleView view) =>
        row.Revoked == 1 ? new(Tone.Neutral, view[new("Withdrawn", "撤回")])
        : row.ClosedAt is null ? new(Tone.Warning, view[new("Going on", "継続中")]) : new(Tone.Good, view[new("Over", "終息")]);

    /// <summary>The kind of attack in the reader's language where we know it, else what the peer called it.</summary>
    public static string NameOf(ForeignIncident row, ConsoleView view) =>
        Detect.Vectors.All.Contains(row.Vector) ? view[DdosWords.Vector(row.Vector)] : row.Name;

    public static LocalizedText Target(bool isShown) => isShown ? new("target told", "対象を開示") : new("victim anonymised", "被害者は匿名");

    public static LocalizedText Audience(Audience audience) => audience switch
    {
        Sharing.Audience.Own => new("Our own organisation", "自組織"),
        Sharing.Audience.Listed => new("Listed organisations", "登録された組織"),
        Sharing.Audience.Community => new("A community", "コミュニティ"),
        _ => new("Anybody", "公開"),
    };
}
