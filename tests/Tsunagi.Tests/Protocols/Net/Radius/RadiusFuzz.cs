using System.Collections.Immutable;
using System.Net;
using Tsunagi.Protocols.Net.Radius;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Net.Radius;

/// <summary>RADIUS packets: nothing throws, and what is read is written as it came, with and without a secret.</summary>
public sealed class RadiusFuzz : FuzzTarget
{
    private static readonly RadiusSecret Secret = new("fuzz"u8);
    private static readonly RadiusDictionary Dictionary = Read();

    public override string Name => "radius.packet";

    public override IReadOnlyList<Type> Parsers => [typeof(RadiusPacket), typeof(RadiusAttributes), typeof(RadiusDecoder), typeof(RadiusEncoder), typeof(RadiusText)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1(
        "\u001a\u000b\0\0\0\u0009\u0001\u0005foo", "\u0050\u0012" + new string('\0', 16), "\u004f\u00ff", "\u00f1\u0009\u0005\u0001\u0006\0\0\0\u0001", "\u00f5\u0006\u0005\u0080ab", "\u00f5\u0006\u0005\0ab",
        "\u001a\u000e\0\0\u0060\u00b5\u0001\u0008\u0080\u0001\u00051.0", "\0\0\u0001\u00ad", "\u0040\u0006\u0001\0\0\u0001", "\u0045\u0015\0\u0099\u0073", "\u0061\u0004\0\u0040", "\u001a", "\u00ad\u0008\u0001\u0006\0\0\0\u0018");

    public override byte[] Generate(Random random)
    {
        byte[] buffer = new byte[1_024];
        var writer = new RadiusWriter(buffer, Pick(random, RadiusCode.AccessRequest, RadiusCode.AccessAccept, RadiusCode.AccountingRequest, RadiusCode.CoaRequest, (RadiusCode)200), (byte)random.Next(256));
        random.NextBytes(writer.Authenticator);
        if (random.Next(2) == 0)
        {
            writer.AddMessageAuthenticator();
        }

        string[] names =
        [
            "User-Name", "User-Password", "Framed-IP-Address", "Tunnel-Type:1", "Tunnel-Password:2", "Tunnel-Client-Endpoint", "Cisco-AVPair", "MS-MPPE-Send-Key", "Framed-IPv6-Prefix", "EAP-Message", "Long", "IP-Port-Range-Local-Id",
            "IPv6-6rd-IPv4MaskLen", "Evs-Text", "Lined-Text", "Wide", "Wi-Text", "Framed-Interface-Id", "MIP6-Feature-Vector", "Event-Timestamp", "Ether", "Any", "Many", "Ascend", "Signed", "PMIP6-Home-IPv4-HoA", "Byte", "Short", "Wi-Octets", "Attr-250", "Attr-241.77",
        ];
        for (int i = random.Next(6); i >= 0; i--)
        {
            string name = Pick<string>(random, names);
            string value = Pick(random, "abc", "1", "192.0.2.1", "2001:db8::/56", "0x" + new string('a', 600), "0xabcd", "1:2:3:4", "00:11:22:33:44:55", "192.0.2.0/24", "2026-01-01T00:00:00Z", "7, 8", "-3", "");
            if (RadiusEncoder.TryMake(Dictionary, name, value, out RadiusPair? pair, out _) && RadiusEncoder.TryEncode([pair!], Dictionary, Secret, writer.Authenticator.ToArray(), out byte[] attributes, out _))
            {
                writer.AddEncoded(attributes);
            }
        }

        return writer.TryFinishAccess(Secret, out int length) ? buffer[..length] : [];
    }

    public override void Run(byte[] input)
    {
        if (!RadiusPacket.TryParse(input, null, out RadiusPacket packet, out RadiusError error))
        {
            Promise(error.Offset >= 0 && error.Offset <= input.Length && error.Reason.Length > 0, "a refusal says where and why");
            return;
        }

        Promise(RadiusDecoder.TryDecodeAttributes(packet.Attributes.Octets, Dictionary, null, packet.Authenticator, out _, out _), "a packet's attributes are whole by themselves");
        _ = Secret.VerifyRequest(packet) || Secret.VerifyMessageAuthenticator(packet) || packet.TryFindVendor(9, 1, out _) || packet.TryFind(27, out uint _);
        foreach (RadiusSecret? secret in (RadiusSecret?[])[null, Secret])
        {
            ImmutableArray<RadiusPair> pairs = RadiusDecoder.Decode(packet, Dictionary, secret, packet.Authenticator);
            Promise(RadiusEncoder.TryEncode(pairs, Dictionary, secret, packet.Authenticator.ToArray(), out byte[] written, out _), "what was read can be written");
            Promise(packet.Attributes.Octets.SequenceEqual(written), "and gives the same octets");
            foreach (RadiusPair leaf in pairs.SelectMany(static pair => pair.Leaves()))
            {
                Promise(leaf.ToString().Length > 0, "it can be shown");
                if (leaf is { Form: RadiusPairForm.Typed, Definition: { IsArray: false } definition } && definition.Type is not (RadiusValueType.Text or RadiusValueType.Octets or RadiusValueType.IPv6Prefix or RadiusValueType.IPv4Prefix))
                {
                    Promise(RadiusText.TryParse(definition, leaf.Text, out byte[] value, out _) && leaf.Value.Span.SequenceEqual(value), "its text says the same");
                }
            }
        }
    }

    private static RadiusDictionary Read()
    {
        var reader = new RadiusDictionaryReader();
        reader.Add(
            "fuzz",
            StandardDictionary.Text +
            """

            ATTRIBUTE Long 245.5 octets
            ATTRIBUTE Ether 201 ether
            ATTRIBUTE Any 202 combo-ip
            ATTRIBUTE Many 203 short array
            ATTRIBUTE Ascend 204 octets encrypt=3
            ATTRIBUTE Signed 205 signed
            ATTRIBUTE Byte 206 byte
            ATTRIBUTE Short 207 short
            VENDOR Evs 11344
            BEGIN-VENDOR Evs format=Extended-Vendor-Specific-5
            ATTRIBUTE Evs-Text 3 string
            END-VENDOR Evs
            VENDOR Lined 8164 format=2,2
            BEGIN-VENDOR Lined
            ATTRIBUTE Lined-Text 2 string
            END-VENDOR Lined
            VENDOR Wide 429 format=4,0
            BEGIN-VENDOR Wide
            ATTRIBUTE Wide 48414 integer
            END-VENDOR Wide
            VENDOR Wi 24757 format=1,1,c
            BEGIN-VENDOR Wi
            ATTRIBUTE Wi-Tlv 1 tlv
            ATTRIBUTE Wi-Text 1.1 string
            ATTRIBUTE Wi-Octets 2 octets
            END-VENDOR Wi
            """);
        RadiusDictionary dictionary = reader.Build();
        return reader.Problems.Count == 0 ? dictionary : throw new InvalidOperationException(reader.Problems[0].ToString());
    }
}
