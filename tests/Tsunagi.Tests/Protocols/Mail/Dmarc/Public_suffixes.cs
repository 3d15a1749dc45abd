using System.Text.RegularExpressions;
using Tsunagi.Protocols.Mail.Dmarc;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Dmarc;

public partial class Public_suffixes
{
    [Fact]
    public void Are_told_as_the_lists_own_tests_want()
    {
        if (SharedFiles.Find("data/mail/psl") is not { } folder)
        {
            Assert.Skip("the list is not here: data/mail/psl");
            return;
        }

        PublicSuffixList list = PublicSuffixList.Parse(File.ReadAllText(Directory.EnumerateFiles(folder, "public_suffix_list*").Single()));
        Assert.True(list.Count > 5000);
        int cases = 0;
        foreach (Match test in Test().Matches(File.ReadAllText(Path.Combine(folder, "test_psl.txt"))))
        {
            string? wanted = test.Groups["wanted"].Success ? test.Groups["wanted"].Value.ToLowerInvariant() : null;
            string? got = list.OrganizationalDomain(test.Groups["input"].Value);
            Assert.True(Same(wanted, got), $"{test.Value}: got {got}");
            cases++;
        }

        Assert.True(cases > 50, $"only {cases} cases read");
    }

    // A name outside ASCII is answered as its A-label.
    private static bool Same(string? wanted, string? got) =>
        wanted is null || got is null ? wanted == got : Tsunagi.Protocols.Mail.Lookup.MailDomain.TryNormalize(wanted, out string normal) && normal == got;

    [Theory]
    [InlineData("a.b.example.co.jp", "example.co.jp")]
    [InlineData("example.ck", null)]
    [InlineData("a.example.ck", "a.example.ck")]
    [InlineData("x.www.ck", "www.ck")]
    [InlineData("unlisted", null)]
    [InlineData("a.unlisted", "a.unlisted")]
    [InlineData("a..b", null)]
    public void Follow_wildcards_and_exceptions(string domain, string? organization) =>
        Assert.Equal(organization, PublicSuffixList.Parse("// a comment\n\njp\nco.jp\n*.ck rest of the line\n!www.ck\n").OrganizationalDomain(domain));

    // checkPublicSuffix('input', 'wanted');
    [GeneratedRegex(@"^checkPublicSuffix\('(?<input>[^']*)', (null|'(?<wanted>[^']*)')\);", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Test();
}
