using System.ComponentModel.DataAnnotations;
using Tsunagi.Core.Configuration;
using Tsunagi.Core.Rating;

namespace Tsunagi.Tests.Core.Configuration;

public sealed class Strict_files
{
    private const string Good = """
        name: tokyo-1
        limits:
          sessions: 100
          wait: "00:05:00"
        listen:
          - address: 127.0.0.1
            port: 2525
          - address: "::1"
            port: 2526
        mode: relayOnly
        prices:
          - model: flat
            label: Base
            amount: 12.50
        labels:
          floor: "3"
        """;

    [Fact]
    public void Good_file_becomes_its_record()
    {
        var (options, problems) = Bind(Good);
        Assert.Empty(problems);
        Assert.Equal(("tokyo-1", 100, TimeSpan.FromMinutes(5), Mode.RelayOnly), (options!.Name, options.Limits.Sessions, options.Limits.Wait, options.Mode));
        Assert.Equal([2525, 2526], options.Listen.Select(l => l.Port));
        Assert.Equal(12.5m, ((FlatPrice)options.Prices.Single()).Amount);
    }

    [Theory]
    [InlineData("sessions: 100", "sessions: 0", "3:3: limits.sessions: the value is 0 (allowed: 1 to 1000)")]
    [InlineData("sessions: 100", "sessions: 1001", "3:3: limits.sessions: the value is 1001 (allowed: 1 to 1000)")]
    [InlineData("sessions: 100", "sessions: many", "3:3: limits.sessions: the value is \"many\" (allowed: a whole number, -2147483648 to 2147483647)")]
    [InlineData("sessions: 100", "sessions: \"100\"", "3:3: limits.sessions: the value is \"100\" (allowed: a whole number, -2147483648 to 2147483647)")]
    [InlineData("sessions: 100", "sessions: 1.5", "3:3: limits.sessions: the value is 1.5 (allowed: a whole number, -2147483648 to 2147483647)")]
    [InlineData("sessions: 100", "sessions: 99999999999", "3:3: limits.sessions: the value is 99999999999 (allowed: a whole number, -2147483648 to 2147483647)")]
    [InlineData("sessions: 100", "sesions: 100", "3:3: limits.sesions: this key is not known here (allowed: sessions, wait)")]
    [InlineData("sessions: 100", "sessions: [1]", "3:3: limits.sessions: the value is a list (allowed: a whole number, -2147483648 to 2147483647)")]
    [InlineData("\"00:05:00\"", "soon", "4:3: limits.wait: the value is \"soon\" (allowed: a duration, hours:minutes:seconds in quotes)")]
    [InlineData("port: 2526", "port: 65536", "9:5: listen[1].port: the value is 65536 (allowed: 1 to 65535)")]
    [InlineData("port: 2526", "prt: 2526", "9:5: listen[1].prt: this key is not known here (allowed: address, port)")]
    [InlineData("relayOnly", "both", "10:1: mode: the value is \"both\" (allowed: full, relayOnly)")]
    [InlineData("relayOnly", "1", "10:1: mode: the value is 1 (allowed: full, relayOnly)")]
    [InlineData("name: tokyo-1", "name: Tokyo 1", "1:1: name: the value is \"Tokyo 1\" (allowed: [a-z0-9-]+)")]
    [InlineData("name: tokyo-1", "name: 12", "1:1: name: the value is 12 (allowed: a text (one that looks like a number needs quotes))")]
    [InlineData("name: tokyo-1", "name:", "1:1: name: the value is missing (allowed: a text (one that looks like a number needs quotes))")]
    [InlineData("model: flat", "model: free", "12:5: prices[0].model: the value is \"free\" (allowed: flat, perUnit, tiers, volume, p95, oneTime)")]
    [InlineData("amount: 12.50", "amount: much", "14:5: prices[0].amount: the value is \"much\" (allowed: a number)")]
    [InlineData("floor: \"3\"", "floor: 3", "16:3: labels.floor: the value is 3 (allowed: a text (one that looks like a number needs quotes))")]
    public void Wrong_value_is_told_with_its_place_and_what_is_allowed(string good, string bad, string expected)
    {
        var (options, problems) = Bind(Good.Replace(good, bad, StringComparison.Ordinal));
        Assert.Null(options);
        Assert.Contains("node.yaml:" + expected, problems.Select(p => p.ToString()));
    }

