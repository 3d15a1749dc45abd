using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Tsunagi.Protocols.Flow.Ipfix;

/// <summary>How a field is shown.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Element">Its element; null when it is not known.</param>
/// <param name="IsHidden">It is padding, or has no octets.</param>
/// <param name="IsFirst">It is the first of its name.</param>
/// <param name="IsRepeated">There are others of its name.</param>
internal sealed record FieldName(string Name, InformationElement? Element, bool IsHidden, bool IsFirst, bool IsRepeated);

/// <summary>Writes the value of a field as JSON by the type of its element.</summary>
internal static class FieldText
{
    private const long NtpToUnixSeconds = 2_208_988_800;
    private const int ListDepth = 4;

    /// <summary>Writes a value. Numbers are numbers; times are numbers in the unit of the element's name; a value of a length its type can not have is hex.</summary>
    public static void WriteValue(Utf8JsonWriter json, InformationElement? element, ReadOnlySpan<byte> octets, int depth = 0)
    {
        switch (element?.Type)
        {
            case ElementType.Unsigned when octets.Length is > 0 and <= 8:
            case ElementType.Seconds when octets.Length is 4 or 8:
            case ElementType.Milliseconds when octets.Length is 4 or 8:
                json.WriteNumberValue(FieldPlan.ReadNumber(octets));
                break;
            case ElementType.Signed when octets.Length is > 0 and <= 8:
                json.WriteNumberValue((long)(FieldPlan.ReadNumber(octets) << 64 - 8 * octets.Length) >> 64 - 8 * octets.Length);
                break;
            case ElementType.Float when octets.Length is 4 or 8:
                WriteFloat(json, octets.Length == 4 ? BinaryPrimitives.ReadSingleBigEndian(octets) : BinaryPrimitives.ReadDoubleBigEndian(octets));
                break;
            case ElementType.Boolean when octets.Length == 1 && octets[0] is 1 or 2:
                json.WriteBooleanValue(octets[0] == 1);
                break;
            case ElementType.MacAddress when octets.Length == 6:
                json.WriteStringValue($"{octets[0]:x2}:{octets[1]:x2}:{octets[2]:x2}:{octets[3]:x2}:{octets[4]:x2}:{octets[5]:x2}");
                break;
            case ElementType.String:
                json.WriteStringValue(ReadString(octets));
                break;
            case ElementType.Microseconds when octets.Length == 8:
                json.WriteNumberValue(FromNtp(octets, 1_000_000));
                break;
            case ElementType.Nanoseconds when octets.Length == 8:
                json.WriteNumberValue(FromNtp(octets, 1_000_000_000));
                break;
            case ElementType.IPv4Address when octets.Length == 4:
            case ElementType.IPv6Address when octets.Length == 16:
                json.WriteStringValue(new System.Net.IPAddress(octets).ToString());
                break;
            case ElementType.BasicList when depth < ListDepth && TryWriteList(json, octets, depth):
                break;
            default:
                json.WriteStringValue(Convert.ToHexStringLower(octets));
                break;
        }
    }

    /// <summary>The name of a field; enterprise and number where the element is not known.</summary>
    public static string NameOf(TemplateField field) =>
        InformationElements.Find(field)?.Name ?? (field.Enterprise == 0 ? $"element{field.Id}" : $"enterprise{field.Enterprise}element{field.Id}");

    /// <summary>The names of all fields of a template.</summary>
    public static FieldName[] NamesOf(System.Collections.Immutable.ImmutableArray<TemplateField> fields)
    {
        string[] names = [.. fields.Select(NameOf)];
        return
        [
            .. fields.Select((field, i) => new FieldName(
                names[i], InformationElements.Find(field), field is { Id: 210, Enterprise: 0 } || field.Length == 0, Array.IndexOf(names, names[i]) == i, names.Count(n => n == names[i]) > 1)),
        ];
    }

    // RFC 7011 section 6.1.6. Exporters pad with zeros, and some with what lay in memory behind them.
    private static string ReadString(ReadOnlySpan<byte> octets)
    {
        int end = octets.IndexOf((byte)0);
        ReadOnlySpan<byte> text = end < 0 ? octets : octets[..end].IsEmpty ? octets.TrimEnd((byte)0) : octets[..end];
        return Encoding.UTF8.GetString(text);
    }

    private static void WriteFloat(Utf8JsonWriter json, double number)
    {
        if (double.IsFinite(number))
        {
            json.WriteNumberValue(number);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private static long FromNtp(ReadOnlySpan<byte> octets, long unitsPerSecond)
    {
        long seconds = BinaryPrimitives.ReadUInt32BigEndian(octets) - NtpToUnixSeconds;
        ulong fraction = BinaryPrimitives.ReadUInt32BigEndian(octets[4..]);
        return (seconds < 0 ? seconds + (1L << 32) : seconds) * unitsPerSecond + (long)(fraction * (ulong)unitsPerSecond >> 32);
    }

    // RFC 6313 section 4.5.1: semantic, field specifier, values.
    private static bool TryWriteList(Utf8JsonWriter json, ReadOnlySpan<byte> octets, int depth)
    {
        if (octets.Length < 5)
        {
            return false;
        }

        ushort id = BinaryPrimitives.ReadUInt16BigEndian(octets[1..]);
        ushort length = BinaryPrimitives.ReadUInt16BigEndian(octets[3..]);
        bool isPrivate = (id & 0x8000) != 0;
        if (length == 0 || (isPrivate && octets.Length < 9))
        {
            return false;
        }

        InformationElement? element = InformationElements.Find((ushort)(id & 0x7FFF), isPrivate ? BinaryPrimitives.ReadUInt32BigEndian(octets[5..]) : 0);
        json.WriteStartArray();
        for (int at = isPrivate ? 9 : 5; at < octets.Length;)
        {
            int one = length;
            if ((length == TemplateField.Variable && !Template.TryReadLength(octets, ref at, out one)) || one > octets.Length - at)
            {
                break;
            }

            WriteValue(json, element, octets.Slice(at, one), depth + 1);
            at += one;
        }

        json.WriteEndArray();
        return true;
    }
}
