using Tsunagi.Core.Configuration;
using Tsunagi.Host;
using Tsunagi.Host.Configuration;

namespace Tsunagi.Tests.Host;

public sealed class Node_configuration : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    [Fact]
    public void An_empty_file_gives_defaults_that_work_on_one_machine()
    {
        var (configuration, problems) = Load("");

        Assert.Empty(problems);
        Assert.Equal("127.0.0.1:8480", configuration!.Options.Console.Listen);
        Assert.Equal("sqlite", configuration.Options.Store.Kind);
    }

    [Theory]
    [InlineData("store:\n  kind: mysql\n", 2, "store.kind", "sqlite, postgres")]
    [InlineData("data: x\nconsole:\n  listen: nowhere\n", 3, "console.listen", null)]
    [InlineData("telemetry:\n  traceRatio: 1.5\n", 2, "telemetry.traceRatio", "0 to 1")]
    [InlineData("log:\n  level: chatty\n", 2, "log.level", "trace, debug, information, warning, error")]
    [InlineData("roles: [nosuch]\n", 1, "roles[0]", null)]
    public void A_wrong_value_is_told_with_its_line_key_and_what_is_allowed(string text, long line, string key, string? allowed)
    {
        var (configuration, problems) = Load(text);

        Assert.Null(configuration);
        var problem = Assert.Single(problems);
        Assert.Equal((_file, line, key), (problem.File, problem.Line, problem.Key));
        if (allowed is not null)
        {
            Assert.Equal(allowed, problem.Allowed);
        }
    }

    [Theory]
    [InlineData("sotre:\n  kind: sqlite\n", 1)]
    [InlineData("console:\n  lisen: 127.0.0.1:1\n", 2)]
    public void An_unknown_key_is_a_problem_not_ignored(string text, long line)
    {
        var (configuration, problems) = Load(text);

        Assert.Null(configuration);
        Assert.Equal(line, Assert.Single(problems).Line);
        Assert.Contains("not known", problems[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_yaml_is_told_with_its_place()
    {
        var (configuration, problems) = Load("data: [1, 2\nconsole: x");

        Assert.Null(configuration);
        Assert.True(Assert.Single(problems).Line >= 1);
    }

    [Fact]
    public void The_command_line_stands_above_the_file()
    {
        var problems = new List<ConfigProblem>();
        File.WriteAllText(_file, "console:\n  listen: 127.0.0.1:1\n");

        var configuration = NodeConfiguration.Load(_file, Modules.All, new Dictionary<string, string> { ["console.listen"] = "127.0.0.1:2" }, problems);

        Assert.Equal("127.0.0.1:2", configuration!.Options.Console.Listen);
    }

    [Fact]
    public void PostgreSQL_without_a_connection_is_refused()
    {
        var (configuration, problems) = Load("store:\n  kind: postgres\n");

        Assert.Null(configuration);
        Assert.Equal("store.connection", Assert.Single(problems).Key);
    }

    [Fact]
    public void A_file_that_is_not_there_is_told()
    {
        var problems = new List<ConfigProblem>();

        Assert.Null(NodeConfiguration.Load("/nonexistent/tsunagi.yaml", Modules.All, new Dictionary<string, string>(), problems));
        Assert.Contains("cannot be read", Assert.Single(problems).Message, StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(_file);

    private (NodeConfiguration? Configuration, List<ConfigProblem> Problems) Load(string text)
    {
        File.WriteAllText(_file, text);
        var problems = new List<ConfigProblem>();
        return (NodeConfiguration.Load(_file, Modules.All, new Dictionary<string, string>(), problems), problems);
    }
}
