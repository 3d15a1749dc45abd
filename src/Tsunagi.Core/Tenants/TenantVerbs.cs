using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Core.Tenants;

/// <summary>tsunagi tenant | contact.</summary>
internal static class TenantVerbs
{
    private const string Tenants = "/api/v1/tenants";
    private static readonly VerbParameter Tenant = new("TENANT", "its id (t_…)", Required: true);
    private static readonly VerbParameter Contact = new("CONTACT", "its id (c_…)", Required: true);

    private static readonly VerbParameter[] Changeable =
    [
        new("--locale", "language of its people", Allowed: ["en", "ja"]), new("--time-zone", "IANA name, such as Asia/Tokyo"), new("--currency", "ISO 4217, such as JPY"),
        new("--external-refs", "what another system calls it: system=reference", Many: true, Value: VerbValue.Pair),
    ];

    private static readonly VerbParameter[] Added =
    [
        new("--kind", "what it is", Required: true, Allowed: TenantKind.All), new("--name", "its name", Required: true),
        new("--parent-id", "the tenant above it; your own without it"), .. Changeable,
    ];

    private static readonly VerbParameter[] ContactFields =
    [
        new("--role", "what the person is asked about", Required: true, Allowed: ContactRole.All), new("--name", "the person's name", Required: true),
        new("--email", "the person's mail address", Required: true), new("--phone", "the person's telephone number"),
    ];

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.List("tenant list", "The tenants you may see, in tree order", Tenants,
            [new("--kind", "only this kind", Allowed: TenantKind.All), new("--name", "only names that hold this text")], "id", "kind", "name", "timeZone", "currency", "parent=parentId"),
        ApiVerb.Show("tenant show", "One tenant", Tenants + "/{TENANT}", Tenant),
        ApiVerb.Send("tenant add", "Add a tenant below another", HttpMethod.Post, Tenants,
            Added,
            body: static context => WithParent(ApiVerb.Body(context, Added))),
        ApiVerb.Send("tenant change", "Change a tenant; what is not given stays", HttpMethod.Patch, Tenants + "/{TENANT}",
            [Tenant, new("--name", "its name"), .. Changeable, new("--if-version", "only if it is at this version", Value: VerbValue.Whole)]),
        ApiVerb.List("contact list", "A tenant's contacts", Tenants + "/{TENANT}/contacts", [Tenant], "id", "role", "name", "email", "phone"),
        ApiVerb.Send("contact add", "Add a contact", HttpMethod.Post, Tenants + "/{TENANT}/contacts", [Tenant, .. ContactFields]),
        ApiVerb.Send("contact change", "Replace a contact's fields", HttpMethod.Put, "/api/v1/contacts/{CONTACT}", [Contact, .. ContactFields]),
        ApiVerb.Send("contact remove", "Remove a contact; the audit keeps who it was", HttpMethod.Delete, "/api/v1/contacts/{CONTACT}", [Contact], "the contact is removed"),
    ];

    private static JsonObject WithParent(JsonObject body)
    {
        body.TryAdd("parentId", null);
        return body;
    }
}
