using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Verbs;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Host.Cli;

public sealed class Command_line_on_a_node
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Every verb is run against an API that takes anything; whatever it calls must be a route of the program.</summary>
    /// <summary>They read a file or a time of their own form before they send anything; tests of their own give them one.</summary>
    private static readonly string[] ReadFirst = ["whohad", "mail whatif policy", "mail whatif message", "routers import genieacs", "backoffice shadow compare", "backoffice opening import", "backoffice bank import", "routers site configure"];

    [Fact]
    public async Task Every_call_of_every_verb_is_a_route_of_the_program()
    {
        await using var running = await RunningNode.StartAsync();
        var routes = running.Node.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(e => (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []).Select(m => (Method: m, Pattern: e.RoutePattern.RawText!.Trim('/').Split('/')))).ToList();
        var calls = 0;
        var silent = new List<string>();
        foreach (var verb in CliRun.Verbs.Where(static v => v.Path is not ("run" or "completion" or "version" or "identity recover" or "demo" or "tour"
            or "mail conformance" or "mail spf verify" or "mail dkim verify" or "mail dmarc verify" or "mail arc verify" or "mail train" or "mail classify" or "mail check" or "mail reports read"
            or "ddos detect" or "ddos freeze" or "ddos thaw" or "ddos withdraw" or "flows decode" or "flows listen" or "bgp flowspec encode" or "bgp flowspec decode" or "bgp flowspec nft"
            or "radius decode" or "radius test" or "dhcp decode" or "routers cwmp decode" or "routers arms decode" or "routers simulate cwmp" or "routers simulate arms" or "backoffice bank read")
            && !v.Path.StartsWith("try ", StringComparison.Ordinal)))
        {
            var api = new RecordingApi(HttpStatusCode.OK, """{"state":"signed-in","permissions":["a.b"],"items":[],"nextHops":[],"attempts":[],"steps":[],"fields":[],"subscriptions":[],"changes":[{"act":"create","kind":"tenant","key":"a"}]}""");
            using var cli = new CliRun { Connection = api, Typed = "secret\nsecret\nyes\n" };
            await File.WriteAllTextAsync(Path.Combine(cli.Home, "file.yaml"), "manifest: x\n", Cancel);
            var (_, _, error) = await cli.RunAsync([.. verb.Path.Split(' '), .. verb.Parameters.SelectMany(p => Given(p, Path.Combine(cli.Home, "file.yaml")))]);
            if (api.Calls.Count == 0 && !ReadFirst.Contains(verb.Path))
            {
                silent.Add($"{verb.Path}: {error}");
            }

            foreach (var (method, path, _, _) in api.Calls)
            {
                calls++;
                var parts = path.Split('?')[0].Trim('/').Split('/');
                Assert.True(routes.Any(r => r.Method == method && Fits(r.Pattern, parts)), $"tsunagi {verb.Path} calls {method} {path}: there is no such route");
            }
        }

        Assert.Empty(silent);
        Assert.True(calls > 60);
    }

    [Fact]
    public async Task Owner_of_the_data_directory_needs_no_token_and_is_in_the_audit_as_local()
    {
        await using var running = await RunningNode.StartAsync();
        using var cli = new CliRun();
        async Task<JsonNode> OkAsync(params string[] arguments)
        {
            var (exit, output, error) = await cli.RunAsync([.. arguments, "--data", running.Data, "--json"]);
            Assert.True(exit == 0, $"{string.Join(' ', arguments)}: {error}");
            return JsonNode.Parse(output)!;
        }

        var file = Path.Combine(running.Data, "cli.json");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var customer = (string)(await OkAsync("tenant", "add", "--kind", "customer", "--name", "Aoba"))["id"]!;
        await OkAsync("contact", "add", customer, "--role", "billing", "--name", "Hanako", "--email", "hanako@aoba.example");
        var domain = (string)(await OkAsync("domain", "claim", "--tenant-id", customer, "--name", "aoba.example"))["id"]!;
        await OkAsync("domain", "approve", domain, "--reason", "known to us");
        await File.WriteAllTextAsync(Path.Combine(cli.Home, "plan.yaml"), "code: mail\nspecification: mail.gateway\nnameEn: Mail\nnameJa: メール\ncurrency: JPY\nprices:\n  - { model: flat, label: Base, amount: 1000 }\n", Cancel);
        Assert.Equal("valueAdded", (string?)(await OkAsync("plan", "put", "mail", "plan.yaml"))["category"]);
        Assert.Equal("connectivity", (string?)(await OkAsync("plan", "change", "mail", "--category", "connectivity"))["category"]);
        var taken = await OkAsync("subscription", "take", "--tenant-id", customer, "--plan", "mail", "--name", "Mail", "--set", "domains=[aoba.example]", "--set", "nextHop=127.0.0.1:2525");
        var hold = (string)(await OkAsync("hold", "place", (string)taken["id"]!, "--kind", "customer", "--reason", "moving"))["id"]!;
        await OkAsync("hold", "lift", (string)taken["id"]!, hold);
        Assert.InRange((int)(await OkAsync("invoice", "preview", customer))["totalMinor"]!, 1, 1000);
        Assert.Contains((await OkAsync("audit", "list")).AsArray(), e => (string?)e!["act"] == "hold" || (string?)e!["actorName"] == "local");
        Assert.True((bool)(await OkAsync("audit", "verify"))["holds"]!);
        Assert.NotEmpty((await OkAsync("search", "aoba.example")).AsArray());
        Assert.Equal("local", (string?)(await OkAsync("whoami"))["actorName"]);
    }

    [Fact]
    public async Task Webhook_is_added_tried_paused_and_removed_from_the_terminal()
    {
        await using var running = await RunningNode.StartAsync();
        using var cli = new CliRun();
        async Task<string> OkAsync(params string[] arguments)
        {
            var (exit, output, error) = await cli.RunAsync([.. arguments, "--data", running.Data]);
            Assert.True(exit == 0, $"{string.Join(' ', arguments)}: {error}");
            return output;
        }

        var added = await OkAsync("webhook", "add", "--name", "desk", "--url", "https://hook.invalid/x", "--events", "mail.*", "--events", "tenant.*");
        Assert.Contains("secret: whsec_", added, StringComparison.Ordinal);
        var listed = JsonNode.Parse(await OkAsync("webhook", "list", "--json"))!.AsArray();
        var id = (string)Assert.Single(listed)!["id"]!;
        Assert.Equal(["mail.*", "tenant.*"], listed[0]!["events"]!.AsArray().Select(static e => (string)e!));
        Assert.DoesNotContain("whsec_", await OkAsync("webhook", "show", id), StringComparison.Ordinal);
        await OkAsync("webhook", "test", id);
        var told = "";
        for (var i = 0; i < 200 && !told.Contains("webhook.test@1", StringComparison.Ordinal); i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, Cancel);
            told = await OkAsync("webhook", "deliveries", id);
        }

        Assert.Contains("waiting", told, StringComparison.Ordinal);
        await OkAsync("webhook", "pause", id);
        Assert.Equal("paused", (string?)JsonNode.Parse(await OkAsync("webhook", "show", id, "--json"))!["state"]);
        await OkAsync("webhook", "resume", id);
        await OkAsync("webhook", "remove", id);
        Assert.Equal(1, (await cli.RunAsync("webhook", "show", id, "--data", running.Data)).Exit);
    }

    [Fact]
    public async Task Recovery_goes_past_the_file_that_a_killed_program_left()
    {
        await using var running = await RunningNode.StartAsync();
        using var cli = new CliRun();
        var email = (string)JsonNode.Parse((await cli.RunAsync("user", "list", "--json", "--data", running.Data)).Out)![0]!["email"]!;
        await running.Node.DisposeAsync();
        await File.WriteAllTextAsync(Path.Combine(running.Data, "cli.json"), """{"url":"http://127.0.0.1:1","token":"tsl_x"}""", Cancel);
        var (exit, output, error) = await cli.RunAsync("identity", "recover", email, "--data", running.Data);
        Assert.True(exit == 0, error);
        Assert.Contains("start the program", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Local_token_ends_with_the_program_and_makes_no_tokens()
    {
        using var cli = new CliRun();
        string data;
        await using (var running = await RunningNode.StartAsync())
        {
            data = running.Data;
            var local = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(data, "cli.json"), Cancel))!;
            cli.Variables["TSUNAGI_URL"] = (string)local["url"]!;
            cli.Variables["TSUNAGI_TOKEN"] = (string)local["token"]!;
            using var client = new HttpClient { BaseAddress = new Uri((string)local["url"]!) };
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/tokens") { Content = new StringContent("""{"name":"x","permissions":["core.tenant.read"]}""", null, "application/json") };
            request.Headers.Authorization = new("Bearer", (string)local["token"]!);
            Assert.Equal(HttpStatusCode.Forbidden, (await client.SendAsync(request, Cancel)).StatusCode);
            Assert.Equal(0, (await cli.RunAsync("tenant", "list")).Exit);
            cli.Variables["TSUNAGI_TOKEN"] = "tsk_" + new string('a', 43);
            var (exit, _, error) = await cli.RunAsync("tenant", "list");
            Assert.Equal(2, exit);
            Assert.Contains("The token is not valid any more", error, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(Path.Combine(data, "cli.json")));
    }

    [Fact]
    public async Task Sign_in_makes_a_token_and_keeps_it_for_its_owner_only()
    {
        await using var running = await RunningNode.StartAsync();
        using var cli = new CliRun { Typed = "operator@example.com\ncorrect horse battery staple\n" };
        cli.Variables["TSUNAGI_URL"] = running.Node.Url;
        using (var client = new HttpClient { BaseAddress = new Uri(running.Node.Url) })
        {
            var token = running.Node.SetUpLink!.Split('/', '=')[^1];
            var body = new JsonObject { ["token"] = token, ["password"] = "correct horse battery staple" };
            using var content = new StringContent(body.ToJsonString(), null, "application/json");
            var answer = await client.PostAsync("/api/v1/session/password-link", content, Cancel);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        }

        var email = (string)JsonNode.Parse((await cli.RunAsync("user", "list", "--json", "--data", running.Data)).Out)![0]!["email"]!;
        cli.Typed = $"{email}\ncorrect horse battery staple\n";
        var (exit, _, error) = await cli.RunAsync("sign-in");
        Assert.True(exit == 0, error);
        var file = Path.Combine(cli.Home, ".config", "tsunagi", "cli.yaml");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(0, (await cli.RunAsync("tenant", "list")).Exit);
        cli.Typed = $"{email}\nwrong\n";
        Assert.NotEqual(0, (await cli.RunAsync("sign-in")).Exit);
    }

    [Fact]
    public async Task Followed_events_come_as_they_happen()
    {
        await using var running = await RunningNode.StartAsync();
        using var cli = new CliRun();
        using var follow = new CliRun();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var output = new StringWriter();
        var following = Tsunagi.Host.Cli.CommandLine.RunAsync(
            ["event", "list", "--follow", "--data", running.Data], CliRun.Verbs,
            new()
            {
                Out = TextWriter.Synchronized(output), Error = TextWriter.Null, In = TextReader.Null, Variable = static _ => null, HomeDirectory = follow.Home, CurrentDirectory = follow.Home,
            },
            stop.Token);
        await cli.RunAsync("tenant", "add", "--kind", "customer", "--name", "Followed", "--data", running.Data);
        for (var i = 0; i < 200 && !output.ToString().Contains("Followed", StringComparison.Ordinal); i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, Cancel);
        }

        await stop.CancelAsync();
        Assert.Equal(130, await following);
        Assert.Contains("tenant.created@1", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Followed", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recovery_makes_a_link_beside_a_running_program_and_without_one()
    {
        using var cli = new CliRun();
        using var directory = new TemporaryDirectory();
        string email;
        await using (var running = await RunningNode.StartAsync())
        {
            email = (string)JsonNode.Parse((await cli.RunAsync("user", "list", "--json", "--data", running.Data)).Out)![0]!["email"]!;
            var (exit, output, error) = await cli.RunAsync("identity", "recover", email, "--data", running.Data);
            Assert.True(exit == 0, error);
            Assert.Contains(running.Node.Url + "/", output, StringComparison.Ordinal);
            Assert.Equal(2, (await cli.RunAsync("identity", "recover", "nobody@nowhere.example", "--data", running.Data)).Exit);
            await running.Node.DisposeAsync();
            (exit, output, error) = await cli.RunAsync("identity", "recover", email, "--data", running.Data);
            Assert.True(exit == 0, error);
            Assert.Contains("start the program", output, StringComparison.Ordinal);
        }
    }

    private static bool Fits(string[] pattern, string[] path) =>
        pattern.Length == path.Length && pattern.Zip(path).All(static p => p.First.StartsWith('{') || p.First == p.Second);

    private static IEnumerable<string> Given(VerbParameter parameter, string file)
    {
        var value = parameter.Allowed?[0] ?? parameter.Value switch { VerbValue.Whole or VerbValue.Number => parameter.Least is { } least && least > 1 ? least.ToString(System.Globalization.CultureInfo.InvariantCulture) : "1", VerbValue.Pair => "a=b", _ => parameter.Name is "FILE" or "PATH" or "--settings" or "--file" ? file : "x" };
        return parameter.Name is "--follow" or "--dry-run" ? [] : parameter.IsFlag ? [parameter.Name] : parameter.Name.StartsWith('-') ? [parameter.Name, value] : [value];
    }
}
