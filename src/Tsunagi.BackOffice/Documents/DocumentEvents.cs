using Tsunagi.Core.Events;

namespace Tsunagi.BackOffice.Documents;

/// <summary>Events about written documents; the module declares them with its own.</summary>
public static class DocumentEvents
{
    /// <summary>Written by whoever issues the document when <see cref="Pdf.PdfDocument.Missing"/> is not empty, with the number and the characters.</summary>
    public const string GlyphsMissing = "backoffice.document.glyphs-missing@1";

    public static IReadOnlyList<EventDeclaration> All { get; } =
    [
        new(GlyphsMissing, EventSeverity.Warning, new("A document holds characters that no font of the program has; they are printed as 〓.", "書類にフォントのない文字が含まれ、〓で印字されました。"),
            new("Name a TrueType font that has them under backoffice.documents.fonts, or correct the customer's name or address; then write the document again.",
                "その文字を含む TrueType フォントを backoffice.documents.fonts に指定するか、お客様の名称・住所を修正し、書類を再出力してください。")),
    ];
}
