using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Tsunagi.Protocols.Net.Dns;

/// <summary>Writes messages, with names compressed where RFC 1035 section 4.1.4 and RFC 3597 section 4 allow it.</summary>
public static class DnsMessageWriter
{
    /// <summary>Writes the message into <paramref name="output"/>.</summary>
    /// <param name="message">The message.</param>
    /// <param name="output">Room for all of it: 512 octets hold any query.</param>
    /// <param name="written">How many octets it took.</param>
    /// <returns>False when it does not fit; a server then sends <see cref="Truncate"/>'s instead.</returns>
    public static bool TryWrite(DnsMessage message, Span<byte> output, out int written)
    {
        ArgumentNullException.ThrowIfNull(message);
        var writer = new Writer(output[..Math.Min(output.Length, ushort.MaxValue)]);
        int code = (int)message.ResponseCode;
        if (code > 15 && message.Edns is null)
        {
            throw new ArgumentException($"writing a DNS message: response code {code} needs EDNS", nameof(message));
        }

        writer.Number(message.Id);
        writer.Number((ushort)((message.IsResponse ? 0x8000 : 0)
            | (message.Opcode & 15) << 11
            | (message.IsAuthoritative ? 0x0400 : 0)
            | (message.IsTruncated ? 0x0200 : 0)
            | (message.RecursionDesired ? 0x0100 : 0)
            | (message.RecursionAvailable ? 0x0080 : 0)
            | (message.AuthenticData ? 0x0020 : 0)
            | (message.CheckingDisabled ? 0x0010 : 0)
            | (code & 15)));
        writer.Number(checked((ushort)message.Questions.Length));
        writer.Number(checked((ushort)message.Answers.Length));
        writer.Number(checked((ushort)message.Authorities.Length));
        writer.Number(checked((ushort)(message.Additionals.Length + (message.Edns is null ? 0 : 1))));
        foreach (DnsQuestion question in message.Questions)
        {
            writer.Name(question.Name);
            writer.Number((ushort)question.Type);
            writer.Number(question.Class);
        }
        Records(ref writer, message.Answers);
        Records(ref writer, message.Authorities);
        Records(ref writer, message.Additionals);
        if (message.Edns is { } edns)
        {
            writer.Octets([0, 0, (byte)DnsType.Opt]);
            writer.Number(edns.UdpPayloadOctets);
            writer.Octets([(byte)(code >> 4), edns.Version, (byte)(edns.DnssecOk ? 0x80 : 0), 0]);
            writer.Number(checked((ushort)edns.Options.Length));
            writer.Octets(edns.Options.Span);
        }
        written = writer.Fits ? writer.At : 0;
        return writer.Fits;
    }

    /// <summary>The same message with TC and without records, to be sent where it does not fit (RFC 2181 section 9).</summary>
    public static DnsMessage Truncate(DnsMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message with { IsTruncated = true, Answers = [], Authorities = [], Additionals = [] };
    }

    private static void Records(ref Writer writer, ImmutableArray<DnsRecord> records)
    {
        foreach (DnsRecord record in records)
        {
            writer.Name(record.Name);
            writer.Number((ushort)record.Type);
            writer.Number(record.Class);
            writer.Long(record.TtlSeconds);
            int length = writer.Skip(2);
            Content(ref writer, record.Content);
            writer.Fill(length);
        }
    }

    private static void Content(ref Writer writer, DnsContent content)
    {
        switch (content)
        {
            case DnsAddressContent address:
                writer.Octets(address.Address.GetAddressBytes());
                break;
            case DnsNameContent name:
                writer.Name(name.Target);
                break;
            case DnsMxContent mx:
                writer.Number(mx.Preference);
                writer.Name(mx.Exchange);
                break;
            case DnsTxtContent txt:
                foreach (ReadOnlyMemory<byte> text in txt.Strings)
                {
                    writer.Octets([checked((byte)text.Length)]);
                    writer.Octets(text.Span);
                }
                break;
            case DnsSoaContent soa:
                writer.Name(soa.PrimaryServer);
                writer.Name(soa.Responsible);
                foreach (uint number in (ReadOnlySpan<uint>)[soa.Serial, soa.RefreshSeconds, soa.RetrySeconds, soa.ExpireSeconds, soa.MinimumSeconds])
                {
                    writer.Long(number);
                }

                break;
            case DnsTlsaContent tlsa:
                writer.Octets([tlsa.Usage, tlsa.Selector, tlsa.MatchingType]);
                writer.Octets(tlsa.Association.Span);
                break;
            case DnsOtherContent other:
                writer.Octets(other.Octets.Span);
                break;
        }
    }

    /// <summary>Writes until the room is used up and remembers where each name stands.</summary>
    private ref struct Writer(Span<byte> output)
    {
        private readonly Span<byte> _output = output;
        private Dictionary<DnsName, int>? _places;

        public int At { get; private set; }

        public bool Fits { get; private set; } = true;

        public void Number(ushort value)
        {
            if (Room(2) is var at and >= 0)
            {
                BinaryPrimitives.WriteUInt16BigEndian(_output[at..], value);
            }
        }

        public void Long(uint value)
        {
            if (Room(4) is var at and >= 0)
            {
                BinaryPrimitives.WriteUInt32BigEndian(_output[at..], value);
            }
        }

        public void Octets(scoped ReadOnlySpan<byte> octets)
        {
            if (Room(octets.Length) is var at and >= 0)
            {
                octets.CopyTo(_output[at..]);
            }
        }

        public int Skip(int octets) => Room(octets);

        // The length of a record, written at the place that was left for it.
        public readonly void Fill(int at)
        {
            if (Fits)
            {
                BinaryPrimitives.WriteUInt16BigEndian(_output[at..], checked((ushort)(At - at - 2)));
            }
        }

        // The longest ending of the name that stands in the message already becomes a pointer.
        public void Name(DnsName name)
        {
            _places ??= [];
            for (; !name.IsRoot; name = name.Parent)
            {
                if (_places.TryGetValue(name, out int place))
                {
                    Number((ushort)(0xC000 | place));
                    return;
                }
                if (At < 0x4000)
                {
                    _places.Add(name, At);
                }

                Octets(name.Wire[..(name.Wire[0] + 1)]);
            }
            Octets([0]);
        }

        private int Room(int octets)
        {
            int at = At;
            Fits &= octets <= _output.Length - at;
            if (!Fits)
            {
                return -1;
            }

            At += octets;
            return at;
        }
    }
}
