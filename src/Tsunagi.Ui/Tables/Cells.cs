using Microsoft.AspNetCore.Components;
using Tsunagi.Ui.Format;
using Tsunagi.Ui.Parts;

namespace Tsunagi.Ui.Tables;

/// <summary>The usual contents of a cell.</summary>
public static class Cells
{
    public static RenderFragment None { get; } = static builder => builder.AddMarkupContent(0, "<span class=\"none\">–</span>");

    public static RenderFragment Plain(string? text) => text is null ? None : builder => builder.AddContent(0, text);

    public static RenderFragment Link(string? href, string? text) => href is null || text is null
        ? Plain(text)
        : builder =>
        {
            builder.OpenElement(0, "a");
            builder.AddAttribute(1, "href", href);
            builder.AddContent(2, text);
            builder.CloseElement();
        };

    public static RenderFragment Code(string? text) => text is null
        ? None
        : builder =>
        {
            builder.OpenElement(0, "code");
            builder.AddContent(1, text);
            builder.CloseElement();
        };

    /// <summary>A main line and a quieter second one.</summary>
    public static RenderFragment TwoLines(RenderFragment main, string? second) => TwoLines(main, second, "second");

    /// <summary>A cell whose second line stands for a column that a phone has no room for.</summary>
    public static RenderFragment NarrowLine(RenderFragment main, string? second) => TwoLines(main, second, "second narrow");

    private static RenderFragment TwoLines(RenderFragment main, string? second, string css) => builder =>
    {
        builder.OpenElement(0, "div");
        builder.AddAttribute(1, "class", "two-lines");
        builder.OpenElement(2, "div");
        builder.AddContent(3, main);
        builder.CloseElement();
        if (!string.IsNullOrEmpty(second))
        {
            builder.OpenElement(4, "div");
            builder.AddAttribute(5, "class", css);
            builder.AddContent(6, second);
            builder.CloseElement();
        }

        builder.CloseElement();
    };

    public static RenderFragment Number(long? value) => value is { } number ? Tabular(Formats.Number(number), null) : None;

    public static RenderFragment Bytes(long? value) => value is { } bytes ? Tabular(Formats.Bytes(bytes), Formats.Number(bytes) + " B") : None;

    public static RenderFragment Time(long? micros, MomentForm form) => builder =>
    {
        builder.OpenComponent<Moment>(0);
        builder.AddComponentParameter(1, nameof(Moment.At), micros);
        builder.AddComponentParameter(2, nameof(Moment.Form), form);
        builder.CloseComponent();
    };

    public static RenderFragment Badge(Status? status) => status is null
        ? None
        : builder =>
        {
            builder.OpenComponent<StatusBadge>(0);
            builder.AddComponentParameter(1, nameof(StatusBadge.Tone), status.Tone);
            builder.AddComponentParameter(2, nameof(StatusBadge.Label), status.Label);
            builder.CloseComponent();
        };

    private static RenderFragment Tabular(string text, string? title) => builder =>
    {
        builder.OpenElement(0, "span");
        builder.AddAttribute(1, "class", "tabular");
        builder.AddAttribute(2, "title", title);
        builder.AddContent(3, text);
        builder.CloseElement();
    };
}
