using System.Runtime.InteropServices;
using Tsunagi.Protocols.Flow.Packet;

namespace Tsunagi.Protocols.Flow.Ipfix;

public sealed partial class FieldPlan
{
    // Places of FlowRecord; a test holds them against its layout.
    private const ushort SourceAt = 0, DestinationAt = 16, NextHopAt = 32, BgpNextHopAt = 48, OctetsAt = 64, PacketsAt = 72, ReverseOctetsAt = 80, ReversePacketsAt = 88,
        SelectorAt = 120, SourceMacAt = 128, DestinationMacAt = 136, InputAt = 144, OutputAt = 148, SourceAsAt = 152, DestinationAsAt = 156, IngressVrfAt = 168,
        EgressVrfAt = 172, MplsAt = 176, FlowLabelAt = 192, SegmentAt = 196, IdentificationAt = 204, FrameAt = 208, FlowCountAt = 212, SourcePortAt = 216,
        DestinationPortAt = 218, TcpFlagsAt = 220, SourceVlanAt = 222, DestinationVlanAt = 224, EtherTypeAt = 226, FragmentOffsetAt = 228, MinimumAt = 230,
        MaximumAt = 232, ProtocolAt = 236, TosAt = 237, TtlAt = 238, IcmpTypeAt = 239, IcmpCodeAt = 240, SourceLengthAt = 241, DestinationLengthAt = 242,
        ForwardingAt = 243, DirectionAt = 244, FragmentFlagsAt = 245, VersionAt = 246, EndReasonAt = 247, CustomerVlanAt = 252;

    // RFC 5103: an element under this number counts the way back.
    private const uint ReverseEnterprise = 29305;

    /// <summary>
    /// Compiles a template. (1) Each field gets its target; fields that lead nowhere are passed over. (2) The targets of one place are put in
    /// the order of their precision. (3) The first is copied as it is, by the shortest code; the others only where they are not zero.
    /// </summary>
    internal static FieldPlan Compile(Template template)
    {
        // :: Step 1
        var found = new List<(Target Target, int Field, ushort From, ushort Length)>();
        int from = 0;
        for (int i = 0; i < template.Fields.Length; i++)
        {
            TemplateField field = template.Fields[i];
            bool variable = field.Length == TemplateField.Variable;
            if (field.Length > 0 && Find(field, out Target target) && (variable || from <= ushort.MaxValue))
            {
                found.Add((target, i, (ushort)Math.Min(from, ushort.MaxValue), field.Length));
                if (target.To == BgpNextHopAt)
                {
                    // Many exporters tell the next hop of BGP only.
                    found.Add((Address(NextHopAt, FlowFields.NextHop), i, (ushort)Math.Min(from, ushort.MaxValue), field.Length));
                }
            }

            from += variable ? 1 : field.Length;
        }

        // :: Step 2. Sections first: what the exporter says itself is more precise than what we read in the packet.
        List<(Target Target, int Field, ushort From, ushort Length)> ordered =
            [.. found.OrderBy(f => f.Target.Code == FieldCode.Section ? 0 : 1).ThenBy(f => f.Target.To).ThenBy(f => f.Target.Rank)];

        // :: Step 3
        bool hasSection = ordered.Count > 0 && ordered[0].Target.Code == FieldCode.Section;
        var copies = new List<FieldCopy>();
        FlowFields fields = FlowFields.None;
        var taken = new HashSet<ushort>();
        bool completes = false;
        foreach (var (target, index, at, length) in ordered)
        {
            bool isPlace = target.Code <= FieldCode.AddressIfAny;
            bool first = !hasSection && isPlace && taken.Add(target.To);
            FieldCode code = isPlace ? CodeOf(target, length, first) : target.Code;
            if (code == FieldCode.AddressIfAny && length is not (4 or 16 or TemplateField.Variable))
            {
                continue; // no address has this length
            }

            copies.Add(new FieldCopy(code, target.Width, at, length, target.To, (ushort)index));
            fields |= target.Fields;
            completes |= code is FieldCode.Section or >= FieldCode.StartUptime;
        }

        return new FieldPlan([.. copies], fields, completes || fields.HasFlag(FlowFields.Selector));
    }

    private static FieldCode CodeOf(Target target, ushort length, bool first)
    {
        if (target.Code == FieldCode.IPv4)
        {
            return (first, length) switch { (true, 4) => FieldCode.IPv4, (true, 16) => FieldCode.IPv6, _ => FieldCode.AddressIfAny };
        }

        return (first, target.Width, length) switch
        {
            (true, 1, 1) => FieldCode.Octet,
            (true, 2, 2) => FieldCode.Short,
            (true, 2, 1) => FieldCode.OctetToShort,
            (true, 4, 4) => FieldCode.Int,
            (true, 4, 2) => FieldCode.ShortToInt,
            (true, 8, 8) => FieldCode.Long,
            (true, 8, 4) => FieldCode.IntToLong,
            (true, _, _) => FieldCode.Number,
            _ => FieldCode.NumberIfAny,
        };
    }

