using System.Net;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;
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
    [InlineData("tenant list --limit 0", "--limit: 0 is not allowed (allowed: 1 to 100000)")]
    [InlineData("tenant list --limit 99999999999", "allowed: 1 to 100000")]
    [InlineData("event list --limit -1", "allowed: 1 to 100000")]
    [InlineData("mail trace list --limit 201", "allowed: 1 to 200")]
    [InlineData("mail trace list --limit many", "is not a whole number")]
    [InlineData("mail recipients put s_1 no-such-file.csv", "no-such-file.csv cannot be read")]
    [InlineData("mail recipients put s_1 .", "cannot be read")]
    [InlineData("tenant show ..", "TENANT: \"..\" names nothing")]
    [InlineData("run --set mail.listen=[127.0.0.1:25", "mail.listen: [127.0.0.1:25 is no list")]
    [InlineData("run --set console.listen=localhost:8480", "console.listen: \"localhost:8480\" is not an address and a port")]
    [InlineData("run --set no.such=1", "no: this key is not known here")]
    [InlineData("run --config no-such.yaml", "no-such.yaml:1:1: the file cannot be read")]
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
    [InlineData(HttpStatusCode.Unauthorized, 2, """{"detail":"sign in, or send an API token"}""", "tsunagi sign-in")]
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
    public async Task Empty_parameter_names_nothing_and_does_not_become_the_list()
    {
        using var cli = new CliRun { Connection = new RecordingApi(HttpStatusCode.OK, Page) };
        var (exit, output, error) = await cli.RunAsync("tenant", "show", "");
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("TENANT is empty", error, StringComparison.Ordinal);
        Assert.Empty(((RecordingApi)cli.Connection).Calls);
    }

    [Fact]
    public async Task Something_else_that_answers_is_told_apart_from_the_program()
    {
        using var cli = new CliRun { Connection = new RecordingApi(HttpStatusCode.OK, "<html>welcome</html>") };
        var (exit, output, error) = await cli.RunAsync("tenant", "list", "--url", "http://elsewhere.example");
        Assert.Equal((1, ""), (exit, output));
        Assert.Contains("what answers at http://elsewhere.example/ is not this program", error, StringComparison.Ordinal);
    }

    /// <summary>Each verb with each of its parameters given strangely, against answers that are strange too: an exit code and words, never a trace.</summary>
    [Theory]
    [MemberData(nameof(EveryVerb))]
    public async Task No_input_and_no_answer_makes_any_verb_show_a_trace(string path)
    {
        var verb = CliRun.Verbs.Single(v => v.Path == path);
        if (path is "run")
        {
            return;
        }

        string[] strange = ["", ".", "..", "../../x", "%2e%2e", "\u0000", "-1", "99999999999999999999", "1e400", "=", "a=", "{", "日本", "a b", new string('x', 5_000), "\u001b[31m"];
        string[] answers = ["{}", "[]", "null", "3", "\"x\"", "<html>", "", """{"items":[null,3,{}]}""", """{"items":3}"""];
        for (var i = 0; i < Math.Max(strange.Length, answers.Length); i++)
        {
            using var cli = new CliRun { Connection = new RecordingApi(HttpStatusCode.OK, answers[i % answers.Length]), Typed = "x\ny\nz\n" };
            var given = verb.Parameters.SelectMany(p => p.IsFlag ? [] : p.Name.StartsWith('-') ? new[] { p.Name, strange[i % strange.Length] } : [strange[i % strange.Length]]);
            var (exit, _, error) = await cli.RunAsync([.. path.Split(' '), .. given.Where(static (word, at) => word != "--follow")]);
            Assert.True(exit is 0 or 1 or 2 or 3, $"{path} {strange[i]}: exit {exit}");
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
            Assert.DoesNotContain("error in the program", error, StringComparison.Ordinal);
            Assert.True(exit == 0 || error.Length > 0 || path == "node list", $"{path}: exit {exit} and no word");
        }
    }

    /// <summary>The same with parameters as they should be, so that it is the answers that are met.</summary>
    [Theory]
    [MemberData(nameof(EveryVerb))]
    public async Task No_answer_makes_any_verb_show_a_trace(string path)
    {
        var verb = CliRun.Verbs.Single(v => v.Path == path);
        if (path is "run")
        {
            return;
        }

        foreach (var answer in (string[])["{}", "[]", "null", "3", "\"x\"", "<html>", "", """{"items":[null,3,{}]}""", """{"items":3,"changes":[3],"message":3,"nextHops":[3],"subscriptions":[3]}"""])
        {
            using var cli = new CliRun { Connection = new RecordingApi(HttpStatusCode.OK, answer), Typed = "x\ny\nz\n" };
            await File.WriteAllTextAsync(System.IO.Path.Combine(cli.Home, "file.yaml"), "manifest: x\n", TestContext.Current.CancellationToken);
            var given = verb.Parameters.Where(static p => p.Required).SelectMany(static p =>
            {
                var value = p.Allowed?[0] ?? p.Value switch { VerbValue.Whole or VerbValue.Number => "1", VerbValue.Pair => "a=b", _ => p.Name is "FILE" or "--file" ? "file.yaml" : "x" };
                return p.Name.StartsWith('-') ? new[] { p.Name, value } : [value];
            });
            var (exit, _, error) = await cli.RunAsync([.. path.Split(' '), .. given]);
            Assert.True(exit is 0 or 1 or 2 or 3, $"{path} {answer}: exit {exit}");
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
            Assert.True(!error.Contains("error in the program", StringComparison.Ordinal), $"{path} {answer}: {error}");
        }
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
