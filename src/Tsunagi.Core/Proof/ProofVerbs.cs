using Tsunagi.Core.Verbs;

namespace Tsunagi.Core.Proof;

/// <summary>tsunagi domain | prefix | site.</summary>
internal static class ProofVerbs
{
    private static readonly VerbParameter Domain = new("DOMAIN", "its id (d_…)", Required: true);
    private static readonly VerbParameter Prefix = new("PREFIX", "its id (x_…)", Required: true);
    private static readonly VerbParameter Site = new("SITE", "its id (l_…)", Required: true);
    private static readonly VerbParameter OfTenant = new("--tenant", "only this tenant's (t_…)");
    private static readonly VerbParameter Owner = new("--tenant-id", "whose it is (t_…)", Required: true);
    private static readonly VerbParameter Reason = new("--reason", "why you vouch for the owner; the audit keeps it", Required: true);

    private static readonly VerbParameter[] SiteFields =
    [
        new("--name", "its name", Required: true), new("--address", "where it is"), new("--latitude", "degrees north", Value: VerbValue.Number),
        new("--longitude", "degrees east", Value: VerbValue.Number),
    ];

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.List("domain list", "Domains by name", "/api/v1/domains", [OfTenant], "id", "name", "state", "provedBy", "tenant=tenantId"),
        ApiVerb.Show("domain show", "One domain with its challenge", "/api/v1/domains/{DOMAIN}", Domain),
        ApiVerb.Send("domain claim", "Say that a domain is a tenant's; it is usable after proof", HttpMethod.Post, "/api/v1/domains", [Owner, new("--name", "the domain", Required: true)]),
        ApiVerb.Send("domain prove", "Look for the challenge's TXT record now", HttpMethod.Post, "/api/v1/domains/{DOMAIN}/prove", [Domain], body: static _ => null),
        ApiVerb.Send("domain approve", "Vouch for a domain's owner", HttpMethod.Post, "/api/v1/domains/{DOMAIN}/approve", [Domain, Reason]),
        ApiVerb.Send("domain release", "Give a domain up; it rests before another may have it", HttpMethod.Post, "/api/v1/domains/{DOMAIN}/release", [Domain], body: static _ => null),
        ApiVerb.List("prefix list", "Address blocks", "/api/v1/prefixes", [OfTenant], "id", "cidr", "state", "tenant=tenantId"),
        ApiVerb.Show("prefix show", "One address block", "/api/v1/prefixes/{PREFIX}", Prefix),
        ApiVerb.Send("prefix claim", "Say that an address block is a tenant's; it is usable after approval", HttpMethod.Post, "/api/v1/prefixes",
            [Owner, new("--cidr", "the block, such as 192.0.2.0/24", Required: true)]),
        ApiVerb.Send("prefix approve", "Approve an address block", HttpMethod.Post, "/api/v1/prefixes/{PREFIX}/approve", [Prefix, Reason]),
        ApiVerb.Send("prefix release", "Give an address block up", HttpMethod.Post, "/api/v1/prefixes/{PREFIX}/release", [Prefix], body: static _ => null),
        ApiVerb.List("site list", "Sites", "/api/v1/sites", [OfTenant], "id", "name", "address", "tenant=tenantId"),
        ApiVerb.Show("site show", "One site", "/api/v1/sites/{SITE}", Site),
        ApiVerb.Send("site add", "Add a site", HttpMethod.Post, "/api/v1/sites", [Owner, .. SiteFields]),
        ApiVerb.Send("site change", "Replace a site's fields", HttpMethod.Put, "/api/v1/sites/{SITE}", [Site, .. SiteFields]),
        ApiVerb.Send("site remove", "Remove a site; the audit keeps what it was", HttpMethod.Delete, "/api/v1/sites/{SITE}", [Site], "the site is removed"),
    ];
}
