using System.Text.Json;
using Tsunagi.BackOffice.Documents;

namespace Tsunagi.Tests.BackOffice.Documents;

public class Sample_documents
{
    public static TheoryData<string> Names() => new(SampleDocuments.All.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void Go_through_json_unchanged(string name)
    {
        var document = SampleDocuments.All[name];
        var json = JsonSerializer.Serialize(document);
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<InvoiceDocument>(json)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Add_up(string name)
    {
        var document = SampleDocuments.All[name];
        Assert.Equal(document.Lines.Sum(line => line.AmountMinor), document.NetMinor);
        Assert.Equal(document.NetMinor + document.TaxMinor, document.TotalMinor);
        Assert.Equal(document.TaxSubtotals.Sum(subtotal => subtotal.GrossMinor), document.TotalMinor);
    }
}
