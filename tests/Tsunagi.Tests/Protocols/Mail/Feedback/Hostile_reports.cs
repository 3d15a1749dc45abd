using System.Text;
using Tsunagi.Protocols.Mail.Feedback;

namespace Tsunagi.Tests.Protocols.Mail.Feedback;

/// <summary>Files made to cost the reader more than they cost their author. Each is refused with the reason, and each limit holds at itself and not one past it.</summary>
public class Hostile_reports
{
    [Fact]
    public void With_a_document_type_are_refused()
    {
        var laughs = "<?xml version=\"1.0\"?><!DOCTYPE feedback [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><feedback><report_metadata><org_name>&b;</org_name></report_metadata></feedback>";
        Assert.Contains("DTD", FeedbackSample.WhyNot(FeedbackSample.Utf8(laughs)), StringComparison.Ordinal);
    }

    [Fact]
    public void That_name_a_file_of_the_machine_are_refused() =>
        Assert.Contains("DTD", FeedbackSample.WhyNot(FeedbackSample.Utf8("<!DOCTYPE feedback [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><feedback><version>&x;</version></feedback>")), StringComparison.Ordinal);

    [Fact]
    public void That_unpack_to_very_much_are_refused_by_their_ratio()
    {
        var much = FeedbackSample.Utf8("<feedback>" + string.Concat(Enumerable.Repeat("<x/>", 5_000_000)));
        var bomb = FeedbackSample.Gzip(much);
        Assert.True(bomb.Length < 60_000);
        Assert.Contains("250 times", FeedbackSample.WhyNot(bomb), StringComparison.Ordinal);
        Assert.Contains("250 times", FeedbackSample.WhyNot(FeedbackSample.Zip(("r.xml", much))), StringComparison.Ordinal);
    }

