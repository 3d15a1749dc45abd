using System.Collections.Frozen;
using System.Text.Json;

namespace Tsunagi.Protocols.Flow.Stix;

/// <summary>
/// The markings by which STIX says a level: those of the extension for TLP 2.0 (OASIS, identifiers fixed there) and the four of version 1 (STIX 2.1 section 7.2.1.4). A marking that says
/// "tlp" under another identifier is read by what it says.
/// </summary>
public static class TlpMarkings
{
    private const string Extension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

    private static readonly (Tlp Level, string Word, string Uuid)[] Two =
    [
        (Tlp.Clear, "clear", "94868c89-83c2-464b-929b-a1a8aa3c8487"), (Tlp.Green, "green", "bab4a63c-aed9-4cf5-a766-dfca5abac2bb"), (Tlp.Amber, "amber", "55d920b0-5e8b-4f79-9ee9-91f868d9b421"),
        (Tlp.AmberStrict, "amber+strict", "939a9414-2ddd-4d32-a0cd-375ea402b003"), (Tlp.Red, "red", "e828b379-4e03-4974-9ac4-e53a884c97c1"),
    ];

    private static readonly FrozenDictionary<Guid, Tlp> Known = Two.Select(static each => (each.Uuid, each.Level))
        .Concat([("613f2e26-407d-48c7-9eca-b8e91df99dc9", Tlp.Clear), ("34098fce-860f-48ae-8e50-ebd3cc5e41da", Tlp.Green), ("f88d31f6-486f-44da-b317-01333bde0b82", Tlp.Amber), ("5e57c739-391a-4eb3-b6be-7d15ca92d5ed", Tlp.Red)])
        .ToFrozenDictionary(static each => new Guid(each.Item1), static each => each.Item2);

    /// <summary>The identifier of a level's marking, version 2.0.</summary>
    public static string IdOf(Tlp level) => "marking-definition--" + Two[(int)level].Uuid;

    /// <summary>The level's marking itself, version 2.0, word for word as OASIS gives it.</summary>
    public static StixObject Of(Tlp level)
    {
        var (_, word, uuid) = Two[(int)level];
        var json = $$$$"""
            {"type":"marking-definition","spec_version":"2.1","id":"marking-definition--{{{{uuid}}}}","created":"2022-10-01T00:00:00.000Z","name":"TLP:{{{{word.ToUpperInvariant()}}}}","extensions":{"{{{{Extension}}}}":{"extension_type":"property-extension","tlp_2_0":"{{{{word}}}}"}}}
            """;
        return StixReader.TryReadObject(System.Text.Encoding.UTF8.GetBytes(json), null, out var marking, out var error) ? marking! : throw new System.Diagnostics.UnreachableException(error.ToString());
    }

    /// <summary>"amber+strict", as configurations, APIs and the extension spell it.</summary>
    public static string WordOf(Tlp level) => Two[(int)level].Word;

    /// <summary>The level of such a word; "white" is clear. Null for another word.</summary>
    public static Tlp? FromWord(string? word) => word?.ToLowerInvariant() switch
    {
        "clear" or "white" => Tlp.Clear, "green" => Tlp.Green, "amber" => Tlp.Amber, "amber+strict" => Tlp.AmberStrict, "red" => Tlp.Red, _ => null,
    };

    /// <summary>The level of a marking by its identifier alone; null when it is none of the fixed ones.</summary>
    public static Tlp? OfId(StixId marking) => marking.Type == StixTypes.MarkingDefinition && Known.TryGetValue(marking.Uuid, out var level) ? level : null;

    /// <summary>The level that a marking-definition says; null when it speaks of something else.</summary>
    public static Tlp? OfDefinition(StixObject marking)
    {
        if (marking.Type != StixTypes.MarkingDefinition)
        {
            return null;
        }

        // Never less than what the fixed identifier means, whatever stands in the object.
        var said = Said(marking);
        return OfId(marking.Id) is { } known && !(said > known) ? known : said;
    }

    private static Tlp? Said(StixObject marking)
    {
        if (marking.Extension(Extension) is { } two && two.TryGetProperty("tlp_2_0", out var word) && word.ValueKind == JsonValueKind.String)
        {
            return FromWord(word.GetString());
        }

        if (!marking.Json.TryGetProperty("definition", out var definition) || definition.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (marking.Text("definition_type") == "tlp")
        {
            return definition.TryGetProperty("tlp", out var old) && old.ValueKind == JsonValueKind.String ? FromWord(old.GetString()) : null;
        }

        // Some write the level as a statement: the highest that stands in it.
        var text = definition.TryGetProperty("statement", out var statement) && statement.ValueKind == JsonValueKind.String ? statement.GetString()! : "";
        return Two.Reverse().Where(each => text.Contains("TLP:" + each.Word, StringComparison.OrdinalIgnoreCase)).Select(static each => (Tlp?)each.Level).FirstOrDefault()
            ?? (text.Contains("TLP:WHITE", StringComparison.OrdinalIgnoreCase) ? Tlp.Clear : null);
    }
}
