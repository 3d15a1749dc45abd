using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// A model as octets. Little endian: "TSUNAGIM", format (1), version of the tokens (1), bits (1), 0; bias, threshold, slope (64-bit floats each); spam and ham
/// trained with (32 bits each); the unit of weights (32-bit float); how many weights (32 bits); each weight as the distance from the one before (7 bits an octet, the highest bit set when more follow) and a
/// multiple of the unit (16 bits, signed); SHA-256 of all before it.
/// </summary>
public static class ModelFile
{
    private const int HeadBytes = 8 + 4 + (3 * 8) + (2 * 4) + 4 + 4;
    private const byte Format = 1;

    private static ReadOnlySpan<byte> Magic => "TSUNAGIM"u8;

    /// <summary>Writes a model. Weights below a 65,536th of the largest are left away.</summary>
    public static byte[] Write(LinearModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        ReadOnlySpan<float> weights = model.Weights;
        float largest = 0;
        foreach (float weight in weights)
        {
            largest = Math.Max(largest, Math.Abs(weight));
        }

        float unit = largest > 0 ? largest / short.MaxValue : 1;
        var to = new ArrayBufferWriter<byte>(1 << 20);
        to.Advance(HeadOf(model, unit, to.GetSpan(HeadBytes)));
        int count = 0, before = -1;
        for (int i = 0; i < weights.Length; i++)
        {
            short steps = (short)Math.Clamp(MathF.Round(weights[i] / unit), short.MinValue, short.MaxValue);
            if (steps != 0)
            {
                WriteWeight(to, i - before, steps);
                (before, count) = (i, count + 1);
            }
        }

        byte[] bytes = new byte[to.WrittenCount + SHA256.HashSizeInBytes];
        to.WrittenSpan.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(HeadBytes - 4), count);
        SHA256.HashData(bytes.AsSpan(0, to.WrittenCount), bytes.AsSpan(to.WrittenCount));
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
            problem = $"it is of format {bytes[8]} and tokens {bytes[9]}, this program reads format {Format} and tokens {MessageTokens.Version}: train it again";
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
        int spam = BinaryPrimitives.ReadInt32LittleEndian(bytes[36..]);
        int ham = BinaryPrimitives.ReadInt32LittleEndian(bytes[40..]);
        float unit = BinaryPrimitives.ReadSingleLittleEndian(bytes[44..]);
        int count = BinaryPrimitives.ReadInt32LittleEndian(bytes[48..]);
        bool inRange = bits is >= LinearModel.MinBits and <= LinearModel.MaxBits && double.IsFinite(bias) && double.IsFinite(threshold) && double.IsFinite(slope) && slope > 0
            && float.IsFinite(unit) && unit > 0 && spam >= 0 && ham >= 0 && count >= 0 && count <= 1 << bits && count <= (signed.Length - HeadBytes) / 3;
        if (!inRange)
        {
            return false;
        }

        float[] weights = new float[1 << bits];
        if (!TryReadWeights(signed[HeadBytes..], count, unit, weights))
        {
            return false;
        }

        model = new LinearModel(bits, weights, bias, threshold, slope, spam, ham);
        problem = "";
        return true;
    }

    private static int HeadOf(LinearModel model, float unit, Span<byte> head)
    {
        Magic.CopyTo(head);
        (head[8], head[9], head[10], head[11]) = (Format, MessageTokens.Version, (byte)model.Bits, 0);
        BinaryPrimitives.WriteDoubleLittleEndian(head[12..], model.Bias);
        BinaryPrimitives.WriteDoubleLittleEndian(head[20..], model.Threshold);
        BinaryPrimitives.WriteDoubleLittleEndian(head[28..], model.Slope);
        BinaryPrimitives.WriteInt32LittleEndian(head[36..], model.Spam);
        BinaryPrimitives.WriteInt32LittleEndian(head[40..], model.Ham);
        BinaryPrimitives.WriteSingleLittleEndian(head[44..], unit);
        return HeadBytes;
    }

    private static void WriteWeight(ArrayBufferWriter<byte> to, int distance, short steps)
    {
        Span<byte> room = to.GetSpan(8);
        int at = 0;
        for (; distance >= 0x80; distance >>= 7)
        {
            room[at++] = (byte)(distance | 0x80);
        }

        room[at++] = (byte)distance;
        BinaryPrimitives.WriteInt16LittleEndian(room[at..], steps);
        to.Advance(at + 2);
    }

    private static bool TryReadWeights(ReadOnlySpan<byte> from, int count, float unit, float[] weights)
    {
        long place = -1;
        for (int i = 0; i < count; i++)
        {
            int distance = 0, shift = 0;
            while (true)
            {
                if (from.IsEmpty || shift > 21)
                {
                    return false;
                }

                byte octet = from[0];
                from = from[1..];
                distance |= (octet & 0x7F) << shift;
                shift += 7;
                if (octet < 0x80)
                {
                    break;
                }
            }

            place += distance;
            if (distance == 0 || place >= weights.Length || from.Length < 2)
            {
                return false;
            }

            weights[place] = BinaryPrimitives.ReadInt16LittleEndian(from) * unit;
            from = from[2..];
        }

        return from.IsEmpty;
    }
}
