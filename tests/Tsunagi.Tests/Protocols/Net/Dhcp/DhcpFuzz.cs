using System.Net;
using Tsunagi.Protocols.Net.Dhcp;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Net.Dhcp;

/// <summary>Messages of DHCPv4, DHCPv6 and neighbor discovery: nothing throws, and whatever is read is written as it came; the first octet of an input says which it is.</summary>
public sealed class DhcpFuzz : FuzzTarget
{
    private static readonly string[] Samples = ["dhcp4-options", "dhcp6-options", "neighbor-options"];
    private static readonly (int Code, byte[] Value)[][] Options = [.. Samples.Select(static name => Dhcp_options.Samples(name).ToArray())];

    public override string Name => "dhcp.message";

    public override IReadOnlyList<Type> Parsers =>
    [
        typeof(DhcpDecoder), typeof(DhcpEncoder), typeof(DhcpRegistry), typeof(DhcpMessage), typeof(DhcpValue), typeof(DhcpOctets), typeof(DhcpString), typeof(DhcpFields), typeof(DhcpOption), typeof(Dhcp4Message), typeof(Dhcp4Format),
        typeof(Dhcp4Writer), typeof(Dhcp6Message), typeof(Dhcp6Option), typeof(Dhcp6Options), typeof(Dhcp6Writer), typeof(Dhcp6Format), typeof(NeighborMessage), typeof(NeighborOptions), typeof(NeighborFormat), typeof(DhcpInput), typeof(NumberFormat),
        typeof(SignedFormat), typeof(FlagFormat), typeof(OctetsFormat), typeof(FillFormat), typeof(TextFormat), typeof(AddressFormat), typeof(PrefixFormat), typeof(DomainFormat), typeof(SizedFormat), typeof(ManyFormat), typeof(EitherFormat),
        typeof(FieldPart), typeof(BitsPart), typeof(CasesPart), typeof(FieldsFormat), typeof(OptionsFormat),
    ];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("\0\u0003\0\u000c", "\0\u0009\0\u0022\u000c", "\u0034\u0001\u0003", "\u0052\u0004\u0001\u0002ab", "\u00ff", "\0", "\u00c0\0", "\u0001\u0001", "\u0026\u0002", "\u0063\u0082\u0053\u0063", "\u003fa", "\0\u005e\0\u0004");

    public override byte[] Generate(Random random)
    {
        byte[] buffer = new byte[3_000];
        (int Code, byte[] Value) Option(int of) => Pick<(int, byte[])>(random, Options[of]);
        int length;
        switch (random.Next(3))
        {
            case 0:
                Dhcp4Writer four = random.Next(2) == 0 || !Dhcp4Message.TryParse(Dhcp_options.Message(DhcpProtocol.Dhcp4, 53, [1]), null, out Dhcp4Message asked, out _)
                    ? new Dhcp4Writer(buffer, Dhcp4Type.Discover, 7, [1, 2, 3, 4, 5, 6]) : new Dhcp4Writer(buffer, Pick(random, Dhcp4Type.Ack, Dhcp4Type.Nak), asked);
                four.SetYourAddress([192, 0, 2, 1]);
                for (int i = random.Next(6); i >= 0; i--)
                {
                    (int code, byte[] value) = Option(0);
                    four.Add((byte)code, random.Next(8) == 0 ? [.. Enumerable.Repeat(value, 40).SelectMany(static octets => octets)] : value);
                }

                four.TryFinish(out length);
                byte[] message = buffer[..length];
                if (random.Next(3) == 0 && length > 0)
                {
                    message = [.. message[..240], 52, 1, (byte)random.Next(5), .. message[240..]];
                    (int code, byte[] value) = Option(0);
                    ((byte[])[(byte)code, (byte)Math.Min(value.Length, 50), .. value.Take(50), 255]).CopyTo(message, Pick(random, 44, 108));
                }

                return [0, .. message];
            case 1:
                var six = new Dhcp6Writer(buffer, Pick(random, Dhcp6Type.Solicit, Dhcp6Type.Reply, Dhcp6Type.Dhcp4Query, (Dhcp6Type)24, (Dhcp6Type)99), random.Next(1 << 24));
                int association = six.BeginAssociation(Dhcp6Code.IaNa, 1, 2, 3);
                six.End(six.BeginAddress(IPAddress.IPv6Loopback, 1, 2));
                six.AddStatus(2, "none"u8);
                six.End(association);
                six.AddFlag(Dhcp6Code.RapidCommit);
                six.AddNumber(Dhcp6Code.ElapsedTime, 7);
                for (int i = random.Next(6); i >= 0; i--)
                {
                    (int code, byte[] value) = Option(1);
                    six.Add((ushort)code, value);
                }

                six.TryFinish(out length);
                byte[] inner = buffer[..length];
                for (int relays = random.Next(3); relays > 0; relays--)
                {
                    var relay = new Dhcp6Writer(buffer, Dhcp6Type.RelayForward, 1, new byte[16], new byte[16]);
                    relay.Add(Dhcp6Code.RelayMessage, inner);
                    relay.TryFinish(out length);
                    inner = buffer[..length];
                }

                return [1, .. inner];
            default:
                byte type = Pick(random, (byte)133, (byte)134, (byte)135, (byte)136, (byte)137, (byte)141);
                byte[] neighbor = [type, 0, 0, 0, .. new byte[type switch { 133 or 141 => 4, 134 => 12, 137 => 36, _ => 20 }]];
                for (int i = random.Next(6); i >= 0; i--)
                {
                    (int code, byte[] value) = Option(2);
                    neighbor = [.. neighbor, (byte)code, (byte)((value.Length + 2) / 8), .. value];
                }

                return [2, .. neighbor];
        }
    }

