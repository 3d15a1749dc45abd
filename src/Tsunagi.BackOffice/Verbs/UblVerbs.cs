using System.Text.Json;
using System.Text.Json.Nodes;
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
        var document = Read(await context.GetAsync("/api/v1/backoffice/customer-bills/" + context.Segment("INVOICE") + "/document", cancellationToken));
        if (!InvoiceUbl.TryWrite(document, out var xml, out var error))
        {
            throw new WrongInputException($"{document.Number} cannot be sent over Peppol: {error}");
        }

        await File.WriteAllBytesAsync(context.Home.File(context["--output"]!), xml, cancellationToken);
        return 0;
    }

    private static InvoiceDocument Read(JsonObject answer)
    {
        try
        {
            return answer.Deserialize<InvoiceDocument>(ApiJson.Options)!;
        }
        catch (JsonException)
        {
            throw new ApiFailedException(200, null, "the answer is no document of an invoice");
        }
    }
}
