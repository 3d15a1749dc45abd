using System.Buffers;
using System.Globalization;
using System.Text;
using Tsunagi.Protocols.Cpe.Xml;

namespace Tsunagi.Protocols.Cpe.Arms;

/// <summary>Writes messages of ARMS in US-ASCII; other characters become references.</summary>
public static class ArmsWriter
{
    /// <summary>The octets of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="declared">With the XML declaration, as in an HTTP body; without, as in a tunnel.</param>
    public static byte[] Write(ArmsMessage message, bool declared)
    {
        ArgumentNullException.ThrowIfNull(message);
        var output = new ArrayBufferWriter<byte>(1024);
        var xml = new XmlOut(output, ascii: true);
        if (declared)
        {
            xml.Raw("<?xml version=\"1.0\" encoding=\"US-ASCII\"?>"u8);
        }

        var kind = message.IsResponse ? "response" : "request";
        xml.Raw($"<arms-message><arms-{kind} type=\"{message.Type}\">");
        Number(xml, "transaction-result", message.TransactionResult);
        if (message.DistributionId is { } id)
        {
            xml.Field("distribution-id", id.ToString());
        }

        if (message.ResultUrl is { } url)
        {
            xml.Field("result-url", url);
        }

        Number(xml, "transaction-id", message.TransactionId);
        Number(xml, "result-code", message.ResultCode);
        if (message.Description is { } description)
        {
            xml.Field("description", description);
        }

        if (message.Body is { } body)
        {
            xml.Start($"{message.Type}-{kind}");
            foreach (var field in body)
            {
                Field(xml, field);
            }

            xml.End($"{message.Type}-{kind}");
        }

        xml.Raw($"</arms-{kind}></arms-message>");
        return output.WrittenSpan.ToArray();
    }

    private static void Number(XmlOut xml, string name, long? number)
    {
        if (number is { } value)
        {
            xml.Field(name, value.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void Field(XmlOut xml, ArmsField field)
    {
        xml.Raw("<" + field.Name);
        foreach (var (name, value) in field.Attributes)
        {
            xml.Raw($" {name}=\"");
            xml.Text(value);
            xml.Raw("\""u8);
        }

        xml.Raw(">"u8);
        xml.Text(field.Text);
        foreach (var inner in field.Fields)
        {
            Field(xml, inner);
        }

        xml.End(field.Name);
    }
}
