using System.Text;
using FsCheck.Fluent;
using Tsunagi.Protocols.Cpe.Cwmp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Cpe.Cwmp;

public class Cwmp_messages
{
    private const string Folder = "Protocols/Cpe";

    public static TheoryData<string> Dialects() => Golden.Cases(Folder, "cwmp-");

    [Theory]
    [Trait("Golden", "true")]
    [MemberData(nameof(Dialects))]
    public void Of_every_dialect_are_read_as_written_down(string name) => Golden.Check(Folder, name, CwmpCases.Shown_or_refused);

    [Fact]
    public void Of_every_method_read_back_what_was_written()
    {
        Assert.Equal(CwmpCases.One.Count, CwmpCases.One.Select(CwmpCase => CwmpCase.Method + CwmpCase.GetHashCode()).Distinct().Count());
        foreach (CwmpMessage message in CwmpCases.One)
        {
            foreach (CwmpVersion version in Enum.GetValues<CwmpVersion>())
            {
                var envelope = new CwmpEnvelope { Version = version, Id = "1&2", HoldRequests = version > CwmpVersion.Cwmp12, NoMoreRequests = version == CwmpVersion.Cwmp10, Message = message };
                byte[] written = CwmpWriter.Write(envelope);
                Assert.True(CwmpReader.TryRead(written, null, out CwmpEnvelope? read, out CwmpError error), $"{message.Method}: {error.Reason}");
                Assert.Equal(CwmpCases.Show(envelope), CwmpCases.Show(read!));
                Assert.Equal(message.GetType(), read!.Message.GetType());
                Assert.Equal(written, CwmpWriter.Write(read));
            }
        }
    }

    [Fact]
    public void Of_a_recorded_session_decode()
    {
        string? folder = SharedFiles.Find("data/routers/cwmp");
        Assert.SkipWhen(folder is null, "the recorded sessions are not here (TSUNAGI_SHARED)");
        var methods = new List<string>();
        foreach (string file in Directory.EnumerateFiles(folder!, "sim-session-*.xml").Order(StringComparer.Ordinal))
        {
            byte[] octets = File.ReadAllBytes(file);
            bool read = CwmpReader.TryRead(octets, null, out CwmpEnvelope? envelope, out CwmpError error);
            methods.Add(read ? envelope!.Message.Method : error.Reason);
        }

        Assert.Equal(["Inform", "Inform", "the message is empty", "the message is empty", "GetParameterNamesResponse", "GetParameterValuesResponse", "SetParameterValuesResponse"], methods);
        Assert.True(CwmpReader.TryRead(File.ReadAllBytes(Path.Combine(folder!, "sim-session-0.xml")), null, out CwmpEnvelope? inform, out _));
        var message = Assert.IsType<Inform>(inform!.Message);
        Assert.Equal(new DeviceId("Huawei Technologies Co., Ltd.", "202BC1", "BM632w", "000000"), message.Device);
        Assert.Equal("y0qc7our", inform.Id);
        Assert.Equal("2", Assert.Single(message.Events).Number);
        Assert.Contains(message.Parameters, p => p.Name.EndsWith("ConnectionRequestURL", StringComparison.Ordinal) && p.Value == "http://127.0.0.1:47831/");
    }

    [Fact]
    public void Say_the_same_however_they_are_cut()
    {
        byte[][] inputs = [.. CwmpCases.One.Select(m => CwmpWriter.Write(new CwmpEnvelope { Id = "1", Message = m })), .. Dialects().Select(row => File.ReadAllBytes(Path.Combine(Repository.Root, "tests/Tsunagi.Tests", Folder, "golden", row.Data + ".in")))];
        foreach (byte[] input in inputs)
        {
            string whole = Encoding.UTF8.GetString(CwmpCases.Shown_or_refused(input));
            foreach (int step in (int[])[1, 2, 3, 7, 64])
            {
                var reader = new CwmpReader();
                for (int at = 0; at < input.Length; at += step)
                {
                    reader.Feed(input.AsSpan(at, Math.Min(step, input.Length - at)));
                }

                Assert.Equal(whole, reader.TryComplete(out CwmpEnvelope? envelope, out CwmpError error) ? CwmpCases.Show(envelope!) + "\n" : $"refused at {error.Offset}: {error.Reason}\n");
            }
        }
    }

    [Fact]
    public void Of_six_hundred_kilobytes_are_held_once()
    {
        byte[] answer = CwmpWriter.Write(new CwmpEnvelope { Message = new GetParameterNamesResponse([.. Enumerable.Range(0, 6_000).Select(i => new ParameterInfo($"InternetGatewayDevice.LANDevice.1.Hosts.Host.{i}.Name", i % 2 == 0))]) });
        Assert.True(answer.Length > 600_000);
        var reader = new CwmpReader();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int at = 0; at < answer.Length; at += 4096)
        {
            Assert.True(reader.Feed(answer.AsSpan(at, Math.Min(4096, answer.Length - at))));
        }

