using System.Buffers;
using System.Net;
using System.Text.RegularExpressions;
using Tsunagi.Mail.Conformance;
using Tsunagi.Protocols.Cpe.Cwmp;
using Tsunagi.Protocols.Flow.Bgp;
using Tsunagi.Protocols.Flow.Ipfix;
using Tsunagi.Protocols.Flow.Sflow;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Mail.Arc;
using Tsunagi.Protocols.Mail.AuthResults;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Dmarc;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Protocols.Mail.Spf;
using Tsunagi.Protocols.Net.Dhcp;
using Tsunagi.Protocols.Net.Dns;
using Tsunagi.Protocols.Net.Radius;
using Tsunagi.Protocols.Net.Stamp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols;

/// <summary>The pages of the libraries are true: their snippets compile and run here, and every file and test that a row of RFCS.md names exists.</summary>
public partial class Library_pages
{
    private static readonly string ThisFile = Path.Combine(Repository.Root, "tests/Tsunagi.Tests/Protocols/Library_pages.cs");

    [Fact]
    public void Of_mail_shows_a_session_that_runs()
    {
        var received = new ReadOnlySequence<byte>("EHLO client.example\r\nMAIL FROM:<joe@client.example>\r\n"u8.ToArray());
        var output = new ArrayBufferWriter<byte>();

        // snippet: mail
        var machine = new SmtpServerMachine(new SmtpServerOptions { HostName = "mx.example" });
        var lines = new SmtpLineReader(maxLineOctets: 2048);
        machine.Start().Reply!.WriteTo(output);
        while (lines.Read(ref received, out var line) is var status && status != SmtpLineStatus.NeedMore)
        {
            var step = status == SmtpLineStatus.Line ? machine.Handle(line) : machine.HandleBadLine(status);
            if (step.Kind == SmtpStepKind.AskMail)
            {
                step = machine.Answer(SmtpReplies.SenderOk); // or a refusal: what machine.Command.ReversePath earns
            }

            step.Reply!.WriteTo(output);
        }
        // end of snippet

        Assert.EndsWith("250 SMTPUTF8\r\n250 2.1.0 Sender ok\r\n", Octets.Show(output.WrittenSpan), StringComparison.Ordinal);
        Check("Tsunagi.Protocols.Mail", "mail");
    }

    [Fact]
    public void Of_mail_shows_a_subject_that_is_read()
    {
        var message = Octets.Of("Subject: =?ISO-2022-JP?B?GyRCRnxLXDhsGyhC?=\r\nReceived: by a\r\n\r\nbody");

        // snippet: header
        var header = MessageHeader.Read(message);
        var shown = $"{header.Subject}, passed on {header.ReceivedCount} times";
        // end of snippet

        Assert.Equal("日本語, passed on 1 times", shown);
        Check("Tsunagi.Protocols.Mail", "header");
    }

    [Fact]
    public async Task Of_mail_shows_a_message_that_is_authenticated()
    {
        var message = new ReadOnlySequence<byte>(Octets.Of("From: joe@example.com\r\n\r\nbody\r\n"));
        var client = IPAddress.Parse("192.0.2.1");
        var dns = ZoneFile.Read("zonedata:\n  example.com:\n    - TXT: v=spf1 ip4:192.0.2.1 -all\n  _dmarc.example.com:\n    - TXT: v=DMARC1; p=reject\n");
        var now = DateTimeOffset.UnixEpoch;
        var cancellationToken = TestContext.Current.CancellationToken;

        // snippet: authenticated
        using var signed = SignedMessage.Read(message); // the header section; the body may also come in pieces
        var signatures = new DkimVerification(signed);
        var chain = new ArcVerification(signed);
        signed.AppendBodyOf(message);
        var spf = await SpfCheck.RunAsync(new SpfQuery { ClientAddress = client, Sender = "joe@example.com", HeloName = "mx.example.com" }, dns, limits: null, cancellationToken);
        var dkim = await signatures.CompleteAsync(dns, now, cancellationToken);
        var arc = await chain.CompleteAsync(dns, now, cancellationToken);
        var dmarc = await DmarcCheck.RunAsync(new DmarcQuery { AuthorDomain = "example.com", Spf = spf, Dkim = dkim }, dns, options: null, cancellationToken);
        var results = new AuthenticationResults
        {
            AuthservId = "mx.example.org",
            Results = [AuthenticationResult.Of(spf), .. dkim.Select(AuthenticationResult.Of), AuthenticationResult.Of(dmarc), AuthenticationResult.Of(arc)],
        };
        // end of snippet

        Assert.Equal("mx.example.org; spf=pass ('ip4:192.0.2.1' of example.com matches 192.0.2.1) smtp.mailfrom=joe@example.com; dmarc=pass (sent by a host of example.com) header.from=example.com; "
            + "arc=none (the message carries no chain)", results.ToString());
        Check("Tsunagi.Protocols.Mail", "authenticated");
    }

