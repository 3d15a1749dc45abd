using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using Tsunagi.Core.Configuration;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Catalogue;

/// <summary>Every specification and meter the modules declared, and the JSON Schema of each settings record.</summary>
public sealed class SpecificationCatalogue
{
    private readonly FrozenDictionary<string, (PlanSpecification Specification, string Module)> _specifications;
    private readonly FrozenDictionary<string, MeterDeclaration> _meters;

    public SpecificationCatalogue(IEnumerable<ModuleDescription> modules)
    {
        var all = modules.ToList();
        _specifications = all.SelectMany(static m => m.Specifications.Select(s => (s, m.Id))).ToFrozenDictionary(static x => x.s.Id);
        _meters = all.SelectMany(static m => m.Meters).ToFrozenDictionary(static m => m.Name);
        Modules = all;
    }

    public IReadOnlyList<ModuleDescription> Modules { get; }

    public IEnumerable<PlanSpecification> Specifications => _specifications.Values.Select(static x => x.Specification).OrderBy(static s => s.Id, StringComparer.Ordinal);

    public PlanSpecification? Find(string id) => _specifications.TryGetValue(id, out var found) ? found.Specification : null;

    /// <summary>The category of a plan that names none; of a specification that no module here has, value-added.</summary>
    public OfferingCategory CategoryOf(string specificationId) => Find(specificationId)?.Category ?? OfferingCategory.ValueAdded;

    public string ModuleOf(string specificationId) => _specifications[specificationId].Module;

    public MeterDeclaration? Meter(string name) => _meters.GetValueOrDefault(name);

    /// <summary>The JSON Schema of a specification's settings, for forms, YAML and OpenAPI.</summary>
    public static JsonNode SchemaOf(PlanSpecification specification) => SettingsJson.Options.GetJsonSchemaAsNode(specification.Settings, SettingsJson.SchemaOptions);

    /// <summary>
    /// Reads settings strictly into their record and gives them back in canonical form, or says which member is wrong. Unknown members are refused.
    /// </summary>
    public static Outcome<string> CanonicalSettings(PlanSpecification specification, JsonElement settings)
    {
        // What the shape says is said in the words of who wrote it; the serializer speaks of types.
        Refusal? misshaped = null;
        Shape.Check(specification.Settings, JsonSerializer.SerializeToNode(settings), "settings", (path, message, allowed) => misshaped ??= Refusal.Invalid("subscription.settings", path, $"{path}: {message}", allowed));
        if (misshaped is not null)
        {
            return misshaped;
        }

        try
        {
            var record = settings.Deserialize(specification.Settings, SettingsJson.Options);
            if (record is null)
            {
                return Refusal.Invalid("subscription.settings", "settings", "the settings are empty");
            }

            return SettingsJson.Check(record) is { } refusal ? refusal : JsonSerializer.Serialize(record, specification.Settings, SettingsJson.Options);
        }
        catch (JsonException e)
        {
            var member = e.Path is { Length: > 2 } path ? "settings." + path[2..] : "settings";
            return Refusal.Invalid("subscription.settings", member, $"the settings of {specification.Id} cannot be read at {member}");
        }
    }
}
