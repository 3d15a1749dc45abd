using System.Buffers;
using Tsunagi.Protocols.Cpe.Xml;

namespace Tsunagi.Protocols.Cpe.Cwmp;

/// <summary>Writes messages as the standard shows them (TR-069 A6 3.4, 3.5), in UTF-8. What XML cannot hold becomes U+FFFD.</summary>
public static class CwmpWriter
{
    /// <summary>Appends the envelope to <paramref name="output"/>.</summary>
    public static void Write(CwmpEnvelope envelope, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(output);
        var xml = new XmlOut(output);
        xml.Raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soap-env:Envelope xmlns:soap-env=\"http://schemas.xmlsoap.org/soap/envelope/\" "u8);
        xml.Raw("xmlns:soap-enc=\"http://schemas.xmlsoap.org/soap/encoding/\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" "u8);
        xml.Raw("xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:cwmp=\""u8);
        xml.Raw(CwmpVersions.NamespaceOf(envelope.Version));
        xml.Raw("\"><soap-env:Header>"u8);
        Header(xml, "ID", envelope.Id, mustUnderstand: true);
        Header(xml, "HoldRequests", envelope.HoldRequests ? "1" : null, mustUnderstand: true);
        Header(xml, "NoMoreRequests", envelope.NoMoreRequests ? "1" : null, mustUnderstand: false);
        Header(xml, "SessionTimeout", envelope.SessionTimeoutSeconds > 0 ? envelope.SessionTimeoutSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture) : null, mustUnderstand: false);
        Header(xml, "SupportedCWMPVersions", envelope.SupportedVersions, mustUnderstand: false);
        Header(xml, "UseCWMPVersion", envelope.UseVersion, mustUnderstand: true);
        xml.Raw("</soap-env:Header><soap-env:Body>"u8);
        if (envelope.Message is CwmpFault fault)
        {
            fault.WriteFault(xml);
        }
        else
        {
            envelope.Message.Write(xml);
        }

        xml.Raw("</soap-env:Body></soap-env:Envelope>"u8);
    }

    /// <summary>The octets of an envelope.</summary>
    public static byte[] Write(CwmpEnvelope envelope)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        Write(envelope, output);
        return output.WrittenSpan.ToArray();
    }

    private static void Header(XmlOut xml, string name, string? value, bool mustUnderstand)
    {
        if (value is null)
        {
            return;
        }

        xml.Raw($"<cwmp:{name}{(mustUnderstand ? " soap-env:mustUnderstand=\"1\"" : "")}>");
        xml.Text(value);
        xml.End("cwmp:" + name);
    }
}
