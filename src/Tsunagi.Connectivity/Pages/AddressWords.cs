using System.Globalization;
using Microsoft.AspNetCore.Components;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Format;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;

namespace Tsunagi.Connectivity.Pages;

/// <summary>How the pages say what the plan of addresses holds.</summary>
internal static class AddressWords
{
    public static LocalizedText State(string state) => state switch
    {
        PrefixState.Container => new("Container", "コンテナ"),
        PrefixState.Active => new("Active", "使用中"),
        PrefixState.Reserved => new("Reserved", "予約"),
        PrefixState.Deprecated => new("Being emptied", "廃止予定"),
        _ => new(state, state),
    };

    public static Status StatusOf(PrefixRow prefix, ConsoleView view) => new(
        prefix.State switch { PrefixState.Active => Tone.Good, PrefixState.Reserved => Tone.Info, PrefixState.Deprecated => Tone.Warning, _ => Tone.Neutral }, view[State(prefix.State)]);

    public static Status StatusOf(AssignmentRow assignment, ConsoleView view) => assignment.State == AssignmentRow.Resting
        ? new(Tone.Waiting, view[new("Resting", "再利用待ち")])
        : new(Tone.Good, view[new("Assigned", "割り当て中")]);

    public static LocalizedText Purpose(string purpose) => purpose == PoolPurpose.Sessions ? new("sessions", "セッション用") : new("lines", "回線用");

    public static LocalizedText Policy(string policy) => policy == PoolPolicy.Sparse ? new("with room to grow", "拡張の余地を残す") : new("the lowest first", "小さい順");

    public static Tone ToneOf(PoolRow pool, long used) => used * 100 >= pool.Parts * pool.WarnPercent ? Tone.Bad : Tone.Neutral;

    public static string Percent(long used, long parts) => Formats.Percent((double)used / Math.Max(1, parts));

    /// <summary>A bar that is so full.</summary>
    public static RenderFragment Bar(double share, string label) => builder =>
    {
        builder.OpenElement(0, "svg");
        builder.AddAttribute(1, "class", "meter-bar");
        builder.AddAttribute(2, "viewBox", "0 0 100 8");
        builder.AddAttribute(3, "preserveAspectRatio", "none");
        builder.AddAttribute(4, "role", "img");
        builder.AddAttribute(5, "aria-label", label);
        builder.OpenElement(6, "rect");
        builder.AddAttribute(7, "class", "track");
        builder.AddAttribute(8, "width", "100");
        builder.AddAttribute(9, "height", "8");
        builder.CloseElement();
        builder.OpenElement(10, "rect");
        builder.AddAttribute(11, "class", "fill");
        builder.AddAttribute(12, "width", Math.Clamp(share * 100, 0, 100).ToString("0.##", CultureInfo.InvariantCulture));
        builder.AddAttribute(13, "height", "8");
        builder.CloseElement();
        builder.CloseElement();
    };
}
