using System.Text;

namespace Tsunagi.Protocols.Mail.Links;

/// <summary>
/// Punycode (RFC 3492): the letters of a label without ASCII's limits as letters, digits and hyphens. Labels alone, without "xn--"; what a label may hold (RFC 5892) is not asked, and nothing is folded.
/// Bad input is an answer, never an exception, unlike <see cref="System.Globalization.IdnMapping"/>.
/// </summary>
public static class Punycode
{
    // RFC 3492 section 5.
    private const int Base = 36, TMin = 1, TMax = 26, Skew = 38, Damp = 700, InitialBias = 72, InitialN = 0x80;
    private const int MostRunes = 63;

    /// <summary>The label that a punycode text stands for, as UTF-16.</summary>
    /// <param name="text">What follows "xn--".</param>
    /// <param name="label">Room: 126 characters are always enough for a label of the DNS.</param>
    /// <param name="length">Characters written.</param>
    /// <returns>False for what no label encodes to: wrong letters, an overflow, more than 63 code points, a surrogate; and where the room is too small.</returns>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<char> label, out int length)
    {
        length = 0;
        Span<int> runes = stackalloc int[MostRunes];
        int count = text.LastIndexOf('-');
        if (count > MostRunes)
        {
            return false;
        }

        for (int i = 0; i < count; i++)
        {
            if (text[i] >= 0x80)
            {
                return false;
            }

            runes[i] = text[i];
        }

        // RFC 3492 section 6.2.
        int at = count < 0 ? 0 : count + 1;
        (count, int n, int index, int bias) = (Math.Max(count, 0), InitialN, 0, InitialBias);
        while (at < text.Length)
        {
            (int before, int weight) = (index, 1);
            for (int k = Base; ; k += Base)
            {
                if (at == text.Length || DigitOf(text[at++]) is not (>= 0 and var digit) || digit > (int.MaxValue - index) / weight)
                {
                    return false;
                }

                index += digit * weight;
                int threshold = Threshold(k, bias);
                if (digit < threshold)
                {
                    break;
                }

                if (weight > int.MaxValue / (Base - threshold))
                {
                    return false;
                }

                weight *= Base - threshold;
            }

            if (count == MostRunes)
            {
                return false;
            }

            bias = Adapt(index - before, count + 1, before == 0);
            if (index / (count + 1) > 0x10FFFF - n)
            {
                return false;
            }

            n += index / (count + 1);
            index %= count + 1;
            runes[index..count].CopyTo(runes[(index + 1)..]);
            runes[index++] = n;
            count++;
        }

        foreach (int value in runes[..count])
        {
            if (!Rune.TryCreate(value, out Rune rune) || !rune.TryEncodeToUtf16(label[length..], out int written))
            {
                return false;
            }

            length += written;
        }

        return true;
    }

    /// <summary>The punycode text of a label.</summary>
    /// <param name="label">UTF-16, at most 63 code points.</param>
    /// <param name="text">Room for what follows "xn--"; 59 characters are as long as a label of the DNS can be.</param>
    /// <param name="length">Characters written.</param>
    /// <returns>False for half surrogates, more than 63 code points, and where the room is too small.</returns>
    public static bool TryEncode(ReadOnlySpan<char> label, Span<char> text, out int length)
    {
        length = 0;
        Span<int> runes = stackalloc int[MostRunes];
        int count = 0;
        for (int at = 0; at < label.Length;)
        {
            if (count == MostRunes || Rune.DecodeFromUtf16(label[at..], out Rune rune, out int used) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            runes[count++] = rune.Value;
            at += used;
            if (rune.IsAscii)
            {
                if (length == text.Length)
                {
                    return false;
                }

                text[length++] = (char)rune.Value;
            }
        }

        // RFC 3492 section 6.3.
        int basic = length;
        if (basic > 0)
        {
            if (length == text.Length)
            {
                return false;
            }

            text[length++] = '-';
        }

        (int n, int delta, int bias, int done) = (InitialN, 0, InitialBias, basic);
        while (done < count)
        {
            int next = int.MaxValue;
            foreach (int value in runes[..count])
            {
                next = value >= n && value < next ? value : next;
            }

            // At most 0x10FFFF times 64: no overflow.
            delta += (next - n) * (done + 1);
            n = next;
            foreach (int value in runes[..count])
            {
                delta += value < n ? 1 : 0;
                if (value != n)
                {
                    continue;
                }

                if (!TryWrite(delta, bias, text, ref length))
                {
                    return false;
                }

                bias = Adapt(delta, done + 1, done == basic);
                delta = 0;
                done++;
            }

            delta++;
            n++;
        }

        return true;
    }

    private static bool TryWrite(int delta, int bias, Span<char> text, ref int length)
    {
        int left = delta;
        for (int k = Base; ; k += Base)
        {
            int threshold = Threshold(k, bias);
            bool isLast = left < threshold;
            int digit = isLast ? left : threshold + ((left - threshold) % (Base - threshold));
            if (length == text.Length)
            {
                return false;
            }

            text[length++] = (char)(digit < 26 ? 'a' + digit : '0' + digit - 26);
            if (isLast)
            {
                return true;
            }

            left = (left - threshold) / (Base - threshold);
        }
    }

    private static int Threshold(int k, int bias) => Math.Clamp(k - bias, TMin, TMax);

    // RFC 3492 section 6.1.
    private static int Adapt(int delta, int points, bool isFirst)
    {
        delta = isFirst ? delta / Damp : delta / 2;
        delta += delta / points;
        int k = 0;
        for (; delta > (Base - TMin) * TMax / 2; k += Base)
        {
            delta /= Base - TMin;
        }

        return k + ((Base - TMin + 1) * delta / (delta + Skew));
    }

    private static int DigitOf(char c) => c switch
    {
        >= 'a' and <= 'z' => c - 'a',
        >= 'A' and <= 'Z' => c - 'A',
        >= '0' and <= '9' => c - '0' + 26,
        _ => -1,
    };
}
