using System.Net;
using System.Text.Json.Nodes;
using Tsunagi.Host.Cli;

namespace Tsunagi.Tests.Host.Cli;

public sealed class Command_line
{
    private const string Page = """{"items":[{"id":"t_1","kind":"customer","name":"青葉\u001b[31m商店","timeZone":"Asia/Tokyo","currency":"JPY","parentId":"t_0","createdAt":"2026-07-01T00:00:00.123456Z"}]}""";

    public static TheoryData<string> EveryVerb => [.. CliRun.Verbs.Select(static v => v.Path)];

    /// <summary>Each verb, given an option it does not know, says so and what it can be given, and asks nothing of anyone.</summary>
    [Theory]
    [MemberData(nameof(EveryVerb))]
    public async Task Wrong_option_of_any_verb_is_refused_with_exit_2(string path)
    {
        using var cli = new CliRun { Connection = new RecordingApi(HttpStatusCode.OK, "{}") };
        var (exit, output, error) = await cli.RunAsync([.. path.Split(' '), "--no-such-option", "x"]);
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("--no-such-option", error, StringComparison.Ordinal);
        Assert.Contains($"tsunagi {path} --help", error, StringComparison.Ordinal);
        Assert.Empty(((RecordingApi)cli.Connection).Calls);
    }

