using System.ComponentModel.DataAnnotations;

namespace Tsunagi.BackOffice.Documents;

/// <summary>How documents are written: <c>backoffice.documents</c> of the program's configuration.</summary>
public sealed record DocumentOptions
{
    /// <summary>TrueType files (with outlines of their own: .ttf) asked before the program's own font, for rare ideographs or a house face.</summary>
    [MaxLength(8)]
    public IReadOnlyList<string> Fonts { get; init; } = [];

    /// <summary>The same for bold text; empty takes <see cref="Fonts"/>.</summary>
    [MaxLength(8)]
    public IReadOnlyList<string> BoldFonts { get; init; } = [];
}
