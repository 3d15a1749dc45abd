using System.Buffers;
using Tsunagi.Protocols.Flow.Bgp;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Flow.Bgp;

/// <summary>
/// BGP messages: nothing throws; a message without an error that is written and read again says the same; every error has a reason, and one
/// that ends the session has a notification.
/// </summary>
public sealed class BgpMessageFuzz : FuzzTarget
{
    private static readonly string[] Parsed =
        ["BgpMessageReader", "BgpUpdateReader", "FlowSpecNlri", "BgpFrames", "BgpMessageWriter", "BgpCapability", "BgpGracefulRestartCapability", "BgpAddPathCapability"];

    public override string Name => "bgp.message";

    public override IReadOnlyList<Type> Parsers { get; } = typeof(BgpMessageReader).Assembly.GetTypes().Where(t => t.Namespace == "Tsunagi.Protocols.Flow.Bgp" && Parsed.Contains(t.Name)).ToArray();

    public override IReadOnlyList<byte[]> Words { get; } =
        [[0x40, 1, 1, 0], [0x40, 2, 0], [0x40, 3, 4, 1, 2, 3, 4], [0x80, 14], [0x80, 15, 3, 0, 1, 133], [0xC0, 8], [0, 1, 133], [0, 2, 133], [2, 6, 1, 4, 0, 1, 0, 1], [0xF0, 0xF5], [255, 255], [0x90, 14, 0], [24, 192, 0, 2]];

    public override byte[] Generate(Random random)
    {
        BgpEncoding encoding = Encoding(random.Next(8));
        BgpMessage message = random.Next(8) switch
        {
            0 => Bgp_messages.Open with { PerParameter = random.Next(2) == 0 ? [2, 3, 4] : [] },
            1 => new BgpKeepalive(),
            2 => BgpNotification.Shutdown(2, "maintenance"),
            3 => new BgpRouteRefresh(BgpFamily.IPv4FlowSpec, 1),
            4 => Bgp_messages.Update,
            5 => Bgp_messages.Update with { Attributes = [.. Bgp_messages.Update.Attributes.Where(_ => random.Next(3) != 0).Append(new BgpOtherAttribute((byte)random.Next(1, 40), (byte)random.Next(256), new byte[random.Next(14)]))] },
            6 => new BgpUpdate([], [new BgpMpReach(new BgpFamily(25, 70)) { Octets = new byte[] { 1, 2, 3 } }, new BgpOrigin(0), BgpAsPath.Of()], []),
            _ => FlowSpec_rules.Parse(FlowSpec_rules.Texts[random.Next(FlowSpec_rules.Texts.Length)]) is var s && random.Next(2) == 0 ? s.Announce(BgpAsPath.Of(64500), 100) : s.Withdraw(),
        };
        if (random.Next(12) == 0)
        {
            message = Bgp_messages.Open with { Capabilities = [.. Enumerable.Range(0, 60).Select(i => new BgpOtherCapability(200, new byte[] { (byte)i, 1, 2, 3 }))] };
        }

        var output = new ArrayBufferWriter<byte>();
        bool written = BgpMessageWriter.TryWrite(message, encoding, output);
        return written ? [(byte)random.Next(8), .. output.WrittenSpan] : [0];
    }

    public override void Run(byte[] input)
    {
        if (input.Length == 0)
        {
            return;
        }

        BgpEncoding encoding = Encoding(input[0]);
        byte[] octets = input[1..];
        if (octets.Length >= 19)
        {
            (octets[16], octets[17]) = ((byte)(octets.Length >> 8), (byte)octets.Length); // or hardly anything gets past the header
        }

        BgpReadResult read = BgpMessageReader.Read(octets, encoding);
        Promise(read.Handling == BgpErrorHandling.None == (read.Reason.Length == 0), "an error has a reason");
        Promise(read.Handling == BgpErrorHandling.SessionReset == (read.Message is null), "a reset has no message");
        Promise(read.Message is not null || read.Notification is not null, "a reset has a notification");
        var whole = new ReadOnlySequence<byte>(octets);
        var cut = Octets.Cut(octets, 5, 18, 20);
        Promise(BgpFrames.Read(ref whole, encoding, out _, out _) == BgpFrames.Read(ref cut, encoding, out _, out _), "a cut changes nothing");
        if (read is not { Handling: BgpErrorHandling.None, Message: { } message })
        {
            return;
        }

        var once = new ArrayBufferWriter<byte>();
        if (!BgpMessageWriter.TryWrite(message, encoding, once))
        {
            return; // an OPEN in the long form may grow above the limit
        }

        BgpReadResult again = BgpMessageReader.Read(once.WrittenSpan, encoding);
        var twice = new ArrayBufferWriter<byte>();
        Promise(again.Handling == BgpErrorHandling.None && BgpMessageWriter.TryWrite(again.Message!, encoding, twice) && twice.WrittenSpan.SequenceEqual(once.WrittenSpan), "what was written says the same");
        foreach (FlowSpecRule rule in message is BgpUpdate update && update.Find<BgpMpReach>() is { } reach ? reach.FlowSpecs : [])
        {
            _ = rule.ToString();
            Promise(rule.CompareTo(rule) == 0, "a rule is as itself");
        }
    }

    private static BgpEncoding Encoding(int bits) => new()
    {
        FourOctetAs = (bits & 1) == 0, ExtendedMessages = (bits & 2) != 0, External = (bits & 4) != 0,
        AddPath = (bits & 3) == 3 ? [BgpFamily.IPv4Unicast, BgpFamily.IPv6Unicast] : [], FlowSpecOffset = (bits & 4) != 0 ? FlowSpecOffset.WholePrefix : FlowSpecOffset.Rfc8956,
    };
}
