using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Configuration;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Core.Apply;

/// <summary>From a file's JSON to the things it wants, in the order in which they can be made; with every problem and its place.</summary>
internal sealed class ManifestReading
{
    public const int MaxThings = 5_000;
    private readonly SpecificationCatalogue _specifications;
    private readonly List<WantedThing> _things = [];
    private readonly HashSet<(string, string)> _keys = [];

    private ManifestReading(SpecificationCatalogue specifications) => _specifications = specifications;

    public List<ApplyProblem> Problems { get; } = [];

    public string Manifest { get; private set; } = "";

    public IReadOnlyList<WantedThing> Things => _things;

    public static ManifestReading Read(JsonObject json, SpecificationCatalogue specifications)
    {
        var reading = new ManifestReading(specifications);
        Shape.Check(typeof(ApplyDocument), json, "$", (path, message, allowed) => reading.Problems.Add(new ApplyProblem(path, message, allowed)));
        if (reading.Problems.Count > 0)
        {
            return reading;
        }

        var document = json.Deserialize<ApplyDocument>(SettingsJson.Options)!;
        reading.Problems.AddRange(RecordRules.Broken(document, "$").Select(static b => new ApplyProblem(b.Path, b.Message, b.Allowed)));
        if (reading.Problems.Count == 0)
        {
            reading.Walk(document);
        }

        return reading;
    }

    private void Walk(ApplyDocument document)
    {
        Manifest = document.Manifest;
        if (document.Provider is { } provider)
        {
            Add("provider", "provider", "", "$.provider", Fields(("name", provider.Name), ("locale", provider.Locale), ("timeZone", provider.TimeZone), ("currency", provider.Currency)));
        }

        for (var i = 0; i < document.Plans.Count; i++)
        {
            AddPlan(document.Plans[i], $"$.plans[{i}]");
        }

        for (var i = 0; i < document.Tenants.Count; i++)
        {
            AddTenant(document.Tenants[i], "", $"$.tenants[{i}]", document);
        }

        if (_things.Count > MaxThings)
        {
            Problems.Add(new ApplyProblem("$", $"the file names {_things.Count} things", $"at most {MaxThings}; use several files with a manifest each"));
        }
    }

    private void AddPlan(ApplyPlanWanted plan, string path)
    {
        if (_specifications.Find(plan.Specification) is not { } specification)
        {
            Problems.Add(new ApplyProblem(path + ".specification", $"no module sells {plan.Specification}", string.Join(", ", _specifications.Specifications.Select(static s => s.Id))));
            return;
        }

        if (PriceRules.Check(plan.Prices, specification, _specifications.Meter) is { } refusal)
        {
            Problems.Add(new ApplyProblem($"{path}.{refusal.Field}", refusal.Message, refusal.Allowed));
            return;
        }

        var fields = Fields(("specification", plan.Specification), ("nameEn", plan.NameEn), ("nameJa", plan.NameJa), ("category", plan.Category?.Word()), ("currency", plan.Currency));
        fields["prices"] = JsonSerializer.SerializeToNode(PriceRules.Canonical(plan.Prices), SettingsJson.Options);
        Add("plan", plan.Code, "", path, fields);
    }

    private void AddTenant(ApplyTenant tenant, string above, string path, ApplyDocument document)
    {
        var fields = Fields(("kind", tenant.Kind), ("name", tenant.Name), ("locale", tenant.Locale), ("timeZone", tenant.TimeZone), ("currency", tenant.Currency));
        if (tenant.ExternalRefs is { } refs)
        {
            fields["externalRefs"] = JsonSerializer.SerializeToNode(refs.OrderBy(static r => r.Key, StringComparer.Ordinal).ToDictionary());
        }

        Say(path, TenantRules.CheckName(tenant.Name), tenant.Locale is null ? null : TenantRules.CheckLocale(tenant.Locale),
            tenant.TimeZone is null ? null : TenantRules.CheckTimeZone(tenant.TimeZone), tenant.Currency is null ? null : TenantRules.CheckCurrency(tenant.Currency),
            TenantRules.CheckRefs(tenant.ExternalRefs));
        Add("tenant", tenant.Key, above, path, fields);
        Each(tenant.Contacts, path + ".contacts", (contact, at) =>
        {
            Say(at, TenantRules.CheckContact(new NewContact(contact.Role, contact.Name, contact.Email, contact.Phone)));
            Add("contact", $"{tenant.Key}/{contact.Key}", tenant.Key, at, Fields(("role", contact.Role), ("name", contact.Name), ("email", contact.Email), ("phone", contact.Phone)));
        });
        Each(tenant.Domains, path + ".domains", (domain, at) => AddDomain(tenant, domain, at));
        Each(tenant.Prefixes, path + ".prefixes", (prefix, at) => AddPrefix(tenant, prefix, at));
        Each(tenant.Sites, path + ".sites", (site, at) =>
        {
            var own = Fields(("name", site.Name), ("address", site.Address));
            if (site.Latitude is { } latitude && site.Longitude is { } longitude)
            {
                (own["latitude"], own["longitude"]) = (latitude, longitude);
            }

            Add("site", $"{tenant.Key}/{site.Key}", tenant.Key, at, own);
        });
        Each(tenant.Subscriptions, path + ".subscriptions", (subscription, at) => AddSubscription(tenant, subscription, at, document));
        Each(tenant.Users, path + ".users", (user, at) =>
        {
            var own = Fields(("email", user.Email.Trim().ToLowerInvariant()), ("name", user.Name), ("locale", user.Locale));
            own["disabled"] = false;
            own["roles"] = new JsonArray([.. user.Roles.Distinct().Order(StringComparer.Ordinal).Select(static r => JsonValue.Create(r))]);
            Add("user", (string)own["email"]!, tenant.Key, at, own);
        });
        Each(tenant.Tenants, path + ".tenants", (below, at) => AddTenant(below, tenant.Key, at, document));
    }

