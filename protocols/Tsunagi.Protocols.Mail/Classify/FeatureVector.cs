using System.Buffers.Binary;

namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>
/// The features of one message, kept: what a model is trained with. Of each feature the first 24 bits of its hash are kept; that names a weight of any model and
/// gives no word back. Immutable.
/// </summary>
public sealed class FeatureVector
{
    /// <summary>Bits of a feature's hash that are kept: a model has at most so many.</summary>
    public const int Bits = 24;

    private const int HeadBytes = 1 + (2 * MessageTokens.Groups);
    private readonly uint[] _features;
    private readonly int[] _ends;

    private FeatureVector(uint[] features, int[] ends) => (_features, _ends) = (features, ends);

    /// <summary>How many features it has.</summary>
    public int Count => _features.Length;

    internal ReadOnlySpan<uint> All => _features;

    /// <summary>Of one group, as the first 24 bits of their hashes.</summary>
    internal ReadOnlySpan<uint> Of(int group) => _features.AsSpan((group == 0 ? 0 : _ends[group - 1]).._ends[group]);

    /// <summary>Takes the features of a message that was read.</summary>
    /// <param name="tokens">The message.</param>
    /// <param name="most">Most features of each of the large groups (words, pairs): those at the beginning of the message.</param>
    public static FeatureVector Of(MessageTokens tokens, int most = 2_000)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        int[] ends = new int[MessageTokens.Groups];
        int count = 0;
        for (int group = 0; group < ends.Length; group++)
        {
            count += Math.Min(tokens.Of((FeatureGroup)group).Length, Math.Min(most, ushort.MaxValue));
            ends[group] = count;
        }

        uint[] features = new uint[count];
        for (int group = 0, at = 0; group < ends.Length; group++)
        {
            ReadOnlySpan<uint> hashes = tokens.Of((FeatureGroup)group);
            for (int i = 0; at < ends[group]; i++)
            {
                features[at++] = hashes[i] >> (32 - Bits);
            }
        }

        return new FeatureVector(features, ends);
    }

    // version, the count of each group (16 bits each, little endian), then 3 octets a feature
    /// <summary>As octets: three a feature.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[HeadBytes + (3 * _features.Length)];
        bytes[0] = MessageTokens.Version;
        for (int group = 0; group < MessageTokens.Groups; group++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(1 + (2 * group)), (ushort)Of(group).Length);
        }

        int at = HeadBytes;
        foreach (uint feature in _features)
        {
            bytes[at++] = (byte)feature;
            bytes[at++] = (byte)(feature >> 8);
            bytes[at++] = (byte)(feature >> 16);
        }

        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote. False for other octets, and for those of another version of tokens.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out FeatureVector? vector)
    {
        vector = null;
        if (bytes.Length < HeadBytes || bytes[0] != MessageTokens.Version)
        {
            return false;
        }

        int[] ends = new int[MessageTokens.Groups];
        int count = 0;
        for (int group = 0; group < ends.Length; group++)
        {
            count += BinaryPrimitives.ReadUInt16LittleEndian(bytes[(1 + (2 * group))..]);
            ends[group] = count;
        }

        if (bytes.Length != HeadBytes + (3 * count))
        {
            return false;
        }

        uint[] features = new uint[count];
        for (int i = 0, at = HeadBytes; i < count; i++, at += 3)
        {
            features[i] = (uint)(bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16));
        }

        vector = new FeatureVector(features, ends);
        return true;
    }
}
