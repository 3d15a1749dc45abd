using Tsunagi.Mail.Conformance;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Dkim2;

public class Dkim2_suite
{
    [Fact]
    public async Task Of_the_fourth_draft_is_passed_whole()
    {
        if (SharedFiles.Find("data/mail/dkim2/cases.json") is not { } file)
        {
            Assert.Skip("the suite is not here: data/mail/dkim2");
            return;
        }

        var cases = await Dkim2Suite.RunAsync(file, TestContext.Current.CancellationToken);
        Assert.True(cases.Count >= 27, $"only {cases.Count} cases read");
        Assert.DoesNotContain(cases, one => !one.Passed);
    }

    // The six-hop chain of the suite: every change is told by its recipe.
    [Fact]
    public async Task Has_a_chain_whose_earlier_forms_are_made_again()
    {
        if (SharedFiles.Find("data/mail/dkim2/expected/interop_brong_chain_hop6.eml") is not { } file)
        {
            Assert.Skip("the suite is not here: data/mail/dkim2");
            return;
        }

        string text = Octets.Show(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        byte[] message = Octets.Of(text.Contains("\r\n", StringComparison.Ordinal) ? text : text.Replace("\n", "\r\n"));
        var header = Tsunagi.Protocols.Mail.Dkim.HeaderSection.Read(message);
        var instances = header.Find("Message-Instance").Select(field =>
        {
            Assert.True(Tsunagi.Protocols.Mail.Dkim2.MessageInstance.TryParse(header.Body(field), out var read, out string reason), reason);
            return read!;
        }).OrderBy(read => read.Revision).ToList();
        Assert.Equal(5, instances.Count);
        Assert.Equal(Enumerable.Repeat(Tsunagi.Protocols.Mail.Dkim2.Dkim2Past.Proven, 4), Tsunagi.Protocols.Mail.Dkim2.Dkim2History.Undo(message, instances));
    }
}
