using System.Text.Json;
using Microsoft.Extensions.Logging;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Documents.Pdf;
using Tsunagi.BackOffice.Documents.Pdf.Fonts;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Invoices;

/// <summary>Writes issued documents as PDF with the fonts of this installation, and tells when a character has none.</summary>
internal sealed partial class InvoicePapers
{
    private readonly InvoicePdf _pdf;
    private readonly Stores _stores;
    private readonly Outbox _outbox;
    private readonly TimeProvider _time;

    public InvoicePapers(BackOfficeOptions options, Stores stores, Outbox outbox, TimeProvider time, ILogger<InvoicePapers> log)
    {
        if (!DocumentFonts.TryOpen(options.Documents, out var fonts, out var error))
        {
            LogFont(log, error);
        }

        (_pdf, _stores, _outbox, _time) = (new InvoicePdf(fonts), stores, outbox, time);
    }

    /// <summary>Of a document that is not issued: nobody is told of missing characters.</summary>
    public byte[] Write(InvoiceDocument document) => _pdf.Write(document).Octets;

    public async ValueTask<byte[]> PdfAsync(InvoiceRow row, InvoiceDocument document, CancellationToken cancellationToken)
    {
        var pdf = _pdf.Write(document);
        if (pdf.Missing.Count > 0)
        {
            await _stores.Control.WriteAsync(
                async transaction =>
                {
                    await _outbox.AppendAsync(transaction, new Event(
                        Id.New("e", _time), DocumentEvents.GlyphsMissing, _time.NowMicros(), row.TenantPath, row.Id, JsonSerializer.Serialize(new { row.Number, characters = pdf.Missing.Count })));
                    return true;
                },
                cancellationToken);
        }

        return pdf.Octets;
    }

    [LoggerMessage(5003, LogLevel.Error, "a font of backoffice.documents cannot be used; documents are set in the program's own: {Error}")]
    private static partial void LogFont(ILogger log, string error);
}
