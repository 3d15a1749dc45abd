using System.Buffers;
using FsCheck.Fluent;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Smtp;

public class Smtp_lines
{
    [Theory]
    [InlineData("NOOP\r\nQUIT\r\n", "Line NOOP|Line QUIT|NeedMore")]
    [InlineData("\r\n", "Line |NeedMore")]
    [InlineData("NOOP", "NeedMore")]
    [InlineData("NOOP\r", "NeedMore")]
    [InlineData("NO\nOP\r\n", "BareLf")]
    [InlineData("NO\rOP\r\n", "BareCr")]
    [InlineData("NO\r\rOP\r\n", "BareCr")]
    [InlineData("1234567890\r\n12345678\r\n", "TooLong|Line 12345678|NeedMore")]
    [InlineData("123456789\r\n", "TooLong|NeedMore")]
    [InlineData("12345678901234567890123456", "NeedMore")]
    [InlineData("12345678901234567890\n", "BareLf")]
    public void End_in_crlf_and_in_nothing_else(string octets, string expected)
    {
        Assert.Equal(expected, Run(Octets.Cut(Octets.Of(octets))));
        Assert.Equal(expected, RunInPieces(Octets.Of(octets), 1));
        Assert.Equal(expected, RunInPieces(Octets.Of(octets), 3));
    }

    [Fact]
    public void Are_the_same_for_every_cut()
    {
        var cases = from octets in Properties.Bytes("\r\n\r\nabcde", 60)
                    from cuts in Properties.Cuts(octets.Length)
                    select (octets, cuts);
        Properties.Holds(cases, c =>
        {
            string whole = Run(Octets.Cut(c.octets));
            Assert.Equal(whole, Run(Octets.Cut(c.octets, c.cuts)));
            Assert.Equal(whole, RunInPieces(c.octets, 1));
        }, 2000);
    }

    // The limit is ten octets, CRLF included.
    private static string Run(ReadOnlySequence<byte> buffer)
    {
        var seen = new List<string>();
        Drain(new SmtpLineReader(10), ref buffer, seen);
        return string.Join('|', seen);
    }

    private static string RunInPieces(byte[] octets, int size)
    {
        var reader = new SmtpLineReader(10);
        var seen = new List<string>();
        byte[] kept = [];
        for (int at = 0; at < octets.Length; at += size)
        {
            if (seen.Count > 0 && seen[^1] == "NeedMore")
            {
                seen.RemoveAt(seen.Count - 1);
            }

            var buffer = new ReadOnlySequence<byte>([.. kept, .. octets.AsSpan(at, Math.Min(size, octets.Length - at))]);
            if (!Drain(reader, ref buffer, seen))
            {
                break;
            }

            kept = buffer.ToArray();
            Assert.True(kept.Length <= 10);
        }
        return seen.Count == 0 ? "NeedMore" : string.Join('|', seen);
    }

    private static bool Drain(SmtpLineReader reader, ref ReadOnlySequence<byte> buffer, List<string> seen)
    {
        while (true)
        {
            SmtpLineStatus status = reader.Read(ref buffer, out ReadOnlySpan<byte> line);
            seen.Add(status == SmtpLineStatus.Line ? $"Line {Octets.Show(line)}" : status.ToString());
            if (status == SmtpLineStatus.NeedMore)
            {
                return true;
            }

            if (status is SmtpLineStatus.BareCr or SmtpLineStatus.BareLf)
            {
                return false;
            }
        }
    }
}
