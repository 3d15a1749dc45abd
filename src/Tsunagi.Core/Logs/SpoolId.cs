using System.Buffers.Binary;
using System.Security.Cryptography;
using Tsunagi.Core.Ids;

namespace Tsunagi.Core.Logs;

/// <summary>The id of an item of the spool: 48 bits of milliseconds and 80 random bits, in text an <see cref="Id"/> of kind "m".</summary>
public readonly record struct SpoolId(UInt128 Value) : IComparable<SpoolId>
{
    public const int Size = 16;
    private const string Kind = "m";

    public static SpoolId New(TimeProvider time)
    {
        Span<byte> bytes = stackalloc byte[Size];
        RandomNumberGenerator.Fill(bytes);
        var random = BinaryPrimitives.ReadUInt128BigEndian(bytes) & ((UInt128.One << 80) - 1);
        return new SpoolId(((UInt128)(ulong)time.GetUtcNow().ToUnixTimeMilliseconds() << 80) | random);
    }

    public static bool TryParse(ReadOnlySpan<char> text, out SpoolId id)
    {
        var parsed = Id.TryParse(text, Kind, out var value);
        id = new SpoolId(value);
        return parsed;
    }

    public static SpoolId Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    public void Write(Span<byte> into) => BinaryPrimitives.WriteUInt128BigEndian(into, Value);

    public int CompareTo(SpoolId other) => Value.CompareTo(other.Value);

    public static bool operator <(SpoolId a, SpoolId b) => a.Value < b.Value;

    public static bool operator >(SpoolId a, SpoolId b) => a.Value > b.Value;

    public static bool operator <=(SpoolId a, SpoolId b) => a.Value <= b.Value;

    public static bool operator >=(SpoolId a, SpoolId b) => a.Value >= b.Value;

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        Write(bytes);
        return Id.Format(Kind, (long)(ulong)(Value >> 80), bytes[6..]);
    }
}
