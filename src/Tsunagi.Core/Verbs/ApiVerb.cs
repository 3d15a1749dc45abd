using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tsunagi.Core.Verbs;

/// <summary>
/// Makes the verbs that are one call of the API. A route names its positional parameters in braces ("/api/v1/tenants/{TENANT}"); options become
/// members of the query or the body under their own names (<c>--time-zone</c> is <c>timeZone</c>).
/// </summary>
public static class ApiVerb
{
    /// <summary>Rows a list prints at most.</summary>
    public const int MaxRows = 100_000;

    private static readonly VerbParameter Limit = new("--limit", "how many at most (100)", Value: VerbValue.Whole, Least: 1, Most: MaxRows);

    /// <param name="columns">"title=member", or the member when the title is the same.</param>
    public static Verb List(string path, string summary, string route, VerbParameter[] parameters, params string[] columns) => new(
        path, summary, [.. parameters, Limit],
        async (context, cancellationToken) =>
        {
            var limit = context["--limit"] is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : 100;
            var items = await context.ListAsync(ApiCalls.WithQuery(Fill(context, route), Query(context, parameters)), limit, cancellationToken);
            PrintRows(context, items, columns);
            return 0;
        });

    public static Verb Show(string path, string summary, string route, params VerbParameter[] parameters) => new(
        path, summary, parameters,
        async (context, cancellationToken) =>
        {
            PrintThing(context, await context.GetAsync(ApiCalls.WithQuery(Fill(context, route), Query(context, parameters)), cancellationToken));
            return 0;
        });

    /// <param name="done">What is said when it is done ("the domain is released"); null to show the answer.</param>
    /// <param name="body">Makes the body; without it the options are its members.</param>
    public static Verb Send(
        string path, string summary, HttpMethod method, string route, VerbParameter[] parameters, string? done = null, Func<VerbContext, JsonNode?>? body = null) => new(
        path, summary, parameters,
        async (context, cancellationToken) =>
        {
            var content = body is not null ? body(context) : method == HttpMethod.Delete ? null : Body(context, parameters);
            var answer = await context.SendForAnyAsync(method, Fill(context, route), content, context.Has("--if-version", parameters), cancellationToken);
            if (done is null || context.Json)
            {
                PrintThing(context, answer);
            }
            else
            {
                context.Say(done);
            }

            return 0;
        });

    /// <summary>The options that were given, as members of a body.</summary>
    public static JsonObject Body(VerbContext context, IEnumerable<VerbParameter> parameters)
    {
        var body = new JsonObject();
        foreach (var parameter in parameters.Where(static p => p.Name.StartsWith('-') && p.Name != "--if-version"))
        {
            if (parameter.Value == VerbValue.Pair)
            {
                if (Pairs(context, parameter.Name) is { Count: > 0 } pairs)
                {
                    body[MemberOf(parameter.Name)] = pairs;
                }
            }
            else if (parameter.IsFlag)
            {
                if (context.Flag(parameter.Name))
                {
                    body[MemberOf(parameter.Name)] = true;
                }
            }
            else if (parameter.Many)
            {
                if (context.Values(parameter.Name) is { Count: > 0 } values)
                {
                    body[MemberOf(parameter.Name)] = new JsonArray([.. values.Select(static v => JsonValue.Create(v))]);
                }
            }
            else if (context[parameter.Name] is { } value)
            {
                body[MemberOf(parameter.Name)] = parameter.Value switch
                {
                    VerbValue.Whole => long.Parse(value, CultureInfo.InvariantCulture),
                    VerbValue.Number => decimal.Parse(value, CultureInfo.InvariantCulture),
                    _ => value,
                };
            }
        }

        return body;
    }

    /// <summary>"key=value" options as an object of texts.</summary>
    public static JsonObject Pairs(VerbContext context, string parameter)
    {
        var pairs = new JsonObject();
        foreach (var pair in context.Values(parameter))
        {
            var cut = pair.IndexOf('=', StringComparison.Ordinal);
            pairs[pair[..cut]] = pair[(cut + 1)..];
        }

        return pairs;
    }

    public static void PrintRows(VerbContext context, JsonArray items, params string[] columns)
    {
        var split = columns.Select(static c => c.Split('=', 2)).ToList();
        context.Print(
            [.. split.Select(static c => c[0])],
            items.Select(item => (IReadOnlyList<string>)[.. split.Select(c => item.Text(c[^1]))]),
            items);
    }

    /// <summary>One thing: its members line by line, lists and records inside it after them.</summary>
    public static void PrintThing(VerbContext context, JsonNode thing)
    {
        if (context.Json || thing is not JsonObject members)
        {
            context.Print([], [], thing);
            return;
        }

        context.Print(
            ["", ""],
            members.Where(static m => m.Value is not null && m.Value is not JsonArray { Count: > 0 } and not JsonObject { Count: > 0 })
                .Select(m => (IReadOnlyList<string>)[m.Key, members.Text(m.Key)]),
            null);
        foreach (var (name, value) in members)
        {
            switch (value)
            {
                case JsonArray { Count: > 0 } items when items.All(static i => i is JsonObject):
                    context.Say(name, VerbTone.Title);
                    PrintRows(context, items, [.. items.SelectMany(static i => i!.AsObject().Select(static m => m.Key)).Distinct()]);
                    break;
                case JsonArray { Count: > 0 }:
                    context.Say($"{name}: {members.Text(name)}");
                    break;
                case JsonObject { Count: > 0 } inner:
                    context.Say(name, VerbTone.Title);
                    context.Print(["", ""], inner.Select(m => (IReadOnlyList<string>)[m.Key, inner.Text(m.Key)]), null);
                    break;
            }
        }
    }

    private static IEnumerable<(string, string?)> Query(VerbContext context, IEnumerable<VerbParameter> parameters) =>
        parameters.Where(static p => p.Name.StartsWith('-') && !p.IsFlag).Select(p => (MemberOf(p.Name), context[p.Name]));

    private static string Fill(VerbContext context, string route)
    {
        while (route.IndexOf('{', StringComparison.Ordinal) is >= 0 and var open)
        {
            var close = route.IndexOf('}', open);
            route = string.Concat(route.AsSpan(0, open), context.Segment(route[(open + 1)..close]), route.AsSpan(close + 1));
        }

        return route;
    }

    private static string? Has(this VerbContext context, string name, IEnumerable<VerbParameter> parameters) => parameters.Any(p => p.Name == name) ? context[name] : null;

    private static string MemberOf(string option)
    {
        var words = option.TrimStart('-').Split('-');
        return JsonNamingPolicy.CamelCase.ConvertName(string.Concat(words.Select(static w => char.ToUpperInvariant(w[0]) + w[1..])));
    }
}