    [Fact]
    public void Of_net_shows_a_query_that_is_answered()
    {
        static byte[] Ask(ReadOnlySpan<byte> octets) =>
            DnsMessageReader.TryRead(octets, null, out var asked, out _)
                ? Answer(asked! with { IsResponse = true, Answers = [new DnsRecord(asked!.Questions[0].Name, 60, new DnsMxContent(10, DnsName.Parse("mx.example.com")))] })
                : [];

        static byte[] Answer(DnsMessage message)
        {
            var octets = new byte[512];
            return DnsMessageWriter.TryWrite(message, octets, out var length) ? octets[..length] : [];
        }

        // snippet: dns
        var query = DnsMessage.Query(id: 4711, DnsName.Parse("example.com"), DnsType.Mx);
        var buffer = new byte[512];
        DnsMessageWriter.TryWrite(query, buffer, out var written);
        byte[] received = Ask(buffer.AsSpan(0, written)); // the socket is the caller's
        if (DnsMessageReader.TryRead(received, limits: null, out var response, out var error) && response!.IsAnswerTo(query))
        {
            foreach (var record in response.Answers)
            {
                Console.WriteLine($"{record.Name} {record.TtlSeconds} {record.Content}");
            }
        }
        // end of snippet

        Assert.Equal(default, error);
        Assert.Single(response!.Answers);
        Check("Tsunagi.Protocols.Net", "dns");
    }

    [Fact]
    public void Of_net_shows_a_radius_request_that_is_answered()
    {
        static byte[] Receive(RadiusSecret shared)
        {
            var octets = new byte[64];
            var asks = new RadiusWriter(octets, RadiusCode.AccessRequest, 1);
            asks.AddMessageAuthenticator();
            asks.Add(RadiusType.UserName, "joe");
            return asks.TryFinishAccess(shared, out var written) ? octets[..written] : [];
        }

        // snippet: radius
        var secret = new RadiusSecret("xyzzy5461"u8);
        byte[] datagram = Receive(secret);
        if (RadiusPacket.TryParse(datagram, limits: null, out var request, out _) && secret.VerifyMessageAuthenticator(request))
        {
            var reply = new RadiusWriter(new byte[4096], RadiusCode.AccessAccept, request.Identifier);
            reply.AddMessageAuthenticator(); // first
            reply.Add(RadiusType.SessionTimeout, 3600);
            reply.TryFinishAnswer(secret, request.Authenticator, out int length);
            foreach (var pair in RadiusDecoder.Decode(request, RadiusDictionary.Standard, secret, request.Authenticator))
            {
                Console.WriteLine(pair); // User-Name = "joe"
            }
        }
        // end of snippet

        Check("Tsunagi.Protocols.Net", "radius");
    }

