using System.Text;
using System.Xml;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Documents.Html;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice.Documents.Html;

public class Written_pages
{
    public static TheoryData<string> Names() => new(SampleDocuments.All.Keys);

    [Theory]
    [Trait("Golden", "true")]
    [InlineData("ja-tax-mix")]
    [InlineData("ja-account")]
    [InlineData("en-euro")]
    public void Stay_as_they_were_read(string name) =>
        Golden.Compare(Path.Combine(Repository.Root, "tests/Tsunagi.Tests/BackOffice/Documents/Html/golden", name + ".html"), Encoding.UTF8.GetBytes(InvoiceHtml.Write(SampleDocuments.All[name])));

    [Theory]
    [MemberData(nameof(Names))]
    public void Are_closed_element_by_element_and_load_nothing(string name)
    {
        var html = InvoiceHtml.Write(SampleDocuments.All[name]);
        var elements = Parse(html).SelectNodes("//*")!.Cast<XmlElement>().ToList();
        Assert.DoesNotContain(elements, element => element.Name is "script" or "link" or "img" or "iframe" or "form");
        Assert.DoesNotContain(elements.SelectMany(element => element.Attributes.Cast<XmlAttribute>()), attribute => attribute.Name is "src" or "href" or "style" || attribute.Name.StartsWith("on", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Hold_every_figure_and_word_of_the_document(string name)
    {
        var document = SampleDocuments.All[name];
        var text = Parse(InvoiceHtml.Write(document)).DocumentElement!.InnerText;
        foreach (var said in document.Lines.SelectMany(line => new[] { line.Description, line.Explanation ?? "", document.Format(line.AmountMinor) })
            .Concat([document.Number, document.Customer.Name, document.Issuer.RegistrationNumber!, document.Format(document.TotalMinor), document.Bank?.AccountHolder ?? ""]))
        {
            Assert.Contains(said, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Escape_what_customers_are_called()
    {
        var document = SampleDocuments.All["en-euro"] with { Customer = new DocumentParty("<script>alert(1)</script>\" & Co"), Notes = ["</main><img src=x onerror=y>"] };
        var html = InvoiceHtml.Write(document);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.Contains("<script>alert(1)</script>\" & Co", Parse(html).DocumentElement!.InnerText, StringComparison.Ordinal);
    }

    [Fact]
    public void Carry_the_style_whose_hash_the_policy_allows()
    {
        var style = Parse(InvoiceHtml.Write(SampleDocuments.All["en-euro"])).SelectSingleNode("//style")!.InnerText;
        var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(style)));
        Assert.Contains($"'sha256-{hash}'", InvoiceHtml.ContentSecurityPolicy, StringComparison.Ordinal);
    }

    /// <summary>The page is XML but for the two void elements of its head.</summary>
    private static XmlDocument Parse(string html)
    {
        var document = new XmlDocument { PreserveWhitespace = true };
        document.LoadXml(html["<!DOCTYPE html>".Length..].Replace("<meta charset=\"utf-8\">", "", StringComparison.Ordinal).Replace("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", "", StringComparison.Ordinal).TrimStart());
        return document;
    }
}
