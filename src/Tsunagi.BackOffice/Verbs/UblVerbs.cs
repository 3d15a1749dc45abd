using System.Text.Json;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Documents.Ubl;
using Tsunagi.Core.Api;
using Tsunagi.Core.Verbs;

namespace Tsunagi.BackOffice.Verbs;

/// <summary>tsunagi backoffice invoice ubl: an issued document as the Peppol network takes it.</summary>
internal static class UblVerbs
{
    public static readonly IReadOnlyList<Verb> All =
    [
        new("invoice ubl", "Write an invoice as UBL (JP PINT; Peppol BIS 3 outside Japan) into a file", [
            new("INVOICE", "its number or id (iv_…)", Required: true), new("--output", "the file", Required: true, Alias: "-o"),
        ], WriteAsync),
    ];

    private static async Task<int> WriteAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var document = (await context.GetAsync("/api/v1/backoffice/customer-bills/" + context.Segment("INVOICE") + "/document", cancellationToken)).Deserialize<InvoiceDocument>(ApiJson.Options)!;
        if (!InvoiceUbl.TryWrite(document, out var xml, out var error))
        {
            throw new WrongInputException($"{document.Number} cannot be sent over Peppol: {error}");
        }

        await File.WriteAllBytesAsync(context.Home.File(context["--output"]!), xml, cancellationToken);
        return 0;
    }
}
