using System.Text;
using Tsunagi.Protocols.Flow.Stix;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Flow.Stix;

/// <summary>Bundles: nothing throws; what is read writes to a bundle that reads as the same objects with the same markings; every refusal has words; patterns that are read print as themselves.</summary>
public sealed class StixFuzz : FuzzTarget
{
    public override string Name => "stix.bundle";

    public override IReadOnlyList<Type> Parsers { get; } =
        typeof(StixReader).Assembly.GetTypes().Where(static type => type.Namespace == "Tsunagi.Protocols.Flow.Stix" && type.Name is "StixReader" or "StixReferences" or "StixTypes" or "StixPatternParser" or "StixTime").ToArray();

    public override IReadOnlyList<byte[]> Words { get; } = Latin1(
        "\"object_marking_refs\":[", "\"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1\"", "\"created\":\"2020-01-01T00:00:00Z\"", "\"modified\":", "\"spec_version\":\"2.1\"", "\"confidence\":", "\"revoked\":true", "null", "[]", "{}",
        "\"src_ref\":", "\"x_refs\":[", "\"objects\":{", "\\ud800", "\"valid_until\":\"2030-01-01T00:00:00.5Z\"", " OR ", " AND ", "ISSUBSET", "[*]", "NOT ", "IN ('a','b')", "t'2020'", "65536", "\"value\":\"::1\"", "(", ")");

    public override byte[] Generate(Random random)
    {
        string[] objects =
        [
            $$"""{"type":"indicator","spec_version":"2.1","id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2020-01-01T00:00:00Z","modified":"2020-01-01T00:00:00.{{random.Next(1000)}}Z","pattern":"{{Pick(random, Stix_patterns.Texts).Replace("\\", "\\\\", StringComparison.Ordinal)}}","pattern_type":"stix","valid_from":"2020-01-01T00:00:00Z","confidence":{{random.Next(110)}}}""",
            """{"type":"ipv4-addr","id":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4","value":"198.51.100.3","object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]}""",
            """{"type":"network-traffic","id":"network-traffic--6d8692b5-83cb-5c03-9e3c-2b39bdf234a4","src_ref":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4","src_port":53,"protocols":["udp"]}""",
            """{"type":"observed-data","spec_version":"2.1","id":"observed-data--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2020-01-01T00:00:00Z","modified":"2020-01-01T00:00:00Z","first_observed":"2020-01-01T00:00:00Z","last_observed":"2020-01-01T00:00:00Z","number_observed":1,"objects":{"0":{"type":"ipv4-addr","a_ref":"1"}}}""",
            """{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2020-01-01T00:00:00Z","definition_type":"statement","definition":{"statement":"TLP:RED"}}""",
            """{"type":"sighting","spec_version":"2.1","id":"sighting--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2020-01-01T00:00:00Z","modified":"2020-01-01T00:00:00Z","created_by_ref":"identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","sighting_of_ref":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","where_sighted_refs":["identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"],"revoked":false}""",
        ];
        var some = Enumerable.Range(0, random.Next(5)).Select(_ => Pick(random, objects));
        return Encoding.UTF8.GetBytes($$"""{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","objects":[{{string.Join(',', some)}}]}""");
    }

    public override void Run(byte[] input)
    {
        Patterns(Octets(input));
        if (!StixReader.TryReadBundle(input, null, out var bundle, out var error))
        {
            Promise(error.Problem.Length > 0, "a refusal has words");
            return;
        }

        Promise(bundle.Refused.All(static refused => refused.Problem.Length > 0), "a refused object has words");
        var written = StixWriter.Bundle(bundle.Objects);
        Promise(StixReader.TryReadBundle(written, null, out var again, out error), error.ToString());
        Promise(again.Refused.Length == 0 && again.Objects.Select(static each => each.Id).SequenceEqual(bundle.Objects.Select(static each => each.Id)), "the same objects");
        Promise(again.Objects.SelectMany(static each => each.Markings).SequenceEqual(bundle.Objects.SelectMany(static each => each.Markings)), "the same markings");
        foreach (var each in bundle.Objects)
        {
            _ = TlpMarkings.OfDefinition(each);
            Patterns(each.Text("pattern") ?? "");
        }
    }

    private static string Octets(byte[] input) => Tsunagi.Tests.Testing.Octets.Show(input);

    private static void Patterns(string text)
    {
        if (!StixPattern.TryParse(text, null, out var pattern, out var problem))
        {
            Promise(problem.Length > 0, "a refusal has words");
            return;
        }

        Promise(StixPattern.TryParse(pattern!.ToString(), null, out var again, out problem), $"{pattern}: {problem}");
        Promise(pattern.Equals(again), $"{text} became {pattern}, and that {again}");
        if (StixTraffic.TryRead(pattern, out var ways, out problem))
        {
            foreach (var way in ways.Where(static way => way != default))
            {
                Promise(StixTraffic.TryRead(way.ToPattern(), out var same, out _) && same.Single() == way, $"{way} is meant by its own pattern");
            }
        }
    }
}
