using Tsunagi.BackOffice.Documents.Pdf;
using Tsunagi.BackOffice.Documents.Pdf.Fonts;
using Tsunagi.Tests.Testing;
using FsCheck.Fluent;

namespace Tsunagi.Tests.BackOffice.Documents.Pdf;

public class Line_breaks
{
    [Theory]
    [InlineData("吾輩は猫である。名前はまだ無い。", 8, "吾輩は猫である。|名前はまだ無い。")]
    [InlineData("吾輩は猫である。名前", 7, "吾輩は猫であ|る。名前")]
    [InlineData("料金（税込）です", 3, "料金|（税込）|です")]
    [InlineData("ファミリーコース", 4, "ファミ|リーコー|ス")]
    [InlineData("ネットワーク", 2, "ネッ|ト|ワー|ク")]
    public void Keep_marks_and_small_kana_off_the_edges(string text, int ems, string lines) => Assert.Equal(lines, Wrap(text, ems * 10.01));

    [Theory]
    [InlineData("one two three", 50, "one two|three")]
    [InlineData("well-known", 38, "well-|known")]
    [InlineData("12-34 5", 34, "12-34|5")]
    [InlineData("a  b", 8, "a|b")]
    [InlineData("第10回 IPv4", 40, "第10回|IPv4")]
    public void Keep_latin_words_whole(string text, double width, string lines) => Assert.Equal(lines, Wrap(text, width));

    [Fact]
    public void Cut_a_word_that_is_wider_than_the_line_and_end_always() => Assert.Equal("iii|iii|iii|i", Wrap("iiiiiiiiii", 11));

    [Fact]
    public void Lose_nothing_but_the_spaces_at_cuts() => Properties.Holds(
        from length in Gen.Choose(0, 60)
        from letters in Gen.ArrayOf(Gen.Elements("ab 12-/.,(漢字か、。（）ーっ　".ToCharArray()), length)
        from width in Gen.Choose(1, 120)
        select (Text: new string(letters), Width: width),
        drawn =>
        {
            var wrapped = Wrap(drawn.Text, drawn.Width).Replace("|", "", StringComparison.Ordinal);
            Assert.Equal(drawn.Text.Replace(" ", "", StringComparison.Ordinal).Replace("　", "", StringComparison.Ordinal), wrapped.Replace(" ", "", StringComparison.Ordinal).Replace("　", "", StringComparison.Ordinal));
        });

    private static string Wrap(string text, double width)
    {
        var setter = new TypeSetter(DocumentFonts.Shipped);
        return string.Join('|', LineBreaks.Wrap(setter.Set(text), 10, width).Select(line => string.Concat(line.Glyphs.ToArray().Select(glyph => glyph.Rune.ToString()))));
    }
}