    public override void Run(byte[] input)
    {
        var protocol = (DhcpProtocol)(input.Length == 0 ? 0 : input[0] % 3);
        ReadOnlySpan<byte> octets = input.Length == 0 ? default : input.AsSpan(1);
        bool isStrict = protocol switch { DhcpProtocol.Dhcp4 => Run4(octets), DhcpProtocol.Dhcp6 => Run6(octets), _ => RunNeighbor(octets) };
        if (!DhcpDecoder.TryDecode(protocol, octets, null, out DhcpMessage? message, out DhcpError error))
        {
            Promise(error.Offset >= 0 && error.Offset <= octets.Length && error.Reason.Length > 0, "a refusal says where and why");
            Promise(!isStrict || error.Reason.Contains("limit", StringComparison.Ordinal), "what a server takes can be taken apart");
            return;
        }

        Promise(DhcpEncoder.TryEncode(message!, out byte[] written) && octets.SequenceEqual(written), "it is written as it came");
        Promise(message!.TypeName.Length > 0 && message.Fields.ToString().Length > 0 && message.Problems.Count() < octets.Length + 1, "it can be told");
        foreach (DhcpOption option in message.Options)
        {
            Promise(option.ToString().Length > 0, "each option can be told");
        }

        Promise(DhcpDecoder.Guess(octets) is DhcpProtocol.Dhcp4 or DhcpProtocol.Dhcp6 or DhcpProtocol.Neighbor, "its protocol can be guessed");
    }

    private static bool Run4(ReadOnlySpan<byte> octets)
    {
        if (!Dhcp4Message.TryParse(octets, null, out Dhcp4Message message, out DhcpError error))
        {
            Promise(error.Offset >= 0 && error.Offset <= octets.Length && error.Reason.Length > 0, "a refusal says where and why");
            return false;
        }

        byte[] scratch = new byte[512];
        _ = message.Type == Dhcp4Type.None || message.IsBroadcast || message.IsRequest || message.TransactionId == 0;
        Promise(message.ClientAddress.Length + message.YourAddress.Length + message.RelayAddress.Length == 12 && message.HardwareAddress.Length <= 16, "its addresses have their lengths");
        for (int code = 1; code < 255; code++)
        {
            if (message.TryFind((byte)code, scratch, out ReadOnlySpan<byte> value) && DhcpDecoder.TryDecode(DhcpProtocol.Dhcp4, octets, null, out DhcpMessage? tree, out _))
            {
                Promise(tree!.Options.Any(option => option.Code == code) && value.Length <= octets.Length, "an option that is found is told");
            }
        }

        return true;
    }

    private static bool Run6(ReadOnlySpan<byte> octets)
    {
        if (!Dhcp6Message.TryParse(octets, null, out Dhcp6Message message, out DhcpError error))
        {
            Promise(error.Offset >= 0 && error.Offset <= octets.Length && error.Reason.Length > 0, "a refusal says where and why");
            return false;
        }

        Promise(message.IsRelay ? message.LinkAddress.Length + message.PeerAddress.Length == 32 : message.TransactionId < 1 << 24 && message.HopCount == 0, "its header is read");
        Promise(!message.TryClient(null, out Dhcp6Message client) || !client.IsRelay, "a client's message is none of a relay");
        int last = -1;
        foreach (Dhcp6Option option in message.Options)
        {
            Promise(option.Offset > last, "options follow each other");
            last = option.Offset;
            _ = option.TryOptions(12, out _);
            Promise(message.Options.TryFind(option.Code, out _), "an option is found");
        }

        return true;
    }

    private static bool RunNeighbor(ReadOnlySpan<byte> octets)
    {
        _ = NeighborMessage.Checksum(new byte[16], new byte[16], octets);
        if (!NeighborMessage.TryParse(octets, null, out NeighborMessage message, out DhcpError error))
        {
            Promise(error.Offset >= 0 && error.Offset <= octets.Length && error.Reason.Length > 0, "a refusal says where and why");
            return false;
        }

        int total = 0;
        foreach (NeighborOption option in message.Options)
        {
            total += option.Value.Length + 2;
        }

        Promise(total % 8 == 0 && message.Type >= 133, "options come in eights");
        return true;
    }
}
