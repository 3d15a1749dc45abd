using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tsunagi.Protocols.Net.Dns;

namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>An unsigned number of one to eight octets, perhaps with names.</summary>
internal sealed class NumberFormat(int octets, Func<ulong, string?>? names = null) : DhcpFormat
{
    public override bool TryRead(ref DhcpInput input, out DhcpValue value)
    {
        bool read = input.TryTake(octets, out ReadOnlySpan<byte> taken);
        ulong number = Number(taken);
        value = new DhcpNumber(number, names?.Invoke(number));
        return read;
    }

    public override bool TryWrite(DhcpValue value, ArrayBufferWriter<byte> output) => value is DhcpNumber number && Put(output, number.Value, octets);
}

/// <summary>A number of 32 bits in two's complement.</summary>
internal sealed class SignedFormat : DhcpFormat
{
    public override bool TryRead(ref DhcpInput input, out DhcpValue value)
    {
        bool read = input.TryTake(4, out ReadOnlySpan<byte> taken);
        value = new DhcpSigned(read ? BinaryPrimitives.ReadInt32BigEndian(taken) : 0);
        return read;
    }

    public override bool TryWrite(DhcpValue value, ArrayBufferWriter<byte> output) => value is DhcpSigned number && Put(output, (uint)number.Value, 4);
}

/// <summary>An octet that is 0 or 1.</summary>
internal sealed class FlagFormat : DhcpFormat
{
    public override bool TryRead(ref DhcpInput input, out DhcpValue value)
    {
        bool read = input.TryTake(1, out ReadOnlySpan<byte> taken) && taken[0] < 2;
        value = new DhcpFlag(read && taken[0] == 1);
        return read;
    }

    public override bool TryWrite(DhcpValue value, ArrayBufferWriter<byte> output) => value is DhcpFlag flag && Put(output, flag.Value ? 1UL : 0, 1);
}

/// <summary>An option without octets: it says yes by being there.</summary>
internal sealed class NoneFormat : DhcpFormat
{
    public override bool TryRead(ref DhcpInput input, out DhcpValue value)
    {
        value = new DhcpFlag(true);
        return true;
    }

    public override bool TryWrite(DhcpValue value, ArrayBufferWriter<byte> output) => value is DhcpFlag { Value: true };
}

/// <summary>Octets: so many, or all that are left.</summary>
internal sealed class OctetsFormat(DhcpOctetsForm form, int count = -1) : DhcpFormat
{
    public override bool TryRead(ref DhcpInput input, out DhcpValue value)
    {
        bool read = input.TryTake(count < 0 ? input.Left : count, out ReadOnlySpan<byte> taken);
        value = new DhcpOctets(taken.ToArray(), form);
        return read;
    }

    public override bool TryWrite(DhcpValue value, ArrayBufferWriter<byte> output)
    {
        if (value is not DhcpOctets octets || (count >= 0 && octets.Value.Length != count))
        {
            return false;
        }

        output.Write(octets.Value.Span);
        return true;
    }
}

/// <summary>Zero octets that fill up to the end of an option.</summary>
internal sealed class FillFormat : DhcpFormat
{
    public override bool TryRead(ref DhcpInput input, out DhcpValue value)
    {
        ReadOnlySpan<byte> rest = input.TakeRest();
        value = new DhcpOctets(rest.ToArray());
        return !rest.ContainsAnyExcept((byte)0);
    }

    public override bool TryWrite(DhcpValue value, ArrayBufferWriter<byte> output)
    {
        if (value is not DhcpOctets octets)
        {
            return false;
        }

        output.Write(octets.Value.Span);
        return true;
    }
}

/// <summary>Text in UTF-8 to the end. What is no UTF-8 is left as octets: names of hosts come in all codes.</summary>
internal sealed class TextFormat(int least) : DhcpFormat
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public override bool TryRead(ref DhcpInput input, out DhcpValue value)
    {
        ReadOnlySpan<byte> rest = input.TakeRest();
        value = Read(rest);
        return rest.Length >= least;
    }

    public static DhcpValue Read(ReadOnlySpan<byte> octets)
    {
        ReadOnlySpan<byte> text = octets.TrimEnd((byte)0);
        return System.Text.Unicode.Utf8.IsValid(text) ? new DhcpString(Utf8.GetString(text), octets.Length - text.Length) : new DhcpOctets(octets.ToArray());
    }

    public override bool TryWrite(DhcpValue value, ArrayBufferWriter<byte> output)
    {
        switch (value)
        {
            case DhcpString text:
                output.Write(Utf8.GetBytes(text.Value));
                output.Write(new byte[text.Nuls]);
                return true;
            case DhcpOctets octets:
                output.Write(octets.Value.Span);
                return true;
            default:
                return false;
        }
    }
}

/// <summary>An address of IPv4 or IPv6; with <paramref name="part"/> as many octets as are left, the others being zero.</summary>
internal sealed class AddressFormat(int octets, bool part = false) : DhcpFormat
{
    public override bool TryRead(ref DhcpInput input, out DhcpValue value)
    {
        int count = part ? input.Left : octets;
        Span<byte> whole = stackalloc byte[16];
        whole = whole[..octets];
        bool read = count <= octets && input.TryTake(count, out ReadOnlySpan<byte> taken) && taken.TryCopyTo(whole);
        value = new DhcpAddress(new IPAddress(whole), count);
        return read;
    }

