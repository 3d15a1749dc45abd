using System.Globalization;
using System.Net;
using System.Text.Json;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Protocols.Flow.Stix;

namespace Tsunagi.Ddos.Sharing;

/// <summary>
/// An incident as STIX 2.1. The same incident always gives the same identifiers, so that shared twice it is one; a later state of it is a later version. Who is attacked does not stand in it: no
/// address, no tenant, no contract, no node; where the operator shows the target, its prefix does and nothing else. Sources are named only where they are real (reflectors, and those that opened connections), and
/// only such as no warning list holds.
/// </summary>
internal sealed class IncidentObjects(SharingOptions options, WarningLists warnings)
{
    /// <summary>The definition of our figures (section 7.3).</summary>
    public static readonly StixId Definition = StixId.Of("extension-definition", StixId.UrlNamespace, "urn:tsunagi:stix:ddos-figures:1");

    private const string Hidden = "VICTIM";
    private const int MostFigures = 10;
    private static readonly StixId Author = StixId.Of("identity", StixId.UrlNamespace, "urn:tsunagi:stix:author");
    private static readonly DateTimeOffset Fixed = new(2026, 11, 27, 0, 0, 0, TimeSpan.Zero);

    private readonly Guid _space = SpaceOf(options);

    private StixId Organisation { get; } = OrganisationOf(options);

    /// <summary>Us.</summary>
    public static StixId OrganisationOf(SharingOptions options) => StixId.Of("identity", SpaceOf(options), "self");

    /// <summary>The objects, marked with the level.</summary>
    /// <param name="version">When this state of it was told; the end of the incident where it is over.</param>
    /// <param name="isRevoked">We do not stand by it any more.</param>
    public IReadOnlyList<StixObject> Of(IncidentRow row, Tlp level, bool showsTarget, DateTimeOffset version, bool isRevoked = false)
    {
        var opened = UnixMicros.ToDateTimeOffset(row.OpenedAt);
        var last = UnixMicros.ToDateTimeOffset(row.ClosedAt ?? Math.Max(row.LastAboveAt, row.OpenedAt));
        var made = new Made(row.Id, level, opened, version < opened ? opened : version, isRevoked, this);
        List<StixObject> objects = [TlpMarkings.Of(Tlp.Clear), .. Known()];
        if (level != Tlp.Clear)
        {
            objects.Insert(1, TlpMarkings.Of(level));
        }

        var incident = made.Object("incident", "", writer => WriteIncident(writer, row, showsTarget));
        var pattern = AttackPattern(row.Vector);
        objects.Add(pattern);
        objects.Add(incident);
        objects.AddRange(Seen(row, made, incident, pattern, opened, last));
        objects.AddRange(Measures(row, made, pattern, showsTarget));
        objects.Add(made.Object("grouping", "all", writer =>
        {
            writer.WriteString("context", "suspicious-activity");
            writer.WriteString("name", Title(row.Vector));
            StixWriter.WriteReferences(writer, "object_refs", objects.Where(static each => each.Type is not (StixTypes.MarkingDefinition or "extension-definition" or "identity")).Select(static each => each.Id));
        }));
        return objects;
    }

    private static Guid SpaceOf(SharingOptions options) => StixId.Of("identity", StixId.UrlNamespace, "urn:tsunagi:organisation:" + options.Organisation).Uuid;

    // What every bundle has: who we are, and what our figures mean.
    private IEnumerable<StixObject> Known()
    {
        yield return StixWriter.Write(Organisation, Fixed, Fixed, null, Tlp.Clear, writer =>
        {
            writer.WriteString("name", options.Organisation);
            writer.WriteString("identity_class", "organization");
        });
        yield return StixWriter.Write(Author, Fixed, Fixed, null, Tlp.Clear, static writer =>
        {
            writer.WriteString("name", "Tsunagi");
            writer.WriteString("identity_class", "system");
        });
        yield return StixWriter.Write(Definition, Fixed, Fixed, Author, Tlp.Clear, static writer =>
        {
            writer.WriteString("name", "Figures of a DDoS attack");
            writer.WriteString("description", "Property extension of incident: vector, vectors, opened, closed, peak_packets_per_second, peak_bits_per_second, peak_flows_per_second, sources, mean_octets, sampling_rate, error_percent, top_source_ports (port, part), victim.");
            writer.WriteString("schema", "urn:tsunagi:stix:ddos-figures:1");
            writer.WriteString("version", "1.0.0");
            writer.WriteStartArray("extension_types");
            writer.WriteStringValue("property-extension");
            writer.WriteEndArray();
        });
    }

