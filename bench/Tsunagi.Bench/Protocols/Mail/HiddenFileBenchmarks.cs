using System.Buffers.Binary;
using System.Text;
using BenchmarkDotNet.Attributes;
using Tsunagi.Protocols.Mail.Mime;

namespace Tsunagi.Bench.Protocols.Mail;

/// <summary>
/// <c>./tsunagi bench '*HiddenFile*'</c> on the shared two-core build machine, .NET 10.0, much other work running (times are upper bounds):
/// <code>
/// | Method    | Mean      | Allocated |
/// |---------- |----------:|----------:|
/// | Prose     |  4.3 us   |         - |
/// | Uuencoded | 41.8 us   |  28,168 B |
/// | Winmail   | 12.4 us   |   2,784 B |
/// </code>
/// </summary>
[MemoryDiagnoser]
public class HiddenFileBenchmarks
{
    private readonly byte[] _prose = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("We begin with what was said before, line by line.\r\n", 320)));
    private readonly byte[] _uuencoded = Encoding.ASCII.GetBytes("begin 644 a.bin\r\n" + string.Concat(Enumerable.Repeat("M" + new string('#', 60) + "\r\n", 260)) + "`\r\nend\r\n");
    private readonly byte[] _tnef = Tnef16();

    /// <summary>16 KB of text without a file: what every message pays.</summary>
    [Benchmark]
    public bool Prose() => Uuencode.TryFind(_prose, 0, out _);

    /// <summary>16 KB of a uuencoded file, found and decoded.</summary>
    [Benchmark]
    public int Uuencoded() => Uuencode.TryFind(_uuencoded, 0, out UuencodedFile file) ? Uuencode.Decode(_uuencoded, file, int.MaxValue, out _).Length : 0;

    /// <summary>16 files of 1 KB each.</summary>
    [Benchmark]
    public int Winmail() => Tnef.TryRead(_tnef, null, out Tnef? tnef) ? tnef!.Attachments.Count : 0;

    private static byte[] Tnef16()
    {
        var file = new List<byte> { 0x78, 0x9F, 0x3E, 0x22, 1, 0 };
        for (int i = 0; i < 16; i++)
        {
            Add(file, 0x00069002, new byte[14]);
            Add(file, 0x00018010, Encoding.ASCII.GetBytes($"file {i}.txt\0"));
            Add(file, 0x0006800F, new byte[1024]);
        }

        return [.. file];
    }

    private static void Add(List<byte> file, uint id, byte[] data)
    {
        byte[] head = new byte[9];
        head[0] = 2;
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(1), id);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(5), (uint)data.Length);
        int sum = data.Sum(static octet => octet);
        file.AddRange([.. head, .. data, (byte)sum, (byte)(sum >> 8)]);
    }
}
