using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;

namespace Tsunagi.Protocols.Net.Dns;

/// <summary>Why a message was not understood.</summary>
/// <param name="Reason">What was being read and what was wrong.</param>
/// <param name="Offset">The octet where reading stopped.</param>
public readonly record struct DnsError(string Reason, int Offset);

/// <summary>Reads messages. What is kept of them is copied, so the octets may be used again at once.</summary>
public static class DnsMessageReader
{
    private const int HeaderOctets = 12;

    /// <summary>Reads one message that fills <paramref name="message"/>. Never throws on what a peer can send.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, DnsLimits? limits, out DnsMessage? read, out DnsError error)
    {
        read = null;
        limits ??= DnsLimits.Default;
        if (message.Length < HeaderOctets || message.Length > limits.MessageOctets)
        {
            return Bad("message: shorter than its header or longer than the limit", 0, out error);
        }

        ushort flags = Number(message, 2);
        int questions = Number(message, 4), answers = Number(message, 6), authorities = Number(message, 8), additionals = Number(message, 10);
        if (questions + answers + authorities + additionals > limits.Records)
        {
            return Bad("header: more records than the limit", 4, out error);
        }

        int at = HeaderOctets;
        if (!TryReadQuestions(message, questions, ref at, out ImmutableArray<DnsQuestion> asked, out error)
            || !TryReadRecords(message, answers, ref at, out ImmutableArray<DnsRecord> answer, out Opt? misplaced, out error)
            || !TryReadRecords(message, authorities, ref at, out ImmutableArray<DnsRecord> authority, out Opt? misplacedToo, out error)
            || !TryReadRecords(message, additionals, ref at, out ImmutableArray<DnsRecord> additional, out Opt? opt, out error))
        {
            return false;
        }

        if (misplaced is not null || misplacedToo is not null) // RFC 6891 section 6.1.1
        {
            return Bad("OPT: stands outside the additional section", HeaderOctets, out error);
        }

        if (at != message.Length)
        {
            return Bad("message: octets behind its last record", at, out error);
        }

        read = new DnsMessage
        {
            Id = Number(message, 0),
            IsResponse = (flags & 0x8000) != 0,
            Opcode = (byte)(flags >> 11 & 15),
            IsAuthoritative = (flags & 0x0400) != 0,
            IsTruncated = (flags & 0x0200) != 0,
            RecursionDesired = (flags & 0x0100) != 0,
            RecursionAvailable = (flags & 0x0080) != 0,
            AuthenticData = (flags & 0x0020) != 0,
            CheckingDisabled = (flags & 0x0010) != 0,
            ResponseCode = (DnsResponseCode)((opt?.ExtendedCode ?? 0) << 4 | flags & 15),
            Questions = asked,
            Answers = answer,
            Authorities = authority,
            Additionals = additional,
            Edns = opt?.Edns,
        };
        return true;
    }

    private static bool TryReadQuestions(ReadOnlySpan<byte> message, int count, ref int at, out ImmutableArray<DnsQuestion> questions, out DnsError error)
    {
        questions = [];
        error = default;
        var list = ImmutableArray.CreateBuilder<DnsQuestion>();
        for (int i = 0; i < count; i++)
        {
            int start = at;
            if (!DnsName.TryRead(message, ref at, out DnsName? name) || at + 4 > message.Length)
            {
                return Bad("question: malformed", start, out error);
            }

            list.Add(new DnsQuestion(name!, (DnsType)Number(message, at), Number(message, at + 2)));
            at += 4;
        }
        questions = list.ToImmutable();
        return true;
    }

