using static System.Buffers.Binary.BinaryPrimitives;

namespace Tsunagi.BackOffice.Documents.Pdf.Fonts;

/// <summary>The frame of a TrueType file: directory with checksums, then the tables, each on a boundary of four (OpenType 1.9, "Organization of an OpenType font").</summary>
internal sealed class FontFileWriter
{
    private const uint ChecksumMagic = 0xB1B0AFBA;

    private readonly PdfBuffer _file;
    private readonly int _tables;
    private int _added;
    private int _headAt = -1;

    /// <param name="tables">How many tables will be added, in the order of their tags.</param>
    public FontFileWriter(int tables)
    {
        _tables = tables;
        _file = new PdfBuffer(96 << 10);
        Span<byte> start = stackalloc byte[12];
        var power = System.Numerics.BitOperations.Log2((uint)tables);
        WriteUInt32BigEndian(start, 0x00010000);
        WriteUInt16BigEndian(start[4..], (ushort)tables);
        WriteUInt16BigEndian(start[6..], (ushort)(16 << power));
        WriteUInt16BigEndian(start[8..], (ushort)power);
        WriteUInt16BigEndian(start[10..], (ushort)((16 * tables) - (16 << power)));
        _file.Append(start);
        _file.AppendZeros(16 * tables);
    }

    public void Add(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> table)
    {
        var offset = _file.Length;
        _headAt = tag.SequenceEqual("head"u8) ? offset : _headAt;
        _file.Append(table);
        _file.Align(4);
        var row = _file.Patch(12 + (16 * _added++), 16);
        tag.CopyTo(row);
        WriteUInt32BigEndian(row[4..], Checksum(_file.Written[offset..]));
        WriteUInt32BigEndian(row[8..], (uint)offset);
        WriteUInt32BigEndian(row[12..], (uint)table.Length);
    }

    public byte[] Finish()
    {
        System.Diagnostics.Debug.Assert(_added == _tables, "the directory has a row for each table");
        WriteUInt32BigEndian(_file.Patch(_headAt + 8, 4), unchecked(ChecksumMagic - Checksum(_file.Written)));
        return _file.Written.ToArray();
    }

    private static uint Checksum(ReadOnlySpan<byte> octets)
    {
        uint sum = 0;
        for (; octets.Length >= 4; octets = octets[4..])
        {
            unchecked
            {
                sum += ReadUInt32BigEndian(octets);
            }
        }

        return sum;
    }
}