    public override bool TryWrite(DhcpValue value, ArrayBufferWriter<byte> output)
    {
        if (value is not DhcpAddress address || address.Address.AddressFamily != (octets == 4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6) || address.Octets > octets || (!part && address.Octets != octets))
        {
            return false;
        }

        output.Write(address.Address.GetAddressBytes().AsSpan(0, address.Octets));
        return true;
    }
}

/// <summary>An octet of length in bits, and the address: whole, or only the octets that the length reaches.</summary>
internal sealed class PrefixFormat(int octets, bool isShort) : DhcpFormat
{
    public override bool TryRead(ref DhcpInput input, out DhcpValue value)
    {
        Span<byte> whole = stackalloc byte[16];
        whole = whole[..octets];
        int length = 0;
        bool read = input.TryTake(1, out ReadOnlySpan<byte> bits) && (length = bits[0]) <= octets * 8 && input.TryTake(Count(length), out ReadOnlySpan<byte> taken) && taken.TryCopyTo(whole);
        value = new DhcpPrefix(new IPAddress(whole), length);
        return read;
    }

    public override bool TryWrite(DhcpValue value, ArrayBufferWriter<byte> output)
    {
        if (value is not DhcpPrefix prefix || prefix.Address.AddressFamily != (octets == 4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6) || prefix.Length < 0 || prefix.Length > octets * 8)
        {
            return false;
        }

        Put(output, (ulong)prefix.Length, 1);
        output.Write(prefix.Address.GetAddressBytes().AsSpan(0, Count(prefix.Length)));
        return true;
    }

    private int Count(int bits) => isShort ? (bits + 7) / 8 : octets;
}

/// <summary>How a domain name may lie in an option.</summary>
internal enum DomainForm
{
    /// <summary>Whole and not compressed (RFC 8415 section 10).</summary>
    Whole,

    /// <summary>Whole and not the root, whose octet would be one that fills up (RFC 8106 section 5.2).</summary>
    NotRoot,

    /// <summary>Perhaps without its root (RFC 4704 section 4.2); it fills the option.</summary>
    Partial,

    /// <summary>It may point back into the option (RFC 3397 section 2).</summary>
    Compressed,
}

/// <summary>A domain name, or, where they may point at each other, all names of an option.</summary>
internal sealed class DomainFormat(DomainForm form) : DhcpFormat
{
    public override bool TryRead(ref DhcpInput input, out DhcpValue value)
    {
        value = new DhcpDomain(DnsName.Root);
        return form switch
        {
            DomainForm.Compressed => TryReadCompressed(ref input, ref value),
            DomainForm.Partial => TryReadPartial(ref input, ref value),
            _ => TryReadOne(ref input, ref value),
        };
    }

    public override bool TryWrite(DhcpValue value, ArrayBufferWriter<byte> output)
    {
        if (value is DhcpList list && form == DomainForm.Compressed)
        {
            // Names are written whole. An option that compresses them is kept as it came: there is more than one way to do it.
            return list.Values.All(name => TryWrite(name, output));
        }

        if (value is not DhcpDomain domain || (domain.IsPartial && form != DomainForm.Partial))
        {
            return false;
        }

        output.Write(domain.IsPartial ? domain.Name.Wire[..^1] : domain.Name.Wire);
        return true;
    }

    private static bool TryName(ReadOnlySpan<byte> octets, ref int at, ref DhcpValue value, bool isPartial = false)
    {
        if (!DnsName.TryRead(octets, ref at, out DnsName? name))
        {
            return false;
        }

        value = new DhcpDomain(name!, isPartial);
        return true;
    }

    private bool TryReadOne(ref DhcpInput input, ref DhcpValue value)
    {
        ReadOnlySpan<byte> rest = input.Rest;
        int end = 0; // behind the root's octet; a pointer ends the search, as it is none of the labels allowed here
        while (end < rest.Length && rest[end] is > 0 and < 64)
        {
            end += rest[end] + 1;
        }

        int at = 0;
        return end < rest.Length && rest[end] == 0 && !(end == 0 && form == DomainForm.NotRoot) && input.TryTake(end + 1, out ReadOnlySpan<byte> name) && TryName(name, ref at, ref value);
    }

    private static bool TryReadPartial(ref DhcpInput input, ref DhcpValue value)
    {
        ReadOnlySpan<byte> rest = input.TakeRest();
        int end = 0;
        while (end < rest.Length && rest[end] is > 0 and < 64)
        {
            end += rest[end] + 1;
        }

        int at = 0;
        return end == rest.Length ? TryName([.. rest, 0], ref at, ref value, isPartial: true) : end == rest.Length - 1 && rest[end] == 0 && TryName(rest, ref at, ref value);
    }

    private static bool TryReadCompressed(ref DhcpInput input, ref DhcpValue value)
    {
        ReadOnlySpan<byte> rest = input.TakeRest();
        var names = new List<DhcpValue>();
        for (int at = 0; at < rest.Length;)
        {
            if (!TryName(rest, ref at, ref value))
            {
                return false;
            }

            names.Add(value);
        }

        value = new DhcpList([.. names]);
        return names.Count > 0;
    }
}

/// <summary>Seconds since an epoch of their own, told as a time.</summary>
internal static class DhcpEpoch
{
    /// <summary>Seconds since midnight of 1 January 2000, modulo 2^32 (RFC 8415 section 11.2, RFC 7653 section 6, RFC 8156 section 5).</summary>
    public static string Since2000(ulong seconds) => DateTimeOffset.UnixEpoch.AddSeconds(seconds + 946_684_800UL).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Seconds since midnight of 1 January 1970 (RFC 6926 section 6.2).</summary>
    public static string Since1970(ulong seconds) => DateTimeOffset.UnixEpoch.AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
