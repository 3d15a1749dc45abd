using System.Text.Json.Nodes;

namespace Tsunagi.Ui.Forms;

/// <summary>The label of a settings member, the same as on its form.</summary>
public static class SchemaLabels
{
    public static string Of(JsonObject schema, string member, string locale) =>
        SchemaField.Of(schema, "").FirstOrDefault(field => field.Path == member)?.LabelFor(locale) ?? member;
}
