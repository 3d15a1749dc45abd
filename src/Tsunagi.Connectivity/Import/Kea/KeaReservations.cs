using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Connectivity.Addresses;

namespace Tsunagi.Connectivity.Import.Kea;

/// <summary>A reservation of Kea.</summary>
/// <param name="Client">The identifier it is found by, with its kind ("hw-address 02:00:5e:00:53:01").</param>
/// <param name="CircuitId">Its circuit id or flexible id, as text; empty without one.</param>
internal sealed record KeaReservation(string File, string Client, string CircuitId, string HostName, IReadOnlyList<AddressBlock> Blocks);

/// <summary>Reservations of Kea's configuration (JSON with comments): those of Dhcp4 and Dhcp6, of subnets, shared networks and of the server as a whole. Never throws.</summary>
internal static class KeaReservations
{
    private static readonly string[] Identifiers = ["hw-address", "duid", "client-id", "circuit-id", "flex-id"];

    public static IReadOnlyList<KeaReservation> Read(ImportFile file, List<ImportProblem> problems)
    {
        JsonNode? root;
        try
        {
            // Kea also takes "#" comments, which JSON readers do not.
            var text = string.Join('\n', file.Text.Split('\n').Select(static line => line.TrimStart().StartsWith('#') ? "" : line));
            root = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 64 });
        }
        catch (JsonException wrong)
        {
            problems.Add(new ImportProblem(file.Name, (int)(wrong.LineNumber ?? 0) + 1, "the file is no JSON as Kea writes it", true));
            return [];
        }

        var found = new List<KeaReservation>();
        Walk(file.Name, root, found, problems, 0);
        return found;
    }

    private static void Walk(string file, JsonNode? node, List<KeaReservation> found, List<ImportProblem> problems, int depth)
    {
        if (depth > 32)
        {
            return;
        }

        switch (node)
        {
            case JsonObject members:
                foreach (var (name, value) in members)
                {
                    if (name == "reservations" && value is JsonArray reservations)
                    {
                        foreach (var reservation in reservations)
                        {
                            Take(file, reservation as JsonObject, found, problems);
                        }
                    }
                    else
                    {
                        Walk(file, value, found, problems, depth + 1);
                    }
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    Walk(file, item, found, problems, depth + 1);
                }

                break;
        }
    }

    private static void Take(string file, JsonObject? reservation, List<KeaReservation> found, List<ImportProblem> problems)
    {
        var kind = Array.Find(Identifiers, name => Text(reservation, name).Length > 0);
        if (reservation is null || kind is null)
        {
            problems.Add(new ImportProblem(file, 0, "a reservation has no identifier", true));
            return;
        }

        var texts = new List<string> { Text(reservation, "ip-address") };
        foreach (var list in (string[])["ip-addresses", "prefixes"])
        {
            texts.AddRange((reservation[list] as JsonArray ?? []).Select(static each => each is JsonValue value && value.TryGetValue<string>(out var text) ? text : ""));
        }

        var blocks = new List<AddressBlock>();
        foreach (var text in texts.Where(static text => text.Length > 0))
        {
            if (AddressBlock.TryParse(text, out var block))
            {
                blocks.Add(block);
            }
            else
            {
                problems.Add(new ImportProblem(file, 0, $"\"{text}\" of {kind} {Text(reservation, kind)} is no address or prefix", true));
            }
        }

        var circuit = kind is "circuit-id" or "flex-id" ? Plain(Text(reservation, kind)) : "";
        found.Add(new KeaReservation(file, $"{kind} {Text(reservation, kind)}", circuit, Text(reservation, "hostname"), blocks));
    }

    /// <summary>Kea writes octets as hex, or as text in single quotes.</summary>
    private static string Plain(string text)
    {
        if (text is ['\'', .., '\''])
        {
            return text[1..^1];
        }

        var hex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text.Replace(":", "", StringComparison.Ordinal);
        if (hex.Length == 0 || hex.Length % 2 != 0 || !hex.All(char.IsAsciiHexDigit))
        {
            return text;
        }

        var octets = Convert.FromHexString(hex);
        return octets.All(static octet => octet is >= 0x20 and < 0x7f) ? System.Text.Encoding.ASCII.GetString(octets) : text;
    }

    private static string Text(JsonObject? thing, string member) => thing?[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
