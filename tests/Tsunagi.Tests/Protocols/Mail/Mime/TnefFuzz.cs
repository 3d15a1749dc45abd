using System.Text;
using Tsunagi.Protocols.Mail.Mime;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Mime;

/// <summary>winmail.dat of strangers: nothing throws, limits hold, files lie within the octets they were read from, names are clean.</summary>
public sealed class TnefFuzz : FuzzTarget
{
    public override string Name => "mime.tnef";

    public override IReadOnlyList<Type> Parsers => [typeof(Tnef)];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        [0x78, 0x9F, 0x3E, 0x22], [2, 0x90, 6, 0], [0x10, 0x80, 1, 0], [0x0F, 0x80, 6, 0], [5, 0x90, 6, 0], [0x1F, 0], [0x1E, 0], [0x0D, 0], [2, 1], [0x1F, 0x10], [0x48, 0], [0x40, 0], [7, 0x37], [1, 0x37], [0xFF, 0xFF, 0xFF, 0xFF], [1, 0, 0, 0], [0, 0x80],
    ];

    public override byte[] Generate(Random random)
    {
        var attributes = new List<byte[]>();
        if (random.Next(2) == 0)
        {
            attributes.Add(TnefSample.Codepage(Pick<uint>(random, 932, 65001, 51932, 1250, 1251, 1252, 936, 949, 950, 12)));
        }

        for (var i = random.Next(0, 4); i > 0; i--)
        {
            attributes.Add(TnefSample.Begin());
            for (var part = random.Next(0, 4); part > 0; part--)
            {
                attributes.Add(random.Next(5) switch
                {
                    0 => TnefSample.Title(Pick(random, "a.exe", "b", "", "\u0001x", new string('n', 40))),
                    1 => TnefSample.Data(Encoding.ASCII.GetBytes(Pick(random, "MZ", "", "content"))),
                    2 => TnefSample.Attribute(Pick<uint>(random, 0x00069001, 0x00069003, 0x0002800C), [1, 2, 3, 4], random.Next(3) == 0 ? 1 : -1),
                    _ => Properties(random),
                });
            }
        }

        byte[] file = TnefSample.File(attributes);
        return random.Next(6) switch { 0 => [.. file, 0, 0], 1 => [.. file, 1, 2], 2 => file[..random.Next(file.Length)], _ => file };
    }

    public override void Run(byte[] input)
    {
        if (!Tnef.TryRead(input, new TnefLimits { Attributes = 40, Attachments = 5, Properties = 6, Names = 2, NameCharacters = 20 }, out var tnef))
        {
            Promise(!Tnef.Is(input), "what begins as one is read");
            return;
        }

        Promise(tnef!.Attachments.Count <= 5, "the limit of files holds");
        foreach (var file in tnef.Attachments)
        {
            Promise(file.Start >= 0 && file.Length >= 0 && file.Start + (long)file.Length <= input.Length, "a file lies within what it was read from");
            Promise(file.Names.Length <= 2 && file.Names.All(static name => name.Length is > 0 and <= 20 && !name.Any(char.IsControl)), "names are few, clean and short");
            Promise(file.Length > 0 || file.Start == 0 || file.Start <= input.Length, "an empty file has a place");
        }
    }

    private static byte[] Properties(Random random)
    {
        var properties = new List<byte[]>();
        for (var i = random.Next(0, 5); i > 0; i--)
        {
            properties.Add(random.Next(8) switch
            {
                0 => TnefSample.LongName(Pick(random, "long.exe", "\u65E5\u672C", "")),
                1 => TnefSample.Property(0x001E, 0x3704, "short.exe\0"u8.ToArray()),
                2 => TnefSample.Property(0x000D, 0x3701, new byte[random.Next(0, 30)]),
                3 => TnefSample.Property(0x0102, 0x3701, [1, 2, 3]),
                4 => TnefSample.Named(random.Next(2) == 0 ? null : "name"),
                5 => [.. BitConverter.GetBytes(Pick<ushort>(random, 2, 5, 0x40, 0x48, 0x1003, 0x0099)), 1, 0, .. new byte[random.Next(0, 5) * 4]],
                6 => [0x1F, 0x10, 1, 0, 2, 0, 0, 0, 2, 0, 0, 0, (byte)'a', 0, 0, 0, 2, 0, 0, 0, (byte)'b', 0, 0, 0],
                _ => TnefSample.Number(0x0E21, 1),
            });
        }

        return TnefSample.Properties([.. properties]);
    }
}
