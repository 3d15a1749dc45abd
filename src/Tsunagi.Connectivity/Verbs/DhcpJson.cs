using System.Globalization;
using System.Text.Json.Nodes;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Connectivity.Verbs;

/// <summary>
/// What messages of DHCP say as JSON: numbers, or their names where a registry has one; addresses and names as text; octets behind <c>0x</c>; an option as its name, number and value.
/// </summary>
internal static class DhcpJson
{
    /// <summary>Fields become properties: <c>preferred-lifetime</c> is <c>preferredLifetime</c>.</summary>
    public static void Add(JsonObject node, DhcpFields fields)
    {
        foreach (var field in fields.Fields.Where(static field => !DhcpFields.IsSilent(field)))
        {
            node[Camel(field.Name)] = Of(field.Value);
        }
    }

    private static JsonNode Of(DhcpValue value)
    {
        switch (value)
        {
            case DhcpNumber number:
                return number.Name is null ? number.Value : long.TryParse(number.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var named) ? named : number.Name;
            case DhcpSigned signed:
                return signed.Value;
            case DhcpFlag flag:
                return flag.Value;
            case DhcpString text:
                return text.Value;
            case DhcpList list:
                return new JsonArray([.. list.Values.Select(Of)]);
            case DhcpFields fields:
                var node = new JsonObject();
                Add(node, fields);
                return node;
            case DhcpOptionList options:
                return new JsonArray([.. options.Options.Where(static option => !option.IsFill).Select(Of)]);
            default:
                return value.ToString()!;
        }
    }

    private static JsonNode Of(DhcpOption option)
    {
        var node = new JsonObject { ["name"] = option.Name };
        if (option.Code >= 0)
        {
            node["number"] = option.Code;
        }

        if (option.Form != DhcpForm.Typed)
        {
            node["form"] = Camel(option.Form.ToString());
        }

        node["value"] = Of(option.Value);
        return node;
    }

    private static string Camel(string name)
    {
        var words = name.Split('-');
        return string.Concat(words.Select(static (word, i) => (i == 0 ? char.ToLowerInvariant(word[0]) : char.ToUpperInvariant(word[0])) + word[1..]));
    }
}
