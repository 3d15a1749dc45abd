using System.Text;

namespace Tsunagi.BackOffice.Documents.Pdf;

/// <summary>One glyph of a set text: which font of the document, its number there, its advance in thousandths of an em, the character it stands for.</summary>
internal readonly record struct SetGlyph(PdfFont Font, int Cid, int Advance, Rune Rune);
