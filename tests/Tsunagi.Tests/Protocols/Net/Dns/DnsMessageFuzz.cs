using System.Net;
using Tsunagi.Protocols.Net.Dns;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Net.Dns;

/// <summary>DNS messages: nothing throws or loops, and what is read can be written and says the same when read again.</summary>
public sealed class DnsMessageFuzz : FuzzTarget
{
    public override string Name => "dns.message";

    public override IReadOnlyList<Type> Parsers => [typeof(DnsMessageReader), typeof(DnsMessageWriter), typeof(DnsName)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("\u00c0\u000c", "\u00c0\u0000", "\u00c0\u00ff", "\0\0\u0029", "\0\u0001\0\u0001", "\u003f" + new string('a', 63), "\u0040", "\0", "\u0001a", "\u00ff\u00ff");

    public override byte[] Generate(Random random)
    {
        DnsName Name() => DnsName.Parse(Pick(random, "example.com", "mail.Example.com", "a\\.b", ".", "\\000.example", "x.y.z.example.net", string.Join('.', Enumerable.Repeat(new string('l', 60), 4))));
        DnsContent Content() => random.Next(8) switch
        {
            0 => new DnsAddressContent(IPAddress.Parse(Pick(random, "192.0.2.1", "2001:db8::1"))),
            1 => new DnsNameContent(Pick(random, DnsType.Ns, DnsType.Cname, DnsType.Ptr), Name()),
            2 => new DnsMxContent(10, Name()),
            3 => DnsTxtContent.Of(Pick(random, "", "v=spf1 -all", new string('t', 300))),
            4 => new DnsSoaContent(Name(), Name(), 1, 2, 3, 4, 5),
            5 => new DnsTlsaContent(3, 1, 1, Octets.Of("hash")),
            _ => new DnsOtherContent(Pick(random, DnsType.Https, (DnsType)65280), Octets.Of(Pick(random, "", "\u0001\u0002"))),
        };
        DnsRecord[] Records() => [.. Enumerable.Range(0, random.Next(3)).Select(_ => new DnsRecord(Name(), 60, Content()))];
        DnsMessage message = DnsMessage.Query((ushort)random.Next(65536), Name(), DnsType.Mx) with
        {
            IsResponse = random.Next(2) == 0, Edns = random.Next(3) == 0 ? null : new DnsEdns(), Answers = [.. Records()], Authorities = [.. Records()], Additionals = [.. Records()],
        };
        byte[] output = new byte[4096];
        return DnsMessageWriter.TryWrite(message, output, out int written) ? output[..written] : [];
    }

    public override void Run(byte[] input)
    {
        if (DnsName.TryParse(Octets.Show(input), out DnsName? name) && name is not null)
        {
            Promise(DnsName.TryParse(name.ToString(), out DnsName? again) && again!.EqualsExactly(name) && name.IsWithin(name.Parent), "a name reads back");
        }

        if (!DnsMessageReader.TryRead(input, null, out DnsMessage? message, out DnsError error))
        {
            Promise(error.Offset >= 0 && error.Offset <= input.Length && error.Reason.Length > 0, "a refusal says where and why");
            return;
        }
        byte[] output = new byte[65535];
        Promise(DnsMessageWriter.TryWrite(message!, output, out int written), "what was read fits");
        Promise(DnsMessageReader.TryRead(output.AsSpan(0, written), null, out DnsMessage? copy, out _), "what was written can be read");
        Promise(Dns_messages.Show(message!) == Dns_messages.Show(copy!), "and says the same");
        Promise(message!.Answers.SequenceEqual(copy!.Answers) && message.Edns == copy.Edns, "and is equal");
        foreach (DnsRecord record in message.Answers)
        {
            Promise(DnsName.TryParse(record.Name.ToString(), out DnsName? owner) && owner!.EqualsExactly(record.Name), "an owner reads back from its text");
        }

        Promise(!DnsMessageWriter.TryWrite(message, output.AsSpan(0, written - 1), out _), "it does not fit into less");
        Promise(DnsMessageWriter.TryWrite(DnsMessageWriter.Truncate(message), output, out int less) && less <= written, "truncated it is not longer");
    }
}
