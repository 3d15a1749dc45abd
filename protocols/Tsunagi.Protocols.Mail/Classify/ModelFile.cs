using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// A model as octets. Little endian: "TSUNAGIM", format (1), version of the tokens (1), bits (1), 0; bias, threshold, slope, price of what is strange (64-bit floats each); shares of form and of pairs of
/// form below which a message is strange (32-bit floats each); spam and ham
/// trained with (32 bits each); the weights: their unit (32-bit float), how many (32 bits), each as the distance from the one before (7 bits an octet, the highest bit set when more follow) and
/// a multiple of the unit (16 bits, signed); the odds: how many (32 bits), each as its distance and a multiple of <see cref="TokenOdds.Unit"/> (8 bits, signed); SHA-256 of all before it.
/// </summary>
public static class ModelFile
{
    private const int HeadBytes = 8 + 4 + (4 * 8) + (4 * 4);
    private const byte Format = 3;

    private static ReadOnlySpan<byte> Magic => "TSUNAGIM"u8;

    /// <summary>Writes a model. Weights below a 65,536th of the largest are left away.</summary>
    public static byte[] Write(LinearModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var to = new ArrayBufferWriter<byte>(1 << 20);
        to.Advance(HeadOf(model, to.GetSpan(HeadBytes)));
        WriteWeights(to, model.Weights);
        WriteOdds(to, model.Odds);
        byte[] bytes = new byte[to.WrittenCount + SHA256.HashSizeInBytes];
        to.WrittenSpan.CopyTo(bytes);
        SHA256.HashData(to.WrittenSpan, bytes.AsSpan(to.WrittenCount));
        return bytes;
    }

    /// <summary>Reads a model. False, with the reason, for whatever is none, is damaged, or is of another version of tokens.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out LinearModel? model, out string problem)
    {
        model = null;
        if (bytes.Length < HeadBytes + SHA256.HashSizeInBytes || !bytes.StartsWith(Magic))
        {
            problem = "it is no model";
            return false;
        }

        if (bytes[8] != Format || bytes[9] != MessageTokens.Version)
        {
            problem = $"it is of format {bytes[8]} and tokens {bytes[9]}, this program reads format {Format} and tokens {MessageTokens.Version}: train it anew with tsunagi mail train";
            return false;
        }

        ReadOnlySpan<byte> signed = bytes[..^SHA256.HashSizeInBytes];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(signed, hash);
        if (!hash.SequenceEqual(bytes[^SHA256.HashSizeInBytes..]))
        {
            problem = "its checksum is wrong: it is damaged or cut";
            return false;
        }

        problem = "a value in it is out of range";
        int bits = bytes[10];
        double bias = BinaryPrimitives.ReadDoubleLittleEndian(bytes[12..]);
        double threshold = BinaryPrimitives.ReadDoubleLittleEndian(bytes[20..]);
        double slope = BinaryPrimitives.ReadDoubleLittleEndian(bytes[28..]);
        var familiarity = new Familiarity(BinaryPrimitives.ReadSingleLittleEndian(bytes[44..]), BinaryPrimitives.ReadSingleLittleEndian(bytes[48..]), BinaryPrimitives.ReadDoubleLittleEndian(bytes[36..]));
        int spam = BinaryPrimitives.ReadInt32LittleEndian(bytes[52..]);
        int ham = BinaryPrimitives.ReadInt32LittleEndian(bytes[56..]);
        bool inRange = bits is >= LinearModel.MinBits and <= LinearModel.MaxBits && double.IsFinite(bias) && double.IsFinite(threshold) && double.IsFinite(slope) && slope > 0 && spam >= 0 && ham >= 0
            && double.IsFinite(familiarity.Price) && familiarity is { Price: >= 0, Form: >= 0 and <= 1, Pairs: >= 0 and <= 1 };
        if (!inRange)
        {
            return false;
        }

        float[] weights = new float[1 << bits];
        sbyte[] odds = new sbyte[1 << TokenOdds.Bits(bits)];
        ReadOnlySpan<byte> tables = signed[HeadBytes..];
        if (!TryReadWeights(ref tables, weights) || !TryReadOdds(ref tables, odds) || !tables.IsEmpty)
        {
            return false;
        }

        model = new LinearModel(bits, weights, odds, bias, familiarity, threshold, slope, spam, ham);
        problem = "";
        return true;
    }

