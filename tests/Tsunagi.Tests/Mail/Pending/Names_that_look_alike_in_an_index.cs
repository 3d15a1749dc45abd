using Tsunagi.Mail.Pending;

namespace Tsunagi.Tests.Mail.Pending;

public sealed class Names_that_look_alike_in_an_index
{
    private static readonly LookAlikes Index = new(["partner-one.example", "kyouei.co.jp", "ab.jp", "mail.partner-two.example"]);

    [Theory]
    [InlineData("partner-one.example", "")]
    [InlineData("www.partner-one.example", "")]
    [InlineData("partner-0ne.example", "partner-one.example")]
    [InlineData("mail.partner-0ne.example", "partner-one.example")]
    [InlineData("partnerone.example", "partner-one.example")]
    [InlineData("partner-onne.example", "partner-one.example")]
    [InlineData("partner-noe.example", "partner-one.example")]
    [InlineData("partner-oneee.example", "")]
    [InlineData("partner-one.example.evil.example", "partner-one.example")]
    [InlineData("x.partner-one.example.evil.example", "partner-one.example")]
    [InlineData("partner-one.example.au", "")]
    [InlineData("kyoue1.co.jp", "kyouei.co.jp")]
    [InlineData("kyoei.co.jp", "kyouei.co.jp")]
    [InlineData("kyouei.jp", "")]
    [InlineData("ac.jp", "")]
    [InlineData("mall.partner-two.example", "")]
    [InlineData("", "")]
    public void Are_found_by_letter_look_and_place(string name, string expected) => Assert.Equal(expected, Index.Find(name));

    [Fact]
    public void Are_those_that_a_scan_finds()
    {
        var random = new Random(7);
        string Name() => string.Concat(Enumerable.Range(0, random.Next(5, 9)).Select(_ => "abcd"[random.Next(4)])) + ".jp";
        var domains = Enumerable.Range(0, 300).Select(_ => Name()).Distinct().ToList();
        var index = new LookAlikes(domains);
        foreach (var name in Enumerable.Range(0, 500).Select(_ => Name()))
        {
            var scanned = domains.Contains(name) ? [] : domains.Where(domain => NameLikeness.IsAlike(name, domain)).ToList();
            Assert.Equal(scanned.Count > 0, index.Find(name) is { Length: > 0 } found && scanned.Contains(found));
        }
    }
}
