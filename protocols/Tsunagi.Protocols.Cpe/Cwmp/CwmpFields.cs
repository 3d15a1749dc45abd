using System.Globalization;
using Tsunagi.Protocols.Cpe.Xml;

namespace Tsunagi.Protocols.Cpe.Cwmp;

/// <summary>Lists and numbers that several messages share. What a list says of its own length is not used: devices miscount.</summary>
internal static class CwmpFields
{
    public static void List<T>(XmlOut output, string list, string item, IReadOnlyList<T> items, Action<XmlOut, T> write, string? type = null)
    {
        output.Raw(string.Create(CultureInfo.InvariantCulture, $"<{list} soap-enc:arrayType=\"{type ?? "cwmp:" + item}[{items.Count}]\">"));
        foreach (var each in items)
        {
            output.Start(item);
            write(output, each);
            output.End(item);
        }

        output.End(list);
    }

    public static void Texts(XmlOut output, string list, IReadOnlyList<string> items) => List(output, list, "string", items, static (output, item) => output.Text(item), "xsd:string");

    public static void Values(XmlOut output, IReadOnlyList<ParameterValue> values) => List(output, "ParameterList", "ParameterValueStruct", values, static (output, value) =>
    {
        output.Field("Name", value.Name);
        if (value.Type.Length == 0)
        {
            output.Field("Value", value.Value);
            return;
        }

        output.Raw($"<Value xsi:type=\"{(value.Type == "base64" ? "soap-enc" : "xsd")}:");
        output.Text(value.Type);
        output.Raw("\">");
        output.Text(value.Value);
        output.End("Value");
    });

    public static void Access(XmlOut output, IReadOnlyList<string> items) => Texts(output, "AccessList", items);

    public static IReadOnlyList<T> Items<T>(XmlNode message)
        where T : class
    {
        List<T>? all = null;
        foreach (var list in message.Children)
        {
            if (list.Items is { } items)
            {
                (all ??= new List<T>(items.Count)).AddRange(items.OfType<T>());
            }
        }

        return all ?? (IReadOnlyList<T>)[];
    }

    public static IReadOnlyList<string> Texts(XmlNode message, string list) => [.. message.Child(list)?.Children.Select(static item => item.Text.Trim()) ?? []];

    public static int Int(XmlNode node, string name) => (int)Math.Clamp(node.Number(name), int.MinValue, int.MaxValue);

    /// <summary>One of a long list, as soon as it ended; null when this is no such element.</summary>
    public static object? Item(XmlNode node)
    {
        if (node.Child("Name") is not { } name)
        {
            return null;
        }

        var path = name.Text.Trim();
        if (node.Child("Value") is { } value)
        {
            var type = value.Mark("type") ?? "";
            return new ParameterValue(path, Text(value), type[(type.LastIndexOf(':') + 1)..].Trim());
        }

        if (node.Child("Writable") is not null)
        {
            return new ParameterInfo(path, node.Truth("Writable"));
        }

        return node.Child("Notification") is null ? null : new ParameterAttributes(path, Int(node, "Notification"), Texts(node, "AccessList"))
        {
            NotificationChange = node.Child("NotificationChange") is null || node.Truth("NotificationChange"),
            AccessListChange = node.Child("AccessListChange") is null || node.Truth("AccessListChange"),
        };
    }

    // Blanks belong to a text and to nothing else. Some devices write the value's own markup unescaped: what stands in its elements is its text.
    private static string Text(XmlNode value)
    {
        var text = value.Children.Count == 0 ? value.Text : value.Text + string.Concat(value.Children.Select(Text));
        var type = value.Mark("type");
        return type is null || type.EndsWith("string", StringComparison.OrdinalIgnoreCase) ? text : text.Trim();
    }
}
