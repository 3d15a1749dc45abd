using System.IO.Compression;
using System.Text;
using Tsunagi.Protocols.Mail.Feedback;

namespace Tsunagi.Tests.Protocols.Mail.Feedback;

/// <summary>Reports as reporters write them, and the ways they are packed.</summary>
internal static class FeedbackSample
{
    public static string Record(string source = "192.0.2.1", string count = "3", string dkim = "pass", string spf = "fail", string from = "example.com") => $"""
        <record><row><source_ip>{source}</source_ip><count>{count}</count><policy_evaluated><disposition>none</disposition><dkim>{dkim}</dkim><spf>{spf}</spf></policy_evaluated></row>
        <identifiers><header_from>{from}</header_from><envelope_from>bounce.mailer.example</envelope_from></identifiers>
        <auth_results><dkim><domain>{from}</domain><selector>s1</selector><result>{dkim}</result></dkim><spf><domain>bounce.mailer.example</domain><scope>mfrom</scope><result>pass</result></spf></auth_results></record>
        """;

    public static string Aggregate(string domain = "example.com", string id = "r-1", string records = "", string organization = "receiver.example", string policy = "none", long begin = 1_700_000_000) => $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0"><version>1.0</version>
        <report_metadata><org_name>{organization}</org_name><email>dmarc@{organization}</email><report_id>{id}</report_id><date_range><begin>{begin}</begin><end>{begin + 86_399}</end></date_range></report_metadata>
        <policy_published><domain>{domain}</domain><p>{policy}</p><adkim>r</adkim></policy_published>
        {(records.Length > 0 ? records : Record(from: domain))}
        </feedback>
        """;

    public static string Tls(string domain = "example.com", string id = "t-1", string day = "2016-04-01") => """
        {"organization-name":"Company-X","date-range":{"start-datetime":"$YT00:00:00Z","end-datetime":"$YT23:59:59Z"},"contact-info":"sts-reporting@company-x.example","report-id":"$ID",
        "policies":[{"policy":{"policy-type":"sts","policy-string":["version: STSv1","mode: testing","mx: *.mail.$D","max_age: 86400"],"policy-domain":"$D","mx-host":["*.mail.$D"]},
        "summary":{"total-successful-session-count":5326,"total-failure-session-count":303},
        "failure-details":[{"result-type":"certificate-expired","sending-mta-ip":"2001:db8:abcd:0012::1","receiving-mx-hostname":"mx1.mail.$D","failed-session-count":100},
        {"result-type":"starttls-not-supported","sending-mta-ip":"2001:db8:abcd:0013::1","receiving-mx-hostname":"mx2.mail.$D","receiving-ip":"203.0.113.56","failed-session-count":200,"additional-information":"https://reports.company-x.example/report_info"},
        {"result-type":"validation-failure","sending-mta-ip":"198.51.100.62","receiving-ip":"203.0.113.58","receiving-mx-hostname":"mx-backup.mail.$D","failed-session-count":3,"failure-reason-code":"X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED"}]}]}
        """.Replace("$ID", id).Replace("$D", domain).Replace("$Y", day);

    public static byte[] Gzip(byte[] octets)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(octets);
        }

        return packed.ToArray();
    }

    public static byte[] Zip(params (string Name, byte[] Octets)[] files)
    {
        var packed = new MemoryStream();
        using (var archive = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, octets) in files)
            {
                using var entry = archive.CreateEntry(name, CompressionLevel.SmallestSize).Open();
                entry.Write(octets);
            }
        }

        return packed.ToArray();
    }

    /// <summary>A message with one part beside its text.</summary>
    public static byte[] Mail(string type, string fileName, byte[] file, string from = "dmarc@receiver.example") => Encoding.ASCII.GetBytes(
        $"From: {from}\r\nTo: reports@provider.example\r\nSubject: Report Domain: example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nA report.\r\n"
        + $"--b\r\nContent-Type: {type}; name=\"{fileName}\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"{fileName}\"\r\n\r\n"
        + Convert.ToBase64String(file, Base64FormattingOptions.InsertLineBreaks) + "\r\n--b--\r\n");

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static AggregateReport One(string xml)
    {
        var reading = FeedbackReader.ReadFile("r.xml", Utf8(xml));
        Assert.Empty(reading.Problems);
        return Assert.Single(reading.Reports).Aggregate!;
    }

    public static string WhyNot(byte[] file, FeedbackLimits? limits = null)
    {
        var reading = FeedbackReader.ReadFile("r", file, limits);
        Assert.Empty(reading.Reports);
        return Assert.Single(reading.Problems).Why;
    }
}