    private void AddDomain(ApplyTenant tenant, ApplyDomain domain, string path)
    {
        if (DomainName.Canonical(domain.Name) is not { } name)
        {
            Problems.Add(new ApplyProblem(path + ".name", $"\"{domain.Name}\" is not a domain name", "at least two labels of letters, digits and hyphens"));
            return;
        }

        Add("domain", $"{tenant.Key}/{name}", tenant.Key, path, Proved(Fields(("name", name)), domain.Approve), domain.Approve);
    }

    private void AddPrefix(ApplyTenant tenant, ApplyPrefix prefix, string path)
    {
        if (CidrRange.Parse(prefix.Cidr) is not { } range)
        {
            Problems.Add(new ApplyProblem(path + ".cidr", $"\"{prefix.Cidr}\" is not an address block", "such as 192.0.2.0/24 or 2001:db8::/48, with no bit set below the length"));
            return;
        }

        Add("prefix", $"{tenant.Key}/{range.Cidr}", tenant.Key, path, Proved(Fields(("cidr", range.Cidr)), prefix.Approve), prefix.Approve);
    }

    /// <summary>The settings are checked here when the file names the plan too; else when the plan is looked up.</summary>
    private void AddSubscription(ApplyTenant tenant, ApplySubscription subscription, string path, ApplyDocument document)
    {
        var fields = Fields(("plan", subscription.Plan), ("name", subscription.Name));
        fields["quantity"] = subscription.Quantity;
        fields["settings"] = subscription.Settings.DeepClone();
        var plan = document.Plans.FirstOrDefault(p => p.Code == subscription.Plan);
        if (plan is not null && _specifications.Find(plan.Specification) is { } specification)
        {
            CheckSettings(specification, fields, path, Problems);
        }

        Add("subscription", $"{tenant.Key}/{subscription.Key}", tenant.Key, path, fields);
    }

    /// <summary>Puts the settings into canonical form, or says what is wrong with them and where.</summary>
    public static void CheckSettings(PlanSpecification specification, JsonObject fields, string path, List<ApplyProblem> problems)
    {
        var before = problems.Count;
        Shape.Check(specification.Settings, fields["settings"], path + ".settings", (at, message, allowed) => problems.Add(new ApplyProblem(at, message, allowed)));
        if (problems.Count > before)
        {
            return;
        }

        var canonical = SpecificationCatalogue.CanonicalSettings(specification, JsonSerializer.SerializeToElement(fields["settings"]));
        if (canonical.Ok)
        {
            fields["settings"] = JsonNode.Parse(canonical.Value);
        }
        else
        {
            problems.Add(new ApplyProblem($"{path}.{canonical.Refusal.Field}", canonical.Refusal.Message, canonical.Refusal.Allowed));
        }
    }

    /// <summary>The nouns' own rules, asked before anything is made: an apply should not stop in the middle for what could be seen before.</summary>
    private void Say(string path, params ReadOnlySpan<Refusal?> refusals)
    {
        foreach (var refusal in refusals)
        {
            if (refusal is not null)
            {
                Problems.Add(new ApplyProblem($"{path}.{refusal.Field}", refusal.Message, refusal.Allowed));
            }
        }
    }

    private void Add(string kind, string key, string owner, string path, JsonObject fields, string? reason = null)
    {
        if (!_keys.Add((kind, key)))
        {
            Problems.Add(new ApplyProblem(path, $"the {kind} {key} stands in the file twice", "keys that are unique"));
            return;
        }

        _things.Add(new WantedThing(kind, key, owner, path, fields, reason));
    }

    private static void Each<T>(IReadOnlyList<T> items, string path, Action<T, string> act)
    {
        for (var i = 0; i < items.Count; i++)
        {
            act(items[i], $"{path}[{i}]");
        }
    }

    private static JsonObject Proved(JsonObject fields, string? approve)
    {
        if (approve is not null)
        {
            fields["proved"] = true;
        }

        return fields;
    }

    private static JsonObject Fields(params (string Name, string? Value)[] values)
    {
        var fields = new JsonObject();
        foreach (var (name, value) in values.Where(static v => v.Value is not null))
        {
            fields[name] = value;
        }

        return fields;
    }
}