    private static int HeadOf(LinearModel model, Span<byte> head)
    {
        Magic.CopyTo(head);
        (head[8], head[9], head[10], head[11]) = (Format, MessageTokens.Version, (byte)model.Bits, 0);
        BinaryPrimitives.WriteDoubleLittleEndian(head[12..], model.Bias);
        BinaryPrimitives.WriteDoubleLittleEndian(head[20..], model.Threshold);
        BinaryPrimitives.WriteDoubleLittleEndian(head[28..], model.Slope);
        BinaryPrimitives.WriteDoubleLittleEndian(head[36..], model.Familiarity.Price);
        BinaryPrimitives.WriteSingleLittleEndian(head[44..], model.Familiarity.Form);
        BinaryPrimitives.WriteSingleLittleEndian(head[48..], model.Familiarity.Pairs);
        BinaryPrimitives.WriteInt32LittleEndian(head[52..], model.Spam);
        BinaryPrimitives.WriteInt32LittleEndian(head[56..], model.Ham);
        return HeadBytes;
    }

    private static void WriteWeights(ArrayBufferWriter<byte> to, ReadOnlySpan<float> weights)
    {
        float largest = 0;
        foreach (float weight in weights)
        {
            largest = Math.Max(largest, Math.Abs(weight));
        }

        float unit = largest > 0 ? largest / short.MaxValue : 1;
        int count = 0;
        foreach (float weight in weights)
        {
            count += Steps(weight, unit) != 0 ? 1 : 0;
        }

        BinaryPrimitives.WriteSingleLittleEndian(to.GetSpan(4), unit);
        to.Advance(4);
        WriteCount(to, count);
        int before = -1;
        for (int i = 0; i < weights.Length; i++)
        {
            short steps = Steps(weights[i], unit);
            if (steps != 0)
            {
                WriteDistance(to, i - before);
                BinaryPrimitives.WriteInt16LittleEndian(to.GetSpan(2), steps);
                to.Advance(2);
                before = i;
            }
        }
    }

    private static short Steps(float value, float unit) => (short)Math.Clamp(MathF.Round(value / unit), short.MinValue, short.MaxValue);

    private static void WriteOdds(ArrayBufferWriter<byte> to, ReadOnlySpan<sbyte> odds)
    {
        WriteCount(to, odds.Length - odds.Count((sbyte)0));
        int before = -1;
        for (int i = 0; i < odds.Length; i++)
        {
            if (odds[i] != 0)
            {
                WriteDistance(to, i - before);
                to.GetSpan(1)[0] = (byte)odds[i];
                to.Advance(1);
                before = i;
            }
        }
    }

    private static void WriteCount(ArrayBufferWriter<byte> to, int count)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to.GetSpan(4), count);
        to.Advance(4);
    }

    private static void WriteDistance(ArrayBufferWriter<byte> to, int distance)
    {
        Span<byte> room = to.GetSpan(5);
        int at = 0;
        for (; distance >= 0x80; distance >>= 7)
        {
            room[at++] = (byte)(distance | 0x80);
        }

        room[at++] = (byte)distance;
        to.Advance(at);
    }

    private static bool TryReadWeights(ref ReadOnlySpan<byte> from, float[] weights)
    {
        if (from.Length < 4)
        {
            return false;
        }

        float unit = BinaryPrimitives.ReadSingleLittleEndian(from);
        from = from[4..];
        if (!float.IsFinite(unit) || unit <= 0 || !TryReadCount(ref from, weights.Length, 3, out int count))
        {
            return false;
        }

        long place = -1;
        for (int i = 0; i < count; i++)
        {
            if (!TryReadPlace(ref from, weights.Length, 2, ref place))
            {
                return false;
            }

            weights[place] = BinaryPrimitives.ReadInt16LittleEndian(from) * unit;
            from = from[2..];
        }

        return true;
    }

    private static bool TryReadOdds(ref ReadOnlySpan<byte> from, sbyte[] odds)
    {
        if (!TryReadCount(ref from, odds.Length, 2, out int count))
        {
            return false;
        }

        long place = -1;
        for (int i = 0; i < count; i++)
        {
            if (!TryReadPlace(ref from, odds.Length, 1, ref place))
            {
                return false;
            }

            odds[place] = (sbyte)from[0];
            from = from[1..];
        }

        return true;
    }

    private static bool TryReadCount(ref ReadOnlySpan<byte> from, int most, int leastBytes, out int count)
    {
        count = 0;
        if (from.Length < 4)
        {
            return false;
        }

        count = BinaryPrimitives.ReadInt32LittleEndian(from);
        from = from[4..];
        return count >= 0 && count <= most && count <= from.Length / leastBytes;
    }

    // The distance is read, the value behind it is there.
    private static bool TryReadPlace(ref ReadOnlySpan<byte> from, int places, int valueBytes, ref long place)
    {
        if (!TryReadDistance(ref from, out int distance))
        {
            return false;
        }

        place += distance;
        return distance != 0 && place < places && from.Length >= valueBytes;
    }

    private static bool TryReadDistance(ref ReadOnlySpan<byte> from, out int distance)
    {
        distance = 0;
        for (int shift = 0; shift <= 21 && !from.IsEmpty; shift += 7)
        {
            byte octet = from[0];
            from = from[1..];
            distance |= (octet & 0x7F) << shift;
            if (octet < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