    private static bool Find(TemplateField field, out Target target)
    {
        target = default;
        if (field.IsScope && field.Enterprise != 0)
        {
            return false;
        }

        Target? found = field.Enterprise switch
        {
            0 => FindIana(field.Id),
            ReverseEnterprise => field.Id switch
            {
                1 or 85 => Place(ReverseOctetsAt, 8, FlowFields.Reverse, 2),
                2 or 86 => Place(ReversePacketsAt, 8, FlowFields.Reverse, 2),
                _ => null,
            },
            _ => null,
        };
        target = found ?? default;
        return found is not null;
    }

    private static Target? FindIana(ushort id) => FindTraffic(id) ?? FindPath(id) ?? FindLater(id);

    private static Target? FindTraffic(ushort id) => id switch
    {
        // Addresses and next hops.
        8 or 27 => Address(SourceAt, FlowFields.Addresses),
        12 or 28 => Address(DestinationAt, FlowFields.Addresses),
        15 or 62 => Address(NextHopAt, FlowFields.NextHop, 9),
        18 or 63 => Address(BgpNextHopAt, FlowFields.NextHop),

        // Counters: deltas before totals before those behind the exporter's own work.
        1 => Place(OctetsAt, 8, FlowFields.Octets, 9),
        231 => Place(OctetsAt, 8, FlowFields.Octets, 8),
        85 => Place(OctetsAt, 8, FlowFields.Octets, 7),
        352 => Place(OctetsAt, 8, FlowFields.Octets, 6),
        23 => Place(OctetsAt, 8, FlowFields.Octets, 5),
        224 => Place(OctetsAt, 8, FlowFields.Octets, 4), // ipTotalLength of a packet
        2 => Place(PacketsAt, 8, FlowFields.Packets, 9),
        298 => Place(PacketsAt, 8, FlowFields.Packets, 8),
        86 => Place(PacketsAt, 8, FlowFields.Packets, 7),
        24 => Place(PacketsAt, 8, FlowFields.Packets, 5),
        232 => Place(ReverseOctetsAt, 8, FlowFields.Reverse, 1),
        299 => Place(ReversePacketsAt, 8, FlowFields.Reverse, 1),
        3 => Place(FlowCountAt, 4, FlowFields.None),
        312 => Place(FrameAt, 4, FlowFields.None),

        // Transport.
        4 => Place(ProtocolAt, 1, FlowFields.Protocol),
        7 => Place(SourcePortAt, 2, FlowFields.Ports, 9),
        180 or 182 => Place(SourcePortAt, 2, FlowFields.Ports, 8),
        11 => Place(DestinationPortAt, 2, FlowFields.Ports, 9),
        181 or 183 => Place(DestinationPortAt, 2, FlowFields.Ports, 8),
        6 => Place(TcpFlagsAt, 2, FlowFields.TcpFlags),
        5 => Place(TosAt, 1, FlowFields.Tos, 9),
        195 => new Target(FieldCode.Dscp, 0, 1, FlowFields.Tos, 1),
        32 or 139 => new Target(FieldCode.IcmpTypeCode, 0, 2, FlowFields.Icmp, 1),
        176 or 178 => Place(IcmpTypeAt, 1, FlowFields.Icmp),
        177 or 179 => Place(IcmpCodeAt, 1, FlowFields.Icmp),
        192 => Place(TtlAt, 1, FlowFields.Ttl, 9),
        53 => Place(TtlAt, 1, FlowFields.Ttl, 2),
        52 => Place(TtlAt, 1, FlowFields.Ttl, 3),
        60 => Place(VersionAt, 1, FlowFields.None),
        25 => Place(MinimumAt, 2, FlowFields.PacketLengths),
        26 => Place(MaximumAt, 2, FlowFields.PacketLengths),
        31 => Place(FlowLabelAt, 4, FlowFields.None),
        54 => Place(IdentificationAt, 4, FlowFields.Fragment),
        88 => Place(FragmentOffsetAt, 2, FlowFields.Fragment),
        197 => Place(FragmentFlagsAt, 1, FlowFields.Fragment),
        136 => Place(EndReasonAt, 1, FlowFields.None),
        _ => null,
    };