    private static bool TryReadRecords(ReadOnlySpan<byte> message, int count, ref int at, out ImmutableArray<DnsRecord> records, out Opt? opt,
        out DnsError error)
    {
        records = [];
        opt = null;
        error = default;
        var list = ImmutableArray.CreateBuilder<DnsRecord>();
        for (int i = 0; i < count; i++)
        {
            int start = at;
            if (!DnsName.TryRead(message, ref at, out DnsName? name) || at + 10 > message.Length)
            {
                return Bad("record: malformed", start, out error);
            }

            var type = (DnsType)Number(message, at);
            ushort classOf = Number(message, at + 2);
            uint ttl = BinaryPrimitives.ReadUInt32BigEndian(message[(at + 4)..]);
            int length = Number(message, at + 8);
            at += 10;
            if (at + length > message.Length)
            {
                return Bad("record: longer than the message", start, out error);
            }

            if (type == DnsType.Opt)
            {
                // RFC 6891 section 6.1.1: at most one, owned by the root.
                if (opt is not null || !name!.IsRoot)
                {
                    return Bad("OPT: stands twice, or not at the root", start, out error);
                }

                opt = ReadOpt(classOf, ttl, message.Slice(at, length));
            }
            else if (TryReadContent(message, type, at, length, out DnsContent? content))
            {
                list.Add(new DnsRecord(name!, ttl > int.MaxValue ? 0 : ttl, content!, classOf));
            }
            else
            {
                return Bad("record: malformed content", at, out error);
            }
            at += length;
        }
        records = list.ToImmutable();
        return true;
    }

    // CLASS is the payload size; TTL is extended RCODE, version, DO and zeros (RFC 6891 section 6.1.3).
    private static Opt ReadOpt(ushort payload, uint ttl, ReadOnlySpan<byte> options) => new(
        (byte)(ttl >> 24),
        new DnsEdns { UdpPayloadOctets = payload, Version = (byte)(ttl >> 16), DnssecOk = (ttl & 0x8000) != 0, Options = options.ToArray() });

    private static bool TryReadContent(ReadOnlySpan<byte> message, DnsType type, int at, int length, out DnsContent? content)
    {
        // Names may point back into the whole message but may not reach behind their own record.
        ReadOnlySpan<byte> upTo = message[..(at + length)];
        ReadOnlySpan<byte> data = upTo[at..];
        content = type switch
        {
            DnsType.A when length == 4 => new DnsAddressContent(new IPAddress(data)),
            DnsType.Aaaa when length == 16 => new DnsAddressContent(new IPAddress(data)),
            DnsType.A or DnsType.Aaaa => null,
            DnsType.Ns or DnsType.Cname or DnsType.Ptr => ReadName(upTo, at) is { } target ? new DnsNameContent(type, target) : null,
            DnsType.Mx => length > 2 && ReadName(upTo, at + 2) is { } exchange ? new DnsMxContent(Number(data, 0), exchange) : null,
            DnsType.Txt => ReadTxt(data),
            DnsType.Soa => ReadSoa(upTo, at),
            DnsType.Tlsa => length > 3 ? new DnsTlsaContent(data[0], data[1], data[2], data[3..].ToArray()) : null,
            _ => new DnsOtherContent(type, data.ToArray()),
        };
        return content is not null;
    }

    // A name that fills the rest of the record.
    private static DnsName? ReadName(ReadOnlySpan<byte> upTo, int at) =>
        DnsName.TryRead(upTo, ref at, out DnsName? name) && at == upTo.Length ? name : null;

    // TXT-DATA = one or more <character-string>
    private static DnsTxtContent? ReadTxt(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return null;
        }

        var strings = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
        while (!data.IsEmpty)
        {
            int length = data[0];
            if (length >= data.Length)
            {
                return null;
            }

            strings.Add(data.Slice(1, length).ToArray());
            data = data[(length + 1)..];
        }
        return new DnsTxtContent(strings.ToImmutable());
    }

    private static DnsSoaContent? ReadSoa(ReadOnlySpan<byte> upTo, int at)
    {
        if (!DnsName.TryRead(upTo, ref at, out DnsName? primary) || !DnsName.TryRead(upTo, ref at, out DnsName? responsible) || upTo.Length - at != 20)
        {
            return null;
        }

        ReadOnlySpan<byte> numbers = upTo[at..];
        return new DnsSoaContent(primary!, responsible!, Long(numbers, 0), Long(numbers, 4), Long(numbers, 8), Long(numbers, 12), Long(numbers, 16));
    }

    private static ushort Number(ReadOnlySpan<byte> octets, int at) => BinaryPrimitives.ReadUInt16BigEndian(octets[at..]);

    private static uint Long(ReadOnlySpan<byte> octets, int at) => BinaryPrimitives.ReadUInt32BigEndian(octets[at..]);

    private static bool Bad(string reason, int offset, out DnsError error)
    {
        error = new DnsError($"reading a DNS {reason}", offset);
        return false;
    }

    private sealed record Opt(byte ExtendedCode, DnsEdns Edns);
}
