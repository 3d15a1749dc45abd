using FsCheck.Fluent;
using Tsunagi.BackOffice.Kana;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice.Kana;

public class Payer_names
{
    [Theory]
    [InlineData("ｶ)ﾐﾔｺｼﾖｸﾋﾝ", "ミヤコシヨクヒン")]
    [InlineData("ミヤコショクヒン（カ", "ミヤコシヨクヒン")]
    [InlineData("みやこしょくひん（カ）", "ミヤコシヨクヒン")]
    [InlineData("カブシキガイシャ ミヤコショクヒン", "ミヤコシヨクヒン")]
    [InlineData("株式会社みやこ食品", "ミヤコ食品")]
    [InlineData("ｷﾀﾊﾏﾈﾂﾄﾜ-ｸ", "キタハマネツトワーク")]
    [InlineData("キタハマネットワーク", "キタハマネツトワーク")]
    [InlineData("ｶﾞｸ)ﾊﾟｰｸ", "パーク")]
    [InlineData("northwind　trading, K.K.", "NORTHWINDTRADINGKK")]
    [InlineData("ドド", "ドド")]
    [InlineData("", "")]
    public void Are_compared_in_one_form(string name, string form) => Assert.Equal(form, PayerName.Normalise(name));

    [Theory]
    [InlineData("ｶﾞｷﾞｸﾞﾊﾟﾋﾟｳﾞｱﾞ", "ガギグパピヴア゛")]
    [InlineData("ABC｡", "ABC。")]
    [InlineData("\uD842ﾞ", "\uD842゛")]
    public void Are_widened_for_people(string narrow, string wide) => Assert.Equal(wide, PayerName.Widen(narrow));

    [Fact]
    public void Lose_a_form_that_a_bracket_stood_in() => Assert.Equal("カヤ", PayerName.Normalise("有限（ﾞ会社カ ヤ"));

    [Fact]
    public void Change_no_more_when_normalised_again() => Properties.Holds(
        from length in Gen.Choose(0, 14)
        from letters in Gen.ArrayOf(Gen.Elements("ｶ)(カユ（）ｶﾞﾊﾟぁ株式会社有限ABaー-ド 𠮷シヤ".ToCharArray()), length)
        select new string(letters),
        name => Assert.Equal(PayerName.Normalise(name), PayerName.Normalise(PayerName.Normalise(name))), count: 2_000);
}