    private static Target? FindPath(ushort id) => id switch
    {
        // Where it passed.
        10 => Place(InputAt, 4, FlowFields.InputInterface, 9),
        252 => Place(InputAt, 4, FlowFields.InputInterface, 1),
        14 => Place(OutputAt, 4, FlowFields.OutputInterface, 9),
        253 => Place(OutputAt, 4, FlowFields.OutputInterface, 1),
        16 => Place(SourceAsAt, 4, FlowFields.As),
        17 => Place(DestinationAsAt, 4, FlowFields.As),
        9 or 29 => Place(SourceLengthAt, 1, FlowFields.PrefixLengths),
        13 or 30 => Place(DestinationLengthAt, 1, FlowFields.PrefixLengths),
        61 => Place(DirectionAt, 1, FlowFields.Direction),
        89 => Place(ForwardingAt, 1, FlowFields.ForwardingStatus),
        234 => Place(IngressVrfAt, 4, FlowFields.Vrf),
        235 => Place(EgressVrfAt, 4, FlowFields.Vrf),

        // The link.
        56 => Place(SourceMacAt, 8, FlowFields.Mac, 9),
        81 => Place(SourceMacAt, 8, FlowFields.Mac, 1),
        80 => Place(DestinationMacAt, 8, FlowFields.Mac, 9),
        57 => Place(DestinationMacAt, 8, FlowFields.Mac, 1),
        58 => Place(SourceVlanAt, 2, FlowFields.Vlan, 9),
        243 => Place(SourceVlanAt, 2, FlowFields.Vlan, 1),
        59 => Place(DestinationVlanAt, 2, FlowFields.Vlan, 9),
        254 => Place(DestinationVlanAt, 2, FlowFields.Vlan, 1),
        245 => Place(CustomerVlanAt, 2, FlowFields.Vlan),
        256 => Place(EtherTypeAt, 2, FlowFields.None),
        351 => Place(SegmentAt, 4, FlowFields.None),
        >= 70 and <= 73 => new Target(FieldCode.Label, (ushort)(MplsAt + 4 * (id - 70)), 4, FlowFields.Mpls, 1),

        // Pieces of packets.
        315 => new Target(FieldCode.Section, 0, (byte)PacketLink.Ethernet, FlowFields.PacketSection, 3),
        104 => new Target(FieldCode.Section, 0, (byte)PacketLink.Ethernet, FlowFields.PacketSection, 2),
        313 => new Target(FieldCode.Section, 0, (byte)PacketLink.Ip, FlowFields.PacketSection, 1),
        317 => new Target(FieldCode.Section, 0, (byte)PacketLink.Ip, FlowFields.PacketSection, 1),
        _ => null,
    };

    private static Target? FindLater(ushort id) => id switch
    {
        // Time.
        22 => Later(FieldCode.StartUptime, FlowFields.Start),
        21 => Later(FieldCode.EndUptime, FlowFields.End),
        150 => Later(FieldCode.StartSeconds, FlowFields.Start),
        151 => Later(FieldCode.EndSeconds, FlowFields.End),
        152 => Later(FieldCode.StartMilliseconds, FlowFields.Start),
        153 => Later(FieldCode.EndMilliseconds, FlowFields.End),
        154 or 156 => Later(FieldCode.StartMicroseconds, FlowFields.Start),
        155 or 157 => Later(FieldCode.EndMicroseconds, FlowFields.End),
        158 => Later(FieldCode.StartDelta, FlowFields.Start),
        159 => Later(FieldCode.EndDelta, FlowFields.End),
        322 => Later(FieldCode.ObservedSeconds, FlowFields.Start | FlowFields.End),
        323 => Later(FieldCode.ObservedMilliseconds, FlowFields.Start | FlowFields.End),
        324 or 325 => Later(FieldCode.ObservedMicroseconds, FlowFields.Start | FlowFields.End),
        160 => Later(FieldCode.SystemInit, FlowFields.None),
        161 => Later(FieldCode.DurationMilliseconds, FlowFields.None),
        162 => Later(FieldCode.DurationMicroseconds, FlowFields.None),

        // Sampling.
        48 => Place(SelectorAt, 8, FlowFields.Selector, 1),
        302 => Place(SelectorAt, 8, FlowFields.Selector, 2),
        301 => Later(FieldCode.SelectionSequence, FlowFields.None),
        34 or 50 => Later(FieldCode.SamplingInterval, FlowFields.None),
        305 => Later(FieldCode.SamplingPacketInterval, FlowFields.None),
        306 => Later(FieldCode.SamplingSpace, FlowFields.None),
        309 => Later(FieldCode.SamplingSize, FlowFields.None),
        310 => Later(FieldCode.SamplingPopulation, FlowFields.None),
        _ => null,
    };

    private static Target Address(ushort to, FlowFields fields, byte rank = 1) => new(FieldCode.IPv4, to, 16, fields, rank);

    private static Target Place(ushort to, byte width, FlowFields fields, byte rank = 1) => new(FieldCode.Number, to, width, fields, rank);

    private static Target Later(FieldCode code, FlowFields fields) => new(code, 0, 8, fields, 1);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Target(FieldCode Code, ushort To, byte Width, FlowFields Fields, byte Rank);
}
