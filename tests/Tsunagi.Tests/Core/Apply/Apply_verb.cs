using System.Text.Json.Nodes;
using Tsunagi.Tests.Host.Cli;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Apply;

/// <summary>The verb, the API and the services together, on a running node.</summary>
public sealed class Apply_verb : IAsyncLifetime
{
    private readonly CliRun _cli = new();
    private RunningNode _node = null!;
    private string _text = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _node = await RunningNode.StartAsync();
        _text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "provider.yaml"), Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }

        _cli.Dispose();
    }

    [Fact]
    public async Task Sample_is_applied_and_a_second_apply_changes_nothing()
    {
        var shown = await ApplyAsync("--dry-run");
        Assert.Contains("+ tenant sakura", shown.Out, StringComparison.Ordinal);
        Assert.Contains("nothing was changed", shown.Out, StringComparison.Ordinal);
        Assert.Single(await JsonAsync("tenant", "list"));

        var made = await ApplyAsync();
        Assert.Equal(0, made.Exit);
        Assert.Contains("admin@sakura-dental.example sets a password here", made.Out, StringComparison.Ordinal);
        Assert.Equal(5, (await JsonAsync("tenant", "list")).Count);
        Assert.Equal(6, (await JsonAsync("subscription", "list")).Count);
        Assert.All(await JsonAsync("domain", "list"), d => Assert.Equal("proved", (string?)d!["state"]));

        var audit = (await JsonAsync("audit", "list", "--limit", "1000")).Count;
        var again = await ApplyAsync();
        Assert.Equal((0, "nothing to do\n"), (again.Exit, again.Out));
        Assert.Equal(audit, (await JsonAsync("audit", "list", "--limit", "1000")).Count);
        var acts = (await JsonAsync("audit", "list", "--limit", "1000")).Select(a => (string)a!["act"]!).ToHashSet();
        Assert.Subset(acts, new HashSet<string> { "tenant.created", "contact.added", "domain.proved", "prefix.proved", "site.added", "plan.created", "subscription.taken", "apply.finished" });
    }

    [Fact]
    public async Task Changed_fields_of_every_kind_are_changed_and_nothing_else()
    {
        await ApplyAsync();
        _text = _text.Replace("name: Harbor Café", "name: Harbour Café", StringComparison.Ordinal).Replace("amount: 5000", "amount: 5500", StringComparison.Ordinal).Replace("category: valueAdded", "category: operation", StringComparison.Ordinal)
            .Replace("127.0.0.1:2601", "127.0.0.1:2611", StringComparison.Ordinal).Replace("it@sakura-dental", "help@sakura-dental", StringComparison.Ordinal)
            .Replace("address: \"Minato-ku, Tokyo\"", "address: Shiba", StringComparison.Ordinal).Replace("name: Sora Ishii", "name: Sora Ishida", StringComparison.Ordinal);
        var shown = await ApplyAsync("--dry-run");
        Assert.Equal(6, shown.Out.Split('\n').Count(static line => line.StartsWith('~')));
        Assert.Equal(0, (await ApplyAsync()).Exit);
        Assert.Contains(await JsonAsync("tenant", "list"), t => (string?)t!["name"] == "Harbour Café");
        Assert.Contains(await JsonAsync("subscription", "list"), s => s!["settings"]!.ToJsonString().Contains("2611", StringComparison.Ordinal));
        var plan = (await JsonAsync("plan", "list")).Single(static plan => (string?)plan!["code"] == "mail-standard")!;
        Assert.Equal((2, "operation"), ((int)plan["version"]!, (string)plan["category"]!));
        Assert.Contains(await JsonAsync("user", "list"), u => (string?)u!["name"] == "Sora Ishida");
        Assert.Equal("nothing to do\n", (await ApplyAsync()).Out);
    }

    [Fact]
    public async Task What_the_console_changed_is_shown_as_drift_and_set_back()
    {
        await ApplyAsync();
        var harbor = (await JsonAsync("tenant", "list")).Single(t => (string?)t!["name"] == "Harbor Café")!;
        await OkAsync("tenant", "change", (string)harbor["id"]!, "--name", "Harbor Bar", "--time-zone", "Europe/Berlin");
        var shown = await ApplyAsync("--dry-run");
        Assert.Contains("name: Harbor Bar -> Harbor Café   (changed in the console since the last apply)", shown.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("timeZone", shown.Out, StringComparison.Ordinal);
        await ApplyAsync();
        var after = (await JsonAsync("tenant", "list")).Single(t => (string?)t!["id"] == (string?)harbor["id"])!;
        Assert.Equal(("Harbor Café", "Europe/Berlin"), ((string)after["name"]!, (string)after["timeZone"]!));
    }

    [Fact]
    public async Task Nothing_ends_without_prune_and_removals_above_the_limit_are_asked_for()
    {
        await ApplyAsync();
        _text = _text[.._text.IndexOf("  - key: hikari", StringComparison.Ordinal)];
        var kept = await ApplyAsync();
        Assert.Equal(0, kept.Exit);
        Assert.Contains("kept, since --prune is not given", kept.Out, StringComparison.Ordinal);
        Assert.All(await JsonAsync("subscription", "list"), s => Assert.Null(s!["endedAt"]));

        var unasked = await ApplyAsync("--prune");
        Assert.Equal(2, unasked.Exit);
        Assert.Contains("nobody to ask", unasked.Error, StringComparison.Ordinal);
        _cli.Typed = "no\n";
        Assert.Equal(1, (await ApplyAsync("--prune")).Exit);
        Assert.All(await JsonAsync("subscription", "list"), s => Assert.Null(s!["endedAt"]));

        _cli.Typed = "";
        Assert.Equal(0, (await ApplyAsync("--prune", "--yes")).Exit);
        Assert.Equal(4, (await JsonAsync("subscription", "list")).Count(s => s!["endedAt"] is not null));
        Assert.Equal(2, (await JsonAsync("domain", "list")).Count(d => (string?)d!["state"] == "released"));
        Assert.Equal(3, (await JsonAsync("user", "list", "--state", "disabled")).Count);
        Assert.Equal(5, (await JsonAsync("tenant", "list")).Count);
        Assert.Equal("nothing to do\n", (await ApplyAsync("--prune")).Out);
    }

    [Fact]
    public async Task Things_of_others_are_not_touched()
    {
        var own = (string)(await OkAsync("tenant", "add", "--kind", "customer", "--name", "By hand"))["id"]!;
        await OkAsync("contact", "add", own, "--role", "billing", "--name", "Hand", "--email", "hand@hand.example");
        await ApplyAsync();
        _text = "manifest: sample-provider\n";
        Assert.Equal(0, (await ApplyAsync("--prune", "--yes")).Exit);
        Assert.Contains(await JsonAsync("tenant", "list"), t => (string?)t!["name"] == "By hand");
        Assert.Single(await JsonAsync("contact", "list", own));
    }

    [Fact]
    public async Task What_was_made_before_a_cut_is_taken_up_and_not_made_twice()
    {
        await OkAsync("tenant", "add", "--kind", "reseller", "--name", "Hikari Partners ひかりパートナーズ");
        var shown = await ApplyAsync("--dry-run");
        Assert.Contains("tenant hikari  is there already", shown.Out, StringComparison.Ordinal);
        await ApplyAsync();
        Assert.Single(await JsonAsync("tenant", "list", "--kind", "reseller"));
    }

    [Fact]
    public async Task What_changed_after_the_plan_was_shown_is_not_done_blindly()
    {
        var file = Tsunagi.Core.Configuration.YamlFile.Read("f", _text, out _)!.Root;
        var applier = (Tsunagi.Core.Apply.Applier)_node.Node.Services.GetService(typeof(Tsunagi.Core.Apply.Applier))!;
        var tenants = (Tsunagi.Core.Tenants.TenantDirectory)_node.Node.Services.GetService(typeof(Tsunagi.Core.Tenants.TenantDirectory))!;
        var root = await tenants.EnsureProviderAsync("x", "en", "UTC", "JPY", Cancel);
        var caller = TestProvider.CallerOf(root);
        var plan = await applier.PlanAsync(caller, file, Cancel);
        await OkAsync("tenant", "add", "--kind", "reseller", "--name", "Hikari Partners ひかりパートナーズ");
        var refused = await applier.ApplyAsync(caller, new Tsunagi.Core.Apply.ApplyRequest(file, false, plan.Hash), Cancel);
        Assert.Equal("apply.other-plan", refused.Refusal?.Code);
        Assert.Equal("apply.other-plan", (await applier.ApplyAsync(caller, new Tsunagi.Core.Apply.ApplyRequest(file), Cancel)).Refusal?.Code);
        Assert.Equal(2, (await JsonAsync("tenant", "list")).Count);
    }

    [Fact]
    public async Task Failure_in_the_middle_says_where_and_the_next_apply_goes_on()
    {
        await OkAsync("tenant", "add", "--kind", "customer", "--name", "Squatter");
        var squatter = (await JsonAsync("tenant", "list", "--name", "squatter"))[0]!;
        var domain = (string)(await OkAsync("domain", "claim", "--tenant-id", (string)squatter["id"]!, "--name", "sakura-dental.example"))["id"]!;
        await OkAsync("domain", "approve", domain, "--reason", "came first");
        var cut = await ApplyAsync();
        Assert.Equal(1, cut.Exit);
        Assert.Matches("provider.yaml:[0-9]+:[0-9]+: tenants.1..tenants.0..domains.0..name: sakura-dental.example belongs to someone else", cut.Error);
        _text = _text.Replace("sakura-dental.example", "sakura-clinic.example", StringComparison.Ordinal);
        Assert.Equal(0, (await ApplyAsync()).Exit);
        Assert.Equal(6, (await JsonAsync("tenant", "list")).Count);
        Assert.Equal("nothing to do\n", (await ApplyAsync()).Out);
    }

    public static readonly (string Good, string Bad, string Expected)[] BadFiles =
    [
        ("kind: reseller", "kind: emperor", "tenants[1].kind: the value is \"emperor\" (allowed: reseller, customer, department)"),
        ("nextHop: 127.0.0.1:2601", "nextHop: nowhere:0", "tenants[0].subscriptions[0].settings.nextHop: "),
        ("nextHop: 127.0.0.1:2601", "nextHopp: a:1", "tenants[0].subscriptions[0].settings.nextHopp: this key is not known here (allowed: domains, nextHop"),
        ("plan: mail-standard", "plan: mail-gold", "tenants[0].subscriptions[0].plan: there is no plan mail-gold (allowed: "),
        ("specification: mail.gateway", "specification: mail.gatway", "plans[0].specification: no module sells mail.gatway (allowed: "),
        ("meter: mail.messages", "meter: mail.letters", "plans[0].prices[1].meter: mail.gateway has no meter mail.letters"),
        ("cidr: 192.0.2.0/28", "cidr: 192.0.2.1/28", "tenants[0].prefixes[0].cidr: \"192.0.2.1/28\" is not an address block"),
        ("key: harbor", "key: sakura", "the tenant sakura stands in the file twice"),
        ("manifest: sample-provider", "manifest: Sample Provider", "manifest: the value is \"Sample Provider\""),
        ("locale: en", "locale: fr", "tenants[1].tenants[1].locale: there is no language fr (allowed: en, ja)"),
        ("kind: reseller", "kind: [reseller]", "tenants[1].kind: the value is a list"),
        ("email: it@harbor-cafe.example", "email: it@harbor", "tenants[1].tenants[1].contacts[0].email: this is not a mail address"),
        ("manifest: sample-provider", "manifest: \"unclosed", "this is not YAML"),
        ("  - key: minato", "  - kee: minato", "tenants[0].kee: this key is not known here (allowed: key, kind, name"),
        ("amount: 5000", "amount: 5000.1234567", "plans[0].prices[0].amount: the amount is 5000.1234567"),
    ];

    [Fact]
    public async Task Bad_file_is_told_with_its_place_and_changes_nothing()
    {
        var sample = _text;
        foreach (var (good, bad, expected) in BadFiles)
        {
            var at = sample.IndexOf(good, StringComparison.Ordinal);
            Assert.True(at >= 0, $"the sample holds no \"{good}\"");
            _text = string.Concat(sample.AsSpan(0, at), bad, sample.AsSpan(at + good.Length));
            var line = sample[..at].Count(static c => c == '\n') + 1;
            var (exit, output, error) = await ApplyAsync();
            Assert.True(exit == 2 && output.Length == 0, $"{bad}: exit {exit}, {output}");
            Assert.Contains($"provider.yaml:{line}:", error, StringComparison.Ordinal);
            Assert.Contains(expected, error, StringComparison.Ordinal);
        }

        Assert.Single(await JsonAsync("tenant", "list"));
    }

    [Fact]
    public async Task Customer_may_not_apply()
    {
        await File.WriteAllTextAsync(Path.Combine(_cli.Home, "provider.yaml"), _text, Cancel);
        var result = await OkAsync("apply", "-f", "provider.yaml");
        var link = (string)result["links"]!["admin@harbor-cafe.example"]!;
        using var client = new HttpClient { BaseAddress = new Uri(_node.Node.Url) };
        using var password = new StringContent(new JsonObject { ["token"] = link.Split('/', '=')[^1], ["password"] = "correct horse battery staple" }.ToJsonString(), null, "application/json");
        Assert.True((await client.PostAsync("/api/v1/session/password-link", password, Cancel)).IsSuccessStatusCode);
        using var plan = new StringContent("{\"document\":{\"manifest\":\"x\"}}", null, "application/json");
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, (await client.PostAsync("/api/v1/apply/plan", plan, Cancel)).StatusCode);
    }

    private async Task<(int Exit, string Out, string Error)> ApplyAsync(params string[] options)
    {
        await File.WriteAllTextAsync(Path.Combine(_cli.Home, "provider.yaml"), _text, Cancel);
        return await _cli.RunAsync(["apply", "-f", "provider.yaml", "--data", _node.Data, .. options]);
    }

    private async Task<JsonNode> OkAsync(params string[] arguments)
    {
        var (exit, output, error) = await _cli.RunAsync([.. arguments, "--data", _node.Data, "--json"]);
        Assert.True(exit == 0, $"{string.Join(' ', arguments)}: {error}");
        return JsonNode.Parse(output)!;
    }

    private async Task<JsonArray> JsonAsync(params string[] arguments) => (await OkAsync(arguments)).AsArray();
}
