using System.Text;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Host.Cli;

/// <summary>docs/20-operate/cli.md is what the program prints; TSUNAGI_GOLDEN_ACCEPT=1 writes it again.</summary>
[Trait("Golden", "true")]
public sealed class Command_line_docs
{
    [Fact]
    public async Task Page_says_what_the_help_says()
    {
        var page = await MakeAsync();
        var file = Path.Combine(Repository.Root, "docs", "20-operate", "cli.md");
        if (Environment.GetEnvironmentVariable("TSUNAGI_GOLDEN_ACCEPT") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, page, TestContext.Current.CancellationToken);
        }

        Assert.Equal(page, (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n"));
    }

    private static async Task<string> MakeAsync()
    {
        using var cli = new CliRun();
        var page = new StringBuilder("""
            # The command line

            `tsunagi VERB …` talks to the running program over its API, with the rights of the token it finds: `--token`, `TSUNAGI_TOKEN`, `~/.config/tsunagi/cli.yaml`
            (`tsunagi sign-in` writes it), or, on the program's own machine, the file `cli.json` that the program leaves in its data directory for its owner.
            Every verb prints a table for people and, with `--json`, one JSON document for programs. Exit codes: 0 done, 1 failed, 2 wrong input, 3 the program cannot be reached.
            `source <(tsunagi completion bash)` completes verbs, options and their values.

            This page is what `--help` prints; `./tsunagi golden --accept` writes it again.

            """.ReplaceLineEndings("\n"));
        foreach (var group in CliRun.Verbs.GroupBy(static v => v.Path.Split(' ')[0]))
        {
            page.Append("\n## ").Append(group.Key).Append('\n');
            foreach (var verb in group)
            {
                var help = (await cli.RunAsync([.. verb.Path.Split(' '), "--help"])).Out.ReplaceLineEndings("\n");
                page.Append("\n### tsunagi ").Append(verb.Path).Append("\n\n```text\n").Append(Trimmed(help)).Append("\n```\n");
            }
        }

        return page.ToString();
    }

    private static string Trimmed(string help) => string.Join('\n', help.Trim().Split('\n').Select(static line => line.TrimEnd()));
}
