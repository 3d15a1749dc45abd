using System.Buffers;

namespace Tsunagi.Protocols.Mail.Dkim;

/// <summary>Header fields in the form that is hashed (RFC 6376 sections 3.4.1 and 3.4.2), and which fields are hashed (section 5.4.2).</summary>
internal static class HeaderCanonicalizer
{
    /// <summary>Writes one field with its line end.</summary>
    /// <param name="field">Name, colon and body as they stand.</param>
    /// <param name="how">Which of the two forms.</param>
    /// <param name="output">Where to.</param>
    /// <param name="isLast">It is the signature itself, which is written without its line end (section 3.7).</param>
    public static void Write(ReadOnlySpan<byte> field, Canonicalization how, ArrayBufferWriter<byte> output, bool isLast = false)
    {
        if (how == Canonicalization.Simple)
        {
            output.Write(field);
        }
        else
        {
            WriteRelaxed(field, output);
        }

        if (!isLast)
        {
            output.Write("\r\n"u8);
        }
    }

    /// <summary>
    /// Writes the fields that h= names: of a name that stands there n times, the n lowest, from the bottom up; a name without a field gives nothing.
    /// The field at <paramref name="except"/> is passed over: no signature signs itself.
    /// </summary>
    public static void WriteSigned(HeaderSection header, IReadOnlyList<string> names, Canonicalization how, int except, ArrayBufferWriter<byte> output)
    {
        var taken = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (string name in names)
        {
            IReadOnlyList<int> places = header.Find(name);
            int next = taken.GetValueOrDefault(name, places.Count) - 1;
            if (next >= 0 && places[next] == except)
            {
                next--;
            }

            taken[name] = next;
            if (next >= 0)
            {
                Write(header.Raw(places[next]), how, output);
            }
        }
    }

    /// <summary>Writes a signature's own field with its b= emptied, without a line end.</summary>
    public static void WriteUnsigned(ReadOnlySpan<byte> field, int bodyStart, TagList tags, Canonicalization how, ArrayBufferWriter<byte> output)
    {
        tags.TryFind("b", out int start, out int length);
        byte[] empty = [.. field[..(bodyStart + start)], .. field[(bodyStart + start + length)..]];
        Write(empty, how, output, isLast: true);
    }

    // Name in lower case, no white space around the colon, folds undone, white space within the body as one space and none at its end.
    private static void WriteRelaxed(ReadOnlySpan<byte> field, ArrayBufferWriter<byte> output)
    {
        Span<byte> room = output.GetSpan(field.Length + 1);
        int length = 0;
        int colon = field.IndexOf((byte)':');
        foreach (byte octet in field[..colon].TrimEnd(" \t"u8))
        {
            room[length++] = octet is >= (byte)'A' and <= (byte)'Z' ? (byte)(octet | 0x20) : octet;
        }

        room[length++] = (byte)':';
        int bodyStart = length;
        bool space = false;
        for (int i = colon + 1; i < field.Length; i++)
        {
            byte octet = field[i];
            if (octet is (byte)' ' or (byte)'\t')
            {
                space = true;
                continue;
            }

            // An LF stands in a fold only; a CR that no LF follows is text.
            if (octet == '\n' || (octet == '\r' && i + 1 < field.Length && field[i + 1] == '\n'))
            {
                continue;
            }

            if (space && length > bodyStart)
            {
                room[length++] = (byte)' ';
            }

            space = false;
            room[length++] = octet;
        }

        output.Advance(length);
    }
}
