using System.Buffers.Binary;
using System.Net;

namespace Tsunagi.Tests.Ddos;

/// <summary>Datagrams of an exporter of the tests' own.</summary>
internal static class Exports
{
    /// <summary>NetFlow v5: so many flows from 198.51.100.x port 53 by UDP to 192.0.2.1.</summary>
    /// <param name="sampling">1 of how many; 0 says nothing.</param>
    public static byte[] NetFlow5(int records, uint sequence = 0, uint packets = 10, uint octetsEach = 500, ushort sampling = 0, string destination = "192.0.2.1", byte protocol = 17, byte flags = 0, ushort sourcePort = 53, long? unixSeconds = null)
    {
        var bytes = new byte[24 + (records * 48)];
        var span = bytes.AsSpan();
        BinaryPrimitives.WriteUInt16BigEndian(span, 5);
        BinaryPrimitives.WriteUInt16BigEndian(span[2..], (ushort)records);
        BinaryPrimitives.WriteUInt32BigEndian(span[4..], 100_000);
        BinaryPrimitives.WriteUInt32BigEndian(span[8..], (uint)(unixSeconds ?? 1_782_864_000));
        BinaryPrimitives.WriteUInt32BigEndian(span[16..], sequence);
        BinaryPrimitives.WriteUInt16BigEndian(span[22..], sampling == 0 ? (ushort)0 : (ushort)(0x4000 | sampling));
        for (var i = 0; i < records; i++)
        {
            var record = span[(24 + (i * 48))..];
            BinaryPrimitives.WriteUInt32BigEndian(record, 0xC6336400 | (uint)(i % 256));
            IPAddress.Parse(destination).TryWriteBytes(record[4..], out _);
            BinaryPrimitives.WriteUInt32BigEndian(record[16..], packets);
            BinaryPrimitives.WriteUInt32BigEndian(record[20..], packets * octetsEach);
            BinaryPrimitives.WriteUInt32BigEndian(record[24..], 100_000);
            BinaryPrimitives.WriteUInt32BigEndian(record[28..], 100_000);
            BinaryPrimitives.WriteUInt16BigEndian(record[32..], sourcePort);
            BinaryPrimitives.WriteUInt16BigEndian(record[34..], (ushort)(1024 + i));
            record[37] = flags;
            record[38] = protocol;
        }

        return bytes;
    }
}
