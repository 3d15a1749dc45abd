using System.Collections.Immutable;

namespace Tsunagi.Protocols.Net.Dns;

/// <summary>A DNS message (RFC 1035 section 4.1), OPT taken out of its additional records.</summary>
public sealed record DnsMessage
{
    /// <summary>Drawn at random for each query, and the same in its response.</summary>
    public required ushort Id { get; init; }

    /// <summary>QR.</summary>
    public bool IsResponse { get; init; }

    /// <summary>OPCODE; 0 is a query.</summary>
    public byte Opcode { get; init; }

    /// <summary>AA.</summary>
    public bool IsAuthoritative { get; init; }

    /// <summary>TC: ask again by TCP.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>RD.</summary>
    public bool RecursionDesired { get; init; }

    /// <summary>RA.</summary>
    public bool RecursionAvailable { get; init; }

    /// <summary>AD: a resolver that can be trusted over a path that can be trusted validated the answer (RFC 6840 section 5.8).</summary>
    public bool AuthenticData { get; init; }

    /// <summary>CD.</summary>
    public bool CheckingDisabled { get; init; }

    /// <summary>RCODE, with the upper bits of EDNS.</summary>
    public DnsResponseCode ResponseCode { get; init; }

    /// <summary>Usually one.</summary>
    public ImmutableArray<DnsQuestion> Questions { get; init; } = [];

    /// <summary>The answer.</summary>
    public ImmutableArray<DnsRecord> Answers { get; init; } = [];

    /// <summary>Who is responsible; with a negative answer the SOA.</summary>
    public ImmutableArray<DnsRecord> Authorities { get; init; } = [];

    /// <summary>What may be of use besides.</summary>
    public ImmutableArray<DnsRecord> Additionals { get; init; } = [];

    /// <summary>EDNS; null when the sender does not speak it.</summary>
    public DnsEdns? Edns { get; init; }

    /// <summary>A query that asks a resolver, with AD set so that it tells whether it validated (RFC 6840 section 5.7).</summary>
    public static DnsMessage Query(ushort id, DnsName name, DnsType type) =>
        new() { Id = id, RecursionDesired = true, AuthenticData = true, Questions = [new DnsQuestion(name, type)], Edns = new DnsEdns() };

    /// <summary>
    /// The message answers <paramref name="query"/>: same id, a response, the same question octet by octet (so mixed case counts). A response
    /// without its question is taken when it is an error, since servers that can not read a question send it back without.
    /// </summary>
    public bool IsAnswerTo(DnsMessage query)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (!IsResponse || Id != query.Id || Opcode != query.Opcode)
        {
            return false;
        }

        if (Questions.Length == 0)
        {
            return ResponseCode is DnsResponseCode.FormatError or DnsResponseCode.NotImplemented or DnsResponseCode.ServerFailure or DnsResponseCode.Refused;
        }

        return Questions.Length == query.Questions.Length
            && Questions.Zip(query.Questions).All(pair => pair.First.Name.EqualsExactly(pair.Second.Name) && pair.First.Type == pair.Second.Type
                && pair.First.Class == pair.Second.Class);
    }
}