    [Fact]
    public void Are_unpacked_up_to_the_limit_and_not_one_octet_further()
    {
        var xml = FeedbackSample.Utf8(FeedbackSample.Aggregate());
        Assert.Single(FeedbackReader.ReadFile("r", FeedbackSample.Gzip(xml), new FeedbackLimits { Octets = xml.Length }).Reports);
        Assert.Contains("unpacks to more", FeedbackSample.WhyNot(FeedbackSample.Gzip(xml), new FeedbackLimits { Octets = xml.Length - 1 }), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_one_archive_share_the_limit()
    {
        var xml = FeedbackSample.Utf8(FeedbackSample.Aggregate());
        var archive = FeedbackSample.Zip(("a.xml", xml), ("b.xml", xml));
        Assert.Equal(2, FeedbackReader.ReadFile("r", archive, new FeedbackLimits { Octets = 2 * xml.Length }).Reports.Length);
        var reading = FeedbackReader.ReadFile("r", archive, new FeedbackLimits { Octets = (2 * xml.Length) - 1 });
        Assert.Single(reading.Reports);
        Assert.Single(reading.Problems);
    }

    [Fact]
    public void Larger_than_a_file_may_be_are_not_looked_into()
    {
        var xml = FeedbackSample.Utf8(FeedbackSample.Aggregate());
        Assert.Single(FeedbackReader.ReadFile("r", xml, new FeedbackLimits { FileOctets = xml.Length }).Reports);
        Assert.Contains("larger than", FeedbackSample.WhyNot(xml, new FeedbackLimits { FileOctets = xml.Length - 1 }), StringComparison.Ordinal);
    }

    [Fact]
    public void With_more_records_than_allowed_are_refused_and_not_read_in_part()
    {
        var xml = FeedbackSample.Utf8(FeedbackSample.Aggregate(records: string.Concat(Enumerable.Range(1, 5).Select(static i => FeedbackSample.Record(source: "192.0.2." + i)))));
        Assert.Equal(5, FeedbackReader.ReadFile("r", xml, new FeedbackLimits { Records = 5 }).Reports[0].Aggregate!.Records.Length);
        Assert.Contains("more than 4 records", FeedbackSample.WhyNot(xml, new FeedbackLimits { Records = 4 }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("feedback")]
    [InlineData("x")]
    public void With_elements_a_million_deep_are_refused(string name)
    {
        var deep = "<feedback>" + string.Concat(Enumerable.Repeat($"<{name}>", 1_000_000));
        Assert.Contains("deep", FeedbackSample.WhyNot(FeedbackSample.Utf8(deep)), StringComparison.Ordinal);
    }

    [Fact]
    public void May_be_as_deep_as_the_limit()
    {
        static byte[] Deep(int depth) => FeedbackSample.Utf8(FeedbackSample.Aggregate().Replace("<version>", string.Concat(Enumerable.Repeat("<x>", depth)) + string.Concat(Enumerable.Repeat("</x>", depth)) + "<version>"));
        Assert.Single(FeedbackReader.ReadFile("r", Deep(16), new FeedbackLimits { Depth = 16 }).Reports);
        Assert.Contains("deep", FeedbackSample.WhyNot(Deep(17), new FeedbackLimits { Depth = 16 }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<feedback><version a='$'/></feedback>")]
    [InlineData("<feedback><version>$</version></feedback>")]
    [InlineData("<feedback><$/></feedback>")]
    [InlineData("<feedback><!-- $ --></feedback>")]
    public void With_an_element_longer_than_any_are_refused(string xml) =>
        Assert.Contains("longer than 262144", FeedbackSample.WhyNot(FeedbackSample.Utf8(xml.Replace("$", new string('a', 300_000)))), StringComparison.Ordinal);

    [Fact]
    public void Packed_again_and_again_are_refused()
    {
        var xml = FeedbackSample.Utf8(FeedbackSample.Aggregate());
        Assert.Single(FeedbackReader.ReadFile("r", FeedbackSample.Zip(("r.xml.gz", FeedbackSample.Gzip(xml)))).Reports);
        Assert.Contains("packed more than 2 times", FeedbackSample.WhyNot(FeedbackSample.Gzip(FeedbackSample.Gzip(FeedbackSample.Gzip(xml)))), StringComparison.Ordinal);
    }

    [Fact]
    public void In_an_archive_of_very_many_files_are_refused()
    {
        var xml = FeedbackSample.Utf8(FeedbackSample.Aggregate());
        Assert.Equal(10, FeedbackReader.ReadFile("r", FeedbackSample.Zip([.. Enumerable.Range(0, 10).Select(i => ($"{i}.xml", xml))])).Reports.Length);
        var reading = FeedbackReader.ReadFile("r", FeedbackSample.Zip([.. Enumerable.Range(0, 11).Select(i => ($"{i}.xml", xml))]));
        Assert.Contains("more than 10 files", Assert.Single(reading.Problems).Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff })]
    [InlineData(new byte[] { 0x50, 0x4b, 3, 4, 0, 0, 0 })]
    [InlineData(new byte[] { 0x50, 0x4b, 5, 6 })]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0x7f, 0x45, 0x4c, 0x46 })]
    public void That_are_something_else_or_broken_are_told(byte[] file) => Assert.NotEmpty(FeedbackSample.WhyNot(file));

    [Fact]
    public void Cut_off_are_refused()
    {
        var packed = FeedbackSample.Gzip(FeedbackSample.Utf8(FeedbackSample.Aggregate()));
        Assert.NotEmpty(FeedbackSample.WhyNot(packed[..(packed.Length / 2)]));
    }

    [Fact]
    public void Of_json_that_nests_are_refused()
    {
        Assert.Contains("no JSON", FeedbackSample.WhyNot(Encoding.ASCII.GetBytes("{\"policies\":" + new string('[', 100_000))), StringComparison.Ordinal);
        var tls = FeedbackSample.Utf8(FeedbackSample.Tls());
        Assert.Single(FeedbackReader.ReadFile("t", tls, new FeedbackLimits { Records = 3, JsonOctets = tls.Length }).Reports);
        Assert.Contains("more than 2 failures", FeedbackSample.WhyNot(tls, new FeedbackLimits { Records = 2 }), StringComparison.Ordinal);
        Assert.Contains("octets of JSON", FeedbackSample.WhyNot(tls, new FeedbackLimits { JsonOctets = tls.Length - 1 }), StringComparison.Ordinal);
    }
}
