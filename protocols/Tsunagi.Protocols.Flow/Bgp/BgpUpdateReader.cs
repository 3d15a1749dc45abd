using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Tsunagi.Protocols.Flow.Bgp;

/// <summary>Reads UPDATE messages, with the handling of errors that RFC 7606 asks for.</summary>
internal ref struct BgpUpdateReader
{
    private readonly BgpEncoding _encoding;
    private readonly ImmutableArray<BgpAttribute>.Builder _attributes = ImmutableArray.CreateBuilder<BgpAttribute>();
    private BgpErrorHandling _handling = BgpErrorHandling.None;
    private string _reason = "";
    private BgpNotification? _notification;
    private UInt128 _seenHigh, _seenLow;

    private BgpUpdateReader(BgpEncoding encoding) => _encoding = encoding;

    /// <summary>
    /// Reads the body. (1) The lengths of the withdrawn routes and of the attributes must fit. (2) Withdrawn routes. (3) Attributes, each by its own
    /// length. (4) Routes. (5) What is mandatory must be there.
    /// </summary>
    public static BgpReadResult Read(ReadOnlySpan<byte> body, BgpEncoding encoding)
    {
        // :: Step 1
        int withdrawnOctets = BinaryPrimitives.ReadUInt16BigEndian(body);
        if (withdrawnOctets > body.Length - 4)
        {
            return BgpMessageReader.Reset("an UPDATE message: the withdrawn routes are longer than it", MalformedList());
        }

        int attributeOctets = BinaryPrimitives.ReadUInt16BigEndian(body[(2 + withdrawnOctets)..]);
        if (attributeOctets > body.Length - 4 - withdrawnOctets)
        {
            return BgpMessageReader.Reset("an UPDATE message: the attributes are longer than it", MalformedList());
        }

        // :: Step 2 and 4
        bool withPath = encoding.AddPath.Contains(BgpFamily.IPv4Unicast);
        if (!TryReadPrefixes(body.Slice(2, withdrawnOctets), false, withPath, out ImmutableArray<BgpPrefix> withdrawn)
            || !TryReadPrefixes(body[(4 + withdrawnOctets + attributeOctets)..], false, withPath, out ImmutableArray<BgpPrefix> nlri))
        {
            return BgpMessageReader.Reset("an UPDATE message: a route can not be", new BgpNotification(3, 10, ReadOnlyMemory<byte>.Empty));
        }

        // :: Step 3
        var reader = new BgpUpdateReader(encoding);
        reader.ReadAttributes(body.Slice(4 + withdrawnOctets, attributeOctets));

        // :: Step 5
        reader.CheckMandatory(nlri.Length > 0);
        var update = new BgpUpdate(withdrawn, reader._attributes.ToImmutable(), nlri);
        return reader._handling == BgpErrorHandling.SessionReset
            ? new BgpReadResult(null, reader._handling, reader._reason, reader._notification)
            : new BgpReadResult(update, reader._handling, reader._reason, reader._notification);
    }

    /// <summary>Prefixes up to the end of the octets; a length above the family's, or one that reaches behind the octets, is an error.</summary>
    internal static bool TryReadPrefixes(ReadOnlySpan<byte> octets, bool is6, bool withPath, out ImmutableArray<BgpPrefix> prefixes)
    {
        prefixes = [];
        var list = ImmutableArray.CreateBuilder<BgpPrefix>();
        Span<byte> address = stackalloc byte[16];
        while (!octets.IsEmpty)
        {
            uint path = 0;
            if (withPath)
            {
                if (octets.Length < 5)
                {
                    return false;
                }

                path = BinaryPrimitives.ReadUInt32BigEndian(octets);
                octets = octets[4..];
            }

            byte length = octets[0];
            int count = (length + 7) / 8;
            if (length > (is6 ? 128 : 32) || count > octets.Length - 1)
            {
                return false;
            }

            address.Clear();
            octets.Slice(1, count).CopyTo(address[(is6 ? 0 : 12)..]);
            // Bits behind the length have no meaning (RFC 4271 section 4.3).
            FlowAddress cut = BgpPrefix.Cut(FlowAddress.FromOctets(address), length, is6);
            list.Add(new BgpPrefix(cut, length, is6, path));
            octets = octets[(1 + count)..];
        }

        prefixes = list.ToImmutable();
        return true;
    }

    private static BgpNotification MalformedList() => new(3, 1, ReadOnlyMemory<byte>.Empty);

    // flags, type, length of one octet or two, value
    private void ReadAttributes(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            if (octets.Length < 3)
            {
                Fail(BgpErrorHandling.TreatAsWithdraw, "the attributes end inside the header of one"); // RFC 7606 section 4
                return;
            }

            byte flags = octets[0], type = octets[1];
            bool extended = (flags & BgpAttribute.ExtendedLength) != 0;
            int header = extended ? 4 : 3;
            int length = !extended ? octets[2] : octets.Length < 4 ? int.MaxValue : BinaryPrimitives.ReadUInt16BigEndian(octets[2..]);
            if (length > octets.Length - header)
            {
                Fail(BgpErrorHandling.TreatAsWithdraw, $"attribute {type} is longer than the attributes");
                return;
            }

            if (IsFirst(type))
            {
                ReadAttribute(flags, type, octets.Slice(header, length));
            }

            octets = octets[(header + length)..];
        }
    }

    // RFC 7606 section 3 g): of several, the first counts; two of MP_REACH_NLRI or MP_UNREACH_NLRI end the session.
    private bool IsFirst(byte type)
    {
        UInt128 bit = UInt128.One << (type & 127);
        bool seen = ((type < 128 ? _seenLow : _seenHigh) & bit) != 0;
        if (type < 128)
        {
            _seenLow |= bit;
        }
        else
        {
            _seenHigh |= bit;
        }

        if (seen)
        {
            Fail(type is 14 or 15 ? BgpErrorHandling.SessionReset : BgpErrorHandling.AttributeDiscard, $"attribute {type} stands twice", MalformedList());
        }

        return !seen;
    }

    private void ReadAttribute(byte flags, byte type, ReadOnlySpan<byte> value)
    {
        // RFC 7606 section 3 c): flags that are against the attribute's kind.
        byte kind = type switch { 1 or 2 or 3 or 5 or 6 => 0x40, 4 or 9 or 10 or 14 or 15 => 0x80, 7 or 8 or 16 or 17 or 18 or 25 or 32 => 0xC0, _ => (byte)(flags & 0xC0) };
        if ((flags & 0xC0) != kind)
        {
            if (type is 14 or 15)
            {
                Fail(BgpErrorHandling.SessionReset, $"attribute {type} has flags of another kind", new BgpNotification(3, 4, ReadOnlyMemory<byte>.Empty));
            }
            else
            {
                Fail(BgpErrorHandling.TreatAsWithdraw, $"attribute {type} has flags of another kind");
            }

            return;
        }

        if (type is 14 or 15)
        {
            ReadMultiprotocol(flags, type, value);
            return;
        }

        if (_encoding.External && type is 5 or 9 or 10)
        {
            Fail(BgpErrorHandling.AttributeDiscard, $"attribute {type} came from another AS"); // section 7.5, 7.9, 7.10
            return;
        }

        (BgpAttribute? attribute, BgpErrorHandling otherwise) = ReadValue(type, flags, value);
        if (attribute is null)
        {
            Fail(otherwise, $"the value of attribute {type} can not be");
        }
        else
        {
            _attributes.Add(attribute.Flags == flags ? attribute : attribute with { Flags = flags });
        }
    }

    // RFC 7606 section 7, RFC 8092 section 6
    private readonly (BgpAttribute? Attribute, BgpErrorHandling Otherwise) ReadValue(byte type, byte flags, ReadOnlySpan<byte> v) => type switch
    {
        1 => (v.Length == 1 && v[0] <= 2 ? new BgpOrigin(v[0]) : null, BgpErrorHandling.TreatAsWithdraw),
        2 => (ReadPath(v, _encoding.FourOctetAs) is { } path ? new BgpAsPath(path) : null, BgpErrorHandling.TreatAsWithdraw),
        3 => (v.Length == 4 ? new BgpNextHop(FlowAddress.FromOctets(v)) : null, BgpErrorHandling.TreatAsWithdraw),
        4 => (v.Length == 4 ? new BgpMultiExitDiscriminator(Int(v)) : null, BgpErrorHandling.TreatAsWithdraw),
        5 => (v.Length == 4 ? new BgpLocalPreference(Int(v)) : null, BgpErrorHandling.TreatAsWithdraw),
        6 => (v.Length == 0 ? new BgpAtomicAggregate() : null, BgpErrorHandling.AttributeDiscard),
        7 => (ReadAggregator(v), BgpErrorHandling.AttributeDiscard),
        8 => (v.Length > 0 && v.Length % 4 == 0 ? new BgpCommunities(Ints(v)) : null, BgpErrorHandling.TreatAsWithdraw),
        9 => (v.Length == 4 ? new BgpOriginatorId(Int(v)) : null, BgpErrorHandling.TreatAsWithdraw),
        10 => (v.Length > 0 && v.Length % 4 == 0 ? new BgpClusterList(Ints(v)) : null, BgpErrorHandling.TreatAsWithdraw),
        16 => (v.Length > 0 && v.Length % 8 == 0 ? new BgpExtendedCommunities(ReadExtended(v)) : null, BgpErrorHandling.TreatAsWithdraw),
        17 => (ReadPath(v, fourOctets: true) is { } path ? new BgpAs4Path(path) : null, BgpErrorHandling.AttributeDiscard), // RFC 6793 section 6
        18 => (v.Length == 8 ? new BgpOtherAttribute(type, flags, v.ToArray()) : null, BgpErrorHandling.AttributeDiscard),
        32 => (v.Length > 0 && v.Length % 12 == 0 ? new BgpLargeCommunities(ReadLarge(v)) : null, BgpErrorHandling.TreatAsWithdraw),
        _ when (flags & BgpAttribute.Optional) == 0 => (null, BgpErrorHandling.TreatAsWithdraw), // well-known, and not known
        _ => (new BgpOtherAttribute(type, flags, v.ToArray()), BgpErrorHandling.None),
    };

    private readonly BgpAggregator? ReadAggregator(ReadOnlySpan<byte> v) => (v.Length, _encoding.FourOctetAs) switch
    {
        (8, true) => new BgpAggregator(Int(v), Int(v[4..])),
        (6, false) => new BgpAggregator(BinaryPrimitives.ReadUInt16BigEndian(v), Int(v[2..])),
        _ => null,
    };

    // RFC 4271 section 4.3 b), RFC 7606 section 7.2
    private static ImmutableArray<BgpAsSegment>? ReadPath(ReadOnlySpan<byte> v, bool fourOctets)
    {
        var segments = ImmutableArray.CreateBuilder<BgpAsSegment>();
        int width = fourOctets ? 4 : 2;
        while (!v.IsEmpty)
        {
            if (v.Length < 2 || v[0] is 0 or > 4 || v[1] == 0 || v.Length - 2 < v[1] * width)
            {
                return null;
            }

            var ases = ImmutableArray.CreateBuilder<uint>(v[1]);
            for (int i = 0; i < v[1]; i++)
            {
                ReadOnlySpan<byte> one = v[(2 + i * width)..];
                ases.Add(fourOctets ? Int(one) : BinaryPrimitives.ReadUInt16BigEndian(one));
            }

            segments.Add(new BgpAsSegment(v[0], ases.ToImmutable()));
            v = v[(2 + v[1] * width)..];
        }

        return segments.ToImmutable();
    }

    private void ReadMultiprotocol(byte flags, byte type, ReadOnlySpan<byte> v)
    {
        bool reach = type == 14;
        int shortest = reach ? 5 : 3;
        int hop = reach && v.Length >= 4 ? v[3] : 0;
        if (v.Length < shortest + hop)
        {
            Fail(BgpErrorHandling.SessionReset, $"attribute {type} is shorter than its parts", new BgpNotification(3, 9, ReadOnlyMemory<byte>.Empty));
            return;
        }

        var family = new BgpFamily(BinaryPrimitives.ReadUInt16BigEndian(v), v[2]);
        ReadOnlySpan<byte> next = reach ? v.Slice(4, hop) : default;
        ReadOnlySpan<byte> routes = v[(shortest + hop)..]; // behind the next hop stands a reserved octet
        ImmutableArray<BgpPrefix> prefixes = [];
        ImmutableArray<FlowSpecRule> rules = [];
        byte[] other = [];
        bool good = true;
        if (family.IsUnicast)
        {
            // RFC 7606 section 7.11: a next hop of a length that the family can not have.
            bool badHop = reach && !(family.Afi == 1 ? hop is 4 or 16 or 32 : hop is 16 or 32);
            good = !badHop && TryReadPrefixes(routes, family.Afi == 2, _encoding.AddPath.Contains(family), out prefixes);
            if (badHop)
            {
                Fail(BgpErrorHandling.SessionReset, $"attribute {type} has a next hop of {hop} octets for {family}", new BgpNotification(3, 9, ReadOnlyMemory<byte>.Empty));
                return;
            }
        }
        else if (family.IsFlowSpec)
        {
            good = TryReadRules(routes, family, out rules);
        }
        else
        {
            other = routes.ToArray();
        }

        if (!good)
        {
            Fail(BgpErrorHandling.AfiSafiDisable, $"a route of {family} can not be", new BgpNotification(3, 9, ReadOnlyMemory<byte>.Empty)); // section 5.3
            return;
        }

        _attributes.Add(reach
            ? new BgpMpReach(family) { Flags = flags, NextHop = next.ToArray(), Prefixes = prefixes, FlowSpecs = rules, Octets = other }
            : new BgpMpUnreach(family) { Flags = flags, Prefixes = prefixes, FlowSpecs = rules, Octets = other });
    }

    private readonly bool TryReadRules(ReadOnlySpan<byte> routes, BgpFamily family, out ImmutableArray<FlowSpecRule> rules)
    {
        rules = [];
        var list = ImmutableArray.CreateBuilder<FlowSpecRule>();
        while (!routes.IsEmpty)
        {
            if (!FlowSpecNlri.TryRead(routes, family, _encoding.FlowSpecOffset, out FlowSpecRule? rule, out int length))
            {
                return false;
            }

            list.Add(rule!);
            routes = routes[length..];
        }

        rules = list.ToImmutable();
        return true;
    }

    // RFC 7606 section 3 d): a route without a well-known mandatory attribute is withdrawn.
    private void CheckMandatory(bool hasNlri)
    {
        bool reaches = hasNlri || _attributes.Any(a => a is BgpMpReach);
        if (!reaches || _handling >= BgpErrorHandling.TreatAsWithdraw)
        {
            return;
        }

        int missing = !Has(1) ? 1 : !Has(2) ? 2 : hasNlri && !Has(3) ? 3 : 0;
        if (missing != 0)
        {
            Fail(BgpErrorHandling.TreatAsWithdraw, $"attribute {missing} is missing");
        }
    }

    private readonly bool Has(byte type) => _attributes.Any(a => a.Type == type);

    // The gravest error decides (section 2); its reason is told.
    private void Fail(BgpErrorHandling handling, string reason, BgpNotification? notification = null)
    {
        if (handling > _handling)
        {
            _handling = handling;
            _reason = $"reading an UPDATE message: {reason}";
            _notification = handling >= BgpErrorHandling.AfiSafiDisable ? notification : null;
        }
    }

    private static ImmutableArray<uint> Ints(ReadOnlySpan<byte> v)
    {
        var list = ImmutableArray.CreateBuilder<uint>(v.Length / 4);
        for (; !v.IsEmpty; v = v[4..])
        {
            list.Add(Int(v));
        }

        return list.ToImmutable();
    }

    private static ImmutableArray<BgpExtendedCommunity> ReadExtended(ReadOnlySpan<byte> v)
    {
        var list = ImmutableArray.CreateBuilder<BgpExtendedCommunity>(v.Length / 8);
        for (; !v.IsEmpty; v = v[8..])
        {
            list.Add(new BgpExtendedCommunity(BinaryPrimitives.ReadUInt64BigEndian(v)));
        }

        return list.ToImmutable();
    }

    private static ImmutableArray<BgpLargeCommunity> ReadLarge(ReadOnlySpan<byte> v)
    {
        var list = ImmutableArray.CreateBuilder<BgpLargeCommunity>(v.Length / 12);
        for (; !v.IsEmpty; v = v[12..])
        {
            list.Add(new BgpLargeCommunity(Int(v), Int(v[4..]), Int(v[8..])));
        }

        return list.ToImmutable();
    }

    private static uint Int(ReadOnlySpan<byte> octets) => BinaryPrimitives.ReadUInt32BigEndian(octets);
}
