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

    // For those that a tenant writes to: a company's short name under co.jp is one letter from another's, and the country is who it is.
    [Theory]
    [InlineData("jac.co.jp", "")]
    [InlineData("ja1.co.jp", "jal.co.jp")]
    [InlineData("acme.dk", "")]
    [InlineData("www.acne.de", "")]
    [InlineData("acme.ni", "")]
    [InlineData("kyoei.co.jp", "")]
    [InlineData("kyouet.co.jp", "kyouei.co.jp")]
    [InlineData("kyouei.co.kr", "")]
    [InlineData("kyouei.go.jp", "")]
    [InlineData("www.partner-onne.example", "partner-one.example")]
    [InlineData("partner-one.exampl", "")]
    [InlineData("jal.co.jp.evil.example", "jal.co.jp")]
    public void Of_others_are_held_beside_by_their_registered_label(string name, string expected) =>
        Assert.Equal(expected, new LookAlikes(["jal.co.jp", "acme.de", "acme.nl", "kyouei.co.jp", "partner-one.example"], byLabel: true).Find(name));

    [Theory]
    [InlineData(0, 30, "partner-one.example")]
    [InlineData(10, 30, "partner-one.example")]
    [InlineData(30, 10, "partner-one.example")]
    [InlineData(30, 0, "partner-one.example")]
    [InlineData(30, 30, "")]
    public void Are_found_among_many_labels(int before, int behind, string expected) =>
        Assert.Equal(expected, Index.Find($"{string.Concat(Enumerable.Repeat("a.", before))}partner-one.example.{string.Concat(Enumerable.Repeat("b.", behind))}evil.test"));

    [Theory]
    [InlineData("a.b.c.partner-0ne.example", "partner-one.example")]
    [InlineData("a.b.c.d.e.f.partner-0ne.example", "partner-one.example")]
    [InlineData("mai1.partner-two.example.evil.test", "")]
    public void Are_found_near_the_registered_part(string name, string expected) => Assert.Equal(expected, Index.Find(name));

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
