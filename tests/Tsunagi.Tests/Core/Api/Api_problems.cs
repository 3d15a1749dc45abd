using System.ComponentModel.DataAnnotations;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Api;

public sealed class Api_problems(Api_problems.Fixture fixture) : IClassFixture<Api_problems.Fixture>
{
    private readonly ApiClient _client = fixture.Client;

    public enum Colour
    {
        Red,
        DarkGreen,
    }

    [Theory]
    [InlineData("""{"name":"n","size":0}""", "field.range", "size", "1 to 10")]
    [InlineData("""{"name":"n","size":11}""", "field.range", "size", "1 to 10")]
    [InlineData("""{"name":"12345678901","size":1}""", "field.length", "name", "at most 10 characters")]
    [InlineData("""{"name":"","size":1}""", "field.missing", "name", "a value")]
    [InlineData("""{"size":1}""", "field.missing", "name", "a value")]
    [InlineData("""{"name":null,"size":1}""", "field.missing", "name", "a value")]
    [InlineData("""{"name":"n","size":"1"}""", "field.type", "size", "a whole number")]
    [InlineData("""{"name":"n","size":1.5}""", "field.type", "size", "a whole number")]
    [InlineData("""{"name":"n","size":99999999999}""", "field.type", "size", "a whole number")]
    [InlineData("""{"name":5,"size":1}""", "field.type", "name", "a text")]
    [InlineData("""{"name":"n","size":1,"colour":"blue"}""", "field.type", "colour", "red, darkGreen")]
    [InlineData("""{"name":"n","size":1,"colour":1}""", "field.type", "colour", "red, darkGreen")]
    [InlineData("""{"name":"n","size":1,"sizes":5}""", "field.unknown", "sizes", null)]
    [InlineData("""{"name":"n","size":1,"inner":{"code":"abc"}}""", "field.invalid", "inner.code", "three capitals")]
    [InlineData("""{"name":"n","size":1,"inner":{"code":"ABC","x":1}}""", "field.unknown", "inner.x", null)]
    [InlineData("""{"name":"n","size":1,"inner":{}}""", "field.missing", "inner.code", "a value")]
    [InlineData("""{"name":"n","size":1,"list":[{"code":"ABC"},{"code":"abc"}]}""", "field.invalid", "list[1].code", "three capitals")]
    [InlineData("""{"name":"n","size":1,"list":[{"code":"A"},{"code":"ABC"},{"code":"ABC"},{"code":"ABC"}]}""", "field.length", "list", "at most 3 entries")]
    [InlineData("""{"name":"n","size":1,"dueAt":"tomorrow"}""", "field.type", "dueAt", "a time such as 2026-07-01T12:00:00Z")]
    [InlineData("""{"name":"n","size":1,"dueAt":"2026-07-01T12:00:00"}""", "field.type", "dueAt", "a time such as 2026-07-01T12:00:00Z")]
    [InlineData("""{"name":"n","size":1,"size":2}""", "field.twice", null, "each member once")]
    [InlineData("""{"name":"n","size":7,"dueAt":"2026-07-01T12:00:00Z"}""", "unlucky", "size", "anything but 7")]
    [InlineData("""{"name":"n",""", "body.json", null, "a JSON object")]
    [InlineData("not json", "body.json", null, "a JSON object")]
    [InlineData("", "body.missing", null, "a JSON object")]
    [InlineData("null", "body.missing", null, "a JSON object")]
    [InlineData("[]", "field.type", null, "an object")]
    public async Task Wrong_body_is_400_with_the_member_and_what_is_allowed(string body, string code, string? field, string? allowed)
    {
        var answer = await _client.PostAsync("test/things", body);
        Assert.True(answer.Status == 400, answer.Text);
        Assert.True(answer.Code == code, answer.Text);
        if (field is not null)
        {
            Assert.Equal(field, answer["field"]);
        }

        if (allowed is not null)
        {
            Assert.Equal(allowed, answer["allowed"]);
        }

        HasProblemShape(answer);
    }

