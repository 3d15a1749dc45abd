namespace Tsunagi.BackOffice.Documents.Pdf;

/// <summary>A finished PDF file.</summary>
/// <param name="Missing">Characters no font had; not empty means <see cref="DocumentEvents.GlyphsMissing"/>.</param>
public sealed record PdfDocument(byte[] Octets, int Pages, IReadOnlyList<MissingGlyph> Missing);
