using System.Buffers;
using System.Collections.Immutable;

namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>A format that begins with its length in octets.</summary>
internal sealed class SizedFormat(int lengthOctets, DhcpFormat inner) : DhcpFormat
{
    public override bool TryRead(ref DhcpInput input, out DhcpValue value)
    {
        value = new DhcpFlag(false);
        return input.TryTake(lengthOctets, out ReadOnlySpan<byte> length) && input.TryTake((int)Number(length), out ReadOnlySpan<byte> octets) && inner.TryReadWhole(octets, input.Reading, out value);
    }

    public override bool TryWrite(DhcpValue value, ArrayBufferWriter<byte> output)
    {
        var part = new ArrayBufferWriter<byte>();
        if (!inner.TryWrite(value, part) || !Put(output, (ulong)part.WrittenCount, lengthOctets))
        {
            return false;
        }

        output.Write(part.WrittenSpan);
        return true;
    }
}

/// <summary>Values of one format: to the end, or as long as the octets follow it.</summary>
internal sealed class ManyFormat(DhcpFormat inner, int least, bool stops) : DhcpFormat
{
    public override bool TryRead(ref DhcpInput input, out DhcpValue value)
    {
        ImmutableArray<DhcpValue>.Builder values = ImmutableArray.CreateBuilder<DhcpValue>();
        bool read = true;
        while (input.Left > 0)
        {
            DhcpInput before = input;
            if (!inner.TryRead(ref input, out DhcpValue one) || input.At == before.At)
            {
                input = before;
                read = stops;
                break;
            }

            values.Add(one);
        }

        value = new DhcpList(values.ToImmutable());
        return read && values.Count >= least;
    }

    public override bool TryWrite(DhcpValue value, ArrayBufferWriter<byte> output) => value is DhcpList list && list.Values.All(one => inner.TryWrite(one, output));
}

/// <summary>The first of several formats that the rest of the octets follows.</summary>
internal sealed class EitherFormat(ImmutableArray<DhcpFormat> formats) : DhcpFormat
{
    public override bool TryRead(ref DhcpInput input, out DhcpValue value)
    {
        value = new DhcpFlag(false);
        foreach (DhcpFormat format in formats)
        {
            int options = input.Reading.Options;
            if (format.TryReadWhole(input.Rest, input.Reading, out value))
            {
                input.TakeRest();
                return true;
            }

            input.Reading.Options = options;
        }

        return false;
    }

    public override bool TryWrite(DhcpValue value, ArrayBufferWriter<byte> output)
    {
        foreach (DhcpFormat format in formats)
        {
            var part = new ArrayBufferWriter<byte>();
            if (format.TryWrite(value, part))
            {
                output.Write(part.WrittenSpan);
                return true;
            }
        }

        return false;
    }
}

/// <summary>A part of fields: it reads and writes one field or several.</summary>
internal interface IFieldsPart
{
    bool TryRead(ref DhcpInput input, ImmutableArray<DhcpField>.Builder fields);

    bool TryWrite(DhcpFields fields, ArrayBufferWriter<byte> output);
}

/// <summary>One field; an optional one may be missing together with all that follow.</summary>
internal sealed class FieldPart(string name, DhcpFormat format, bool isOptional) : IFieldsPart
{
    public bool TryRead(ref DhcpInput input, ImmutableArray<DhcpField>.Builder fields)
    {
        if (isOptional && input.Left == 0)
        {
            return true;
        }

        bool read = format.TryRead(ref input, out DhcpValue value);
        fields.Add(new DhcpField(name, value));
        return read;
    }

    public bool TryWrite(DhcpFields fields, ArrayBufferWriter<byte> output) => fields[name] is { } value ? format.TryWrite(value, output) : isOptional;
}

/// <summary>Bits of one to four octets, the highest first, a field each.</summary>
internal sealed class BitsPart(ImmutableArray<(string Name, int Width, Func<ulong, string?>? Names)> bits) : IFieldsPart
{
    private readonly int _octets = bits.Sum(static bit => bit.Width) / 8;

    public bool TryRead(ref DhcpInput input, ImmutableArray<DhcpField>.Builder fields)
    {
        if (!input.TryTake(_octets, out ReadOnlySpan<byte> taken))
        {
            return false;
        }

        ulong all = 0;
        foreach (byte octet in taken)
        {
            all = all << 8 | octet;
        }

        int left = _octets * 8;
        foreach ((string name, int width, Func<ulong, string?>? names) in bits)
        {
            left -= width;
            ulong number = all >> left & ((1UL << width) - 1);
            fields.Add(new DhcpField(name, width == 1 ? new DhcpFlag(number == 1) : new DhcpNumber(number, names?.Invoke(number))));
        }

        return true;
    }

    // Bits that are not given are zero.
    public bool TryWrite(DhcpFields fields, ArrayBufferWriter<byte> output)
    {
        ulong all = 0;
        foreach ((string name, int width, _) in bits)
        {
            ulong number = fields[name] switch
            {
                DhcpFlag flag => flag.Value ? 1UL : 0,
                DhcpNumber value => value.Value,
                null => 0,
                _ => ulong.MaxValue,
            };
            if (number >> width != 0)
            {
                return false;
            }

            all = all << width | number;
        }

        for (int octet = _octets - 1; octet >= 0; octet--)
        {
            output.Write([(byte)(all >> (octet * 8))]);
        }

        return true;
    }
}

/// <summary>Fields whose format the first field says.</summary>
internal sealed class CasesPart(string first, ImmutableDictionary<ulong, FieldsFormat> cases, FieldsFormat? otherwise) : IFieldsPart
{
    public bool TryRead(ref DhcpInput input, ImmutableArray<DhcpField>.Builder fields)
    {
        if (fields[0].Value is not DhcpNumber number || (cases.GetValueOrDefault(number.Value) ?? otherwise) is not { } format)
        {
            return false;
        }

        bool read = format.TryRead(ref input, out DhcpValue value);
        fields.AddRange(((DhcpFields)value).Fields);
        return read;
    }

    public bool TryWrite(DhcpFields fields, ArrayBufferWriter<byte> output) =>
        fields[first] is DhcpNumber number && (cases.GetValueOrDefault(number.Value) ?? otherwise) is { } format && format.TryWrite(fields, output);
}

/// <summary>Named parts behind each other.</summary>
internal sealed class FieldsFormat(ImmutableArray<IFieldsPart> parts) : DhcpFormat
{
    public override bool TryRead(ref DhcpInput input, out DhcpValue value)
    {
        ImmutableArray<DhcpField>.Builder fields = ImmutableArray.CreateBuilder<DhcpField>();
        bool read = true;
        foreach (IFieldsPart part in parts)
        {
            if (!part.TryRead(ref input, fields))
            {
                read = false;
                break;
            }
        }

        value = new DhcpFields(fields.ToImmutable());
        return read;
    }

    public override bool TryWrite(DhcpValue value, ArrayBufferWriter<byte> output) => value is DhcpFields fields && parts.All(part => part.TryWrite(fields, output));
}
