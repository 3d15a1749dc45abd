using Tsunagi.Protocols.Mail.Mime;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Mime;

/// <summary>Texts with files in them: nothing throws, files lie beside each other, decoding makes nothing larger, and what is written is read.</summary>
public sealed class UuencodeFuzz : FuzzTarget
{
    public override string Name => "mime.uuencode";

    public override IReadOnlyList<Type> Parsers => [typeof(Uuencode)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("begin ", "begin-base64 ", "begin 644 a.txt\r\n", "644 ", "777777 ", "#0V%T", "`\r\n", "end\r\n", "====", "\r\n", "\n", " ", "M", "prose in small letters\r\n");

    public override byte[] Generate(Random random)
    {
        var text = "";
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var octets = new byte[random.Next(0, 120)];
            random.NextBytes(octets);
            text += Pick(random, "hello\r\n", "", "We begin here\nbegin 644 prose\nsmall\n") + (random.Next(3) == 0
                ? $"begin-base64 644 f{i}\r\n{Convert.ToBase64String(octets)}\r\n====\r\n"
                : $"begin {Pick(random, "644", "0755", "12")} f{i}{Pick(random, "", " x", "\u0001")}\r\n{Write(octets)}{Pick(random, "`\r\n", " \r\n", "")}{Pick(random, "end\r\n", "")}");
        }

        return Octets.Of(text);
    }

    public override void Run(byte[] input)
    {
        var from = 0;
        while (Uuencode.TryFind(input, from, out var file))
        {
            Promise(file.Start >= from && file.Start < file.DataStart && file.DataStart <= file.DataEnd && file.DataEnd <= file.End && file.End <= input.Length, "a file has its place behind the one before");
            Promise(file.Name.Length is > 0 and <= 255 && !file.Name.Any(char.IsControl), "a name is clean and short");
            var whole = Uuencode.Decode(input, file, int.MaxValue, out _);
            Promise(whole.Length <= Math.Max(0, file.DataEnd - file.DataStart), "decoding makes nothing larger");
            Promise(Uuencode.Decode(input, file, 7, out _).AsSpan().SequenceEqual(whole.AsSpan(0, Math.Min(7, whole.Length))), "a limit cuts and changes nothing");
            if (!file.IsBase64)
            {
                var again = Octets.Of("begin 644 x\n" + Write(whole) + "`\nend\n");
                Promise(Uuencode.TryFind(again, 0, out var second) && Uuencode.Decode(again, second, int.MaxValue, out var isFlawed).AsSpan().SequenceEqual(whole) && !isFlawed, "what is written is read");
            }

            from = file.End;
        }
    }

    internal static string Write(byte[] octets) => string.Concat(octets.Chunk(45).Select(static line =>
    {
        static char Of(int value) => value == 0 ? '`' : (char)(32 + value);
        var text = Of(line.Length).ToString();
        for (var i = 0; i < line.Length; i += 3)
        {
            var group = (line[i] << 16) | ((i + 1 < line.Length ? line[i + 1] : 0) << 8) | (i + 2 < line.Length ? line[i + 2] : 0);
            text += string.Concat(Of(group >> 18), Of((group >> 12) & 63), Of((group >> 6) & 63), Of(group & 63));
        }

        return text + "\r\n";
    }));
}