        Assert.True(reader.TryComplete(out CwmpEnvelope? envelope, out _));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(6_000, ((GetParameterNamesResponse)envelope!.Message).Parameters.Count);
        Assert.True(allocated < 8 * answer.Length, $"{allocated} octets were allocated for {answer.Length}");
    }

    [Fact]
    public void At_a_limit_are_read_and_one_past_it_refused()
    {
        Assert.Equal("", Refusal(Values(10, 5), new CwmpLimits { MessageOctets = Values(10, 5).Length }));
        Assert.StartsWith("the message is longer than", Refusal(Values(10, 5), new CwmpLimits { MessageOctets = Values(10, 5).Length - 1 }), StringComparison.Ordinal);
        Assert.Equal("", Refusal(Values(1, 1000), new CwmpLimits { TextOctets = 1000 }));
        Assert.Equal("a text is longer than 999 octets", Refusal(Values(1, 1000), new CwmpLimits { TextOctets = 999 }));
        Assert.Equal("", Refusal(Soap("<a><b><c/></b></a>"), new CwmpLimits { Depth = 5 }));
        Assert.Equal("elements are nested deeper than 4", Refusal(Soap("<a><b><c/></b></a>"), new CwmpLimits { Depth = 4 }));
        Assert.Equal("", Refusal(Soap("<a x='1' y='2'/>"), new CwmpLimits { Attributes = 2 }));
        Assert.Equal("an element has more than 1 attributes", Refusal(Soap("<a x='1' y='2'/>"), new CwmpLimits { Attributes = 1 }));
        Assert.Equal("", Refusal(Soap("<a/>"), new CwmpLimits { Elements = 3 }));
        Assert.Equal("the message has more than 2 elements", Refusal(Soap("<a/>"), new CwmpLimits { Elements = 2 }));
        string long_tag = "<a x='" + new string('x', 100) + "'";
        Assert.Equal("", Refusal(Soap(long_tag + "/>"), new CwmpLimits { TagOctets = 100 }));
        Assert.Equal("a tag is longer than 100 octets", Refusal("<Envelope><Body>" + long_tag, new CwmpLimits { TagOctets = 100 }));
        Assert.Equal("a comment or instruction is longer than 100 octets", Refusal("<Envelope><!--" + new string('x', 100), new CwmpLimits { TextOctets = 100 }));
    }

    [Theory]
    [InlineData("<!DOCTYPE a [<!ENTITY b \"bbbb\">]><Envelope/>", "a document type declaration is not read")]
    [InlineData("<Envelope><Body><Reboot></Body></Envelope>", "</Body> closes <Reboot>")]
    [InlineData("<Envelope><Body><Reboot/><Reboot/></Body></Envelope>", "the body holds a second message")]
    [InlineData("<Envelope><Body><Reboot/></Body></Envelope><Envelope/>", "a second document")]
    [InlineData("<Envelope><Body/></Envelope>", "the envelope has no body with a message")]
    [InlineData("<Envelope><Body><Reboot/></Body>", "the message ends within the envelope")]
    [InlineData("<html><body>502</body></html>", "<html> is no SOAP envelope")]
    [InlineData("502 Bad Gateway", "this is no XML")]
    [InlineData("<Envelope></Envelope> tail <a/>", "text after the end of the document")]
    [InlineData("</Envelope>", "</Envelope> closes nothing")]
    [InlineData("", "the message is empty")]
    public void That_are_none_are_refused_with_a_sentence(string text, string reason) => Assert.Equal(reason, Refusal(text, null));

    [Fact]
    public void Of_many_less_than_signs_take_time_in_proportion()
    {
        // Each begins no tag, so each is a text of its own: they are gathered, not copied again and again.
        Assert.Equal("", Refusal("<Envelope><Body><a>" + string.Concat(Enumerable.Repeat("< ", 200_000)) + "</a></Body></Envelope>", null));
    }

    [Fact]
    public void Property_what_is_written_reads_back()
    {
        var texts = Gen.Elements("", "a", " b ", "日本", "<&>\"'", "\r\n", "\t", "]]>", "é", "x\n", "&amp;", "1");
        var values = from name in texts from value in texts from type in Gen.Elements("string", "int", "boolean", "") select new ParameterValue("Device." + name.Trim(), type is "string" or "" ? value : value.Trim(), type);
        Properties.Holds(Gen.ListOf(values), list =>
        {
            var envelope = new CwmpEnvelope { Id = "1", Message = new SetParameterValues([.. list], "k") };
            Assert.True(CwmpReader.TryRead(CwmpWriter.Write(envelope), null, out CwmpEnvelope? read, out _));
            Assert.Equal(list, ((SetParameterValues)read!.Message).Parameters);
        });
    }

    [Fact]
    public void Faults_have_the_names_of_the_standard()
    {
        Assert.Equal("Invalid parameter name", CwmpFault.NameOf(9005));
        Assert.Equal("", CwmpFault.NameOf(9800));
        Assert.All(Enumerable.Range(9000, 33), code => Assert.NotEmpty(CwmpFault.NameOf(code)));
        Assert.All(Enumerable.Range(8000, 7), code => Assert.NotEmpty(CwmpFault.NameOf(code)));
    }

    private static string Values(int count, int length) => Octets.Show(CwmpWriter.Write(new CwmpEnvelope
    {
        Message = new GetParameterValuesResponse([.. Enumerable.Range(0, count).Select(i => new ParameterValue("Device.A", new string('x', length)))]),
    }));

    private static string Soap(string body) => $"<Envelope><Body>{body}</Body></Envelope>";

    private static string Refusal(string text, CwmpLimits? limits) => CwmpReader.TryRead(Octets.Of(text), limits, out _, out CwmpError error) ? "" : error.Reason;
}
