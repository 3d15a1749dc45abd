using Tsunagi.Core.Proof;

namespace Tsunagi.Tests.Core.Proof;

public sealed class Domain_names
{
    [Theory]
    [InlineData("Example.COM", "example.com")]
    [InlineData(" example.com. ", "example.com")]
    [InlineData("日本語.example", "xn--wgv71a119e.example")]
    [InlineData("xn--wgv71a119e.example", "xn--wgv71a119e.example")]
    [InlineData("XN--WGV71A119E.example", "xn--wgv71a119e.example")]
    [InlineData("日本語。example", "xn--wgv71a119e.example")]
    [InlineData("ÄÖ.example", "xn--4ca0b.example")]
    [InlineData("äö.example", "xn--4ca0b.example")]
    [InlineData("a-b.1a.example", "a-b.1a.example")]
    public void Name_becomes_lower_case_a_labels(string text, string expected)
    {
        Assert.Equal(expected, DomainName.Canonical(text));
        Assert.Equal(expected, DomainName.Canonical(expected));
    }

    [Theory]
    [InlineData("")]
    [InlineData("example")]
    [InlineData(".example.com")]
    [InlineData("a..example")]
    [InlineData("-a.example")]
    [InlineData("a-.example")]
    [InlineData("a_b.example")]
    [InlineData("a b.example")]
    [InlineData("192.0.2.1")]
    [InlineData("a.example/path")]
    [InlineData("xn--a.example")]
    [InlineData("ＥＸＡＭＰＬＥ.jp")]
    [InlineData("e\u0301.example")]
    [InlineData("か\u3099.example")]
    [InlineData("\0.example")]
    public void What_is_no_name_or_has_a_second_spelling_is_refused(string text) => Assert.Null(DomainName.Canonical(text));

    [Fact]
    public void Labels_have_63_octets_and_names_253_at_most()
    {
        var label = new string('a', 63);
        Assert.NotNull(DomainName.Canonical(label + ".example"));
        Assert.Null(DomainName.Canonical(label + "a.example"));
        var name = $"{label}.{label}.{label}.{new string('b', 61)}";
        Assert.Equal(253, name.Length);
        Assert.NotNull(DomainName.Canonical(name));
        Assert.Null(DomainName.Canonical("a" + name));
    }
}
