using System.Globalization;
using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tsunagi.Protocols.Net.Dns;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Net.Dns;

public class Dns_messages
{
    // The inputs are octets that dnspython 2.3 wrote, in hexadecimal.
    public static TheoryData<string> Messages() => Golden.Cases("Protocols/Net/Dns");

    [Theory]
    [MemberData(nameof(Messages))]
    [Trait("Golden", "true")]
    public void Of_another_program_are_read_as_recorded(string name) => Golden.Check("Protocols/Net/Dns", name, input =>
    {
        byte[] octets = Convert.FromHexString(Octets.Show(input).Trim());
        Assert.True(DnsMessageReader.TryRead(octets, null, out DnsMessage? message, out DnsError error), error.ToString());
        Assert.Equal(Show(message!), Show(Read(Write(message!))));
        return Encoding.UTF8.GetBytes(Show(message!));
    });

    [Fact]
    public void That_ask_are_the_same_octets_another_program_writes()
    {
        byte[] foreign = Convert.FromHexString(File.ReadAllText(Path.Combine(Repository.Root, "tests/Tsunagi.Tests/Protocols/Net/Dns/golden/query.in")).Trim());
        Assert.Equal(foreign, Write(DnsMessage.Query(0x4242, DnsName.Parse("example.com"), DnsType.Mx)));
    }

    [Fact]
    public void Read_back_as_they_were_written()
    {
        Properties.Holds(Message, message => Assert.Equal(Show(message), Show(Read(Write(message)))));
    }

    [Fact]
    public void Have_names_that_are_compressed_once_they_stand()
    {
        DnsName name = DnsName.Parse("mail.example.com");
        DnsMessage message = DnsMessage.Query(1, name, DnsType.A) with { Edns = null, IsResponse = true, Answers = [new DnsRecord(name, 60, new DnsAddressContent(IPAddress.Loopback)), new DnsRecord(DnsName.Parse("EXAMPLE.com"), 60, new DnsMxContent(10, name))] };
        Assert.Equal(12 + 18 + 4 + (2 + 10 + 4) + (2 + 10 + 4), Write(message).Length);
    }

