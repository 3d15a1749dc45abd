using System.Globalization;
using System.Text;

namespace Tsunagi.Ui.Qr;

/// <summary>
/// A QR code (ISO/IEC 18004) of a text as bytes, error correction level M, versions 1–20: enough for an authenticator's URI. Steps: (1) the data
/// bits, padded; (2) blocks with Reed–Solomon remainders, interleaved; (3) the fixed patterns; (4) the bits in their zigzag; (5) the mask with the
/// lowest penalty, and the format bits that name it.
/// </summary>
public sealed class QrCode
{
    /// <summary>The longest text in bytes.</summary>
    public const int MostBytes = 666;

    private const int HighestVersion = 20;

    // Table 9, level M, by version: remainder codewords a block, and blocks.
    private static readonly int[] RemainderLength = [0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
    private static readonly int[] Blocks = [0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];

    private readonly int _version;
    private readonly bool[,] _dark;
    private readonly bool[,] _fixed;

    private QrCode(int version)
    {
        _version = version;
        Size = (version * 4) + 17;
        _dark = new bool[Size, Size];
        _fixed = new bool[Size, Size];
    }

    /// <summary>Modules a side, without the quiet zone.</summary>
    public int Size { get; }

    public bool this[int x, int y] => _dark[y, x];

    /// <exception cref="ArgumentException">The text is longer than <see cref="MostBytes"/>.</exception>
    public static QrCode Of(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var version = Enumerable.Range(1, HighestVersion).FirstOrDefault(v => bytes.Length + (v < 10 ? 2 : 3) <= DataLength(v));
        if (version == 0)
        {
            throw new ArgumentException($"a QR code holds {MostBytes} bytes here, the text has {bytes.Length}", nameof(text));
        }

        var code = new QrCode(version);
        var data = DataWords(bytes, version);
        var words = Interleaved(data, version);
        code.DrawFixedPatterns();
        code.DrawWords(words);
        code.ChooseMask();
        return code;
    }

    /// <summary>An SVG of dark modules in the current colour on white, with the quiet zone of four modules.</summary>
    public string ToSvg(string label)
    {
        var path = new StringBuilder();
        for (var y = 0; y < Size; y++)
        {
            for (var x = 0; x < Size; x++)
            {
                if (_dark[y, x])
                {
                    path.Append(CultureInfo.InvariantCulture, $"M{x + 4} {y + 4}h1v1h-1z");
                }
            }
        }

        var side = Size + 8;
        return $"<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\"{System.Net.WebUtility.HtmlEncode(label)}\" shape-rendering=\"crispEdges\"><rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>";
    }

    // (1) Mode 0100, length of 8 or 16 bits, the bytes, a terminator of up to 4 bits, then EC 11 EC 11 …
    private static byte[] DataWords(byte[] bytes, int version)
    {
        var bits = new List<bool>();
        Append(bits, 0b0100, 4);
        Append(bits, bytes.Length, version < 10 ? 8 : 16);
        foreach (var value in bytes)
        {
            Append(bits, value, 8);
        }

        var capacity = DataLength(version) * 8;
        Append(bits, 0, Math.Min(4, capacity - bits.Count));
        Append(bits, 0, (8 - (bits.Count % 8)) % 8);
        for (var pad = 0xEC; bits.Count < capacity; pad ^= 0xEC ^ 0x11)
        {
            Append(bits, pad, 8);
        }

        var words = new byte[bits.Count / 8];
        for (var i = 0; i < bits.Count; i++)
        {
            words[i / 8] |= (byte)((bits[i] ? 1 : 0) << (7 - (i % 8)));
        }

        return words;
    }

    // (2) The first blocks are one word shorter than the last ones where the data does not divide evenly.
    private static byte[] Interleaved(byte[] data, int version)
    {
        var (blocks, remainder, all) = (Blocks[version], RemainderLength[version], AllWords(version));
        var shortBlocks = blocks - (all % blocks);
        var shortData = (all / blocks) - remainder;
        var divisor = Divisor(remainder);
        var parts = new List<(byte[] Data, byte[] Check)>();
        for (int i = 0, at = 0; i < blocks; i++)
        {
            var length = shortData + (i < shortBlocks ? 0 : 1);
            var part = data[at..(at + length)];
            parts.Add((part, Remainder(part, divisor)));
            at += length;
        }

        var words = new List<byte>(all);
        for (var i = 0; i <= shortData; i++)
        {
            words.AddRange(parts.Where(part => i < part.Data.Length).Select(part => part.Data[i]));
        }

        for (var i = 0; i < remainder; i++)
        {
            words.AddRange(parts.Select(part => part.Check[i]));
        }

        return [.. words];
    }

    // (3)
    private void DrawFixedPatterns()
    {
        for (var i = 0; i < Size; i++)
        {
            Fix(6, i, i % 2 == 0);
            Fix(i, 6, i % 2 == 0);
        }

        DrawFinder(3, 3);
        DrawFinder(Size - 4, 3);
        DrawFinder(3, Size - 4);
        var places = AlignmentPlaces();
        for (var i = 0; i < places.Length; i++)
        {
            for (var j = 0; j < places.Length; j++)
            {
                var corner = (i == 0 && j == 0) || (i == 0 && j == places.Length - 1) || (i == places.Length - 1 && j == 0);
                if (!corner)
                {
                    DrawAlignment(places[i], places[j]);
                }
            }
        }

        DrawFormat(0);
        DrawVersion();
    }

    private void DrawFinder(int x, int y)
    {
        for (var dy = -4; dy <= 4; dy++)
        {
            for (var dx = -4; dx <= 4; dx++)
            {
                var ring = Math.Max(Math.Abs(dx), Math.Abs(dy));
                if (x + dx >= 0 && x + dx < Size && y + dy >= 0 && y + dy < Size)
                {
                    Fix(x + dx, y + dy, ring is not (2 or 4));
                }
            }
        }
    }

    private void DrawAlignment(int x, int y)
    {
        for (var dy = -2; dy <= 2; dy++)
        {
            for (var dx = -2; dx <= 2; dx++)
            {
                Fix(x + dx, y + dy, Math.Max(Math.Abs(dx), Math.Abs(dy)) != 1);
            }
        }
    }

    // Level M is 00; BCH(15,5) with generator 10100110111, then XOR 101010000010010.
    private void DrawFormat(int mask)
    {
        var rest = mask;
        for (var i = 0; i < 10; i++)
        {
            rest = (rest << 1) ^ ((rest >> 9) * 0x537);
        }

        var bits = ((mask << 10) | rest) ^ 0x5412;
        for (var i = 0; i <= 5; i++)
        {
            Fix(8, i, Bit(bits, i));
        }

        Fix(8, 7, Bit(bits, 6));
        Fix(8, 8, Bit(bits, 7));
        Fix(7, 8, Bit(bits, 8));
        for (var i = 9; i < 15; i++)
        {
            Fix(14 - i, 8, Bit(bits, i));
        }

        for (var i = 0; i < 8; i++)
        {
            Fix(Size - 1 - i, 8, Bit(bits, i));
        }

        for (var i = 8; i < 15; i++)
        {
            Fix(8, Size - 15 + i, Bit(bits, i));
        }

        Fix(8, Size - 8, true);
    }

    // BCH(18,6) with generator 1111100100101, from version 7 on.
    private void DrawVersion()
    {
        if (_version < 7)
        {
            return;
        }

        var rest = _version;
        for (var i = 0; i < 12; i++)
        {
            rest = (rest << 1) ^ ((rest >> 11) * 0x1F25);
        }

        var bits = (_version << 12) | rest;
        for (var i = 0; i < 18; i++)
        {
            var (a, b) = (Size - 11 + (i % 3), i / 3);
            Fix(a, b, Bit(bits, i));
            Fix(b, a, Bit(bits, i));
        }
    }

    // (4) Two columns at a time from the right, up and down in turn, leaving out the vertical timing column.
    private void DrawWords(byte[] words)
    {
        var i = 0;
        for (var right = Size - 1; right >= 1; right -= 2)
        {
            if (right == 6)
            {
                right = 5;
            }

            for (var step = 0; step < Size; step++)
            {
                for (var column = 0; column < 2; column++)
                {
                    var x = right - column;
                    var y = ((right + 1) & 2) == 0 ? Size - 1 - step : step;
                    if (!_fixed[y, x] && i < words.Length * 8)
                    {
                        _dark[y, x] = Bit(words[i / 8], 7 - (i % 8));
                        i++;
                    }
                }
            }
        }
    }

    // (5)
    private void ChooseMask()
    {
        var best = Enumerable.Range(0, 8).MinBy(mask =>
        {
            ApplyMask(mask);
            DrawFormat(mask);
            var penalty = Penalty();
            ApplyMask(mask);
            return penalty;
        });
        ApplyMask(best);
        DrawFormat(best);
    }

    private void ApplyMask(int mask)
    {
        for (var y = 0; y < Size; y++)
        {
            for (var x = 0; x < Size; x++)
            {
                var flips = mask switch
                {
                    0 => (x + y) % 2 == 0,
                    1 => y % 2 == 0,
                    2 => x % 3 == 0,
                    3 => (x + y) % 3 == 0,
                    4 => ((x / 3) + (y / 2)) % 2 == 0,
                    5 => (x * y % 2) + (x * y % 3) == 0,
                    6 => ((x * y % 2) + (x * y % 3)) % 2 == 0,
                    _ => (((x + y) % 2) + (x * y % 3)) % 2 == 0,
                };
                _dark[y, x] ^= flips && !_fixed[y, x];
            }
        }
    }

    // Section 7.8.3.1: runs of five and more, 2 × 2 squares, finder-like runs, and an uneven share of dark.
    private int Penalty()
    {
        var penalty = 0;
        var dark = 0;
        for (var i = 0; i < Size; i++)
        {
            penalty += RunPenalty(j => _dark[i, j]) + RunPenalty(j => _dark[j, i]);
            for (var j = 0; j < Size; j++)
            {
                dark += _dark[i, j] ? 1 : 0;
                if (i > 0 && j > 0 && _dark[i, j] == _dark[i - 1, j] && _dark[i, j] == _dark[i, j - 1] && _dark[i, j] == _dark[i - 1, j - 1])
                {
                    penalty += 3;
                }
            }
        }

        return penalty + (10 * (Math.Abs((dark * 20) - (Size * Size * 10)) / (Size * Size)));
    }

    private int RunPenalty(Func<int, bool> at)
    {
        var penalty = 0;
        var run = 0;
        var window = 0;
        for (var j = 0; j < Size; j++)
        {
            run = j > 0 && at(j) == at(j - 1) ? run + 1 : 1;
            penalty += run == 5 ? 3 : run > 5 ? 1 : 0;
            window = ((window << 1) | (at(j) ? 1 : 0)) & 0x7FF;
            if (j >= 10 && window is 0b00001011101 or 0b10111010000)
            {
                penalty += 40;
            }
        }

        return penalty;
    }

    private int[] AlignmentPlaces()
    {
        if (_version == 1)
        {
            return [];
        }

        var count = (_version / 7) + 2;
        var step = ((_version * 8) + (count * 3) + 5) / ((count * 4) - 4) * 2;
        return [6, .. Enumerable.Range(0, count - 1).Select(i => Size - 7 - ((count - 2 - i) * step))];
    }

    private void Fix(int x, int y, bool dark)
    {
        _dark[y, x] = dark;
        _fixed[y, x] = true;
    }

    private static int AllWords(int version)
    {
        var bits = (((16 * version) + 128) * version) + 64;
        if (version >= 2)
        {
            var alignments = (version / 7) + 2;
            bits -= (((25 * alignments) - 10) * alignments) - 55;
            bits -= version >= 7 ? 36 : 0;
        }

        return bits / 8;
    }

    private static int DataLength(int version) => AllWords(version) - (RemainderLength[version] * Blocks[version]);

    private static byte[] Divisor(int degree)
    {
        var result = new byte[degree];
        result[degree - 1] = 1;
        byte root = 1;
        for (var i = 0; i < degree; i++)
        {
            for (var j = 0; j < degree; j++)
            {
                result[j] = (byte)(Multiply(result[j], root) ^ (j + 1 < degree ? result[j + 1] : 0));
            }

            root = Multiply(root, 2);
        }

        return result;
    }

    private static byte[] Remainder(byte[] data, byte[] divisor)
    {
        var result = new byte[divisor.Length];
        foreach (var value in data)
        {
            var factor = (byte)(value ^ result[0]);
            Array.Copy(result, 1, result, 0, result.Length - 1);
            result[^1] = 0;
            for (var i = 0; i < result.Length; i++)
            {
                result[i] ^= Multiply(divisor[i], factor);
            }
        }

        return result;
    }

    // GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1.
    private static byte Multiply(byte a, byte b)
    {
        var product = 0;
        for (var i = 7; i >= 0; i--)
        {
            product = (product << 1) ^ ((product >> 7) * 0x11D);
            product ^= ((b >> i) & 1) * a;
        }

        return (byte)product;
    }

    private static void Append(List<bool> bits, int value, int count)
    {
        for (var i = count - 1; i >= 0; i--)
        {
            bits.Add(Bit(value, i));
        }
    }

    private static bool Bit(int value, int index) => ((value >> index) & 1) != 0;
}
