using System.Buffers;
using System.Text;
using Tsunagi.Mail.Inbound;

namespace Tsunagi.Tests.Mail.Inbound;

public sealed class Header_sieve
{
    [Theory]
    [InlineData("Authentication-Results: gateway.test; spf=pass\r\n", true)]
    [InlineData("AUTHENTICATION-RESULTS : Gateway.Test; spf=pass\r\n", true)]
    [InlineData("Authentication-Results:\r\n\t(a;b (nested) \\) c)\r\n \"gateway.test\" 1;\r\n\tdkim=pass\r\n", true)]
    [InlineData("Authentication-Results: (never closed gateway.test; spf=pass\r\n", true)]
    [InlineData("Authentication-Results:\r\n", true)]
    [InlineData("Authentication-Results\r\n : gateway.test; spf=pass\r\n", true)]
    [InlineData("X-Tsunagi-Verdict: accept\r\n\tfolded\r\n", true)]
    [InlineData("x-TSUNAGI-anything: 1\r\n", true)]
    [InlineData("Authentication-Results: gateway.test.example; spf=pass\r\n", false)]
    [InlineData("Authentication-Results: other.example; spf=pass (gateway.test)\r\n", false)]
    [InlineData("Authentication-Results-Old: gateway.test; spf=pass\r\n", false)]
    [InlineData("X-Tsunagi: 1\r\n", false)]
    [InlineData("no colon gateway.test\r\n", false)]
    public void A_field_that_only_we_write_is_taken_out_of_arriving_mail_however_it_is_cut(string field, bool isTaken)
    {
        const string before = "Received: from a by b\r\n", after = "Subject: x\r\n\ty\r\n\r\nAuthentication-Results: gateway.test; in the body\r\n";
        var expected = before + (isTaken ? "" : field) + after;
        for (var cut = 1; cut < 60; cut++)
        {
            var (passed, removed) = Pass(before + field + after, cut);
            Assert.Equal(expected, passed);
            Assert.Equal(isTaken ? 1 : 0, removed);
        }
    }

    [Theory]
    [InlineData("X-Tsunagi-Last: 1\r\n", "")]
    [InlineData("X-Tsunagi-Last: 1", "")]
    [InlineData("Subject: last\r\n", "Subject: last\r\n")]
    [InlineData("\r\nX-Tsunagi-Body: 1\r\n", "\r\nX-Tsunagi-Body: 1\r\n")]
    [InlineData("", "")]
    public void The_end_of_the_content_decides_on_the_last_field(string content, string expected)
    {
        for (var cut = 1; cut < 20; cut++)
        {
            Assert.Equal(expected, Pass(content, cut).Passed);
        }
    }

    [Theory]
    [InlineData(HeaderSieve.MaxFieldBytes)]
    [InlineData(HeaderSieve.MaxFieldBytes + 1)]
    [InlineData(HeaderSieve.MaxFieldBytes * 5)]
    public void A_field_of_any_length_is_decided_on_and_what_follows_too(int length)
    {
        var folds = string.Concat(Enumerable.Repeat("\r\n\t" + new string('y', 500), length / 503)) + new string('y', length % 503);
        var text = $"X-Tsunagi-Long: {folds}z\r\nX-Other: {folds}z\r\nX-Tsunagi-Short: 1\r\nTo: a\r\n\r\nbody";
        foreach (var cut in new[] { 7, 1000, 4096, 1_000_000 })
        {
            var (passed, removed) = Pass(text, cut);
            Assert.Equal($"X-Other: {folds}z\r\nTo: a\r\n\r\nbody", passed);
            Assert.Equal(2, removed);
        }
    }

    [Fact]
    public void A_million_fields_pass_in_bounded_memory()
    {
        using var sieve = new HeaderSieve(new ForgedFields("gateway.test"));
        var output = new ArrayBufferWriter<byte>(80 << 20);
        var piece = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("A: b\r\nX-Tsunagi-A: b\r\n", 100)));
        for (var i = 0; i < 5_000; i++)
        {
            piece.CopyTo(sieve.GetMemory(piece.Length));
            Assert.InRange(sieve.GetMemory(0).Length, 0, 64 * 1024);
            sieve.Advance(piece.Length, output);
        }

        sieve.End(output);
        Assert.Equal((500_000, 500_000 * 6), (sieve.Removed, output.WrittenCount));
    }

    private static (string Passed, int Removed) Pass(string content, int cut)
    {
        using var sieve = new HeaderSieve(new ForgedFields("gateway.test"));
        var output = new ArrayBufferWriter<byte>();
        var octets = Encoding.ASCII.GetBytes(content);
        for (var at = 0; at < octets.Length; at += cut)
        {
            var piece = octets.AsSpan(at, Math.Min(cut, octets.Length - at));
            if (sieve.IsOpen)
            {
                output.Write(piece);
                continue;
            }

            piece.CopyTo(sieve.GetMemory(piece.Length).Span);
            sieve.Advance(piece.Length, output);
        }

        if (!sieve.IsOpen)
        {
            sieve.End(output);
        }

        return (Encoding.ASCII.GetString(output.WrittenSpan), sieve.Removed);
    }
}
