using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Simulate;

namespace Tsunagi.Routers.Verbs;

/// <summary>tsunagi routers arms decode | simulate arms: in place, without an installation.</summary>
internal static class ArmsVerbs
{
    private static readonly JsonSerializerOptions Shown = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly IReadOnlyList<Verb> All =
    [
        new("arms decode", "Decode messages and heartbeats of ARMS, in place", [
            new("FILE", "one message or one heartbeat each", Required: true, Many: true), new("--passphrase", "of the heartbeats: they are checked with it"),
        ], DecodeAsync),
        new("simulate arms", "Be so many boxes that pull by ARMS, keep a tunnel and send heartbeats, until interrupted", [
            new("--url", "of the location server (https://192.0.2.1:8443/ls)", Required: true),
            new("--devices", "how many (1)", Value: VerbValue.Whole, Least: 1, Most: 10_000),
            new("--first", "distribution id of the first; the others count on (0001-0000-0101-0000-0000-0000-0000-0001)"), new("--key", "LS-SA key of all", Required: true),
            new("--root", "a PEM file of the authority they trust; any without it"),
            new("--retry", "seconds between two rounds at the location server (60)", Value: VerbValue.Whole, Least: 1, Most: 3_600),
            new("--configured", "end when each ran so many configurations", Value: VerbValue.Whole, Least: 1),
            new("--fault", "what goes wrong on each, once", Many: true, Allowed: [
                "wrong-key", "invalid-config", "refuse-confirmation", "lose-tunnel", "forget", "refuse-configure", "busy-configure", "fail-configure", "crash-configure", "cut-configure", "rollback-failure", "silent-configure",
            ]),
            new("--poison", "a configuration that holds this text cuts the box off for as long as it runs it"), new("--poisoned", "of how many of a hundred boxes that is true (100)", Value: VerbValue.Whole, Least: 1, Most: 100),
            new("--legacy", "speak TLS 1.0, as boxes with the open client do", IsFlag: true),
        ], SimulateAsync),
    ];

    private static async Task<int> SimulateAsync(VerbContext context, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(context["--url"], UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttps)
        {
            throw new WrongInputException("--url: it must begin with https://");
        }

        if (!DistributionId.TryParse(context["--first"] ?? "0001-0000-0101-0000-0000-0000-0000-0001", out var first))
        {
            throw new WrongInputException("--first: it is no distribution id (eight groups of four hexadecimal digits)");
        }

        int Number(string name, int otherwise) => context[name] is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
        var root = context["--root"] is { } file ? await File.ReadAllTextAsync(context.Home.File(file), cancellationToken) : null;
        List<SimulatedArmsBox> boxes =
        [
            .. Enumerable.Range(0, Number("--devices", 1)).Select(i => new SimulatedArmsBox(SimulatedArmsBox.Next(first, i), context["--key"]!, url, TimeProvider.System)
            {
                Root = root, LocationRetry = TimeSpan.FromSeconds(Number("--retry", 60)), Faults = [.. context.Values("--fault")], IsLegacy = context.Flag("--legacy"),
                Poison = context["--poison"] is { } poison && i * 37 % 100 < Number("--poisoned", 100) ? poison : null,
            }),
        ];
        context.Say($"{boxes.Count} boxes ask {url}", VerbTone.Muted);
        await SimulatedArmsFleet.RunAsync(boxes, context["--configured"] is null ? null : Number("--configured", 1), TimeProvider.System, cancellationToken);
        context.Print(
            ["id", "state", "configured", "kept", "undone", "beats", "after ms", "failed", "last"],
            boxes.Select(static b => (IReadOnlyList<string>)[b.Id.ToString(), b.State.ToString(), Text(b.Configured), Text(b.Kept), Text(b.Undone), Text(b.Beats), Text((long)b.ConfiguredAfter.TotalMilliseconds), Text(b.Failed), b.Last]),
            new JsonArray([.. boxes.Select(static b => (JsonNode)new JsonObject
            {
                ["id"] = b.Id.ToString(), ["state"] = b.State.ToString(), ["configured"] = b.Configured, ["kept"] = b.Kept, ["undone"] = b.Undone, ["beats"] = b.Beats, ["afterMilliseconds"] = b.ConfiguredAfter.TotalMilliseconds, ["failed"] = b.Failed, ["last"] = b.Last,
            })]));
        return boxes.TrueForAll(static box => box.Configured > 0) ? 0 : 1;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static async Task<int> DecodeAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var (wrong, all) = (0, new JsonArray());
        foreach (var file in context.Values("FILE"))
        {
            byte[] octets;
            try
            {
                octets = await File.ReadAllBytesAsync(context.Home.File(file), cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new WrongInputException($"the file {file} cannot be read: {e.Message}");
            }

            var shown = Heartbeat.TryReadId(octets, out var id) ? Show(octets, id, context["--passphrase"], ref wrong)
                : ArmsReader.TryRead(octets, null, out var message, out var error) ? JsonSerializer.SerializeToNode(message, JsonSerializerOptions.Web)!.AsObject()
                : new JsonObject { ["refused"] = error.Reason, ["code"] = error.Code };
            wrong += shown.ContainsKey("refused") ? 1 : 0;
            shown["file"] = file;
            all.Add(shown);
            if (!context.Json)
            {
                await context.Out.WriteLineAsync(shown.ToJsonString(Shown));
            }
        }

        if (context.Json)
        {
            context.Print([], [], all);
        }

        if (wrong == 0)
        {
            return 0;
        }

        await context.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{wrong} of {all.Count} files hold no message of ARMS, or a wrong one; what was read is above"));
        return 1;
    }

    private static JsonObject Show(byte[] octets, DistributionId id, string? passphrase, ref int wrong)
    {
        var shown = new JsonObject { ["heartbeat"] = id.ToString() };
        if (passphrase is null)
        {
            shown["verified"] = null;
            return shown;
        }

        var known = Heartbeat.TryRead(octets, Encoding.UTF8.GetBytes(passphrase), out var heartbeat);
        wrong += known ? 0 : 1;
        shown["verified"] = known;
        shown["records"] = new JsonArray([.. heartbeat?.Records.Select(static record => (JsonNode)new JsonObject { ["type"] = $"0x{record.Type:x4}", ["value"] = Convert.ToHexStringLower(record.Value.Span) }) ?? []]);
        return shown;
    }
}
