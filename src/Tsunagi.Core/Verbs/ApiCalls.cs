using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tsunagi.Core.Verbs;

/// <summary>How verbs call the API and read its answers.</summary>
public static class ApiCalls
{
    private const int PageSize = 200;

    /// <summary>One thing, or a page of them.</summary>
    public static async Task<JsonObject> GetAsync(this VerbContext context, string path, CancellationToken cancellationToken)
    {
        using var response = await context.Api.GetAsync(path, cancellationToken);
        return await ReadAsync(context, response, cancellationToken) as JsonObject ?? throw NotOurs(context);
    }

    public static async Task<JsonObject> SendAsync(this VerbContext context, HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken) =>
        await context.SendForAnyAsync(method, path, body, null, cancellationToken) is JsonObject thing ? thing : throw NotOurs(context);

    /// <summary>The same, where the answer may be a list.</summary>
    /// <param name="ifVersion">Sent as If-Match: the change is made on this version or not at all.</param>
    internal static async Task<JsonNode> SendForAnyAsync(
        this VerbContext context, HttpMethod method, string path, JsonNode? body, string? ifVersion, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        }

        if (ifVersion is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", $"\"{ifVersion}\"");
        }

        using var response = await context.Api.SendAsync(request, cancellationToken);
        return await ReadAsync(context, response, cancellationToken) ?? new JsonObject();
    }

    /// <summary>The first <paramref name="limit"/> entries of a list, page by page.</summary>
    public static async Task<JsonArray> ListAsync(this VerbContext context, string path, int limit, CancellationToken cancellationToken)
    {
        var all = new JsonArray();
        string? cursor = null;
        do
        {
            var size = Math.Min(PageSize, limit - all.Count).ToString(CultureInfo.InvariantCulture);
            using var response = await context.Api.GetAsync(WithQuery(path, [("limit", size), ("cursor", cursor)]), cancellationToken);
            var answer = await ReadAsync(context, response, cancellationToken) ?? throw NotOurs(context);
            var items = (answer as JsonArray ?? (answer as JsonObject)?["items"] as JsonArray ?? []).ToList();
            foreach (var item in items.Take(limit - all.Count))
            {
                all.Add(item?.DeepClone());
            }

            cursor = answer.Text("next") is { Length: > 0 } next ? next : null;
        }
        while (cursor is not null && all.Count < limit);
        return all;
    }

    public static string WithQuery(string path, IEnumerable<(string Name, string? Value)> query)
    {
        var text = new StringBuilder(path);
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        foreach (var (name, value) in query.Where(static q => q.Value is not null))
        {
            text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value!));
            separator = '&';
        }

        return text.ToString();
    }

    /// <summary>A positional parameter as one segment of a path. "." and ".." would lead to another route.</summary>
    public static string Segment(this VerbContext context, string parameter) => context[parameter] switch
    {
        null or "" or "." or ".." => throw new WrongInputException($"{parameter}: \"{context[parameter]}\" names nothing"),
        var value => Uri.EscapeDataString(value),
    };

    /// <summary>A member of an answer as text ("tenant.name"), "" when it is not there. Times lose their fraction of a second.</summary>
    public static string Text(this JsonNode? node, string member)
    {
        foreach (var part in member.Split('.'))
        {
            node = node is JsonObject members ? members[part] : null;
        }

        return node switch
        {
            null => "",
            JsonArray items => string.Join(", ", items.Select(static item => item is JsonValue ? item.ToString() : item?.ToJsonString())),
            JsonObject => node.ToJsonString(),
            _ when node.ToString() is [_, _, _, _, '-', _, _, '-', _, _, 'T', .., 'Z'] time && time.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot => time[..dot] + "Z",
            _ => node.ToString(),
        };
    }

    /// <summary>An object, an array, or null when there is nothing to say.</summary>
    /// <exception cref="ApiFailedException">The answer is something else: another program answers there.</exception>
    public static async Task<JsonNode?> ReadAsync(this VerbContext context, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            var answer = text.Length == 0 ? null : JsonNode.Parse(text);
            return text.Length == 0 || answer is JsonObject or JsonArray ? answer : throw NotOurs(context);
        }
        catch (JsonException)
        {
            throw NotOurs(context);
        }
    }

    private static ApiFailedException NotOurs(VerbContext context) => new(
        200, null, $"what answers at {context.Api.BaseAddress} is not this program, or of another version\nSay where the program is: --url, or TSUNAGI_URL");
}
