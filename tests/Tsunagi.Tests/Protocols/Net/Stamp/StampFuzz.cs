using System.Net;
using Tsunagi.Protocols.Net.Stamp;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Net.Stamp;

/// <summary>Test packets: nothing throws; whatever is read is reflected at its own length, and the reply is read again with what it answers.</summary>
public sealed class StampFuzz : FuzzTarget
{
    private static readonly StampKey Key = new("fuzz"u8);
    private static readonly StampReflectorClock Clock = new(StampErrorEstimate.Of(50_000, isSynchronized: true, StampFormat.Ntp), default, MarksReplies: true);
    private static readonly StampArrival Arrival = new(1_700_000_000_000_000_000, 64, 0xB8, IPEndPoint.Parse("192.0.2.1:4711"), IPEndPoint.Parse("[2001:db8::7]:862"));

    public override string Name => "stamp.packet";

    public override IReadOnlyList<Type> Parsers => [typeof(StampTest), typeof(StampReply), typeof(StampTlvs), typeof(StampChecks), typeof(StampIntegrityCheck), typeof(StampReflection), typeof(StampLocation)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1(
        "\u0080\u0008\0\u0010", "\u0080\u0001\0\0", "\u0080\u0002\0\u0010\0\0\0\0\u0080\u0001\0\u0008\0\0\0\0\0\0\0\0", "\u0080\u0007\0\u0010", "\u0080\u0005\0\u000c", "\u0080\u0006\0\u0004\u0010\u0001\0\0", "\u0080\u0006\0\u0003", "\u0080\u00ff\0\0", "\0\u0007\0\u0010", "\u0080\u0004\0\u0010");

    public override byte[] Generate(Random random)
    {
        StampMode mode = Pick(random, StampMode.Unauthenticated, StampMode.Unauthenticated, StampMode.Authenticated);
        var buffer = new byte[1_024];
        var writer = new StampWriter(buffer, mode, (uint)random.Next(), (ushort)random.Next(65_536));
        for (int i = random.Next(5); i > 0; i--)
        {
            switch (Pick(random, 1, 2, 3, 4, 5, 6, 7, 200))
            {
                case 1:
                    writer.Add(StampTlvType.ExtraPadding, new byte[random.Next(40)]);
                    break;
                case 2:
                    Span<byte> location = writer.Reserve(StampTlvType.Location, StampLocation.RequestOctets);
                    StampLocation.WriteRequest(location);
                    location[5] = (byte)Pick(random, 4, 5, 6, 8, 9);
                    location[25] = (byte)Pick(random, 7, 5, 6, 8, 9);
                    break;
                case var type:
                    writer.Add((StampTlvType)type, new byte[Pick(random, 4, 12, 16)]);
                    break;
            }
        }

        return writer.TryFinish(new StampTimestamp((ulong)random.NextInt64()), Clock.Error, mode == StampMode.Authenticated || random.Next(2) == 0 ? Key : null, out int length) ? buffer[..length] : [];
    }

    public override void Run(byte[] input)
    {
        var buffer = new byte[input.Length + 112];
        foreach (StampMode mode in Enum.GetValues<StampMode>())
        {
            foreach (StampKey? key in (StampKey?[])[Key, null])
            {
                if (!StampTest.TryParse(input, mode, key, null, out StampTest test, out StampError error))
                {
                    Promise(error.Offset >= 0 && error.Offset <= input.Length && error.Reason.Length > 0, "a refusal says where and why");
                    continue;
                }

                StampArrival arrival = test.Sequence % 2 == 0 ? Arrival : Arrival with { Source = null };
                Promise(StampReflection.TryBegin(test, 77, arrival, default, Clock, key, buffer, out StampReflection reflection), "it can be answered");
                reflection.Finish(1_700_000_000_000_100_000, key);
                byte[] octets = buffer[..reflection.Length];
                Promise(octets.Length == Math.Max(input.Length, mode == StampMode.Authenticated ? 112 : 44), "an answer is as long as the question");
                Promise(StampReply.TryParse(octets, mode, key, null, out StampReply reply, out _), "an answer is read");
                Promise(reply.Sequence == 77 && reply.SenderSequence == test.Sequence && reply.SenderTimestamp == test.Timestamp && reply.SessionId == test.SessionId, "it says what it answers");
                StampIntegrity of = test.IntegrityOfTlvs(key);
                Promise(of == StampIntegrity.Wrong || reply.IntegrityOfTlvs(key) == of, "what was right is signed again");
                Walk(reply);
            }
        }

        _ = StampReply.TryParse(input, StampMode.Unauthenticated, null, null, out StampReply strange, out _);
        Walk(strange);
    }

    private static void Walk(StampReply reply)
    {
        int end = 0;
        foreach (StampTlv tlv in reply.Octets.IsEmpty ? default : reply.Tlvs)
        {
            Promise(tlv.Offset == end, "TLVs follow one another");
            end = tlv.Offset + tlv.Octets.Length;
            _ = StampLocation.TryReadSource(tlv.Value, out _) || StampLocation.TryReadDestination(tlv.Value, out _) || StampFollowUp.TryRead(tlv.Value, out _) || StampClassOfService.TryRead(tlv.Value, out _)
                || StampDirectMeasurement.TryRead(tlv.Value, out _);
        }
    }
}
