using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using FsCheck.Fluent;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Dkim;

public partial class Canonical_forms
{
    // RFC 6376 section 3.4.5
    [Fact]
    public void Are_those_of_the_RFCs_examples()
    {
        HeaderSection header = HeaderSection.Read("A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n"u8);
        Assert.Equal("a:X\r\nb:Y Z\r\n", Header(header, Canonicalization.Relaxed));
        Assert.Equal("A: X\r\nB : Y\t\r\n\tZ  \r\n", Header(header, Canonicalization.Simple));
        Assert.Equal(Hash(" C\r\nD E\r\n"), Body(" C \r\nD \t E\r\n\r\n\r\n", Canonicalization.Relaxed).Hash);
        Assert.Equal(Hash(" C \r\nD \t E\r\n"), Body(" C \r\nD \t E\r\n\r\n\r\n", Canonicalization.Simple).Hash);
    }

    // RFC 6376 sections 3.4.3 and 3.4.4
    [Fact]
    public void Of_an_empty_body_are_those_of_the_RFC()
    {
        Assert.Equal("frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=", Body("", Canonicalization.Simple).Hash);
        Assert.Equal("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", Body("", Canonicalization.Relaxed).Hash);
    }

    [Theory]
    [InlineData("\r\n\r\n", "\r\n", "")]
    [InlineData("a", "a\r\n", "a\r\n")]
    [InlineData("a ", "a \r\n", "a\r\n")]
    [InlineData(" ", " \r\n", "")]
    [InlineData(" \r\n\t\r\n", " \r\n\t\r\n", "")]
    [InlineData("a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n")]
    [InlineData("a\rb\nc\r\r\n", "a\rb\nc\r\r\n", "a\rb\nc\r\r\n")]
    [InlineData("a\r", "a\r\r\n", "a\r\r\n")]
    [InlineData("a \t b  c\t\r\n", "a \t b  c\t\r\n", "a b c\r\n")]
    public void Of_a_body_are(string body, string simple, string relaxed)
    {
        Assert.Equal((Hash(simple), simple.Length), Body(body, Canonicalization.Simple));
        Assert.Equal((Hash(relaxed), relaxed.Length), Body(body, Canonicalization.Relaxed));
    }

    [Fact]
    public void Are_the_same_however_the_body_is_cut_and_as_the_slow_way_has_them()
    {
        var cases = from body in Properties.Bytes("\r\n\t ab", 200)
                    from cuts in Properties.Cuts(body.Length)
                    from limit in Gen.Choose(0, 60)
                    select (body, cuts, limit);
        Properties.Holds(cases, drawn =>
        {
            string text = Octets.Show(drawn.body);
            foreach (Canonicalization form in Enum.GetValues<Canonicalization>())
            {
                byte[] slow = Octets.Of(Slow(text, form));
                Assert.Equal((Hash(Octets.Show(slow)), slow.Length), Cut(drawn.body, drawn.cuts, form, null));
                Assert.Equal((Hash(Octets.Show(slow.AsSpan(0, Math.Min(drawn.limit, slow.Length)))), slow.Length), Cut(drawn.body, drawn.cuts, form, drawn.limit));
            }
        }, 300);
    }

    [Fact]
    public void Of_a_long_body_are_hashed_in_pieces()
    {
        string body = string.Concat(Enumerable.Range(0, 3000).Select(i => $"line {i}  of text\t\r\n")) + new string('x', 40_000) + "\r\n";
        Assert.Equal(Hash(Slow(body, Canonicalization.Relaxed)), Body(body, Canonicalization.Relaxed).Hash);
    }

    [Fact]
    public void Of_the_same_kind_are_hashed_once()
    {
        using var message = new SignedMessage(HeaderSection.Read("A: b\r\n\r\n"u8));
        Assert.Same(message.Want(Canonicalization.Relaxed, null), message.Want(Canonicalization.Relaxed, null));
        Assert.NotSame(message.Want(Canonicalization.Relaxed, null), message.Want(Canonicalization.Relaxed, 5));
    }