    [Fact]
    public void Missing_key_is_told_at_the_part_it_is_missing_from()
    {
        var (_, problems) = Bind(Good.Replace("    port: 2526\n", "", StringComparison.Ordinal));
        Assert.Equal("node.yaml:8:5: listen[1]: the key port is missing (allowed: a whole number, -2147483648 to 2147483647)", problems.Single().ToString());
    }

    [Fact]
    public void Every_problem_is_told_at_once()
    {
        var (_, problems) = Bind(Good.Replace("sessions: 100", "sesions: 1", StringComparison.Ordinal).Replace("relayOnly", "both", StringComparison.Ordinal).Replace("port: 2525", "port: x", StringComparison.Ordinal));
        Assert.Equal([3, 7, 10], problems.Select(p => p.Line).Order());
    }

    [Theory]
    [InlineData("a: [1", "not YAML")]
    [InlineData("a: 1\na: 2", "not YAML")]
    [InlineData("a:\n\t- 1", "not YAML")]
    [InlineData("- 1", "does not hold keys")]
    [InlineData("a: &x 1\nb: *x", "aliases")]
    [InlineData("a: 1\n---\nb: 2", "second document")]
    public void What_is_no_file_of_ours_is_told_with_its_line(string text, string expected)
    {
        Assert.Null(YamlFile.Read("node.yaml", text, out var problem));
        Assert.Contains(expected, problem!.Message, StringComparison.Ordinal);
        Assert.InRange(problem.Line, 1, 3);
    }

    [Fact]
    public void Nesting_is_limited_before_the_tree_is_built()
    {
        Assert.NotNull(YamlFile.Read("f", "a: " + new string('[', 31) + new string(']', 31), out _));
        Assert.Null(YamlFile.Read("f", "a: " + new string('[', 32) + new string(']', 32), out var problem));
        Assert.Equal("at most 32 levels", problem!.Allowed);
        Assert.Null(YamlFile.Read("f", "a: " + new string('[', 200_000), out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# only a remark")]
    [InlineData("---")]
    public void Empty_file_holds_no_keys(string text) => Assert.Empty(YamlFile.Read("f", text, out _)!.Root);

    [Theory]
    [InlineData("1", "1")]
    [InlineData("\"1\"", "\"1\"")]
    [InlineData("1.50", "1.50")]
    [InlineData("true", "true")]
    [InlineData("True", "true")]
    [InlineData("yes", "\"yes\"")]
    [InlineData("null", "null")]
    [InlineData("~", "null")]
    [InlineData("010", "\"010\"")]
    [InlineData("0", "0")]
    [InlineData("-5", "-5")]
    [InlineData("2026-11-23", "\"2026-11-23\"")]
    [InlineData("12:30", "\"12:30\"")]
    [InlineData("192.0.2.1", "\"192.0.2.1\"")]
    [InlineData("1e3", "\"1e3\"")]
    [InlineData("99999999999999999999", "99999999999999999999")]
    public void Plain_scalars_are_what_they_look_like(string yaml, string json) =>
        Assert.Equal(json, YamlFile.Read("f", "a: " + yaml, out _)!.Root["a"]?.ToJsonString() ?? "null");

    private static (Options? Options, List<ConfigProblem> Problems) Bind(string text)
    {
        var file = YamlFile.Read("node.yaml", text, out var problem);
        Assert.True(file is not null, problem?.ToString());
        var problems = new List<ConfigProblem>();
        return (StrictBinder.Bind<Options>(file, file.Root, "$", problems), problems);
    }

    private sealed record Options
    {
        [RegularExpression("[a-z0-9-]+")]
        public string Name { get; init; } = "node";

        public Limits Limits { get; init; } = new();

        public IReadOnlyList<Listener> Listen { get; init; } = [];

        public Mode Mode { get; init; }

        public IReadOnlyList<Price> Prices { get; init; } = [];

        public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
    }

    private sealed record Limits
    {
        [Range(1, 1000)]
        public int Sessions { get; init; } = 10;

        public TimeSpan Wait { get; init; } = TimeSpan.FromMinutes(1);
    }

    private sealed record Listener(string Address, [property: Range(1, 65535)] int Port);

    private enum Mode
    {
        Full,
        RelayOnly,
    }
}
