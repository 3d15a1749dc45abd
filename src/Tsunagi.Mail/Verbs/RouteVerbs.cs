using System.Globalization;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Mail.Verbs;

/// <summary>tsunagi mail route: where mail for a domain would go.</summary>
internal static class RouteVerbs
{
    public static readonly IReadOnlyList<Verb> All =
    [
        new("route", "Where mail for a domain would go now, and what TLS it would need: mail servers, MTA-STS, TLSA records", [
            new("DOMAIN", "a domain, or an address of it", Required: true),
            new("--ask", "speak to each server, as far as EHLO under TLS; no mail is sent", IsFlag: true),
        ], RouteAsync),
    ];

    // Exit code 1 when mail would not be sent now.
    private static async Task<int> RouteAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var route = await context.GetAsync($"/api/v1/mail/routes/{context.Segment("DOMAIN")}{(context.Flag("--ask") ? "?ask=true" : "")}", cancellationToken);
        if (!context.Json)
        {
            await context.Out.WriteLineAsync($"{Text(route, "domain")}: {Text(route, "summary")}");
            if (route["mtaSts"] is { } policy)
            {
                await context.Out.WriteLineAsync($"MTA-STS: {(Text(policy, "mode") is { Length: > 0 } mode ? mode : "no policy")} {string.Join(", ", Items(policy, "mx").Select(static one => one?.ToString()))} {Until(policy)}".TrimEnd());
            }

            if (Items(route, "tlsReportsTo").Count > 0)
            {
                await context.Out.WriteLineAsync("TLS reports to: " + string.Join(", ", Items(route, "tlsReportsTo").Select(static one => one?.ToString())));
            }

            foreach (var hint in Items(route, "hints"))
            {
                await context.Out.WriteLineAsync($"! {hint}");
            }
        }

        context.Print(
            ["server", "preference", "addresses", "DNSSEC", "policy", "TLSA", "what would happen", "answer"],
            Items(route, "servers").Select(static server => (IReadOnlyList<string>)[
                Text(server, "name"), Text(server, "preference"), string.Join(' ', Items(server, "addresses").Select(static one => one?.ToString())), Text(server, "isSecure") == "true" ? "yes" : "no",
                Text(server, "policy"), string.Join(" | ", Items(server, "tlsa").Select(static one => one?.ToString())), Text(server, "says"), Text(server, "answer")]),
            route);
        return Text(route, "goes") is "never" or "later" ? 1 : 0;
    }

    private static string Until(JsonNode policy) => Text(policy, "expiresAt") is { Length: > 0 } until ? "until " + until : "";

    private static JsonArray Items(JsonNode? node, string name) => node is JsonObject members ? members[name] as JsonArray ?? [] : [];

    private static string Text(JsonNode? node, string name) => (node as JsonObject)?[name] switch
    {
        null => "",
        JsonValue value when value.TryGetValue(out long number) => number.ToString(CultureInfo.InvariantCulture),
        var other => other.ToString(),
    };
}
