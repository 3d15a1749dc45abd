using Tsunagi.Connectivity.Leases;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;

namespace Tsunagi.Connectivity.Pages;

/// <summary>How the pages say what a lease is.</summary>
internal static class LeaseWords
{
    public static LocalizedText State(string state) => state switch
    {
        "bound" => new("In use", "使用中"),
        "released" => new("Given back", "返却済み"),
        "expired" => new("Ended by time", "期限切れ"),
        "declined" => new("Found in use elsewhere", "重複検出"),
        "withdrawn" => new("Withdrawn", "取り消し"),
        _ => new(state, state),
    };

    /// <summary>One whose time is over while the node that sees to it has not looked yet is told as ended.</summary>
    public static Status StatusOf(LeaseRow row, long now, ConsoleView view) => row.State == "bound" && row.ValidUntil < now
        ? new(Tone.Neutral, view[State("expired")])
        : new(row.State switch { "bound" => Tone.Good, "declined" => Tone.Bad, "withdrawn" => Tone.Warning, _ => Tone.Neutral }, view[State(row.State)]);

    /// <summary>An address without its length.</summary>
    public static string Shown(LeaseRow row) => row.Kind == "prefix" ? row.Prefix : row.Prefix.Split('/')[0];
}
