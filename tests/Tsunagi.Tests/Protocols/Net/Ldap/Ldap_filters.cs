using FsCheck;
using FsCheck.Fluent;
using Tsunagi.Protocols.Net.Ldap;

namespace Tsunagi.Tests.Protocols.Net.Ldap;

/// <summary>The text of filters, RFC 4515.</summary>
public sealed class Ldap_filters
{
    [Theory]
    [InlineData("(cn=Babs Jensen)")]
    [InlineData("(!(cn=Tim Howes))")]
    [InlineData("(&(objectClass=Person)(|(sn=Jensen)(cn=Babs J*)))")]
    [InlineData("(o=univ*of*mich*)")]
    [InlineData("(seeAlso=)")]
    [InlineData("(cn:caseExactMatch:=Fred Flintstone)")]
    [InlineData("(cn:=Betty Rubble)")]
    [InlineData("(sn:dn:2.4.6.8.10:=Barney Rubble)")]
    [InlineData("(o:dn:=Ace Industry)")]
    [InlineData("(:1.2.3:=Wilma Flintstone)")]
    [InlineData("(:dn:2.4.6.8.10:=Dino)")]
    [InlineData("(o=Parens R Us \\28for all your parenthetical needs\\29)")]
    [InlineData("(cn=*\\2a*)")]
    [InlineData("(bin=\\00\\00\\00\\04)")]
    [InlineData("(sn=Lu\\c4\\8di\\c4\\87)")]
    [InlineData("(1.3.6.1.4.1.1466.0=\\04\\02\\48\\69)")]
    [InlineData("(&)")]
    [InlineData("(mail=*)")]
    [InlineData("(age>=5)")]
    [InlineData("(name~=x)")]
    [InlineData("(userAccountControl:1.2.840.113556.1.4.803:=2)")]
    public void Examples_of_the_standard_are_read_and_written_the_same(string text)
    {
        Assert.True(LdapFilter.TryParse(text, out var filter, out var error), error);
        Assert.Equal(text.Replace("\\48\\69", "Hi", StringComparison.Ordinal), filter!.ToString());
        Assert.True(LdapFilter.TryParse(filter.ToString()!, out var again, out _));
        Assert.Equal(filter, again);
    }

    [Fact]
    public void Text_outside_ASCII_is_UTF8()
    {
        Assert.True(LdapFilter.TryParse("(sn=営業)", out var filter, out _));
        Assert.Equal("(sn=\\e5\\96\\b6\\e6\\a5\\ad)", filter!.ToString());
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("cn=a", 1)]
    [InlineData("(cn=a", 6)]
    [InlineData("(cn=a)x", 7)]
    [InlineData("(=a)", 2)]
    [InlineData("(cn)", 4)]
    [InlineData("(cn>a)", 4)]
    [InlineData("(cn=a\\2)", 6)]
    [InlineData("(cn=a\\zz)", 6)]
    [InlineData("(cn=a(b)", 6)]
    [InlineData("(cn>=a*)", 8)]
    [InlineData("(cn=a**b)", 9)]
    [InlineData("(!(cn=a)(cn=b))", 15)]
    [InlineData("(!)", 3)]
    [InlineData("(:=a)", 3)]
    [InlineData("(cn:rule=a)", 9)]
    [InlineData("(cn:=a*)", 8)]
    public void What_is_no_filter_is_refused_with_its_place(string text, int at)
    {
        Assert.False(LdapFilter.TryParse(text, out _, out var error));
        Assert.StartsWith($"at character {at}:", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_and_length_have_limits()
    {
        static string Deep(int levels) => string.Concat(Enumerable.Repeat("(!", levels)) + "(a=b)" + new string(')', levels);
        Assert.True(LdapFilter.TryParse(Deep(LdapFilter.Deepest), out _, out _));
        Assert.False(LdapFilter.TryParse(Deep(LdapFilter.Deepest + 1), out _, out _));
        Assert.True(LdapFilter.TryParse($"(a={new string('b', LdapFilter.LongestText - 4)})", out _, out _));
        Assert.False(LdapFilter.TryParse($"(a={new string('b', LdapFilter.LongestText - 3)})", out _, out _));
    }

    [Fact]
    public void Any_filter_is_read_back_from_its_text() => Prop.ForAll(Filters(3).ToArbitrary(), static filter =>
    {
        Assert.True(LdapFilter.TryParse(filter.ToString()!, out var again, out var error), error);
        Assert.Equal(filter, again);
    }).QuickCheckThrowOnFailure();

    private static Gen<LdapFilter> Filters(int depth)
    {
        var name = Gen.Elements("mail", "cn", "a;binary", "1.2.3");
        var value = Gen.Choose(0, 255).Select(static i => (char)i).ListOf().Select(static chars => new string([.. chars.Take(6)]));
        var piece = value.Where(static text => text.Length > 0);
        var leaf = Gen.OneOf(
            name.SelectMany(_ => Gen.Elements("=", ">=", "<=", "~="), static (n, s) => (n, s)).SelectMany(_ => value, static (pair, v) => (LdapFilter)new LdapFilter.Compare(pair.n, pair.s, v)),
            name.Select(static n => (LdapFilter)new LdapFilter.Present(n)),
            name.SelectMany(_ => piece.NonEmptyListOf(), static (n, p) => (LdapFilter)new LdapFilter.Substrings(n, [.. p, ""])),
            name.SelectMany(_ => value, static (n, v) => (LdapFilter)new LdapFilter.Extensible(n, v.Length > 2, v.Length > 3 ? "1.2" : "", v)));
        return depth == 0
            ? leaf
            : Gen.OneOf(
                leaf,
                Filters(depth - 1).Select(static part => (LdapFilter)new LdapFilter.Group('!', [part])),
                Gen.Elements('&', '|').SelectMany(_ => Filters(depth - 1).ListOf(), static (sign, parts) => (LdapFilter)new LdapFilter.Group(sign, [.. parts.Take(3)])));
    }
}