    private static void WriteIncident(Utf8JsonWriter writer, IncidentRow row, bool showsTarget)
    {
        writer.WriteString("name", Title(row.Vector));
        writer.WriteStartObject("extensions");
        writer.WriteStartObject(Definition.ToString());
        writer.WriteString("extension_type", "property-extension");
        writer.WriteString("vector", row.Vector);
        writer.WriteString("opened", StixTime.Format(UnixMicros.ToDateTimeOffset(row.OpenedAt)));
        if (row.ClosedAt is { } closed)
        {
            writer.WriteString("closed", StixTime.Format(UnixMicros.ToDateTimeOffset(closed)));
        }

        writer.WriteNumber("peak_packets_per_second", row.PeakPackets);
        writer.WriteNumber("peak_bits_per_second", row.PeakBits);
        writer.WriteNumber("peak_flows_per_second", row.PeakFlows);
        writer.WriteNumber("sources", row.Sources);
        writer.WriteNumber("mean_octets", row.MeanOctets);
        writer.WriteNumber("sampling_rate", row.SamplingRate);
        writer.WriteNumber("error_percent", Math.Round(row.ErrorPercent, 1));
        if (IncidentRow.Shares(row.TopPorts) is { Count: > 0 } ports)
        {
            writer.WriteStartArray("top_source_ports");
            foreach (var port in ports.Take(MostFigures))
            {
                writer.WriteStartObject();
                writer.WriteString("port", port.Name);
                writer.WriteNumber("part", port.Part);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteString("victim", showsTarget ? row.Target : "anonymised");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>What was seen: the sources, their traffic, an indicator for them, and that we saw it.</summary>
    private IEnumerable<StixObject> Seen(IncidentRow row, Made made, StixObject incident, StixObject pattern, DateTimeOffset opened, DateTimeOffset last)
    {
        var port = Port(row);
        var sources = AreReal(row.Vector)
            ? IncidentRow.Shares(row.TopSources).Select(static share => IPAddress.TryParse(share.Name, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8) : (IPNetwork?)null)
                .OfType<IPNetwork>().Where(source => warnings.WhyNot(source) is null).ToList()
            : [];
        if (sources.Count == 0)
        {
            yield break;
        }

        var observed = new List<StixId>();
        foreach (var source in sources)
        {
            var address = StixWriter.Address(source, made.Level);
            var traffic = StixWriter.Traffic(address.Id, port.Protocol, port.Number, made.Level);
            observed.AddRange([address.Id, traffic.Id]);
            yield return address;
            yield return traffic;
        }

        var data = made.Object("observed-data", "", writer =>
        {
            writer.WriteString("first_observed", StixTime.Format(opened));
            writer.WriteString("last_observed", StixTime.Format(last < opened ? opened : last));
            writer.WriteNumber("number_observed", Math.Clamp(row.PeakPackets, 1, 999_999_999));
            StixWriter.WriteReferences(writer, "object_refs", observed.Distinct());
        });
        var text = string.Join(" OR ", sources.Select(source => new StixTraffic(source, port.Protocol, port.Number, null).ToPattern().ToString()));
        var indicator = made.Object("indicator", "", writer =>
        {
            writer.WriteString("name", $"Sources of {Title(row.Vector)}");
            writer.WriteStartArray("indicator_types");
            writer.WriteStringValue("malicious-activity");
            writer.WriteEndArray();
            writer.WriteString("pattern", text);
            writer.WriteString("pattern_type", "stix");
            writer.WriteString("pattern_version", "2.1");
            writer.WriteString("valid_from", StixTime.Format(opened));
            writer.WriteString("valid_until", StixTime.Format(last + options.ValidFor));
        }, Confidence(row));
        yield return data;
        yield return indicator;
        yield return made.Object("sighting", "", writer =>
        {
            writer.WriteString("first_seen", StixTime.Format(opened));
            writer.WriteString("last_seen", StixTime.Format(last <= opened ? opened.AddMilliseconds(1) : last));
            writer.WriteNumber("count", Math.Clamp(row.Sources, 1, 999_999_999));
            writer.WriteString("sighting_of_ref", indicator.Id.ToString());
            StixWriter.WriteReferences(writer, "observed_data_refs", [data.Id]);
            StixWriter.WriteReferences(writer, "where_sighted_refs", [Organisation]);
        });
        yield return Relation(made, "indicates", indicator, pattern);
        yield return Relation(made, "related-to", indicator, incident);
    }

    /// <summary>What stopped it, or would have: the rules with what they do, for a victim of one's own.</summary>
    private static IEnumerable<StixObject> Measures(IncidentRow row, Made made, StixObject pattern, bool showsTarget)
    {
        foreach (var (index, rule) in (IncidentRow.ProposalOf(row.Proposal)?.Rules ?? []).Index())
        {
            var text = showsTarget ? rule.Rule : WithoutTarget(rule.Rule);
            var course = made.Object("course-of-action", string.Create(CultureInfo.InvariantCulture, $"rule-{index}"), writer =>
            {
                writer.WriteString("name", "FlowSpec rule");
                writer.WriteString("description", string.Create(CultureInfo.InvariantCulture, $"{text} (stops {rule.Cover:P1} of the attack, touches {rule.Collateral:P2} of the rest)"));
            });
            yield return course;
            yield return Relation(made, "mitigates", course, pattern);
        }
    }

    private static StixObject Relation(Made made, string kind, StixObject from, StixObject to) => made.Object("relationship", $"{kind} {from.Id} {to.Id}", writer =>
    {
        writer.WriteString("relationship_type", kind);
        writer.WriteString("source_ref", from.Id.ToString());
        writer.WriteString("target_ref", to.Id.ToString());
    });

    // The same for everybody who has this program: it says nothing of the incident but its kind, and that stands in the incident.
    private static StixObject AttackPattern(string vector)
    {
        var (number, name) = vector.EndsWith("-reflection", StringComparison.Ordinal) ? ("490", "Amplification") : vector switch
        {
            "tcp-syn-flood" or "tcp-ack-flood" or "tcp-flood" or "tcp-rst-flood" or "tcp-null-flood" or "tcp-flags-flood" => ("482", "TCP Flood"),
            "udp-flood" => ("486", "UDP Flood"),
            "icmp-flood" => ("487", "ICMP Flood"),
            "http-flood" => ("488", "HTTP Flood"),
            _ => ("125", "Flooding"),
        };
        return StixWriter.Write(StixId.Of("attack-pattern", StixId.UrlNamespace, "urn:tsunagi:vector:" + vector), Fixed, Fixed, Author, Tlp.Clear, writer =>
        {
            writer.WriteString("name", Title(vector));
            writer.WriteStartArray("external_references");
            writer.WriteStartObject();
            writer.WriteString("source_name", "capec");
            writer.WriteString("external_id", "CAPEC-" + number);
            writer.WriteString("description", name);
            writer.WriteEndObject();
            writer.WriteEndArray();
        });
    }

    /// <summary>"DNS reflection", "TCP SYN flood".</summary>
    internal static string Title(string vector) => Pages.DdosWords.Vector(vector).En;

    // An address in a flood without connections is whatever its sender wrote there: to share it would accuse the innocent.
    private static bool AreReal(string vector) => vector.EndsWith("-reflection", StringComparison.Ordinal) || vector == "http-flood";

    // The port that most of it comes from names the reflector; HTTP floods come from any.
    private static (string Protocol, ushort? Number) Port(IncidentRow row)
    {
        var share = IncidentRow.Shares(row.TopPorts).FirstOrDefault(static each => each.Part >= 0.5)?.Name.Split('/');
        return share is [var protocol, var port] && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (protocol, number)
            : (row.Vector.StartsWith("tcp-", StringComparison.Ordinal) || row.Vector == "http-flood" ? "tcp" : "udp", null);
    }

    // The fewer samples, the less sure the figures are.
    private static int Confidence(IncidentRow row) => (int)Math.Clamp(90 - (row.ErrorPercent / 2), 30, 90);

    private static string WithoutTarget(string rule)
    {
        var words = rule.Split(' ');
        for (var i = 0; i + 1 < words.Length; i++)
        {
            words[i + 1] = words[i] == "dst" ? Hidden : words[i + 1];
        }

        return string.Join(' ', words);
    }

    /// <summary>Makes the objects of one incident in one version.</summary>
    private sealed record Made(string Incident, Tlp Level, DateTimeOffset Opened, DateTimeOffset Version, bool IsRevoked, IncidentObjects Of)
    {
        public StixObject Object(string type, string part, Action<Utf8JsonWriter> properties, int? confidence = null) =>
            StixWriter.Write(StixId.Of(type, Of._space, Incident + " " + part), Opened, Version, Of.Organisation, Level, writer =>
            {
                if (IsRevoked)
                {
                    writer.WriteBoolean("revoked", true);
                }

                if (confidence is { } sure)
                {
                    writer.WriteNumber("confidence", sure);
                }

                properties(writer);
            });
    }
}
