using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using FsCheck.Fluent;
using Tsunagi.Protocols.Mail.Arc;
using Tsunagi.Protocols.Mail.AuthResults;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Dmarc;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Spf;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.AuthResults;

public class Authentication_results
{
    public static TheoryData<string> Fields() => Golden.Cases("Protocols/Mail/AuthResults");

    // Among them the examples of RFC 8601 appendix B.
    [Theory]
    [MemberData(nameof(Fields))]
    [Trait("Golden", "true")]
    public void Are_read_as_recorded(string name) => Golden.Check("Protocols/Mail/AuthResults", name, input =>
    {
        var text = new StringBuilder();
        HeaderSection header = HeaderSection.Read(input);
        for (int i = 0; i < header.Count; i++)
        {
            text.Append(Octets.Show(header.Raw(i)).ReplaceLineEndings("\n")).Append('\n');
            if (!AuthenticationResults.TryParse(header.Body(i), out AuthenticationResults? read, out string reason))
            {
                text.Append("  malformed: ").Append(reason).Append("\n\n");
                continue;
            }

            text.Append(CultureInfo.InvariantCulture, $"  by {read!.AuthservId} version {read.Version}\n");
            foreach (AuthenticationResult r in read.Results)
            {
                text.Append(CultureInfo.InvariantCulture, $"  {r.Method}/{r.MethodVersion} {r.Result} reason '{r.Reason}' comment '{r.Comment}' {string.Join(", ", r.Properties.Select(p => $"{p.Type}.{p.Name}={p.Value}"))}\n");
            }

            text.Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    });

    [Fact]
    public void Read_back_as_written_whatever_strangers_put_into_them()
    {
        var texts = from octets in Properties.Bytes(" ;=()\"\\\r\n@.a-/", 40) select Octets.Show(octets);
        var all = from id in texts
                  from comment in texts
                  from reason in texts
                  from value in texts
                  select (id, comment, reason, value);
        Properties.Holds(all, drawn =>
        {
            var written = new AuthenticationResults
            {
                AuthservId = drawn.id,
                Results = [new AuthenticationResult { Method = "dkim", Result = "pass", Comment = drawn.comment, Reason = drawn.reason, Properties = [new("header", "d", drawn.value), new("smtp", "mailfrom", "joe@example.com")] }, new AuthenticationResult { Method = "spf", Result = "none" }],
            };
            var output = new ArrayBufferWriter<byte>();
            written.WriteTo(output);
            HeaderSection header = HeaderSection.Read(output.WrittenSpan);
            Assert.Equal((1, HeaderEnd.Input), (header.Count, header.End)); // one field and nothing else, whatever came from outside
            Assert.True(AuthenticationResults.TryParse(header.Body(0), out AuthenticationResults? read, out string reason), reason);
            Assert.Equal(2, read!.Results.Length);
            Assert.Equal("joe@example.com", read.Results[0]["smtp", "mailfrom"]);
            Assert.Equal(Shown(drawn.value), Shown(read.Results[0]["header", "d"]!));
            Assert.Equal(Shown(drawn.id), Shown(read.AuthservId));
        });
        static string Shown(string text) => string.Concat(text.Where(c => c is > ' ' and < '\x7f' and not '?')); // what is not ASCII is a question mark
    }

    // RFC 5322 section 2.1.1
    [Theory]
    [InlineData("x")]
    [InlineData("\"")]
    [InlineData("\u7e4b")]
    [InlineData("\U0001F4E7")]
    public void Have_lines_that_fit_however_long_what_strangers_wrote(string stranger)
    {
        string text = string.Concat(Enumerable.Repeat(stranger, 5000));
        foreach (bool utf8 in (bool[])[false, true])
        {
            var output = new ArrayBufferWriter<byte>();
            new AuthenticationResults
            {
                AuthservId = text,
                MayHoldUtf8 = utf8,
                Results = [new AuthenticationResult { Method = text, Result = "pass", Comment = text, Reason = text, Properties = [new("smtp", new string('m', 40), text), new("header", "i", text + "@example.com"), new(text, text, "x")] }],
            }.WriteTo(output);
            Assert.All(Encoding.UTF8.GetString(output.WrittenSpan).Split("\r\n"), line => Assert.InRange(Encoding.UTF8.GetByteCount(line), 0, 998));
            Assert.True(AuthenticationResults.TryParse(HeaderSection.Read(output.WrittenSpan).Body(0), out AuthenticationResults? read, out string reason), reason);
            Assert.Equal(3, read!.Results[0].Properties.Length);
        }
    }

    // RFC 6532: a header section is ASCII unless the message says otherwise.
    [Theory]
    [InlineData(true, "\"\u5c71\u7530@example.jp\"")]
    [InlineData(false, "\"??@example.jp\"")]
    public void Are_in_UTF_8_only_on_demand(bool utf8, string value) => Assert.Equal(
        $"mx.example.org; spf=pass smtp.mailfrom={value}",
        new AuthenticationResults { AuthservId = "mx.example.org", MayHoldUtf8 = utf8, Results = [new AuthenticationResult { Method = "spf", Result = "pass", Properties = [new("smtp", "mailfrom", "\u5c71\u7530@example.jp")] }] }.ToString());

    [Fact]
    public void Of_ours_that_are_too_long_to_be_read_are_taken_off_too()
    {
        string padding = "(" + new string('x', HeaderLimits.Default.FieldOctets) + ")";
        HeaderSection header = HeaderSection.Read(Octets.Of($"Authentication-Results: mx.example.org; dmarc=pass {padding}\r\nSubject: x\r\n\r\n"));
        Assert.Equal([0], ForgedResults.Find(header, ["mx.example.org"]));
    }

    [Fact]
    public void Are_written_from_what_the_checks_found()
    {
        var signature = new DkimSignature { Domain = "example.com", Selector = "s", Identity = "@example.com", AlgorithmName = "rsa-sha256", Value = Enumerable.Repeat((byte)1, 256).ToArray() };
        var results = new AuthenticationResults
        {
            AuthservId = "mx.example.org",
            Results =
            [
                AuthenticationResult.Of(new SpfResult { Verdict = SpfVerdict.SoftFail, Domain = "example.com", Sender = "joe@example.com", Reason = "'~all' of example.com matches 192.0.2.1" }),
                AuthenticationResult.Of(new SpfResult { Verdict = SpfVerdict.Pass, Domain = "mx.example.com", Identity = SpfIdentity.Helo }),
                AuthenticationResult.Of(new DkimResult { Verdict = DkimVerdict.Pass, Reason = "signed by example.com", Signature = signature, KeyBits = 2048 }),
                AuthenticationResult.Of(new DmarcResult { Verdict = DmarcVerdict.Fail, Reason = "nothing that passes is of example.net", AuthorDomain = "example.net", Policy = DmarcPolicy.Reject }),
                AuthenticationResult.Of(new ArcResult { Verdict = ArcVerdict.Pass, Reason = "sealed once", OldestPass = 0 }, IPAddress.Parse("2001:db8::1")),
            ],
        };
        var output = new ArrayBufferWriter<byte>();
        results.WriteTo(output);
        Golden.Compare(Path.Combine(Repository.Root, "tests/Tsunagi.Tests/Protocols/Mail/AuthResults/golden/written.out"), output.WrittenSpan.ToArray());
        Assert.True(AuthenticationResults.TryParse(HeaderSection.Read(output.WrittenSpan).Body(0), out AuthenticationResults? read, out _));
        Assert.Equal(5, read!.Results.Length);
        Assert.Equal("AQEBAQEB", read.Results[2]["header", "b"]);
        Assert.Equal("2001:db8::1", read.Results[4]["smtp", "remote-ip"]);
        Assert.Equal("mx.example.org; none", new AuthenticationResults { AuthservId = "mx.example.org" }.ToString());
    }

    [Theory]
    [InlineData(AuthenticationResults.MostOctets, true)]
    [InlineData(AuthenticationResults.MostOctets + 1, false)]
    public void Are_read_up_to_their_limit(int octets, bool read) =>
        Assert.Equal(read, AuthenticationResults.TryParse(Octets.Of("a; spf=pass (" + new string('x', octets - 14) + ")"), out _, out _));

    // RFC 8601 section 5
    [Theory]
    [InlineData("mx.example.org; spf=pass smtp.mailfrom=ceo@example.org", true)]
    [InlineData("MX.Example.ORG 1; dmarc=pass", true)]
    [InlineData("\"mx.example.org\"; none", true)]
    [InlineData("(a comment) mx.example.org (another); none", true)]
    [InlineData("xn--eckwd4c7cu47r2wf.jp; none", true)]
    [InlineData("; spf=pass", true)]
    [InlineData("mx.example.org", true)]
    [InlineData("mx.example.net; spf=pass", false)]
    [InlineData("sub.mx.example.org; spf=pass", false)]
    public void Of_ours_that_come_from_outside_are_taken_off(string body, bool forged)
    {
        string message = $"Received: by a\r\nAuthentication-Results: {body}\r\nAuthentication-Results: mx.example.net; none\r\nSubject: x\r\n\r\nbody";
        HeaderSection header = HeaderSection.Read(Octets.Of(message));
        IReadOnlyList<int> found = ForgedResults.Find(header, ["mx.example.org", "ドメイン名例.jp"]);
        Assert.Equal(forged ? [1] : [], found);
        var output = new ArrayBufferWriter<byte>();
        ForgedResults.WriteWithout(header, found, output);
        Assert.Equal(forged ? "Received: by a\r\nAuthentication-Results: mx.example.net; none\r\nSubject: x\r\n\r\n" : message[..^4], Octets.Show(output.WrittenSpan));
    }

    [Theory]
    [InlineData("mx.example.org 1; none", "mx.example.org")]
    [InlineData(" (c) \"a b\" ; x", "a b")]
    [InlineData("; none", null)]
    [InlineData("(open", null)]
    public void Tell_who_wrote_them(string body, string? id) => Assert.Equal(id, AuthenticationResults.AuthservIdOf(Octets.Of(body)));
}
