using System.Text;
using Tsunagi.Protocols.Mail.Mime;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Mime;

public sealed class Uuencoded_files
{
    // Made by Python's binascii: the octets 0 to 255, a text and three zeroes.
    private const string Foreign = """
        begin 644 all octets.bin
        M``$"`P0%!@<("0H+#`T.#Q`1$A,4%187&!D:&QP='A\@(2(C)"4F)R@I*BLL
        M+2XO,#$R,S0U-C<X.3H[/#T^/T!!0D-$149'2$E*2TQ-3D]045)35%565UA9
        M6EM<75Y?8&%B8V1E9F=H:6IK;&UN;W!Q<G-T=79W>'EZ>WQ]?G^`@8*#A(6&
        MAXB)BHN,C8Z/D)&2DY25EI>8F9J;G)V>GZ"AHJ.DI::GJ*FJJZRMKJ^PL;*S
        MM+6VM[BYNKN\O;Z_P,'"P\3%QL?(R<K+S,W.S]#1TM/4U=;7V-G:V]S=WM_@
        MX>+CY.7FY^CIZNOL[>[O\/'R\_3U]O?X^?K[_/W^_U1H92!Q=6EC:R!B<F]W
        (;B!F;W@`````
        `
        end
        """;

    [Fact]
    public void A_file_of_another_program_is_read_with_its_name()
    {
        var text = Octets.Of("Dear all,\r\nhere it is\r\n" + Foreign.ReplaceLineEndings("\r\n") + "\r\nregards\r\n");
        Assert.True(Uuencode.TryFind(text, 0, out var file));
        Assert.Equal(("all octets.bin", true, false), (file.Name, file.IsClosed, file.IsBase64));
        Assert.Equal("regards\r\n", Octets.Show(text.AsSpan(file.End)));
        byte[] expected = [.. Enumerable.Range(0, 256).Select(static i => (byte)i), .. "The quick brown fox"u8, 0, 0, 0];
        Assert.Equal(expected, Uuencode.Decode(text, file, 1_000, out var isFlawed));
        Assert.False(isFlawed);
        Assert.Equal(expected[..100], Uuencode.Decode(text, file, 100, out _));
        Assert.False(Uuencode.TryFind(text, file.End, out _));
    }

    [Theory]
    [InlineData("begin 644 cat.txt\n#0V%T\n`\nend\n", "Cat", false)]
    [InlineData("begin 0644 cat.txt\r\n#0V%T\r\n \r\nend", "Cat", false)]
    [InlineData("begin 644 cat.txt\n#0V%TX\n`\nend\n", "Cat", false)]
    [InlineData("begin 644 cat.txt\n#0V%T\n", "Cat", true)]
    [InlineData("begin 644 cat.txt\n#0V%T\nno line of it, small letters\n#0V%T\n`\nend\n", "CatCat", true)]
    [InlineData("begin 644 z\n$````\n`\nend\n", "\0\0\0\0", false)]
    [InlineData("begin-base64 644 cat.txt\nQ2F0\n====\n", "Cat", false)]
    [InlineData("begin-base64 644 cat.txt\nQ2F0\n", "Cat", true)]
    public void Blanks_checksums_and_broken_ends_are_read_as_decoders_do_and_told(string text, string expected, bool flawed)
    {
        var octets = Octets.Of(text.Replace("Q2F0", Convert.ToBase64String("Cat"u8), StringComparison.Ordinal));
        Assert.True(Uuencode.TryFind(octets, 0, out var file));
        Assert.Equal(expected, Octets.Show(Uuencode.Decode(octets, file, 100, out var isFlawed)));
        Assert.Equal(flawed, isFlawed);
    }

    [Theory]
    [InlineData("We begin 644 things\nand end")]
    [InlineData("begin 644 things today\nand this is prose\nend\n")]
    [InlineData("begin 64 a.txt\n#0V%T\n")]
    [InlineData("begin 648 a.txt\n#0V%T\n")]
    [InlineData("begin 1234567 a.txt\n#0V%T\n")]
    [InlineData("begin 644 \n#0V%T\n")]
    [InlineData("begin644 a.txt\n#0V%T\n")]
    [InlineData("begin 644 a.txt")]
    [InlineData("begin 644 a.txt\n\r")]
    [InlineData("begin 644 prose\n\nsmall letters\n")]
    [InlineData("begin")]
    public void What_only_looks_like_one_is_text(string text) => Assert.False(Uuencode.TryFind(Octets.Of(text), 0, out _));

    [Fact]
    public void Several_files_are_found_one_after_another_and_names_are_fit_to_be_shown()
    {
        var text = Octets.Of("begin 644 a\u0000b.exe\n#0V%T\n`\nend\nbegin 600 " + new string('n', 300) + "\n#0V%T\n`\nend\nbegin 644 c\n`\nend\n");
        List<string> names = [];
        for (var from = 0; Uuencode.TryFind(text, from, out var file); from = file.End)
        {
            names.Add(file.Name);
        }

        Assert.Equal(3, names.Count);
        Assert.DoesNotContain('\0', names[0]);
        Assert.Equal((255, "c"), (names[1].Length, names[2]));
    }
}
