using System.Buffers;
using Tsunagi.Protocols.Flow.Pcap;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Flow.Pcap;

/// <summary>Captures: nothing throws or runs for ever, packets are within the limit, and what was read can be written and reads the same.</summary>
public sealed class PcapFuzz : FuzzTarget
{
    private static readonly PcapLimits Limits = new() { PacketOctets = 2000, Interfaces = 3 };

    public override string Name => "flow.pcap";

    public override IReadOnlyList<Type> Parsers { get; } = typeof(PcapReader).Assembly.GetTypes().Where(t => t.Namespace == "Tsunagi.Protocols.Flow.Pcap" && t.Name is "PcapReader" or "PcapInterface").ToArray();

    public override IReadOnlyList<byte[]> Words { get; } = [[0x0A, 0x0D, 0x0D, 0x0A], [0xD4, 0xC3, 0xB2, 0xA1], [0xA1, 0xB2, 0xC3, 0xD4], [0x4D, 0x3C, 0xB2, 0xA1], [0x34, 0xCD, 0xB2, 0xA1], [6, 0, 0, 0], [9, 0, 1, 0, 9, 0, 0, 0]];

    public override int MaxOctets => 600;

    public override byte[] Generate(Random random)
    {
        byte[] big = new Wire().Hex("0A0D0D0A 0000001C 1A2B3C4D 0001 0000 FFFFFFFFFFFFFFFF 0000001C")
            .Hex("00000001 0000002C 0065 0000 00000000 0009 0001 8A 000000 000E 0008 0000000000000064 0000 0000 0000002C")
            .Hex("00000006 00000024 00000000 00000000 000003E9 00000003 00000009 AABBCC00 00000024")
            .Hex("00000002 00000024 0000 0000 00000000 000007D0 00000004 00000004 AABBCCDD 00000024")
            .Hex("00000003 00000014 00000004 01020304 00000014").ToArray();
        return random.Next(6) switch
        {
            0 => Capture_files.Pcap(),
            1 => Capture_files.Pcapng(),
            2 => new Wire().Hex("A1B2C3D4 00020004 00000000 00000000 00040000 00000001 00000001 00000002 00000003 00000009 AABBCC").ToArray(),
            3 => new Wire().Hex("34CDB2A1 02000400 00000000 00000000 00000400 01000000 01000000 02000000 03000000 09000000 0000000000000000 AABBCC").ToArray(),
            4 => [.. Capture_files.Pcapng(), .. big],
            _ => big,
        };
    }

    public override void Run(byte[] input)
    {
        var reader = new PcapReader(new MemoryStream(input), Limits);
        var output = new ArrayBufferWriter<byte>();
        PcapngWriter.WriteSection(output);
        var packets = new List<string>();
        while (reader.Read(out PcapPacket packet) == PcapStatus.Packet)
        {
            Promise(packet.Octets.Length <= 2000, "a packet is within the limit");
            Promise(packets.Count <= input.Length / 16, "a packet takes octets");
            PcapngWriter.WriteInterface(output, (ushort)packet.LinkType);
            PcapngWriter.WritePacket(output, (uint)packets.Count, in packet);
            packets.Add(Show(packet));
        }

        var again = new PcapReader(new MemoryStream(output.WrittenSpan.ToArray()), new PcapLimits { Interfaces = 10_000 });
        foreach (string before in packets)
        {
            Promise(again.Read(out PcapPacket packet) == PcapStatus.Packet && Show(packet) == before, "what was written reads the same");
        }

        Promise(again.Read(out _) == PcapStatus.End, "and ends");
    }

    private static string Show(PcapPacket packet) => $"{packet.TimestampNanoseconds} {(ushort)packet.LinkType} {packet.OriginalLength} {Convert.ToHexString(packet.Octets)}";
}
