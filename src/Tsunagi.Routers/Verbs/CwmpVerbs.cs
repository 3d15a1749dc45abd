using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;
using Tsunagi.Protocols.Cpe.Cwmp;
using Tsunagi.Routers.Simulate;

namespace Tsunagi.Routers.Verbs;

/// <summary>tsunagi routers cwmp decode | simulate cwmp: in place, without an installation.</summary>
internal static class CwmpVerbs
{
    private static readonly JsonSerializerOptions Shown = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly IReadOnlyList<Verb> All =
    [
        new("cwmp decode", "Decode SOAP of TR-069, in place", [new("FILE", "one message each; an empty one is an empty post", Required: true, Many: true)], DecodeAsync),
        new("simulate cwmp", "Be so many routers that call an ACS, until interrupted", [
            new("--url", "of the ACS", Required: true),
            new("--devices", "how many (1)", Value: VerbValue.Whole, Least: 1, Most: 10_000),
            new("--model", "which data model", Allowed: ["tr098", "tr181"]),
            new("--tree", "a CSV of parameters instead of the built-in tree: Parameter,Object,Writable,Value,Value type"),
            new("--oui", "of the routers (00E0FC)"), new("--serial", "of the first; the others count on (SIM0001)"), new("--code", "the provisioning code of the first router"),
            new("--username", "for the ACS"), new("--password", "for the ACS"),
            new("--every", "seconds between two calls (60)", Value: VerbValue.Whole, Least: 1, Most: 86_400),
            new("--sessions", "end after so many sessions of each", Value: VerbValue.Whole, Least: 1),
            new("--fault", "answer this method with a fault: METHOD=CODE", Many: true, Value: VerbValue.Pair),
        ], SimulateAsync),
    ];

    private static async Task<int> DecodeAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var wrong = 0;
        var all = new JsonArray();
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

            JsonObject shown;
            if (octets.Length == 0)
            {
                shown = new JsonObject { ["file"] = file, ["method"] = "", ["meaning"] = "an empty post" };
            }
            else if (CwmpReader.TryRead(octets, null, out var envelope, out var error))
            {
                shown = new JsonObject
                {
                    ["file"] = file, ["method"] = envelope!.Message.Method, ["version"] = envelope.Version.ToString(), ["id"] = envelope.Id, ["holdRequests"] = envelope.HoldRequests,
                    ["message"] = JsonSerializer.SerializeToNode(envelope.Message, envelope.Message.GetType(), new JsonSerializerOptions(JsonSerializerDefaults.Web)),
                };
            }
            else
            {
                wrong++;
                shown = new JsonObject { ["file"] = file, ["refused"] = error.Reason, ["offset"] = error.Offset };
            }

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

        await context.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{wrong} of {all.Count} files hold no message of TR-069, or a wrong one; what was read is above"));
        return 1;
    }

    private static async Task<int> SimulateAsync(VerbContext context, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(context["--url"], UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            throw new WrongInputException("--url: it must begin with http:// or https://");
        }

        long Number(string name, long otherwise) => context[name] is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : otherwise;
        var faults = ApiVerb.Pairs(context, "--fault").ToDictionary(static pair => pair.Key, static pair => int.TryParse((string)pair.Value!, NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code : 9002, StringComparer.Ordinal);
        var tree = context["--tree"] is { } file ? SimulatedTree.ReadCsv(context.Home.File(file)) : SimulatedTree.BuiltIn(context["--model"] != "tr098");
        await using var fleet = new SimulatedFleet(url, TimeProvider.System);
        var first = context["--serial"] ?? "SIM0001";
        for (var i = 0; i < Number("--devices", 1); i++)
        {
            fleet.Add(new SimulatedRouter(tree.Copy(), context["--oui"] ?? "00E0FC", SimulatedFleet.Serial(first, i))
            {
                ProvisioningCode = i == 0 ? context["--code"] ?? "" : "", Username = context["--username"] ?? "", Password = context["--password"] ?? "", Faults = faults,
            });
        }

        context.Say($"{fleet.Routers.Count} routers call {url}; connection requests at {fleet.EndPoint}", VerbTone.Muted);
        var done = await fleet.RunAsync(TimeSpan.FromSeconds(Number("--every", 60)), context["--sessions"] is null ? null : Number("--sessions", 1), cancellationToken);
        context.Print(["router", "sessions", "failed", "last"], done.Select(static r => (IReadOnlyList<string>)[r.Serial, r.Sessions.ToString(CultureInfo.InvariantCulture), r.Failed.ToString(CultureInfo.InvariantCulture), r.Last]),
            new JsonArray([.. done.Select(static r => (JsonNode)new JsonObject { ["serial"] = r.Serial, ["sessions"] = r.Sessions, ["failed"] = r.Failed, ["last"] = r.Last })]));
        return done.Any(static r => r.Failed > 0) ? 1 : 0;
    }
}
