using System.Globalization;
using System.Xml;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Documents.Ubl;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice.Documents.Ubl;

/// <summary>JP PINT and Peppol BIS 3 by their rules of sums; the networks' Schematron is not on this machine.</summary>
public class Written_ubl
{
    public static TheoryData<string> Names() => new(SampleDocuments.All.Where(sample => sample.Value is { IsDraft: false, Customer.ElectronicAddress: not null }).Select(sample => sample.Key));

    [Theory]
    [Trait("Golden", "true")]
    [InlineData("ja-tax-mix")]
    [InlineData("ja-credit-note")]
    [InlineData("en-proration")]
    public void Stay_as_they_were_read(string name) =>
        Golden.Compare(Path.Combine(Repository.Root, "tests/Tsunagi.Tests/BackOffice/Documents/Ubl/golden", name + ".xml"), Write(SampleDocuments.All[name]));

    [Theory]
    [MemberData(nameof(Names))]
    public void Sums_are_those_the_rules_ask_for(string name)
    {
        var (xml, names) = Parse(Write(SampleDocuments.All[name]));
        decimal Number(XmlNode at, string path) => decimal.Parse(at.SelectSingleNode(path, names)!.InnerText, CultureInfo.InvariantCulture);
        decimal net = 0;
        foreach (XmlNode line in xml.SelectNodes("/*/cac:InvoiceLine | /*/cac:CreditNoteLine", names)!)
        {
            var amount = Number(line, "cbc:LineExtensionAmount");
            Assert.Equal(amount, decimal.Round(Number(line, "cbc:InvoicedQuantity | cbc:CreditedQuantity") * Number(line, "cac:Price/cbc:PriceAmount"), 0, MidpointRounding.AwayFromZero));
            Assert.True(Number(line, "cac:Price/cbc:PriceAmount") >= 0);
            net += amount;
        }

        Assert.Equal(net, Number(xml, "/*/cac:LegalMonetaryTotal/cbc:LineExtensionAmount"));
        var tax = xml.SelectNodes("/*/cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount", names)!.Cast<XmlNode>().Sum(node => decimal.Parse(node.InnerText, CultureInfo.InvariantCulture));
        Assert.Equal(tax, Number(xml, "/*/cac:TaxTotal/cbc:TaxAmount"));
        Assert.Equal(net + tax, Number(xml, "/*/cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount"));
        Assert.DoesNotContain(xml.SelectNodes("//*[not(*)]")!.Cast<XmlNode>(), node => node.InnerText.Length == 0);
        Assert.All(xml.SelectNodes("//*[contains(name(), 'Amount')]")!.Cast<XmlElement>(), amount => Assert.Equal("JPY", amount.GetAttribute("currencyID")));
    }

    [Fact]
    public void Outside_japan_it_is_peppol_bis_3_with_cents_and_reverse_charge()
    {
        var euro = SampleDocuments.All["en-euro"];
        var document = euro with { Issuer = euro.Issuer with { Country = "DE", ElectronicAddress = "9930:DE999999999" }, Customer = euro.Customer with { ElectronicAddress = "9930:DE123456789" } };
        var (xml, names) = Parse(Write(document));
        Assert.StartsWith("urn:cen.eu:en16931:2017", xml.SelectSingleNode("/*/cbc:CustomizationID", names)!.InnerText, StringComparison.Ordinal);
        Assert.Equal(["AE", "Reverse charge", "505.93"], new[] { "cac:TaxCategory/cbc:ID", "cac:TaxCategory/cbc:TaxExemptionReason", "cbc:TaxableAmount" }.Select(path => xml.SelectSingleNode("/*/cac:TaxTotal/cac:TaxSubtotal/" + path, names)!.InnerText));
        Assert.Equal("DE89370400440532013000", xml.SelectSingleNode("//cac:PayeeFinancialAccount/cbc:ID", names)!.InnerText);
    }

    [Fact]
    public void A_line_with_an_included_quantity_is_one_unit_at_its_amount()
    {
        var document = SampleDocuments.All["ja-tax-mix"];
        var lines = document.Lines.ToList();
        lines[1] = lines[1] with { Quantity = 284_233 };
        var (xml, names) = Parse(Write(document with { Lines = lines }));
        var line = xml.SelectSingleNode("/*/cac:InvoiceLine[2]", names)!;
        Assert.Equal(["1", "9212"], new[] { "cbc:InvoicedQuantity", "cac:Price/cbc:PriceAmount" }.Select(path => line.SelectSingleNode(path, names)!.InnerText));
        Assert.Contains("284233 通", line.SelectSingleNode("cac:Item/cbc:Description", names)!.InnerText, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_network_would_refuse_is_told_in_words()
    {
        var sound = SampleDocuments.All["ja-tax-mix"];
        foreach (var (document, said) in new (InvoiceDocument, string)[]
        {
            (sound with { IsDraft = true }, "preview"), (sound with { LinesIncludeTax = true }, "without tax"), (sound with { Issuer = sound.Issuer with { ElectronicAddress = null } }, "issuer has no electronic"),
            (sound with { Customer = sound.Customer with { ElectronicAddress = "188:1" } }, "customer has no electronic"), (sound with { Lines = [] }, "no line"), (sound with { NetMinor = 1 }, "add up"),
            (sound with { Kind = DocumentKind.CreditNote }, "name the invoice"),
        })
        {
            Assert.False(InvoiceUbl.TryWrite(document, out var xml, out var error));
            Assert.Null(xml);
            Assert.Contains(said, error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Characters_xml_has_not_are_left_out()
    {
        var sound = SampleDocuments.All["ja-tax-mix"];
        var (xml, names) = Parse(Write(sound with { Customer = sound.Customer with { Name = "a\u0001<&𠮷" } }));
        Assert.Equal("a<&𠮷", xml.SelectSingleNode("/*/cac:AccountingCustomerParty/cac:Party/cac:PartyName/cbc:Name", names)!.InnerText);
    }

    private static byte[] Write(InvoiceDocument document)
    {
        Assert.True(InvoiceUbl.TryWrite(document, out var xml, out var error), error);
        return xml;
    }

    private static (XmlDocument Xml, XmlNamespaceManager Names) Parse(byte[] octets)
    {
        var xml = new XmlDocument();
        xml.LoadXml(System.Text.Encoding.UTF8.GetString(octets));
        var names = new XmlNamespaceManager(xml.NameTable);
        names.AddNamespace("cac", "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2");
        names.AddNamespace("cbc", "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2");
        return (xml, names);
    }
}
