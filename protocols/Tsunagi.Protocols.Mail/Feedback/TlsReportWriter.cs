using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Tsunagi.Protocols.Mail.Feedback;

/// <summary>Writes a TLS report as JSON (RFC 8460 section 4.4): what the reader of this library, and any other, reads as the same.</summary>
public static class TlsReportWriter
{
    /// <summary>The media type of a report in mail and by HTTPS, packed (sections 5.3, 5.4).</summary>
    public const string PackedType = "application/tlsrpt+gzip";

    /// <summary>Writes the report.</summary>
    public static void Write(TlsReport report, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(output);
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("organization-name", report.Organization);
        json.WriteStartObject("date-range");
        json.WriteString("start-datetime", Time(report.Begin));
        json.WriteString("end-datetime", Time(report.End));
        json.WriteEndObject();
        json.WriteString("contact-info", report.Contact);
        json.WriteString("report-id", report.ReportId);
        json.WriteStartArray("policies");
        foreach (TlsPolicyReport policy in report.Policies)
        {
            Write(json, policy);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The file's name: sender, domain, first and last second, id (section 5.1).</summary>
    public static string FileName(TlsReport report, string sender, string domain)
    {
        ArgumentNullException.ThrowIfNull(report);
        return ReportNames.File(sender, domain, report.Begin.ToUnixTimeSeconds(), report.End.ToUnixTimeSeconds(), report.ReportId, "json.gz");
    }

    private static void Write(Utf8JsonWriter json, TlsPolicyReport policy)
    {
        json.WriteStartObject();
        json.WriteStartObject("policy");
        json.WriteString("policy-type", policy.Type);
        Texts(json, "policy-string", policy.Strings);
        json.WriteString("policy-domain", policy.Domain);
        Texts(json, "mx-host", policy.MxHosts);
        json.WriteEndObject();
        json.WriteStartObject("summary");
        json.WriteNumber("total-successful-session-count", policy.Successful);
        json.WriteNumber("total-failure-session-count", policy.Failed);
        json.WriteEndObject();
        if (!policy.Failures.IsEmpty)
        {
            json.WriteStartArray("failure-details");
            foreach (TlsFailure failure in policy.Failures)
            {
                Write(json, failure);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, TlsFailure failure)
    {
        json.WriteStartObject();
        json.WriteString("result-type", failure.Result);
        Some(json, "sending-mta-ip", failure.SendingAddress);
        Some(json, "receiving-mx-hostname", failure.Mx);
        Some(json, "receiving-mx-helo", failure.Helo);
        Some(json, "receiving-ip", failure.ReceivingAddress);
        json.WriteNumber("failed-session-count", failure.Sessions);
        Some(json, "additional-information", failure.Additional);
        Some(json, "failure-reason-code", failure.ReasonCode);
        json.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter json, string name, ImmutableArray<string> texts)
    {
        if (texts.IsEmpty)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static void Some(Utf8JsonWriter json, string name, string text)
    {
        if (text.Length > 0)
        {
            json.WriteString(name, text);
        }
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
