using System.Runtime.InteropServices;

namespace Tsunagi.BackOffice.Documents.Pdf;

/// <summary>A colour of the device RGB space.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Ink(byte Red, byte Green, byte Blue)
{
    public static readonly Ink Black = new(0x1A, 0x1D, 0x21), Grey = new(0x62, 0x6B, 0x76), Rule = new(0xC9, 0xD0, 0xD8), Tint = new(0xEF, 0xF3, 0xF8),
        Accent = new(0x1B, 0x3B, 0x6B), Alert = new(0xB4, 0x23, 0x18), White = new(0xFF, 0xFF, 0xFF);
}
