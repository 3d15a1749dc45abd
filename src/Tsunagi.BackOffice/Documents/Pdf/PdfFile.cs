using System.IO.Compression;
using System.Security.Cryptography;

namespace Tsunagi.BackOffice.Documents.Pdf;

/// <summary>
/// The file structure of PDF 1.7 (ISO 32000-1 section 7.5): header, numbered objects, cross-reference table, trailer. The trailer's ID is the hash of
/// everything before it: no clock and no chance go into a file, the same objects give the same octets.
/// </summary>
internal sealed class PdfFile
{
    private readonly PdfBuffer _file = new(128 << 10);
    private readonly List<int> _offsets = [0];
    private readonly MemoryStream _deflated = new(64 << 10);

    public PdfFile() => _file.Append("%PDF-1.7\n%\u00E2\u00E3\u00CF\u00D3\n");

    /// <summary>A number for an object written later.</summary>
    public int Reserve()
    {
        _offsets.Add(0);
        return _offsets.Count - 1;
    }

    /// <summary>Starts an object; its value is appended to what comes back, then <see cref="End"/> closes it.</summary>
    public PdfBuffer Begin(int number)
    {
        System.Diagnostics.Debug.Assert(_offsets[number] == 0, "an object is written once");
        _offsets[number] = _file.Length;
        return _file.Append(number).Append(" 0 obj\n"u8);
    }

    public void End() => _file.Append("\nendobj\n"u8);

    /// <summary>Writes octets as a Flate stream and returns the object's number.</summary>
    /// <param name="octets">Not compressed.</param>
    /// <param name="entries">Further entries of the stream's dictionary.</param>
    public int WriteStream(ReadOnlySpan<byte> octets, Action<PdfBuffer>? entries = null)
    {
        _deflated.SetLength(0);
        using (var zlib = new ZLibStream(_deflated, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(octets);
        }

        var number = Reserve();
        var body = Begin(number).Append("<</Filter/FlateDecode/Length "u8).Append((int)_deflated.Length);
        entries?.Invoke(body);
        body.Append(">>stream\n"u8).Append(_deflated.GetBuffer().AsSpan(0, (int)_deflated.Length)).Append("\nendstream"u8);
        End();
        return number;
    }

    public byte[] Finish(int catalog, int documentInformation)
    {
        var identity = Convert.ToHexString(SHA256.HashData(_file.Written)[..16]);
        var table = _file.Length;
        _file.Append("xref\n0 "u8).Append(_offsets.Count).Append("\n0000000000 65535 f \n"u8);
        for (var number = 1; number < _offsets.Count; number++)
        {
            _file.Append(_offsets[number].ToString("D10", System.Globalization.CultureInfo.InvariantCulture)).Append(" 00000 n \n"u8);
        }

        _file.Append("trailer\n<</Size "u8).Append(_offsets.Count).Append("/Root "u8).Append(catalog).Append(" 0 R/Info "u8).Append(documentInformation)
            .Append(" 0 R/ID[<"u8).Append(identity).Append("><"u8).Append(identity).Append(">]>>\nstartxref\n"u8).Append(table).Append("\n%%EOF\n"u8);
        return _file.Written.ToArray();
    }
}
