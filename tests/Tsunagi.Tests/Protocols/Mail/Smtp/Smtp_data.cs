using System.Buffers;
using System.Text.Json;
using FsCheck.Fluent;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Smtp;

public class Smtp_data
{
    [Theory]
    [InlineData(".\r\n", "")]
    [InlineData("a\r\n.\r\n", "a\r\n")]
    [InlineData("\r\n.\r\n", "\r\n")]
    [InlineData("..\r\n.\r\n", ".\r\n")]
    [InlineData("...a\r\n.b\r\n.\r\n", "..a\r\nb\r\n")]
    [InlineData("a.\r\n.\r\n", "a.\r\n")]
    [InlineData("Subject: x\r\n\r\nline\r\n..\r\n\r\n.\r\n", "Subject: x\r\n\r\nline\r\n.\r\n\r\n")]
    public void Is_read_up_to_the_single_dot(string sent, string message)
    {
        Outcome outcome = ReadWhole(Octets.Of(sent + "QUIT\r\n"));
        Assert.Equal((message, SmtpDataViolation.None, "QUIT\r\n"), (outcome.Message, outcome.Violation, outcome.Rest));
        Assert.Equal(outcome, ReadInPieces(Octets.Of(sent + "QUIT\r\n"), 1));
    }

    [Theory]
    [InlineData("a\nb\r\n.\r\n", SmtpDataViolation.BareLf, 1)]
    [InlineData("a\rb\r\n.\r\n", SmtpDataViolation.BareCr, 1)]
    [InlineData("\n.\r\n\r\n.\r\n", SmtpDataViolation.BareLf, 0)]
    [InlineData("a\r\r\n.\r\n", SmtpDataViolation.BareCr, 1)]
    [InlineData(".\r\r\n.\r\n", SmtpDataViolation.BareCr, 1)]
    [InlineData("a\0\r\n.\r\n", SmtpDataViolation.Nul, 1)]
    [InlineData("ab\r\n.\nc\r\n.\r\n", SmtpDataViolation.BareLf, 5)]
    public void With_a_violation_is_read_to_its_true_end(string sent, SmtpDataViolation violation, int offset)
    {
        foreach (int size in (int[])[1, 2, 3, 1000])
        {
            Outcome outcome = ReadInPieces(Octets.Of(sent + "RSET\r\n"), size);
            Assert.Equal((violation, (long)offset, "RSET\r\n"), (outcome.Violation, outcome.ViolationOffset, outcome.Rest));
        }
    }

    [Fact]
    public void Hands_on_nothing_behind_a_violation()
    {
        Assert.Equal("ab", ReadWhole(Octets.Of("ab\ncd\r\nef\r\n.\r\n")).Message);
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(9, true)]
    public void Of_ten_octets_passes_a_limit_of_ten_and_no_less(long limit, bool tooLarge)
    {
        foreach (int size in (int[])[1, 3, 1000])
        {
            Outcome outcome = ReadInPieces(Octets.Of("12345\r\n..\r\n.\r\nx"), size, limit);
            Assert.Equal((tooLarge, "x"), (outcome.TooLarge, outcome.Rest));
            Assert.True(outcome.Message.Length <= limit);
        }
    }

    [Fact]
    public void Tells_of_octets_above_127()
    {
        Assert.True(ReadWhole(Octets.Of("h\u00e9\r\n.\r\n")).EightBit);
        Assert.False(ReadWhole(Octets.Of("he\r\n.\r\n")).EightBit);
    }

    [Fact]
    public void Gives_the_same_for_every_cut()
    {
        var cases = from octets in Properties.Bytes("\r\n.\r\n.\r\n.ab\0\u00ff", 40)
                    from cuts in Properties.Cuts(octets.Length)
                    from limit in Gen.Choose(0, 45)
                    select (octets, cuts, limit);
        Properties.Holds(cases, c =>
        {
            Outcome whole = ReadSequence(Octets.Cut(c.octets), c.limit);
            Assert.Equal(whole, ReadSequence(Octets.Cut(c.octets, c.cuts), c.limit));
            Assert.Equal(whole, ReadSequence(Octets.CutEverywhere(c.octets), c.limit));
        }, 3000);
    }

    [Fact]
    public void Agrees_with_the_definition_on_any_octets()
    {
        Properties.Holds(Properties.Bytes("\r\n.\r\n.\r\n.ab\0", 40), octets =>
        {
            Outcome outcome = ReadWhole(octets);
            string sent = "\r\n" + Octets.Show(octets);
            int end = sent.IndexOf("\r\n.\r\n", StringComparison.Ordinal);
            Assert.Equal(end >= 0, outcome.Ended);
            string body = end < 0 ? sent : sent[..(end + 2)];
            if (outcome.Ended)
            {
                Assert.Equal(sent[(end + 5)..], outcome.Rest);
                string lines = body.Replace("\r\n", "");
                Assert.Equal(outcome.Violation != SmtpDataViolation.None, lines.AsSpan().ContainsAny('\r', '\n', '\0'));
            }
            if (outcome.Ended && outcome.Violation == SmtpDataViolation.None)
            {
                Assert.Equal(body.Replace("\r\n.", "\r\n")[2..], outcome.Message);
            }
        }, 3000);
    }

