using System.Text.RegularExpressions;
using Tsunagi.Core;
using Tsunagi.Core.Events;
using Tsunagi.Core.Modules;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Host;

/// <summary>docs/20-operate/faults.md says what to do about whatever the program complains of, and of nothing it does not.</summary>
public sealed partial class Faults_page
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "20-operate", "faults.md"));

    private static readonly IReadOnlyList<ModuleDescription> Descriptions = [CoreDescription.Description, .. Tsunagi.Host.Modules.All.Select(static module => module.Describe())];

    /// <summary>First cells of the tables' rows.</summary>
    private static readonly IReadOnlyList<string> Rows = [.. FirstCell().Matches(Page).Select(static match => match.Groups["code"].Value)];

    [Fact]
    public void Has_every_event_of_warning_and_above()
    {
        var events = Descriptions.SelectMany(static d => d.Events).Where(static e => e.Severity >= EventSeverity.Warning).ToList();
        Assert.NotEmpty(events);
        Assert.All(events, each => Assert.Contains(each.Type, Rows));
        Assert.All(events, static each => Assert.True(each.NextStep is not null, $"{each.Type} says no next step"));
    }

    [Fact]
    public void Has_every_reason_for_not_being_ready()
    {
        var reasons = Descriptions.SelectMany(static d => d.Readiness).ToList();
        Assert.True(reasons.Count >= 5);
        Assert.All(reasons, each => Assert.Contains(each.Code, Rows));
    }

    /// <summary>Error and critical lines of the log: each is somebody's to look at.</summary>
    [Fact]
    public void Has_every_error_the_log_may_tell()
    {
        var told = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(static file => Logged().Matches(File.ReadAllText(file))).Select(static match => match.Groups["text"].Value).Distinct().ToList();
        Assert.True(told.Count > 15, $"{told.Count} messages");
        Assert.All(told, text => Assert.Contains(text, Rows));
    }

    [Fact]
    public void Tells_of_nothing_the_program_does_not_say()
    {
        var source = string.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        Assert.All(Rows, row => Assert.True(row.Split('…').All(part => source.Contains(part, StringComparison.Ordinal)), $"nothing in the program says \"{row}\""));
    }

    [GeneratedRegex(@"^\| `(?<code>[^`]+)` \|", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex FirstCell();

    [GeneratedRegex("""LogLevel\.(Error|Critical), (Message = )?"(?<text>[^"]+)"\)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Logged();
}