    [Fact]
    public void Of_fields_are_taken_from_the_bottom_up()
    {
        HeaderSection header = HeaderSection.Read("A: 1\r\nB: 2\r\nA: 3\r\n\r\n"u8);
        Assert.Equal("A: 3\r\nA: 1\r\nB: 2\r\n", Write(["a", "A", "a", "x", "b"], -1));
        Assert.Equal("A: 1\r\nB: 2\r\n", Write(["a", "A", "b"], 2));
        string Write(string[] names, int except)
        {
            var output = new ArrayBufferWriter<byte>();
            HeaderCanonicalizer.WriteSigned(header, names, Canonicalization.Simple, except, output);
            return Octets.Show(output.WrittenSpan);
        }
    }

    // A CR that no LF follows is no fold: who puts one into a signed field changes it.
    [Theory]
    [InlineData("A: b\rc", "a:b\rc\r\n")]
    [InlineData("A: b\r", "a:b\r\r\n")]
    [InlineData("A:\r\n b\r\n\t c ", "a:b c\r\n")]
    [InlineData("A: b\n c", "a:b c\r\n")]
    public void Of_a_field_undo_folds_only(string field, string relaxed) =>
        Assert.Equal(relaxed, Header(HeaderSection.Read(Octets.Of(field + "\r\n\r\n")), Canonicalization.Relaxed));

    [Fact]
    public void Of_a_header_section_are_the_same_however_the_message_is_cut()
    {
        byte[] message = Octets.Of("A: " + new string('x', 30_000) + "\r\nB: y\r\n z\r\n\r\nbody");
        HeaderSection whole = HeaderSection.Read(message);
        Properties.Holds(Properties.Cuts(message.Length), cuts =>
        {
            HeaderSection cut = HeaderSection.Read(Octets.Cut(message, cuts));
            Assert.Equal((whole.Count, whole.BodyOffset, Octets.Show(whole.Raw(1))), (cut.Count, cut.BodyOffset, Octets.Show(cut.Raw(1))));
        }, 50);
        Assert.Equal("body", Octets.Show(message.AsSpan(whole.BodyOffset)));
    }

    private static string Header(HeaderSection header, Canonicalization form)
    {
        var output = new ArrayBufferWriter<byte>();
        for (int i = 0; i < header.Count; i++)
        {
            HeaderCanonicalizer.Write(header.Raw(i), form, output);
        }

        return Octets.Show(output.WrittenSpan);
    }

    private static (string Hash, long Octets) Body(string body, Canonicalization form) => Cut(Octets.Of(body), [], form, null);

    private static (string Hash, long Octets) Cut(byte[] body, int[] cuts, Canonicalization form, long? limit)
    {
        using var message = new SignedMessage(HeaderSection.Read("\r\n"u8));
        BodyHasher hasher = message.Want(form, limit);
        message.Append(Octets.Cut(body, cuts));
        message.Complete();
        return (Convert.ToBase64String(hasher.Hash), hasher.Octets);
    }

    private static string Hash(string text) => Convert.ToBase64String(SHA256.HashData(Octets.Of(text)));

    // Line by line, as the RFC describes it.
    private static string Slow(string body, Canonicalization form)
    {
        var lines = body.Split("\r\n").ToList();
        if (form == Canonicalization.Relaxed)
        {
            lines = [.. lines.Select(line => Spaces().Replace(line, " ")).Select(line => line.TrimEnd(' '))];
        }

        while (lines.Count > 0 && lines[^1].Length == 0)
        {
            lines.RemoveAt(lines.Count - 1);
        }

        string text = string.Concat(lines.Select(line => line + "\r\n"));
        return text.Length == 0 && form == Canonicalization.Simple ? "\r\n" : text;
    }

    [GeneratedRegex("[ \t]+", RegexOptions.NonBacktracking)]
    private static partial Regex Spaces();
}
