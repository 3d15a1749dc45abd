using System.Text.Json.Nodes;
using Tsunagi.Tests.Host.Cli;
using Tsunagi.Tests.Protocols.Mail.Classify;

namespace Tsunagi.Tests.Mail.Classify;

public sealed class Classifier_from_the_terminal
{
    [Fact]
    public async Task A_model_is_trained_and_judges_mail_it_never_saw()
    {
        using var cli = new CliRun();
        Fill(cli, "spam", 0, isSpam: true);
        Fill(cli, "ham", 1_000, isSpam: false);
        Fill(cli, "new", 5_000, isSpam: true);
        var model = Path.Combine(cli.Home, "m.model");
        var (code, said, error) = await cli.RunAsync("mail", "train", "--spam", Path.Combine(cli.Home, "spam"), "--ham", Path.Combine(cli.Home, "ham"), "--model", model);
        Assert.True(code == 0, error);
        Assert.Contains("trained with 30 spam and 30 wanted messages", said, StringComparison.Ordinal);

        (code, said, _) = await cli.RunAsync("mail", "classify", Path.Combine(cli.Home, "new"), "--model", model, "--json");
        Assert.Equal(0, code);
        var lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(30, lines.Count);
        Assert.All(lines, static one => Assert.True((string?)one["verdict"] == "spam" && (double?)one["score"] >= 0.5 && one["evidence"]!.AsArray().Count > 0 && one["file"] is not null));
    }

    [Theory]
    [InlineData("there is no model at", "mail", "classify", "spam", "--model", "none.model")]
    [InlineData("there is nothing at", "mail", "train", "--spam", "nowhere", "--ham", "spam", "--model", "m.model")]
    [InlineData("too few", "mail", "train", "--spam", "one", "--ham", "one", "--model", "m.model")]
    [InlineData("--ham-hits", "mail", "train", "--spam", "spam", "--ham", "spam", "--model", "m.model", "--ham-hits", "50")]
    public async Task What_was_asked_wrongly_is_told(string expected, params string[] arguments)
    {
        using var cli = new CliRun();
        Fill(cli, "spam", 0, isSpam: true);
        Directory.CreateDirectory(Path.Combine(cli.Home, "one"));
        await File.WriteAllBytesAsync(Path.Combine(cli.Home, "one", "1.eml"), SampleMail.Make(1, isSpam: true), TestContext.Current.CancellationToken);
        var (code, _, error) = await cli.RunAsync([.. arguments.Select(one => one is "spam" or "one" or "nowhere" or "none.model" or "m.model" ? Path.Combine(cli.Home, one) : one)]);
        Assert.Equal(2, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    private static void Fill(CliRun cli, string name, int seed, bool isSpam)
    {
        var directory = Directory.CreateDirectory(Path.Combine(cli.Home, name)).FullName;
        for (var i = 0; i < 30; i++)
        {
            File.WriteAllBytes(Path.Combine(directory, $"{i:00}.eml"), SampleMail.Make(seed + i, isSpam));
        }
    }
}