    [Fact]
    public void Of_net_shows_a_delegated_prefix()
    {
        static byte[] Receive()
        {
            var octets = new byte[64];
            var asks = new Dhcp6Writer(octets, Dhcp6Type.Solicit, 7);
            asks.Add(Dhcp6Code.ClientId, [0, 3, 0, 1, 2, 0, 0, 0, 0, 1]);
            asks.End(asks.BeginAssociation(Dhcp6Code.IaPd, 1, 0, 0));
            return asks.TryFinish(out var written) ? octets[..written] : [];
        }

        // snippet: dhcp
        byte[] received = Receive();
        if (Dhcp6Message.TryParse(received, limits: null, out var solicit, out _) && solicit.Options.TryFind(Dhcp6Code.ClientId, out var client))
        {
            var advertise = new Dhcp6Writer(new byte[1500], Dhcp6Type.Advertise, solicit.TransactionId);
            advertise.Add(Dhcp6Code.ClientId, client);
            int delegated = advertise.BeginAssociation(Dhcp6Code.IaPd, identifier: 1, t1: 1800, t2: 2880);
            advertise.End(advertise.BeginPrefix(IPNetwork.Parse("2001:db8:100::/56"), preferred: 3600, valid: 7200));
            advertise.End(delegated);
            advertise.TryFinish(out int length);
        }

        if (DhcpDecoder.TryDecode(DhcpProtocol.Dhcp6, received, limits: null, out var message, out _))
        {
            Console.WriteLine($"{message!.TypeName}: {string.Join(", ", message.Options)}"); // SOLICIT: OPTION_CLIENTID = …
        }
        // end of snippet

        Assert.Equal("SOLICIT", message!.TypeName);
        Check("Tsunagi.Protocols.Net", "dhcp");
    }

    [Fact]
    public void Of_net_shows_a_test_packet_that_is_reflected()
    {
        const long receivedAt = 1_700_000_000_000_000_000;

        static byte[] Receive()
        {
            var octets = new byte[44];
            return new StampWriter(octets, StampMode.Unauthenticated, 7, 1).TryFinish(default, StampErrorEstimate.Of(1_000, isSynchronized: true, StampFormat.Ntp), null, out _) ? octets : [];
        }

        // snippet: stamp
        byte[] received = Receive();
        if (StampTest.TryParse(received, StampMode.Unauthenticated, key: null, limits: null, out var test, out _))
        {
            var clock = new StampReflectorClock(StampErrorEstimate.Of(1_000, isSynchronized: true, StampFormat.Ntp), default, MarksReplies: false);
            var arrival = new StampArrival(receivedAt, Ttl: 64, TrafficClass: 0, Source: null, Destination: null);
            StampReflection.TryBegin(test, test.Sequence, arrival, default, clock, key: null, new byte[1500], out var reply);
            reply.Finish(sentAt: receivedAt + 20_000, key: null); // right before it is sent
            Console.WriteLine($"{test.Sequence}: {reply.Length} octets back");
        }
        // end of snippet

        Assert.Equal(7u, test.Sequence);
        Check("Tsunagi.Protocols.Net", "stamp");
    }

    [Fact]
    public void Of_flow_shows_datagrams_that_are_summed()
    {
        var received = new List<byte[]> { Flow.Flow_exporters.Template9(256, Flow.Flow_exporters.Common).NetFlow9(), new Flow.Wire().Set(256, Flow.Flow_exporters.Record()).NetFlow9(1) };

        // snippet: flow
        var exporter = new FlowExporter(); // one for each exporter, kept
        var perDestination = new PerDestination();
        foreach (byte[] datagram in received)
        {
            var result = exporter.Decode(datagram, receivedMilliseconds: 1_700_000_000_000, ref perDestination);
            Console.WriteLine($"{result.Origin}: {result.Flows} flows, {result.Missing} lost before them");
        }
        // end of snippet

        Assert.Equal(1500UL, perDestination.Octets[FlowAddress.From(System.Net.IPAddress.Parse("198.51.100.2"))]);
        Check("Tsunagi.Protocols.Flow", "flow");
    }

    [Fact]
    public void Of_flow_shows_a_rule_that_is_announced()
    {
        // snippet: rule
        if (FlowSpecText.TryParse("dst 192.0.2.1/32 proto udp sport 53 len 512-1500 then discard", out var statement, out var error))
        {
            byte[] update = BgpMessageWriter.Write(statement!.Announce(BgpAsPath.Of(), localPreference: 100));
            var read = BgpMessageReader.Read(update);
            Console.WriteLine($"{read.Handling}: {((BgpUpdate)read.Message!).Find<BgpMpReach>()!.FlowSpecs[0]}");
        }
        // end of snippet

        Assert.Empty(error);
        Check("Tsunagi.Protocols.Flow", "rule");
    }

