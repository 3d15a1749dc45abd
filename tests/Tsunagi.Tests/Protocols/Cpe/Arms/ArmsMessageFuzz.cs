using System.Buffers;
using System.Text;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Cpe.Arms;

/// <summary>Messages and heartbeats of ARMS: nothing throws, and what is read can be written and says the same when read again.</summary>
public sealed class ArmsMessageFuzz : FuzzTarget
{
    public override string Name => "arms.message";

    public override IReadOnlyList<Type> Parsers { get; } = [typeof(ArmsReader), typeof(ArmsWriter), typeof(DistributionId), typeof(Heartbeat), typeof(HeartbeatReader), typeof(HeartbeatCpu), typeof(HeartbeatSpace), typeof(HeartbeatTraffic), typeof(TunnelFraming), typeof(LocationConfig)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("<arms-request type=\"ping\">", "</arms-request>", "<result-code>100</result-code>", "<module id=\"0\" version=\"1\">", "&amp;", "0001-0000-0101-0000-0000-0000-DEAD-BEEF", "type=\"\"", "4;echo-request;trail\r\necho\r\n", ";id=7", "line-dhcp {\n ifindex 0;\n};\n", "rs-certificate {");

    public override byte[] Generate(Random random)
    {
        if (random.Next(4) == 0)
        {
            return TunnelFraming.Write(Pick(random, TunnelChunk.EchoRequest, TunnelChunk.EchoResponse, TunnelChunk.End, new TunnelChunk(TunnelChunkKind.Message, Pick<int?>(random, null, 7), random.Next(2) == 0, new byte[1 + random.Next(20)])));
        }

        if (random.Next(4) == 0)
        {
            return Octets.Of(new LocationConfig(new LocationLine(Pick(random, "line-dhcp", "line-pppoe"), [KeyValuePair.Create("ifindex", "0"), KeyValuePair.Create("account", "a")]), Pick(random, "", "PEM")).Write());
        }

        if (random.Next(3) == 0)
        {
            return new Heartbeat { DistributionId = new DistributionId((UInt128)random.NextInt64()), Records = [.. Enumerable.Range(0, random.Next(4)).Select(i => new HeartbeatRecord((ushort)(0x33 + i), new byte[Pick(random, 3, 18, 50, random.Next(20))]))] }.Write("p"u8);
        }

        return ArmsWriter.Write(
            new ArmsMessage
            {
                IsResponse = random.Next(2) == 0, Type = Pick(random, "ping-start", "rs-solicitation", "configure-done"), TransactionResult = Pick<int?>(random, null, 100), TransactionId = Pick<long?>(random, null, 4711),
                DistributionId = Pick<DistributionId?>(random, null, new DistributionId(77)), ResultUrl = Pick(random, null, "https://192.0.2.1/rs"), ResultCode = Pick<int?>(random, null, 301), Description = Pick(random, null, "é & <"),
                Body = random.Next(4) == 0 ? null : [new ArmsField("rs-info") { Fields = [new ArmsField("url", "https://192.0.2.1/")] }, new ArmsField("md-config", "aGk=") { Attributes = [KeyValuePair.Create("id", "0"), KeyValuePair.Create("encoding", "base64")] }],
            },
            declared: random.Next(2) == 0);
    }

    public override void Run(byte[] input)
    {
        if (Heartbeat.TryRead(input, "p"u8, out Heartbeat? heartbeat))
        {
            Promise(heartbeat!.Write("p"u8).AsSpan().SequenceEqual(input), "a heartbeat is written as it was");
            foreach (HeartbeatRecord record in heartbeat.Records)
            {
                ReadOnlySpan<byte> value = record.Value.Span;
                Promise(!HeartbeatCpu.TryRead(value, out HeartbeatCpu cpu) || cpu.ToRecord().Value.Span.SequenceEqual(value), "the use of a CPU is written as it was read");
                Promise(!HeartbeatSpace.TryRead(value, out HeartbeatSpace space) || space.ToRecord(record.Type).Value.Span.SequenceEqual(value), "a memory is written as it was read");
                Promise(!HeartbeatTraffic.TryRead(value, out HeartbeatTraffic traffic) || traffic.ToRecord(record.Type).Value.Span.SequenceEqual(value), "traffic is written as it was read");
            }
        }

        var buffer = new ReadOnlySequence<byte>(input);
        if (TunnelFraming.TryRead(ref buffer, 4_096, out TunnelChunk? chunk, out string problem) == TunnelRead.Ok)
        {
            var again = new ReadOnlySequence<byte>(TunnelFraming.Write(chunk!));
            Promise(TunnelFraming.TryRead(ref again, 4_096, out TunnelChunk? same, out _) == TunnelRead.Ok && again.IsEmpty && same!.Kind == chunk!.Kind && same.Id == chunk.Id && same.Content.Span.SequenceEqual(chunk.Content.Span), "a chunk is written as it was read");
        }
        else
        {
            Promise(buffer.Length == input.Length, "what is no whole chunk is left alone: " + problem);
        }

        if (LocationConfig.TryParse(Encoding.Latin1.GetString(input), out LocationConfig? location))
        {
            Promise(LocationConfig.TryParse(location!.Write(), out LocationConfig? same) && same!.Write() == location.Write(), "a location is written as it was read");
        }

        if (!ArmsReader.TryRead(input, null, out ArmsMessage? message, out ArmsError error))
        {
            Promise(error.Reason.Length > 0 && error.Code is 201 or 202 or 203, "a refusal says why");
            return;
        }

        foreach (ArmsField field in message!.Body ?? [])
        {
            field.TryGetContent(out _);
        }

        byte[] written = ArmsWriter.Write(message, declared: true);
        Promise(ArmsReader.TryRead(written, null, out ArmsMessage? reread, out ArmsError why), "what was written can be read: " + why.Reason);
        Promise(ArmsWriter.Write(reread!, declared: true).AsSpan().SequenceEqual(written), "and says the same");
        Promise(!ArmsReader.TryRead(written, new ArmsLimits { MessageOctets = written.Length - 1 }, out _, out _), "a limit holds");
    }
}