    [Theory]
    [InlineData("limit=0", "field.range", "limit", "1 to 200")]
    [InlineData("limit=201", "field.range", "limit", "1 to 200")]
    [InlineData("limit=x", "field.type", "limit", "a whole number")]
    [InlineData("cursor=garbage!", "cursor.unreadable", "cursor", null)]
    [InlineData("cursor=AAAAAAAA", "cursor.unreadable", "cursor", null)]
    public async Task Wrong_query_is_400_with_the_parameter_and_what_is_allowed(string query, string code, string field, string? allowed)
    {
        var answer = await _client.GetAsync("test/list?" + query, 400);
        Assert.Equal((code, field), (answer.Code, answer["field"]));
        if (allowed is not null)
        {
            Assert.Equal(allowed, answer["allowed"]);
        }

        HasProblemShape(answer);
    }

    [Fact]
    public async Task All_wrong_members_are_told_at_once()
    {
        var answer = await _client.PostAsync("test/things", """{"name":"12345678901","size":0,"inner":{"code":"x"}}""", 400);
        Assert.Equal(["name", "size", "inner.code"], answer.Json!["errors"]!.AsArray().Select(each => (string)each!["field"]!));
    }

    [Fact]
    public async Task Password_is_not_repeated_in_the_answer_that_refuses_it()
    {
        var answer = await _client.PostAsync("session", new { email = "a@b.example", password = new string('p', 1025) }, 400);
        Assert.DoesNotContain("ppp", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Good_request_answers_with_times_as_text_and_its_version_as_tag()
    {
        var answer = await _client.PostAsync("test/things", """{"name":"n","size":3,"colour":"darkGreen","dueAt":"2026-07-01T21:00:00.000001+09:00","list":[{"code":"ABC"}]}""", 200);
        Assert.Equal("2026-07-01T12:00:00.000001Z", answer["dueAt"]);
        Assert.Equal("darkGreen", answer["colour"]);
        Assert.False(answer.Json!.AsObject().ContainsKey("inner"));
    }

    [Theory]
    [InlineData("GET", "nowhere", 404, "route.unknown")]
    [InlineData("DELETE", "test/list", 405, "method.unknown")]
    [InlineData("GET", "test/closed", 403, "endpoint.closed")]
    [InlineData("GET", "test/away", 503, "store.unavailable")]
    [InlineData("GET", "test/fault", 500, "internal")]
    [InlineData("GET", "test/forbidden", 403, "permission.missing")]
    [InlineData("GET", "test/stale", 412, "version.stale")]
    [InlineData("GET", "test/signed-in", 401, "sign-in.needed")]
    public async Task Every_other_failure_is_a_problem_too(string method, string path, int status, string code)
    {
        var answer = await _client.SendAsync(new HttpMethod(method), path, null, status);
        Assert.Equal(code, answer.Code);
        HasProblemShape(answer);
    }

    [Fact]
    public async Task Fault_shows_nothing_of_the_inside_and_is_in_the_log_under_its_correlation()
    {
        var answer = await _client.GetAsync("test/fault", 500);
        Assert.DoesNotContain("secret detail", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(" at ", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", answer.Text, StringComparison.Ordinal);
        Assert.Equal(answer.Headers["X-Correlation-Id"], answer["correlation"]);
        Assert.Contains(fixture.Log.All, line => line.Contains("secret detail", StringComparison.Ordinal));
        Assert.Contains(fixture.Log.Scopes, scope => scope.Contains(answer["correlation"]!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Other_media_type_and_too_large_a_body_are_problems()
    {
        Assert.Equal("body.media-type", (await _client.SendAsync(HttpMethod.Post, "test/things", new StringContent("x=1", Encoding.UTF8, "application/x-www-form-urlencoded"), 415)).Code);
        var padding = 1_048_576 - """{"name":"n","size":1}""".Length;
        await _client.PostAsync("test/things", """{"name":"n","size":1}""" + new string(' ', padding), 200);
        Assert.Equal("body.too-large", (await _client.PostAsync("test/things", """{"name":"n","size":1}""" + new string(' ', padding + 1), 413)).Code);
    }

    [Fact]
    public async Task Writing_request_with_a_cookie_from_another_site_is_refused()
    {
        using var client = await fixture.Host.OperatorAsync();
        Assert.Equal("request.foreign", (await client.SendAsync(HttpMethod.Patch, "session", new { name = "x" }, 403, ("Sec-Fetch-Site", "cross-site"))).Code);
        await client.SendAsync(HttpMethod.Patch, "session", new { name = "x" }, 403, ("Sec-Fetch-Site", "same-site"));
        await client.SendAsync(HttpMethod.Patch, "session", new { name = "x" }, 403, ("Origin", "https://evil.example"));
        await client.SendAsync(HttpMethod.Patch, "session", new { name = "x" }, 200, ("Sec-Fetch-Site", "same-origin"));
        await client.SendAsync(HttpMethod.Patch, "session", new { name = "x" }, 200, ("Origin", fixture.Host.Address.GetLeftPart(UriPartial.Authority)));
        await client.SendAsync(HttpMethod.Get, "session", null, 200, ("Sec-Fetch-Site", "cross-site"));
    }

    private static void HasProblemShape(ApiAnswer answer)
    {
        Assert.StartsWith("application/problem+json", answer.Headers["Content-Type"], StringComparison.Ordinal);
        Assert.Equal("urn:tsunagi:problem:" + answer.Code, answer["type"]);
        Assert.Equal(answer.Status.ToString(System.Globalization.CultureInfo.InvariantCulture), answer["status"]);
        Assert.All(new[] { "title", "detail", "correlation" }, member => Assert.NotEmpty(answer[member]!));
    }

    private static void MapTestRoutes(RouteGroupBuilder api)
    {
        var test = api.MapGroup("/test");
        test.MapPost("/things", (Thing thing) => thing).AllowsAnyone();
        test.MapGet("/list", ([AsParameters] PageRequest page) => page.After("test", 0L, out _) is { } refusal ? (IResult)new ProblemResult(refusal) : Results.Ok(page.Size)).AllowsAnyone();
        test.MapGet("/closed", () => "open");
        test.MapGet("/away", string () => throw new StoreUnavailableException("secret detail")).AllowsAnyone();
        test.MapGet("/fault", string () => throw new InvalidOperationException("secret detail")).AllowsAnyone();
        test.MapGet("/forbidden", () => new ProblemResult(Refusal.Forbidden("x.y.z"))).AllowsAnyone();
        test.MapGet("/stale", () => new ProblemResult(Refusal.Stale(7))).AllowsAnyone();
        test.MapGet("/signed-in", () => "in").RequiresSignIn();
    }

    public sealed record Thing(
        [property: Required, MaxLength(10)] string Name, [property: Range(1, 10)] int Size, Colour? Colour = null, Inner? Inner = null,
        [property: MaxLength(3)] IReadOnlyList<Inner>? List = null, long? DueAt = null) : ICheckedRequest
    {
        public Refusal? Check() => Size == 7 ? Refusal.Invalid("unlucky", "size", "7 is not a good size", "anything but 7") : null;
    }

    public sealed record Inner([RegularExpression("[A-Z]{3}", ErrorMessage = "three capitals")] string Code);

    /// <summary>One program for all of them: they change nothing.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        internal Lines Log { get; } = new();

        internal ApiHost Host { get; private set; } = null!;

        internal ApiClient Client { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Host = await ApiHost.StartAsync(MapTestRoutes, logs: Log);
            Client = Host.Client();
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await Host.DisposeAsync();
        }
    }

    internal sealed class Lines : ILoggerProvider, ILogger
    {
        public System.Collections.Concurrent.ConcurrentBag<string> All { get; } = [];

        public System.Collections.Concurrent.ConcurrentBag<string> Scopes { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Scopes.Add(state is IEnumerable<KeyValuePair<string, object>> pairs ? string.Join(' ', pairs.Select(pair => pair.Value)) : state.ToString() ?? "");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add(formatter(state, exception) + exception);

        public void Dispose()
        {
        }
    }
}