    [Fact]
    public void Of_cpe_shows_an_inform_that_is_answered()
    {
        using var body = new System.Collections.Concurrent.BlockingCollection<byte[]>();
        body.Add(Octets.Of("<Envelope><Header><ID>1</ID></Header><Body><Inform><DeviceId><OUI>00E0FC</OUI><Serial"), TestContext.Current.CancellationToken);
        body.Add(Octets.Of("Number>7</SerialNumber></DeviceId><Event><EventStruct><EventCode>1 BOOT</EventCode></EventStruct></Event></Inform></Body></Envelope>"), TestContext.Current.CancellationToken);
        int answers = 0;

        // snippet: cwmp
        var reader = new CwmpReader(); // one for each message
        while (body.TryTake(out byte[]? piece) && reader.Feed(piece))
        {
        }

        if (reader.TryComplete(out CwmpEnvelope? envelope, out CwmpError error) && envelope!.Message is Inform inform)
        {
            Console.WriteLine($"{inform.Device.Oui}-{inform.Device.SerialNumber}: {inform.Events[0].Code}");
            byte[] answer = CwmpWriter.Write(envelope with { Message = new InformResponse() });
        }
        // end of snippet

        answers += envelope?.Message is Inform ? 1 : 0;
        Assert.Equal(default, error);
        Assert.Equal(1, answers);
        Check("Tsunagi.Protocols.Cpe", "cwmp");
    }

    private readonly struct PerDestination : IFlowSink
    {
        public PerDestination()
        {
        }

        public Dictionary<FlowAddress, ulong> Octets { get; } = [];

        public void OnFlow(in FlowRecord record, in RawRecord raw) => Octets[record.Destination] = Octets.GetValueOrDefault(record.Destination) + record.ScaledOctets;

        public void OnOptions(in RawRecord raw)
        {
        }

        public void OnCounters(in SflowCounterSample sample)
        {
        }

        public void OnTemplate(in TemplateEvent change)
        {
        }

        public void OnProblem(in FlowProblem problem)
        {
        }
    }

    [Theory]
    [InlineData("Tsunagi.Protocols.Mail")]
    [InlineData("Tsunagi.Protocols.Net")]
    [InlineData("Tsunagi.Protocols.Flow")]
    [InlineData("Tsunagi.Protocols.Cpe")]
    public void Name_files_and_tests_that_exist(string library)
    {
        string folder = Path.Combine(Repository.Root, "protocols", library);
        string[] tests = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests/Tsunagi.Tests"), "*.cs", SearchOption.AllDirectories).Select(path => Path.GetFileNameWithoutExtension(path))];
        int rows = 0;
        foreach (Match row in Row().Matches(File.ReadAllText(Path.Combine(folder, "RFCS.md"))))
        {
            foreach (Match file in Ticked().Matches(row.Groups["file"].Value))
            {
                Assert.True(File.Exists(Path.Combine(folder, file.Groups["code"].Value + ".cs")), $"{row.Value}: no file {file.Groups["code"].Value}");
            }

            foreach (Match test in Ticked().Matches(row.Groups["test"].Value))
            {
                Assert.True(tests.Contains(test.Groups["code"].Value), $"{row.Value}: no test {test.Groups["code"].Value}");
            }

            Assert.True(row.Groups["test"].Value.Contains('`', StringComparison.Ordinal) || row.Value.Contains("not done", StringComparison.Ordinal), $"{row.Value}: no test and not 'not done'");
            rows++;
        }

        Assert.True(rows > 10, $"only {rows} rows read");
    }

    private static void Check(string library, string snippet)
    {
        string source = File.ReadAllText(ThisFile);
        int start = source.IndexOf($"// snippet: {snippet}\n", StringComparison.Ordinal);
        start = source.IndexOf('\n', start) + 1;
        int end = source.IndexOf("        // end of snippet", start, StringComparison.Ordinal);
        string code = string.Join('\n', source[start..end].Split('\n').Select(line => line.StartsWith("        ", StringComparison.Ordinal) ? line[8..] : line));
        string page = File.ReadAllText(Path.Combine(Repository.Root, "protocols", library, "README.md"));
        Assert.Contains($"```csharp\n{code}```", page, StringComparison.Ordinal);
    }

    // | section | what | file | test |
    [GeneratedRegex(@"^\| \d[^|]*\|(?<what>[^|]*)\|(?<file>[^|]*)\|(?<test>[^|]*)\|", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Row();

    [GeneratedRegex("`(?<code>[^`]+)`", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Ticked();
}
