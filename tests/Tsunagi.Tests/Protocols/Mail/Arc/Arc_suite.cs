using Tsunagi.Mail.Conformance;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Arc;

public class Arc_suite
{
    [Fact]
    public async Task Of_validation_is_passed_whole()
    {
        if (SharedFiles.Find("data/mail/arc/arc-draft-validation-tests.yml") is not { } file)
        {
            Assert.Skip("the suite is not here: data/mail/arc");
            return;
        }

        Passes(await ArcSuite.RunAsync(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), DateTimeOffset.UnixEpoch.AddYears(50), CancellationToken.None), 70);
    }

    [Fact]
    public async Task Of_signing_is_passed_whole()
    {
        if (SharedFiles.Find("data/mail/test-keys.tar.xz") is not { } archive)
        {
            Assert.Skip("the suite is not here: data/mail/test-keys.tar.xz");
            return;
        }

        // The suite holds a published private key, so it lies packed.
        using var tar = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("tar", ["xJOf", archive, "--wildcards", "*arc-draft-sign-tests.yml"]) { RedirectStandardOutput = true })!;
        string suite = await tar.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tar.WaitForExitAsync(TestContext.Current.CancellationToken);
        Passes(await ArcSuite.RunAsync(suite, DateTimeOffset.UnixEpoch.AddYears(50), CancellationToken.None), 7);
    }

    private static void Passes(IReadOnlyList<SuiteCase> cases, int least)
    {
        Assert.True(cases.Count >= least, $"only {cases.Count} cases read");
        Assert.DoesNotContain(cases, one => !one.Passed);
    }
}
