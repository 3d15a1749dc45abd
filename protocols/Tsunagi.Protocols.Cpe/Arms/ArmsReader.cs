using System.Globalization;
using Tsunagi.Protocols.Cpe.Xml;

namespace Tsunagi.Protocols.Cpe.Arms;

/// <summary>Reads messages of ARMS: arms-message holds one arms-request or arms-response, and that the element named after its type.</summary>
public static class ArmsReader
{
    private static readonly string[] Known = ["transaction-result", "distribution-id", "result-url", "transaction-id", "result-code", "description"];

    /// <summary>Reads a whole message.</summary>
    /// <param name="octets">The message, with or without an XML declaration.</param>
    /// <param name="limits">Null: the defaults.</param>
    /// <param name="message">What was read; null when it is none.</param>
    /// <param name="error">Why it is none, and where.</param>
    public static bool TryRead(ReadOnlySpan<byte> octets, ArmsLimits? limits, out ArmsMessage? message, out ArmsError error)
    {
        message = null;
        error = default;
        limits ??= ArmsLimits.Default;
        if (octets.Length > limits.MessageOctets)
        {
            error = new ArmsError(203, $"the message is longer than {limits.MessageOctets} octets");
            return false;
        }

        var tree = new XmlTree(limits.Elements, limits.TextOctets);
        var xml = new XmlPush(tree, limits.Depth, 16, 4096, limits.TextOctets);
        xml.Feed(octets);
        if (xml.Problem.Length > 0 || tree.Root is not { } root)
        {
            error = new ArmsError(201, xml.Problem.Length > 0 ? xml.Problem : "the message has no end");
            return false;
        }

        var inner = root.Name == "arms-message" && root.Children.Count == 1 ? root.Children[0] : null;
        if (inner?.Name is not ("arms-request" or "arms-response"))
        {
            error = new ArmsError(201, "the message holds no request and no response");
            return false;
        }

        if (inner.Mark("type") is not { Length: > 0 and <= 64 } type || !type.All(static c => char.IsAsciiLetterLower(c) || c == '-'))
        {
            error = new ArmsError(202, "the message has no type");
            return false;
        }

        return TryRead(inner, type, out message, out error);
    }

    private static bool TryRead(XmlNode inner, string type, out ArmsMessage? message, out ArmsError error)
    {
        message = null;
        error = default;
        var isResponse = inner.Name == "arms-response";
        var body = type + (isResponse ? "-response" : "-request");
        DistributionId? id = null;
        if (inner.Child("distribution-id") is { } named)
        {
            if (!DistributionId.TryParse(named.Text.Trim(), out var parsed))
            {
                error = new ArmsError(203, "the distribution id is none");
                return false;
            }

            id = parsed;
        }

        foreach (var child in inner.Children)
        {
            if (child.Name != body && !Known.Contains(child.Name))
            {
                error = new ArmsError(203, $"a {type} does not hold <{child.Name}>");
                return false;
            }
        }

        message = new ArmsMessage
        {
            IsResponse = isResponse, Type = type, DistributionId = id, TransactionResult = (int?)Number(inner, "transaction-result"), ResultUrl = inner.Child("result-url")?.Text.Trim(),
            TransactionId = Number(inner, "transaction-id"), ResultCode = (int?)Number(inner, "result-code"), Description = inner.Child("description")?.Text,
            Body = inner.Child(body) is { } held ? [.. held.Children.Select(Field)] : null,
        };
        return true;
    }

    private static ArmsField Field(XmlNode node) => new(node.Name, node.Children.Count == 0 ? node.Text : "")
    {
        Attributes = [.. node.Marks.Select(static mark => KeyValuePair.Create(mark.Name, mark.Value))],
        Fields = [.. node.Children.Select(Field)],
    };

    private static long? Number(XmlNode node, string name) =>
        node.Child(name) is { } child && uint.TryParse(child.Text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number & 0x7FFFFFFF : null;
}
