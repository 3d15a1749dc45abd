using Tsunagi.Mail.Conformance;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Spf;

public class Spf_suite
{
    [Fact]
    public async Task Of_RFC_7208_is_passed_whole()
    {
        if (SharedFiles.Find("data/mail/spf/rfc7208-tests.yml") is not { } file)
        {
            Assert.Skip("the suite is not here: data/mail/spf");
            return;
        }

        var cases = await SpfSuite.RunAsync(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        Assert.True(cases.Count >= 100, $"only {cases.Count} cases read");
        Assert.DoesNotContain(cases, one => !one.Passed);
    }
}
