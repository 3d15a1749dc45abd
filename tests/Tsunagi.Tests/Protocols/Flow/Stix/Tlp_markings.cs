using Tsunagi.Protocols.Flow.Stix;

namespace Tsunagi.Tests.Protocols.Flow.Stix;

/// <summary>Levels as both versions of TLP write them, and as some write them who should not.</summary>
public class Tlp_markings
{
    [Theory]
    [InlineData(Tlp.Clear, "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487")]
    [InlineData(Tlp.Green, "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb")]
    [InlineData(Tlp.Amber, "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421")]
    [InlineData(Tlp.AmberStrict, "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003")]
    [InlineData(Tlp.Red, "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1")]
    public void Each_level_of_version_2_has_its_own_marking(Tlp level, string id)
    {
        var marking = TlpMarkings.Of(level);
        Assert.Equal((id, id), (marking.Id.ToString(), TlpMarkings.IdOf(level)));
        Assert.Equal(level, TlpMarkings.OfId(marking.Id));
        Assert.Equal(level, TlpMarkings.OfDefinition(marking));
        Assert.Equal(level, TlpMarkings.FromWord(TlpMarkings.WordOf(level)));
    }

    [Theory]
    [InlineData("marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", Tlp.Clear)]
    [InlineData("marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", Tlp.Green)]
    [InlineData("marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", Tlp.Amber)]
    [InlineData("marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", Tlp.Red)]
    public void The_four_of_version_1_are_known_by_their_identifiers(string id, Tlp level)
    {
        Assert.True(StixId.TryParse(id, out var marking));
        Assert.Equal(level, TlpMarkings.OfId(marking));
    }

    [Theory]
    [InlineData("""{"definition_type":"tlp","definition":{"tlp":"red"}}""", "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", Tlp.Red)]
    [InlineData("""{"definition_type":"tlp","definition":{"tlp":"white"}}""", "5e57c739-391a-4eb3-b6be-7d15ca92d5ed", Tlp.Red)]
    [InlineData("""{"definition_type":"statement","definition":{"statement":"tlp:amber+strict, ours"}}""", "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", Tlp.AmberStrict)]
    [InlineData("""{"definition_type":"statement","definition":{"statement":"TLP:WHITE once, TLP:RED now"}}""", "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", Tlp.Red)]
    [InlineData("""{"definition_type":"statement","definition":{"statement":"Copyright 2026"}}""", "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", null)]
    public void What_a_definition_says_counts_and_never_lowers_what_its_identifier_means(string members, string uuid, Tlp? level)
    {
        var json = members[..^1] + $$""","type":"marking-definition","spec_version":"2.1","id":"marking-definition--{{uuid}}","created":"2020-01-01T00:00:00Z"}""";
        Assert.True(StixReader.TryReadObject(Stix_objects.Utf8(json), null, out var marking, out var error), error.ToString());
        Assert.Equal(level, TlpMarkings.OfDefinition(marking!));
    }
}
