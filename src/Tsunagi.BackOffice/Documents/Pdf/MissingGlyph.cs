using System.Text;

namespace Tsunagi.BackOffice.Documents.Pdf;

/// <summary>A character that no font has: it stands as 〓 on the page.</summary>
/// <param name="Character">The character.</param>
/// <param name="Text">The text in which it was met first.</param>
public sealed record MissingGlyph(Rune Character, string Text)
{
    /// <summary>"U+20BB7 𠮷".</summary>
    public override string ToString() => $"U+{Character.Value:X4} {Character}";
}