    [Fact]
    public void Written_and_read_is_the_message_with_a_line_end()
    {
        Properties.Holds(Properties.Bytes("\r\n.\r\n.\r\n.ab", 40), octets =>
        {
            var writer = new SmtpDataWriter();
            byte[] sent = WriteInPieces(writer, octets, octets.Length);
            Outcome outcome = ReadWhole(sent);
            Assert.Equal((true, SmtpDataViolation.None, ""), (outcome.Ended, outcome.Violation, outcome.Rest));
            string message = Octets.Show(octets);
            if (!writer.HasNormalised)
            {
                Assert.Equal(message.Length == 0 || message.EndsWith("\r\n", StringComparison.Ordinal) ? message : message + "\r\n", outcome.Message);
            }
        }, 3000);
    }

    [Fact]
    public void Is_written_without_bare_line_ends_nul_or_unstuffed_dots_whatever_comes()
    {
        var cases = from octets in Properties.Bytes("\r\n.\r\n.\r\n.ab\0", 40)
                    from size in Gen.Choose(1, 41)
                    select (octets, size);
        Properties.Holds(cases, c =>
        {
            string sent = Octets.Show(WriteInPieces(new SmtpDataWriter(), c.octets, c.size));
            Assert.EndsWith(".\r\n", sent, StringComparison.Ordinal);
            string[] lines = sent.Split("\r\n");
            Assert.DoesNotContain(lines, line => line.AsSpan().ContainsAny('\r', '\n', '\0'));
            Assert.Equal(lines.Length - 2, Array.IndexOf(lines, "."));
            Assert.All(lines[..^2], line => Assert.False(line.StartsWith('.') && !line.StartsWith("..", StringComparison.Ordinal)));
            Assert.Equal(sent, Octets.Show(WriteInPieces(new SmtpDataWriter(), c.octets, 1)));
        }, 3000);
    }

    public static TheoryData<string, string> SmugglingCases()
    {
        var cases = new TheoryData<string, string>();
        if (SharedFiles.Find("data/mail/smtp-smuggling/cases.json") is not { } path)
        {
            cases.Add("absent", "");
            return cases;
        }
        using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(path));
        foreach (JsonElement c in file.RootElement.GetProperty("cases").EnumerateArray())
        {
            cases.Add(c.GetProperty("name").GetString()!, c.GetProperty("bytes").GetString()!);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(SmugglingCases))]
    public void Of_a_smuggling_case_is_one_refused_message_or_one_clean_one(string name, string bytes)
    {
        Assert.SkipWhen(name == "absent", "data/mail/smtp-smuggling/cases.json is not on this machine");
        byte[] sent = Octets.Of($"Subject: x\r\n\r\nbody{bytes}MAIL FROM:<evil@x.test.invalid>\r\nRCPT TO:<v@dst.test.invalid>\r\nDATA\r\nevil\r\n.\r\n");
        Outcome outcome = ReadWhole(sent);
        Assert.Equal(outcome, ReadInPieces(sent, 1));
        // One message, up to the last octet: nothing is left that could be a second one.
        Assert.Equal((true, ""), (outcome.Ended, outcome.Rest));
        Assert.NotEqual(SmtpDataViolation.None, outcome.Violation);
        // As a client: whatever the message holds, the next hop sees one end of data.
        string relayed = Octets.Show(WriteInPieces(new SmtpDataWriter(), sent[..^3], 7));
        Assert.Equal(relayed.Length - 5, relayed.IndexOf("\r\n.\r\n", StringComparison.Ordinal));
        Assert.False(relayed.Replace("\r\n", "").AsSpan().ContainsAny('\r', '\n', '\0'));
    }

    private sealed record Outcome(bool Ended, string Message, string Rest, SmtpDataViolation Violation, long ViolationOffset, bool TooLarge, long Octets, bool EightBit);

    private static Outcome ReadWhole(byte[] octets) => ReadSequence(new ReadOnlySequence<byte>(octets), 1 << 20);

    private static Outcome ReadSequence(ReadOnlySequence<byte> buffer, long limit)
    {
        var reader = new SmtpDataReader(limit);
        var message = new ArrayBufferWriter<byte>();
        bool ended = reader.Read(ref buffer, message);
        return Show(reader, message, ended, buffer.ToArray());
    }

    private static Outcome ReadInPieces(byte[] octets, int size, long limit = 1 << 20)
    {
        var reader = new SmtpDataReader(limit);
        var message = new ArrayBufferWriter<byte>();
        int at = 0;
        while (at < octets.Length && !reader.IsEnded)
        {
            reader.Read(octets.AsSpan(at, Math.Min(size, octets.Length - at)), message, out int consumed);
            at += consumed;
        }
        return Show(reader, message, reader.IsEnded, octets[at..]);
    }

    private static Outcome Show(SmtpDataReader reader, ArrayBufferWriter<byte> message, bool ended, byte[] rest) =>
        new(ended, Testing.Octets.Show(message.WrittenSpan), Testing.Octets.Show(rest), reader.Violation, reader.ViolationOffset, reader.IsTooLarge, reader.Octets, reader.HasEightBit);

    private static byte[] WriteInPieces(SmtpDataWriter writer, byte[] message, int size)
    {
        var output = new ArrayBufferWriter<byte>();
        for (int at = 0; at < message.Length; at += size)
        {
            writer.Write(message.AsSpan(at, Math.Min(size, message.Length - at)), output);
        }

        writer.Complete(output);
        return output.WrittenSpan.ToArray();
    }
}
