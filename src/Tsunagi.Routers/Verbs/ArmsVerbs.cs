using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;
using Tsunagi.Protocols.Cpe.Arms;

namespace Tsunagi.Routers.Verbs;

/// <summary>tsunagi routers arms decode: in place, without an installation.</summary>
internal static class ArmsVerbs
{
    private static readonly JsonSerializerOptions Shown = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly IReadOnlyList<Verb> All =
    [
        new("arms decode", "Decode messages and heartbeats of ARMS, in place", [
            new("FILE", "one message or one heartbeat each", Required: true, Many: true), new("--passphrase", "of the heartbeats: they are checked with it"),
        ], DecodeAsync),
    ];

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
