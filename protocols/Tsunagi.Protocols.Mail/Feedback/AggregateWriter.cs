using System.Globalization;
using System.Text;
using System.Xml;
using Tsunagi.Protocols.Mail.Dmarc;

namespace Tsunagi.Protocols.Mail.Feedback;

/// <summary>Writes an aggregate report as RFC 9990 section 3.1 has it, its elements in the order of the schema: what the reader of this library reads as the same.</summary>
public static class AggregateWriter
{
    /// <summary>The namespace of the document (RFC 9990 section 6).</summary>
    public const string Namespace = "urn:ietf:params:xml:ns:dmarc-2.0";

    /// <summary>The media type of a report in mail, packed (section 3.5.2).</summary>
    public const string PackedType = "application/gzip";

    /// <summary>Writes the report as UTF-8. What was not said (enumerations at their first value, empty texts) is left out where the schema lets it be; further policies and extensions are not written.</summary>
    public static void Write(AggregateReport report, Stream output)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(output);
        var settings = new XmlWriterSettings { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), Indent = true, NewLineChars = "\n", CloseOutput = false };
        using var xml = XmlWriter.Create(output, settings);
        xml.WriteStartElement("feedback", Namespace);
        Some(xml, "version", report.Version);
        Metadata(xml, report);
        Policy(xml, report.Policy);
        foreach (AggregateRecord record in report.Records)
        {
            Record(xml, record);
        }

        xml.WriteEndElement();
    }

    /// <summary>The file's name: receiver, domain, first and last second, id (section 3.5.2).</summary>
    public static string FileName(AggregateReport report, string receiver)
    {
        ArgumentNullException.ThrowIfNull(report);
        return ReportNames.File(receiver, report.Policy.Domain, report.BeginSeconds, report.EndSeconds, report.ReportId, "xml.gz");
    }

    private static void Metadata(XmlWriter xml, AggregateReport report)
    {
        xml.WriteStartElement("report_metadata", Namespace);
        Text(xml, "org_name", report.Organization);
        Text(xml, "email", report.Email);
        Some(xml, "extra_contact_info", report.ExtraContact);
        Text(xml, "report_id", report.ReportId);
        xml.WriteStartElement("date_range", Namespace);
        Text(xml, "begin", report.BeginSeconds.ToString(CultureInfo.InvariantCulture));
        Text(xml, "end", report.EndSeconds.ToString(CultureInfo.InvariantCulture));
        xml.WriteEndElement();
        foreach (string error in report.Errors)
        {
            Some(xml, "error", error);
        }

        Some(xml, "generator", report.Generator);
        xml.WriteEndElement();
    }

    private static void Policy(XmlWriter xml, PublishedPolicy policy)
    {
        xml.WriteStartElement("policy_published", Namespace);
        Text(xml, "domain", policy.Domain);
        Some(xml, "discovery_method", policy.Discovery switch { DiscoveryMethod.Psl => "psl", DiscoveryMethod.TreeWalk => "treewalk", _ => "" });
        Text(xml, "p", Word(policy.Policy ?? DmarcPolicy.None));
        Some(xml, "sp", policy.SubdomainPolicy is { } subdomains ? Word(subdomains) : "");
        Some(xml, "np", policy.NonExistentPolicy is { } absent ? Word(absent) : "");
        Some(xml, "fo", policy.FailureOptions);
        Some(xml, "adkim", Word(policy.DkimAlignment));
        Some(xml, "aspf", Word(policy.SpfAlignment));
        Text(xml, "testing", policy.IsTesting ? "y" : "n");
        xml.WriteEndElement();
    }

    private static void Record(XmlWriter xml, AggregateRecord record)
    {
        xml.WriteStartElement("record", Namespace);
        xml.WriteStartElement("row", Namespace);
        Text(xml, "source_ip", record.Source.ToString());
        Text(xml, "count", record.Count.ToString(CultureInfo.InvariantCulture));
        xml.WriteStartElement("policy_evaluated", Namespace);
        Text(xml, "disposition", record.Disposition switch { ReportedDisposition.Pass => "pass", ReportedDisposition.Quarantine => "quarantine", ReportedDisposition.Reject => "reject", _ => "none" });
        Text(xml, "dkim", record.Dkim == AlignedResult.Pass ? "pass" : "fail");
        Text(xml, "spf", record.Spf == AlignedResult.Pass ? "pass" : "fail");
        foreach (PolicyOverride reason in record.Reasons)
        {
            xml.WriteStartElement("reason", Namespace);
            Text(xml, "type", Word(reason.Type));
            Some(xml, "comment", reason.Comment);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteStartElement("identifiers", Namespace);
        Text(xml, "header_from", record.HeaderFrom);
        Text(xml, "envelope_from", record.EnvelopeFrom); // empty for the null reverse-path
        Some(xml, "envelope_to", record.EnvelopeTo);
        xml.WriteEndElement();
        Results(xml, record);
        xml.WriteEndElement();
    }

    private static void Results(XmlWriter xml, AggregateRecord record)
    {
        xml.WriteStartElement("auth_results", Namespace);
        foreach (ReportedDkim dkim in record.DkimResults)
        {
            xml.WriteStartElement("dkim", Namespace);
            Text(xml, "domain", dkim.Domain);
            Text(xml, "selector", dkim.Selector);
            Text(xml, "result", Word(dkim.Result));
            Some(xml, "human_result", dkim.Human);
            xml.WriteEndElement();
        }

        foreach (ReportedSpf spf in record.SpfResults)
        {
            xml.WriteStartElement("spf", Namespace);
            Text(xml, "domain", spf.Domain);
            Some(xml, "scope", spf.Scope switch { ReportedScope.MailFrom => "mfrom", ReportedScope.Helo => "helo", _ => "" });
            Text(xml, "result", Word(spf.Result));
            Some(xml, "human_result", spf.Human);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static string Word(DmarcPolicy policy) => policy switch { DmarcPolicy.Quarantine => "quarantine", DmarcPolicy.Reject => "reject", _ => "none" };

    private static string Word(ReportedAlignment alignment) => alignment switch { ReportedAlignment.Relaxed => "r", ReportedAlignment.Strict => "s", _ => "" };

    private static string Word(OverrideReason reason) => reason switch
    {
        OverrideReason.Forwarded => "forwarded", OverrideReason.SampledOut => "sampled_out", OverrideReason.TrustedForwarder => "trusted_forwarder",
        OverrideReason.MailingList => "mailing_list", OverrideReason.LocalPolicy => "local_policy", OverrideReason.PolicyTestMode => "policy_test_mode", _ => "other",
    };

    private static string Word(ReportedResult result) => result switch
    {
        ReportedResult.Pass => "pass", ReportedResult.Fail => "fail", ReportedResult.SoftFail => "softfail", ReportedResult.Neutral => "neutral", ReportedResult.Policy => "policy",
        ReportedResult.TempError => "temperror", ReportedResult.PermError => "permerror", _ => "none",
    };

    private static void Some(XmlWriter xml, string name, string text)
    {
        if (text.Length > 0)
        {
            Text(xml, name, text);
        }
    }

    // A character that XML cannot hold would end the document.
    private static void Text(XmlWriter xml, string name, string text) =>
        xml.WriteElementString(name, Namespace, text.All(static c => XmlConvert.IsXmlChar(c)) ? text : string.Concat(text.Where(static c => XmlConvert.IsXmlChar(c))));
}