    [Fact]
    public void Cut_anywhere_are_refused_and_never_throw()
    {
        foreach (string path in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests/Tsunagi.Tests/Protocols/Net/Dns/golden"), "*.in"))
        {
            byte[] octets = Convert.FromHexString(File.ReadAllText(path).Trim());
            for (int length = 0; length < octets.Length; length++)
            {
                Assert.False(DnsMessageReader.TryRead(octets.AsSpan(0, length), null, out _, out _), $"{path} cut at {length}");
            }

            Assert.False(DnsMessageReader.TryRead([.. octets, 0], null, out _, out _));
        }
    }

    [Theory]
    [InlineData("C00C")] // to itself
    [InlineData("0161C00C")] // to its own beginning
    [InlineData("C00E0161C00C")] // forward
    [InlineData("C0")] // half a pointer
    [InlineData("40")] // a label type that is not in use
    [InlineData("80")]
    public void With_a_name_that_does_not_end_are_refused(string name)
    {
        byte[] octets = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. Convert.FromHexString(name), 0, 1, 0, 1];
        Assert.False(DnsMessageReader.TryRead(octets, null, out _, out _));
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(2, false)]
    public void Of_three_records_pass_a_limit_of_three_and_no_less(int limit, bool read)
    {
        DnsRecord record = new(DnsName.Root, 1, DnsTxtContent.Of("x"));
        byte[] octets = Write(DnsMessage.Query(1, DnsName.Root, DnsType.Txt) with { Edns = null, Answers = [record, record] });
        Assert.Equal(read, DnsMessageReader.TryRead(octets, new DnsLimits { Records = limit }, out _, out _));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Pass_a_limit_of_their_own_length_and_no_less(int less, bool read)
    {
        byte[] octets = Write(DnsMessage.Query(1, DnsName.Root, DnsType.Txt));
        Assert.Equal(read, DnsMessageReader.TryRead(octets, new DnsLimits { MessageOctets = octets.Length - less }, out _, out _));
    }

    [Fact]
    public void That_do_not_fit_are_not_written_and_can_be_truncated()
    {
        DnsMessage message = DnsMessage.Query(1, DnsName.Parse("a.example"), DnsType.Txt) with { IsResponse = true, Answers = [new DnsRecord(DnsName.Parse("a.example"), 1, DnsTxtContent.Of(new string('x', 600)))] };
        int length = Write(message).Length;
        Assert.True(DnsMessageWriter.TryWrite(message, new byte[length], out _));
        Assert.False(DnsMessageWriter.TryWrite(message, new byte[length - 1], out int written));
        Assert.Equal(0, written);
        DnsMessage truncated = Read(Write(DnsMessageWriter.Truncate(message)));
        Assert.True(truncated.IsTruncated && truncated.Answers.IsEmpty && truncated.IsAnswerTo(DnsMessage.Query(1, DnsName.Parse("a.example"), DnsType.Txt)));
    }

    [Fact]
    public void Answer_only_the_question_that_was_asked()
    {
        DnsMessage query = DnsMessage.Query(7, DnsName.Parse("ExAmple.com"), DnsType.A);
        DnsMessage answer = query with { IsResponse = true };
        Assert.True(answer.IsAnswerTo(query));
        Assert.False((answer with { Id = 8 }).IsAnswerTo(query));
        Assert.False((answer with { IsResponse = false }).IsAnswerTo(query));
        Assert.False((answer with { Questions = [new DnsQuestion(DnsName.Parse("example.com"), DnsType.A)] }).IsAnswerTo(query));
        Assert.False((answer with { Questions = [new DnsQuestion(DnsName.Parse("ExAmple.com"), DnsType.Mx)] }).IsAnswerTo(query));
        Assert.False((answer with { Questions = [] }).IsAnswerTo(query));
        Assert.True((answer with { Questions = [], ResponseCode = DnsResponseCode.FormatError }).IsAnswerTo(query));
    }

    [Fact]
    public void With_two_opt_records_or_one_elsewhere_are_refused()
    {
        byte[] opt = [0, 0, 41, 4, 0, 0, 0, 0, 0, 0, 0];
        byte[] header = [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        Assert.True(DnsMessageReader.TryRead([.. header, .. opt], null, out _, out _));
        Assert.False(DnsMessageReader.TryRead([.. header[..11], 2, .. opt, .. opt], null, out _, out _));
        Assert.False(DnsMessageReader.TryRead([.. header, 1, 97, .. opt], null, out _, out _));
        Assert.False(DnsMessageReader.TryRead([.. header[..7], 1, 0, 0, 0, 0, .. opt], null, out _, out _));
    }

    internal static Gen<DnsMessage> Message { get; } = MakeGenerator();

    internal static byte[] Write(DnsMessage message)
    {
        byte[] octets = new byte[65535];
        Assert.True(DnsMessageWriter.TryWrite(message, octets, out int written));
        return octets[..written];
    }

    internal static DnsMessage Read(byte[] octets)
    {
        Assert.True(DnsMessageReader.TryRead(octets, null, out DnsMessage? message, out DnsError error), error.ToString());
        return message!;
    }

    internal static string Show(DnsMessage m)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"id {m.Id} response {m.IsResponse} opcode {m.Opcode} aa {m.IsAuthoritative} tc {m.IsTruncated} rd {m.RecursionDesired} ra {m.RecursionAvailable} ad {m.AuthenticData} cd {m.CheckingDisabled} {m.ResponseCode}\n");
        if (m.Edns is { } edns)
        {
            text.Append(CultureInfo.InvariantCulture, $"edns {edns.Version} payload {edns.UdpPayloadOctets} do {edns.DnssecOk} options {Convert.ToHexString(edns.Options.Span)}\n");
        }

        foreach (DnsQuestion question in m.Questions)
        {
            text.Append(CultureInfo.InvariantCulture, $"question {question.Name} {question.Type} class {question.Class}\n");
        }

        foreach ((string section, IEnumerable<DnsRecord> records) in new (string, IEnumerable<DnsRecord>)[] { ("answer", m.Answers), ("authority", m.Authorities), ("additional", m.Additionals) })
        {
            foreach (DnsRecord record in records)
            {
                text.Append(CultureInfo.InvariantCulture, $"{section} {record.Name.ToString().ToLowerInvariant()} {record.TtlSeconds} {record.Type} class {record.Class} {Show(record.Content)}\n");
            }
        }

        return text.ToString();
    }

