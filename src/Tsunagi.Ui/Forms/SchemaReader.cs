using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Ui.Texts;

namespace Tsunagi.Ui.Forms;

/// <summary>Reads a posted form of <see cref="SchemaFields"/> back into the settings' JSON; what does not fit is noted at its field.</summary>
public static class SchemaReader
{
    private const int LongestLines = 4000;

    public static JsonObject Read(Act act, JsonObject schema, string prefix = "settings.")
    {
        var settings = new JsonObject();
        foreach (var field in SchemaField.Of(schema, prefix))
        {
            var value = Value(act, field);
            if (value is not null)
            {
                settings[field.Path] = value;
            }
        }

        return settings;
    }

    private static JsonNode? Value(Act act, SchemaField field)
    {
        if (field.Kind is SchemaKind.Group)
        {
            return Read(act, field.Schema, field.Name + ".");
        }

        if (field.Kind is SchemaKind.Flag)
        {
            return JsonValue.Create(act.Checked(field.Name));
        }

        var text = field.Required && field.Kind is not SchemaKind.Lines ? act.Required(field.Name, LongestLines) : act.Text(field.Name, LongestLines);
        if (field.Kind is SchemaKind.Lines)
        {
            return Lines(text);
        }

        return text is null or "" ? null : Parse(act, field, text);
    }

    private static JsonNode? Parse(Act act, SchemaField field, string text)
    {
        switch (field.Kind)
        {
            case SchemaKind.Whole when long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var whole):
                return Within(act, field, whole) ? JsonValue.Create(whole) : null;
            case SchemaKind.Real when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real):
                return Within(act, field, real) ? JsonValue.Create(real) : null;
            case SchemaKind.Whole or SchemaKind.Real:
                act.Wrong(field.Name, act.View[UiTexts.NotANumber]);
                return null;
            case SchemaKind.Choice when !field.Choices.Contains(text):
                act.Wrong(field.Name, act.View.Say(UiTexts.NotAllowedValue, string.Join(", ", field.Choices)));
                return null;
            case SchemaKind.Json:
                return Json(act, field, text);
            default:
                if (field.Longest is { } longest && text.Length > longest)
                {
                    act.Wrong(field.Name, act.View.Say(UiTexts.LongerThan, longest));
                }

                return JsonValue.Create(text);
        }
    }

    private static bool Within(Act act, SchemaField field, double value)
    {
        double? least = field.Least is { } low ? double.Parse(low, CultureInfo.InvariantCulture) : null;
        double? most = field.Most is { } high ? double.Parse(high, CultureInfo.InvariantCulture) : null;
        if ((least is null || value >= least) && (most is null || value <= most))
        {
            return true;
        }

        act.Wrong(field.Name, (least, most) switch
        {
            ({ } from, { } to) => act.View.Say(UiTexts.BetweenAnd, from, to),
            ({ } from, null) => act.View.Say(UiTexts.AtLeast, from),
            var (_, to) => act.View.Say(UiTexts.AtMost, to!),
        });
        return false;
    }

    private static JsonNode? Json(Act act, SchemaField field, string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException wrong)
        {
            act.Wrong(field.Name, $"JSON, {wrong.LineNumber + 1}:{wrong.BytePositionInLine + 1}");
            return null;
        }
    }

    private static JsonArray Lines(string? text) =>
        new([.. (text ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(static line => (JsonNode?)JsonValue.Create(line))]);
}
