using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Tsunagi.Core.Verbs;

/// <summary>How verbs call the API and read its answers.</summary>
public static class ApiCalls
{
    private const int PageSize = 200;

    public static async Task<JsonNode> GetAsync(this VerbContext context, string path, CancellationToken cancellationToken)
    {
        using var response = await context.Api.GetAsync(path, cancellationToken);
        return await ReadAsync(response, cancellationToken) ?? new JsonObject();
    }

    /// <param name="ifVersion">Sent as If-Match: the change is made on this version or not at all.</param>
    public static async Task<JsonNode> SendAsync(
        this VerbContext context, HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken, string? ifVersion = null)
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
        return await ReadAsync(response, cancellationToken) ?? new JsonObject();
    }

    /// <summary>The first <paramref name="limit"/> entries of a list, page by page.</summary>
    public static async Task<JsonArray> ListAsync(this VerbContext context, string path, int limit, CancellationToken cancellationToken)
    {
        var all = new JsonArray();
        string? cursor = null;
        do
        {
            var size = Math.Min(PageSize, limit - all.Count).ToString(CultureInfo.InvariantCulture);
            var answer = await context.GetAsync(WithQuery(path, [("limit", size), ("cursor", cursor)]), cancellationToken);
            var items = (answer as JsonArray ?? answer["items"] as JsonArray ?? []).ToList();
            foreach (var item in items.Take(limit - all.Count))
            {
                all.Add(item?.DeepClone());
            }

            cursor = answer is JsonObject page ? (string?)page["next"] : null;
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

    private static async Task<JsonNode?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }
}
