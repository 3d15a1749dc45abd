using System.Reflection;
using System.Text;

namespace Tsunagi.BackOffice.Documents.Pdf.Fonts;

/// <summary>
/// The faces documents are set in, for each weight in the order they are asked for a character: the operator's first, the program's own (BIZ UDPGothic:
/// Latin, Greek, Cyrillic, kana, JIS X 0208 and the vendors' ideographs) behind them. Parsed once, shared by all threads.
/// </summary>
public sealed class DocumentFonts
{
    private static readonly Lazy<DocumentFonts> ShippedFonts = new(() => new DocumentFonts([Resource("regular.ttf")], [Resource("bold.ttf")]));

    private readonly TrueTypeFace[][] _faces;

    private DocumentFonts(IReadOnlyList<TrueTypeFace> regular, IReadOnlyList<TrueTypeFace> bold) => _faces = [[.. regular], [.. bold]];

    /// <summary>The program's own faces alone.</summary>
    public static DocumentFonts Shipped => ShippedFonts.Value;

    /// <summary>Puts faces of the operator's before the program's own.</summary>
    public static DocumentFonts With(IReadOnlyList<TrueTypeFace> regular, IReadOnlyList<TrueTypeFace> bold) =>
        new([.. regular, .. Shipped._faces[0]], [.. bold, .. Shipped._faces[1]]);

    /// <summary>Reads the operator's fonts, once, at the start.</summary>
    /// <param name="error">Which file could not be used and why; the program's own fonts are handed out then.</param>
    public static bool TryOpen(DocumentOptions options, out DocumentFonts fonts, out string error)
    {
        ArgumentNullException.ThrowIfNull(options);
        fonts = Shipped;
        if (!TryRead(options.Fonts, out var regular, out error) || !TryRead(options.BoldFonts, out var bold, out error))
        {
            return false;
        }

        fonts = regular.Count + bold.Count == 0 ? Shipped : With(regular, bold.Count == 0 ? regular : bold);
        return true;
    }

    private static bool TryRead(IReadOnlyList<string> paths, out List<TrueTypeFace> faces, out string error)
    {
        faces = [];
        foreach (var path in paths)
        {
            try
            {
                using var file = File.OpenRead(path);
                if (file.Length > TrueTypeFace.MaxFileBytes)
                {
                    error = $"reading the font {path}: {file.Length} octets are more than {TrueTypeFace.MaxFileBytes}";
                    return false;
                }

                var octets = new byte[file.Length];
                file.ReadExactly(octets);
                if (!TrueTypeFace.TryParse(octets, out var face, out error))
                {
                    error = $"reading the font {path}: {error}";
                    return false;
                }

                faces.Add(face);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                error = $"reading the font {path}: {problem.Message}";
                return false;
            }
        }

        error = "";
        return true;
    }

    /// <summary>Only these faces, each weight at least one.</summary>
    internal static DocumentFonts Only(IReadOnlyList<TrueTypeFace> regular, IReadOnlyList<TrueTypeFace> bold) => new(regular, bold);

    internal IReadOnlyList<TrueTypeFace> Faces(FontWeight weight) => _faces[(int)weight];

    /// <summary>The face that has the character, with its glyph; the first face and 0 when none has.</summary>
    internal (int Face, int Glyph) Find(FontWeight weight, Rune rune, Rune selector)
    {
        var faces = _faces[(int)weight];
        for (var i = 0; selector.Value != 0 && i < faces.Length; i++)
        {
            if (faces[i].GlyphOf(rune, selector) is var variant and > 0)
            {
                return (i, variant);
            }
        }

        for (var i = 0; i < faces.Length; i++)
        {
            if (faces[i].GlyphOf(rune) is var glyph and > 0)
            {
                return (i, glyph);
            }
        }

        return (0, 0);
    }

    private static TrueTypeFace Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("fonts/" + name)
            ?? throw new InvalidOperationException($"the program was built without the font {name}");
        var file = new byte[stream.Length];
        stream.ReadExactly(file);
        return TrueTypeFace.TryParse(file, out var face, out var error) ? face : throw new InvalidOperationException($"reading the font {name}: {error}");
    }
}
