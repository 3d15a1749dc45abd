using System.Buffers.Binary;
using System.Text;

namespace Tsunagi.Tests.Protocols.Mail.Mime;

/// <summary>Writes TNEF files for tests: attributes of a message and of its files.</summary>
internal static class TnefSample
{
    public static byte[] File(params IEnumerable<byte[]> attributes) => [0x78, 0x9F, 0x3E, 0x22, 1, 0, .. attributes.SelectMany(static one => one)];

    public static byte[] Attribute(uint id, byte[] data, int checksum = -1)
    {
        var octets = new byte[9 + data.Length + 2];
        octets[0] = (byte)((id & 0xFFFF) >= 0x8000 && id is not 0x0006800F ? 1 : 2);
        BinaryPrimitives.WriteUInt32LittleEndian(octets.AsSpan(1), id);
        BinaryPrimitives.WriteUInt32LittleEndian(octets.AsSpan(5), (uint)data.Length);
        data.CopyTo(octets, 9);
        BinaryPrimitives.WriteUInt16LittleEndian(octets.AsSpan(9 + data.Length), (ushort)(checksum >= 0 ? checksum : data.Sum(static octet => octet)));
        return octets;
    }

    public static byte[] Begin() => Attribute(0x00069002, new byte[14]);

    public static byte[] Title(string name) => Attribute(0x00018010, [.. Encoding.Latin1.GetBytes(name), 0]);

    public static byte[] Data(byte[] content) => Attribute(0x0006800F, content);

    public static byte[] Codepage(uint codepage) => Attribute(0x00069007, [.. BitConverter.GetBytes(codepage), 0, 0, 0, 0]);

    public static byte[] Properties(params byte[][] properties) => Attribute(0x00069005, [.. BitConverter.GetBytes(properties.Length), .. properties.SelectMany(static one => one)]);

    /// <summary>A text or octets; of an object with the id of its interface before it.</summary>
    public static byte[] Property(ushort type, ushort id, byte[] value) =>
        [.. BitConverter.GetBytes(type), .. BitConverter.GetBytes(id), .. BitConverter.GetBytes(1), .. BitConverter.GetBytes(value.Length), .. value, .. new byte[(4 - (value.Length % 4)) % 4]];

    public static byte[] LongName(string name) => Property(0x001F, 0x3707, Encoding.Unicode.GetBytes(name + "\0"));

    public static byte[] Number(ushort id, int value) => [.. BitConverter.GetBytes((ushort)3), .. BitConverter.GetBytes(id), .. BitConverter.GetBytes(value)];

    /// <summary>A named property: by a number, or by a name.</summary>
    public static byte[] Named(string? name) => name is null
        ? [3, 0, 0, 0x80, .. new byte[16], 0, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0]
        : [3, 0, 1, 0x80, .. new byte[16], 1, 0, 0, 0, .. BitConverter.GetBytes(name.Length * 2), .. Encoding.Unicode.GetBytes(name), .. new byte[(4 - (name.Length * 2 % 4)) % 4], 7, 0, 0, 0];

    /// <summary>A file as Outlook writes it.</summary>
    public static byte[] With(string name, byte[] content) => File(Codepage(932), Begin(), Title(name), Data(content), Properties(Number(0x0E21, 1), LongName(name)));
}
