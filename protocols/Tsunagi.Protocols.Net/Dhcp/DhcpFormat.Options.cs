using System.Buffers;
using System.Collections.Immutable;

namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>How options lie behind each other.</summary>
internal enum DhcpFraming
{
    /// <summary>An octet of number, one of length.</summary>
    Short,

    /// <summary>Two octets of number, two of length (RFC 8415 section 21.1).</summary>
    Long,

    /// <summary>As <see cref="Short"/>, with Pad and End, which have no length (RFC 2132 section 3.1 and 3.2).</summary>
    Padded,

    /// <summary>An octet of number, one of length in units of eight octets that counts both (RFC 4861 section 4.6).</summary>
    Eights,

    /// <summary>An octet of number, one of length that counts both: attributes of RADIUS (RFC 2865 section 5).</summary>
    Counted,
}

/// <summary>Options to the end of the octets. Where they are read strictly, what does not end with an option is no list of options; else the cut-off rest is kept at the end of the list.</summary>
internal sealed class OptionsFormat(DhcpRegistry registry, DhcpFraming framing, bool isStrict) : DhcpFormat
{
    private readonly int _headerOctets = framing == DhcpFraming.Long ? 4 : 2;

    public override bool TryRead(ref DhcpInput input, out DhcpValue value)
    {
        DhcpReading reading = input.Reading;
        value = new DhcpOptionList([]);
        if (reading.Depth >= reading.Limits.Depth && input.Left > 0)
        {
            reading.IsTooDeep = true;
            return false;
        }

        reading.Depth++;
        ImmutableArray<DhcpOption>.Builder options = ImmutableArray.CreateBuilder<DhcpOption>();
        bool read = TryReadAll(ref input, options);
        reading.Depth--;
        value = new DhcpOptionList(options.ToImmutable());
        return read;
    }

    public override bool TryWrite(DhcpValue value, ArrayBufferWriter<byte> output) => value is DhcpOptionList list && list.Options.All(option => TryWriteOne(option, output));

    private bool TryReadAll(ref DhcpInput input, ImmutableArray<DhcpOption>.Builder options)
    {
        while (input.Left > 0)
        {
            if (framing == DhcpFraming.Padded && DhcpRegistry.TakeFill(ref input) is { } fill)
            {
                options.Add(fill);
                continue;
            }

            DhcpInput before = input;
            if (!TryTakeOne(ref input, out int code, out ReadOnlySpan<byte> octets))
            {
                input = before;
                options.Add(DhcpRegistry.CutOff(input.TakeRest()));
                return !isStrict;
            }

            options.Add(registry.Read(code, octets, input.Reading));
            if (input.Reading.IsTooMany)
            {
                return false;
            }
        }

        return true;
    }

    private bool TryTakeOne(ref DhcpInput input, out int code, out ReadOnlySpan<byte> octets)
    {
        octets = default;
        code = 0;
        if (!input.TryTake(_headerOctets, out ReadOnlySpan<byte> header))
        {
            return false;
        }

        code = (int)Number(header[..(_headerOctets / 2)]);
        int length = (int)Number(header[(_headerOctets / 2)..]);
        return framing switch
        {
            DhcpFraming.Eights => length > 0 && input.TryTake((length * 8) - 2, out octets),
            DhcpFraming.Counted => length > 1 && input.TryTake(length - 2, out octets),
            _ => input.TryTake(length, out octets),
        };
    }

    private bool TryWriteOne(DhcpOption option, ArrayBufferWriter<byte> output)
    {
        if (option.Form == DhcpForm.CutOff || option.IsFill)
        {
            return DhcpRegistry.TryWriteFill(option, output);
        }

        var octets = new ArrayBufferWriter<byte>();
        if (!registry.TryWrite(option, octets))
        {
            return false;
        }

        int length = framing switch { DhcpFraming.Eights => (octets.WrittenCount + 2) / 8, DhcpFraming.Counted => octets.WrittenCount + 2, _ => octets.WrittenCount };
        if ((framing == DhcpFraming.Eights && (octets.WrittenCount + 2) % 8 != 0) || !Put(output, (ulong)option.Code, _headerOctets / 2) || !Put(output, (ulong)length, _headerOctets / 2))
        {
            return false;
        }

        output.Write(octets.WrittenSpan);
        return true;
    }
}