    [Theory]
    [MemberData(nameof(EveryVerb))]
    public async Task Missing_parameter_of_any_verb_is_named_with_exit_2(string path)
    {
        var verb = CliRun.Verbs.Single(v => v.Path == path);
        var required = verb.Parameters.Where(static p => p.Required).ToList();
        if (required.Count == 0)
        {
            return;
        }

        using var cli = new CliRun();
        var (exit, _, error) = await cli.RunAsync(path.Split(' '));
        Assert.Equal(2, exit);
        Assert.All(required, parameter => Assert.Contains(parameter.Name.TrimStart('-'), error, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [MemberData(nameof(EveryVerb))]
    public async Task Help_of_any_verb_names_its_parameters(string path)
    {
        using var cli = new CliRun();
        var (exit, output, _) = await cli.RunAsync([.. path.Split(' '), "--help"]);
        var verb = CliRun.Verbs.Single(v => v.Path == path);
        Assert.Equal(0, exit);
        Assert.Contains(verb.Summary, output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.All(verb.Parameters, parameter => Assert.Contains(parameter.Name, output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("tenat", "tenant")]
    [InlineData("subscriptoin", "subscription")]
    [InlineData("tenant lsit", "list")]
    [InlineData("mial", "mail")]
    public async Task Unknown_verb_suggests_near_ones(string typed, string near)
    {
        using var cli = new CliRun();
        var (exit, _, error) = await cli.RunAsync(typed.Split(' '));
        Assert.Equal(2, exit);
        Assert.Contains($"did you mean {near}", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_option_suggests_near_ones_and_is_never_taken_for_a_value()
    {
        using var cli = new CliRun { Connection = new RecordingApi(HttpStatusCode.OK, "{}") };
        var (exit, _, error) = await cli.RunAsync("tenant", "show", "--jsn");
        Assert.Equal(2, exit);
        Assert.Contains("there is no option --jsn; did you mean --json?", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Word_that_is_near_nothing_gets_the_list()
    {
        using var cli = new CliRun();
        var (exit, _, error) = await cli.RunAsync("xylophone");
        Assert.Equal(2, exit);
        Assert.DoesNotContain("did you mean", error, StringComparison.Ordinal);
        Assert.Contains("tenant", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Group_alone_says_which_verbs_it_holds()
    {
        using var cli = new CliRun();
        var (exit, _, error) = await cli.RunAsync("tenant");
        Assert.Equal(2, exit);
        Assert.Contains("list, show, add, change", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tenant list --kind emperor", "allowed: provider, reseller, customer, department")]
    [InlineData("tenant list --limit many", "is not a whole number")]
    [InlineData("tenant list --limit 0", "must be 1 or more")]
    [InlineData("subscription take --tenant-id t --plan p --name n --set nonsense", "is not name=value")]
    [InlineData("site add --tenant-id t --name n --latitude north", "is not a number")]
    [InlineData("plan put line no-such-file.yaml", "no-such-file.yaml cannot be read")]
    [InlineData("tenant list --url ftp://x", "is not the address of a program")]
    [InlineData("completion powershell", "allowed: bash, zsh, fish")]
    [InlineData("identity recover a@b.example --data nowhere", "there is no data directory")]
    public async Task Wrong_value_ends_with_exit_2_and_says_what_is_allowed(string line, string expected)
    {
        using var cli = new CliRun { Connection = new RecordingApi(HttpStatusCode.OK, "{}") };
        var (exit, _, error) = await cli.RunAsync(line.Split(' '));
        Assert.Equal(2, exit);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Program_that_is_away_is_exit_3_with_what_to_do()
    {
        using var cli = new CliRun();
        var (exit, _, error) = await cli.RunAsync("tenant", "list", "--url", "http://127.0.0.1:1");
        Assert.Equal(3, exit);
        Assert.Contains("Is it running?", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, 2, """{"detail":"there is no language fr","field":"locale","allowed":"en, ja"}""", "locale: there is no language fr (allowed: en, ja)")]
    [InlineData(HttpStatusCode.NotFound, 1, """{"detail":"there is no tenant t_9"}""", "there is no tenant t_9")]
    [InlineData(HttpStatusCode.Unauthorized, 1, """{"detail":"sign in, or send an API token"}""", "tsunagi sign-in")]
    [InlineData(HttpStatusCode.PreconditionFailed, 1, """{"detail":"someone changed it meanwhile"}""", "Read it again")]
    [InlineData(HttpStatusCode.ServiceUnavailable, 1, """{"detail":"busy","retryAfterSeconds":2}""", "Try again in 2 seconds")]
    [InlineData(HttpStatusCode.InternalServerError, 1, """{"detail":"it failed","correlation":"abc"}""", "under abc")]
    [InlineData(HttpStatusCode.BadGateway, 1, "<html>", "answered 502")]
    public async Task Problem_of_the_api_is_told_with_what_to_do(HttpStatusCode status, int expected, string problem, string told)
    {
        using var cli = new CliRun { Connection = new RecordingApi(status, problem) };
        var (exit, output, error) = await cli.RunAsync("tenant", "show", "t_9");
        Assert.Equal((expected, ""), (exit, output));
        Assert.Contains(told, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_are_plain_columns_and_control_characters_do_not_reach_the_terminal()
    {
        using var cli = new CliRun { Connection = new RecordingApi(HttpStatusCode.OK, Page) };
        var (exit, output, _) = await cli.RunAsync("tenant", "list");
        Assert.Equal(0, exit);
        Assert.Equal(["id   kind      name           timeZone    currency  parent", "t_1  customer  青葉·[31m商店  Asia/Tokyo  JPY       t_0"], output.TrimEnd().Split('\n'));
        cli.Terminal = true;
        Assert.Contains("╭", (await cli.RunAsync("tenant", "list")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_one_document_and_nothing_else()
    {
        using var cli = new CliRun { Connection = new RecordingApi(HttpStatusCode.OK, Page) };
        var (exit, output, error) = await cli.RunAsync("tenant", "list", "--json");
        Assert.Equal((0, ""), (exit, error));
        Assert.Equal("t_1", (string?)JsonNode.Parse(output)![0]!["id"]);
    }

    [Fact]
    public async Task Options_become_members_under_their_own_names()
    {
        var api = new RecordingApi(HttpStatusCode.OK, "{}");
        using var cli = new CliRun { Connection = api };
        await cli.RunAsync("tenant", "add", "--kind", "customer", "--name", "A & B", "--time-zone", "Asia/Tokyo", "--external-refs", "crm=C-1", "--external-refs", "erp=7");
        await cli.RunAsync("tenant", "list", "--name", "A & B", "--limit", "5");
        await cli.RunAsync("subscription", "take", "--tenant-id", "t_1", "--plan", "p", "--name", "n", "--quantity", "3", "--set", "domains=[a.example, b.example]", "--set", "limits.size=5");
        Assert.Equal("""{"kind":"customer","name":"A \u0026 B","timeZone":"Asia/Tokyo","externalRefs":{"crm":"C-1","erp":"7"},"parentId":null}""", api.Calls[0].Body);
        Assert.Equal("/api/v1/tenants?name=A%20%26%20B&limit=5", api.Calls[1].Path);
        Assert.Equal("""{"tenantId":"t_1","plan":"p","name":"n","quantity":3,"settings":{"domains":["a.example","b.example"],"limits":{"size":5}}}""", api.Calls[2].Body);
    }

    [Fact]
    public async Task Token_is_found_in_the_option_then_the_environment_then_the_file()
    {
        var api = new RecordingApi(HttpStatusCode.OK, """{"items":[]}""");
        using var cli = new CliRun { Connection = api };
        Directory.CreateDirectory(Path.Combine(cli.Home, ".config", "tsunagi"));
        await File.WriteAllTextAsync(Path.Combine(cli.Home, ".config", "tsunagi", "cli.yaml"), "url: http://file.example:1\ntoken: from-file\n", TestContext.Current.CancellationToken);
        await cli.RunAsync("tenant", "list");
        cli.Variables["TSUNAGI_TOKEN"] = "from-environment";
        await cli.RunAsync("tenant", "list");
        await cli.RunAsync("tenant", "list", "--token", "from-option");
        Assert.Equal(["Bearer from-file", "Bearer from-environment", "Bearer from-option"], api.Calls.Select(c => c.Authorization));
    }

    [Fact]
    public async Task File_with_an_unknown_key_is_refused_with_its_line()
    {
        using var cli = new CliRun { Connection = new RecordingApi(HttpStatusCode.OK, "{}") };
        Directory.CreateDirectory(Path.Combine(cli.Home, ".config", "tsunagi"));
        await File.WriteAllTextAsync(Path.Combine(cli.Home, ".config", "tsunagi", "cli.yaml"), "url: http://x\ntokn: a\n", TestContext.Current.CancellationToken);
        var (exit, _, error) = await cli.RunAsync("tenant", "list");
        Assert.Equal(2, exit);
        Assert.Contains("cli.yaml:2:1: tokn: this key is not known here (allowed: url, token, data)", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ten", "tenant")]
    [InlineData("tenant ", "list show add change")]
    [InlineData("tenant list --ki", "--kind")]
    [InlineData("tenant list --kind ", "provider reseller customer department")]
    [InlineData("mail trace ", "list show retry")]
    public async Task Completion_offers_what_may_come_next(string line, string expected)
    {
        using var cli = new CliRun();
        var (exit, output, _) = await cli.RunAsync(["__complete", .. line.Split(' ')]);
        Assert.Equal(0, exit);
        var offered = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(expected.Split(' '), word => Assert.Contains(word, offered));
    }

    [Theory]
    [InlineData("bash", "complete")]
    [InlineData("zsh", "compdef")]
    [InlineData("fish", "complete -c tsunagi")]
    public async Task Completion_script_is_printed(string shell, string expected)
    {
        using var cli = new CliRun();
        Assert.Contains(expected, (await cli.RunAsync("completion", shell)).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_arguments_are_help() => Assert.Contains("tenant", (await new CliRun().RunAsync()).Out, StringComparison.Ordinal);
}
