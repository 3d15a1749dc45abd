using System.Runtime.InteropServices;

namespace Tsunagi.BackOffice.Documents.Pdf.Fonts;

/// <summary>Where a table lies in the font file.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FontTable(int Offset, int Length)
{
    public ReadOnlySpan<byte> Of(byte[] file) => file.AsSpan(Offset, Length);
}