    private static string Show(DnsContent content) => content switch
    {
        DnsAddressContent a => a.Address.ToString(),
        DnsNameContent n => n.Target.ToString().ToLowerInvariant(),
        DnsMxContent mx => $"{mx.Preference} {mx.Exchange.ToString().ToLowerInvariant()}{(mx.IsNull ? " null" : "")}",
        DnsTxtContent txt => $"{txt.Strings.Length} strings \"{txt.Text}\"",
        DnsSoaContent s => $"{s.PrimaryServer} {s.Responsible} {s.Serial} {s.RefreshSeconds} {s.RetrySeconds} {s.ExpireSeconds} {s.MinimumSeconds}".ToLowerInvariant(),
        DnsTlsaContent t => $"{t.Usage} {t.Selector} {t.MatchingType} {Convert.ToHexString(t.Association.Span)}",
        DnsOtherContent o => Convert.ToHexString(o.Octets.Span),
        _ => throw new ArgumentOutOfRangeException(nameof(content)),
    };

    private static Gen<DnsMessage> MakeGenerator()
    {
        Gen<DnsName> name = from count in Gen.Choose(0, 4)
                            from labels in Gen.ArrayOf(Gen.Elements("www", "mail", "example", "COM", "x\\.y", "\\000\\255", "_25"), count)
                            select labels.Length == 0 ? DnsName.Root : DnsName.Parse(string.Join('.', labels));
        Gen<byte[]> octets = Properties.Bytes("abc", 40);
        Gen<DnsContent> content = Gen.OneOf(
            Gen.Elements("192.0.2.1", "2001:db8::1").Select(a => (DnsContent)new DnsAddressContent(IPAddress.Parse(a))),
            from n in name from t in Gen.Elements(DnsType.Ns, DnsType.Cname, DnsType.Ptr) select (DnsContent)new DnsNameContent(t, n),
            from n in name from p in Gen.Choose(0, 65535) select (DnsContent)new DnsMxContent((ushort)p, n),
            from length in Gen.Choose(0, 700) select (DnsContent)DnsTxtContent.Of(new string('t', length)),
            from n in name from r in name from serial in Gen.Choose(0, int.MaxValue) select (DnsContent)new DnsSoaContent(n, r, (uint)serial, 1, 2, 3, uint.MaxValue),
            from o in octets select (DnsContent)new DnsTlsaContent(3, 1, 1, (byte[])[1, .. o]),
            from o in octets from t in Gen.Elements(DnsType.Svcb, DnsType.Https, (DnsType)65280) select (DnsContent)new DnsOtherContent(t, o));
        Gen<DnsRecord[]> records = from count in Gen.Choose(0, 4)
                                   from list in Gen.ArrayOf(from n in name from c in content from ttl in Gen.Choose(0, int.MaxValue) select new DnsRecord(n, (uint)ttl, c), count)
                                   select list;
        return from id in Gen.Choose(0, 65535)
               from flags in Gen.Choose(0, 255)
               from edns in Gen.Elements<DnsEdns?>(null, new DnsEdns { UdpPayloadOctets = 4096, DnssecOk = true, Options = Octets.Of("\0\u000a\0\u0001x") })
               from code in Gen.Elements(DnsResponseCode.NoError, DnsResponseCode.NameError, DnsResponseCode.BadVersion)
               from question in name
               from answers in records
               from authorities in records
               from additionals in records
               select new DnsMessage
               {
                   Id = (ushort)id, IsResponse = (flags & 1) != 0, IsAuthoritative = (flags & 2) != 0, IsTruncated = (flags & 4) != 0, RecursionDesired = (flags & 8) != 0, RecursionAvailable = (flags & 16) != 0,
                   AuthenticData = (flags & 32) != 0, CheckingDisabled = (flags & 64) != 0, Opcode = (byte)(flags >> 4), ResponseCode = edns is null && (int)code > 15 ? DnsResponseCode.Refused : code, Edns = edns,
                   Questions = [new DnsQuestion(question, DnsType.Any)], Answers = [.. answers], Authorities = [.. authorities], Additionals = [.. additionals],
               };
    }
}
