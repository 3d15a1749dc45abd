using Tsunagi.Protocols.Mail.Feedback;

namespace Tsunagi.Tests.Protocols.Mail.Feedback;

public class Reports_in_mail
{
    [Theory]
    [InlineData("application/gzip", "receiver.example!example.com!1!2.xml.gz", "gzip")]
    [InlineData("application/x-gzip", "r", "gzip")]
    [InlineData("application/zip", "receiver.example!example.com!1!2.zip", "zip")]
    [InlineData("application/x-zip-compressed", "r.zip", "zip")]
    [InlineData("application/octet-stream", "R.XML.GZ", "gzip")]
    [InlineData("application/octet-stream", "r.zip", "zip")]
    [InlineData("text/xml", "r.xml", "none")]
    [InlineData("application/xml", "r", "none")]
    [InlineData("text/plain", "r.xml", "none")]
    [InlineData("application/zip", "named-wrongly.zip", "gzip")]
    public void Are_found_by_type_or_name_and_unpacked_by_what_they_are(string type, string name, string packing)
    {
        var xml = FeedbackSample.Utf8(FeedbackSample.Aggregate());
        var file = packing switch { "gzip" => FeedbackSample.Gzip(xml), "zip" => FeedbackSample.Zip(("receiver.xml", xml)), _ => xml };
        var reading = FeedbackReader.ReadMessage(FeedbackSample.Mail(type, name, file));
        Assert.Empty(reading.Problems);
        Assert.Equal("r-1", Assert.Single(reading.Reports).Aggregate!.ReportId);
    }

    [Theory]
    [InlineData("application/tlsrpt+gzip", "mail.sender.example!example.com!1!2!001.json.gz", true)]
    [InlineData("application/tlsrpt+json", "r", false)]
    [InlineData("application/octet-stream", "r.json.gz", true)]
    public void Of_tls_are_found_too(string type, string name, bool packed)
    {
        var json = FeedbackSample.Utf8(FeedbackSample.Tls());
        var reading = FeedbackReader.ReadMessage(FeedbackSample.Mail(type, name, packed ? FeedbackSample.Gzip(json) : json));
        Assert.Equal("t-1", Assert.Single(reading.Reports).Tls!.ReportId);
    }

    [Fact]
    public void May_be_the_whole_message()
    {
        var mail = "From: a@b.example\r\nContent-Type: application/gzip; name=r.xml.gz\r\nContent-Transfer-Encoding: base64\r\n\r\n" + Convert.ToBase64String(FeedbackSample.Gzip(FeedbackSample.Utf8(FeedbackSample.Aggregate())));
        Assert.Single(FeedbackReader.ReadMessage(FeedbackSample.Utf8(mail)).Reports);
    }

    [Fact]
    public void Are_not_looked_for_in_what_does_not_claim_to_be_one()
    {
        var reading = FeedbackReader.ReadMessage(FeedbackSample.Mail("image/png", "logo.png", [1, 2, 3]));
        Assert.Empty(reading.Reports);
        Assert.Empty(reading.Problems);
    }

    [Fact]
    public void That_claim_to_be_one_and_are_not_are_told_by_name()
    {
        var reading = FeedbackReader.ReadMessage(FeedbackSample.Mail("application/gzip", "r.xml.gz", [1, 2, 3]));
        Assert.Equal("r.xml.gz", Assert.Single(reading.Problems).FileName);
    }

    [Fact]
    public void Of_both_kinds_come_in_one_archive()
    {
        var reading = FeedbackReader.ReadFile("all.zip", FeedbackSample.Zip(
            ("__MACOSX/._a.xml", [0]), ("folder/", []), ("a.xml", FeedbackSample.Utf8(FeedbackSample.Aggregate())), ("b.json", FeedbackSample.Utf8(FeedbackSample.Tls())), ("readme.txt", FeedbackSample.Utf8("hello"))));
        Assert.Equal(["a.xml", "b.json"], reading.Reports.Select(static report => report.FileName));
        Assert.Equal("readme.txt", Assert.Single(reading.Problems).FileName);
    }
}
