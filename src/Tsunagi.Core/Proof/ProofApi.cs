using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;

namespace Tsunagi.Core.Proof;

/// <summary>/api/v1/domains, /api/v1/prefixes and /api/v1/sites: what a tenant says is its own, and the proof of it.</summary>
public static class ProofApi
{
    private const string Read = "core.tenant.read";
    private const string Write = "core.tenant.write";

    public static void Map(RouteGroupBuilder api)
    {
        var domains = api.MapGroup("/domains").WithTags("Domains, prefixes and sites");
        domains.MapGet("/", ListDomainsAsync).Requires(Read).WithName("listDomains").WithSummary("Domains by name");
        domains.MapPost("/", ClaimDomainAsync).Requires(Write).WithName("claimDomain").WithSummary("Claim a domain; it is usable after proof");
        domains.MapGet("/{domain}", FindDomainAsync).Requires(Read).WithName("getDomain").WithSummary("One domain with its challenge");
        domains.MapPost("/{domain}/prove", ProveDomainAsync).Requires(Write).WithName("proveDomain").WithSummary("Look for the challenge's TXT record now");
        domains.MapPost("/{domain}/approve", ApproveDomainAsync).Requires(Write).WithName("approveDomain").WithSummary("An operator vouches for the owner, with a reason");
        domains.MapPost("/{domain}/release", ReleaseDomainAsync).Requires(Write).WithName("releaseDomain").WithSummary("Give the domain up; it rests before another may have it");
        var prefixes = api.MapGroup("/prefixes").WithTags("Domains, prefixes and sites");
        prefixes.MapGet("/", ListPrefixesAsync).Requires(Read).WithName("listPrefixes").WithSummary("Address blocks");
        prefixes.MapPost("/", ClaimPrefixAsync).Requires(Write).WithName("claimPrefix").WithSummary("Claim an address block; it is usable after approval");
        prefixes.MapGet("/{prefix}", FindPrefixAsync).Requires(Read).WithName("getPrefix").WithSummary("One address block");
        prefixes.MapPost("/{prefix}/approve", ApprovePrefixAsync).Requires(Write).WithName("approvePrefix").WithSummary("An operator approves the block, with a reason");
        prefixes.MapPost("/{prefix}/release", ReleasePrefixAsync).Requires(Write).WithName("releasePrefix").WithSummary("Give the block up");
        var sites = api.MapGroup("/sites").WithTags("Domains, prefixes and sites");
        sites.MapGet("/", ListSitesAsync).Requires(Read).WithName("listSites").WithSummary("Sites");
        sites.MapPost("/", AddSiteAsync).Requires(Write).WithName("addSite").WithSummary("Add a site");
        sites.MapPut("/{site}", ChangeSiteAsync).Requires(Write).WithName("changeSite").WithSummary("Replace a site's fields");
        sites.MapDelete("/{site}", RemoveSiteAsync).Requires(Write).WithName("removeSite").WithSummary("Remove a site; the audit keeps what it was");
        sites.MapGet("/{site}", FindSiteAsync).Requires(Read).WithName("getSite").WithSummary("One site");
    }

    private static async Task<ApiResult<Page<Domain>>> ListDomainsAsync(
        HttpContext http, Domains domains, [AsParameters] PageRequest page, string? tenant, CancellationToken cancellationToken) =>
        page.After("domains", "", out var after) is { } refusal
            ? refusal
            : Page.Of(await domains.ListAsync(http.GetCaller(), after, page.Size + 1, tenant, cancellationToken), page.Size, "domains", static d => d.Name);

    private static async Task<ApiCreated<Domain>> ClaimDomainAsync(HttpContext http, Domains domains, DomainClaim claim, CancellationToken cancellationToken) =>
        ApiResult.Created(
            await domains.ClaimAsync(http.GetCaller(), claim.TenantId, claim.Name, cancellationToken), static d => $"{ApiSetup.Prefix}/domains/{d.Id}", static d => d.Version);

    private static async Task<ApiResult<Domain>> FindDomainAsync(HttpContext http, Domains domains, string domain, CancellationToken cancellationToken) =>
        ApiResult.Found(await domains.FindAsync(http.GetCaller(), domain, cancellationToken), "domain", domain, static d => d.Version);

    private static async Task<ApiResult<Domain>> ProveDomainAsync(HttpContext http, Domains domains, string domain, CancellationToken cancellationToken) =>
        ApiResult.From(await domains.ProveByDnsAsync(http.GetCaller(), domain, cancellationToken), static d => d.Version);

    private static async Task<ApiResult<Domain>> ApproveDomainAsync(
        HttpContext http, Domains domains, string domain, Approval approval, CancellationToken cancellationToken) =>
        ApiResult.From(await domains.ApproveAsync(http.GetCaller(), domain, approval.Reason, cancellationToken), static d => d.Version);

    private static async Task<ApiResult<Domain>> ReleaseDomainAsync(HttpContext http, Domains domains, string domain, CancellationToken cancellationToken) =>
        ApiResult.From(await domains.ReleaseAsync(http.GetCaller(), domain, cancellationToken), static d => d.Version);

    private static async Task<ApiResult<Page<AddressPrefix>>> ListPrefixesAsync(
        HttpContext http, Prefixes prefixes, [AsParameters] PageRequest page, string? tenant, CancellationToken cancellationToken) =>
        page.After("prefixes", "", out var after) is { } refusal
            ? refusal
            : Page.Of(await prefixes.ListAsync(http.GetCaller(), after, page.Size + 1, tenant, cancellationToken), page.Size, "prefixes", static p => p.Id);

    private static async Task<ApiCreated<AddressPrefix>> ClaimPrefixAsync(HttpContext http, Prefixes prefixes, PrefixClaim claim, CancellationToken cancellationToken) =>
        ApiResult.Created(
            await prefixes.ClaimAsync(http.GetCaller(), claim.TenantId, claim.Cidr, cancellationToken), static p => $"{ApiSetup.Prefix}/prefixes/{p.Id}", static p => p.Version);

    private static async Task<ApiResult<AddressPrefix>> FindPrefixAsync(HttpContext http, Prefixes prefixes, string prefix, CancellationToken cancellationToken) =>
        ApiResult.Found(await prefixes.FindAsync(http.GetCaller(), prefix, cancellationToken), "prefix", prefix, static p => p.Version);

    private static async Task<ApiResult<AddressPrefix>> ApprovePrefixAsync(
        HttpContext http, Prefixes prefixes, string prefix, Approval approval, CancellationToken cancellationToken) =>
        ApiResult.From(await prefixes.ApproveAsync(http.GetCaller(), prefix, approval.Reason, cancellationToken), static p => p.Version);

    private static async Task<ApiResult<AddressPrefix>> ReleasePrefixAsync(HttpContext http, Prefixes prefixes, string prefix, CancellationToken cancellationToken) =>
        ApiResult.From(await prefixes.ReleaseAsync(http.GetCaller(), prefix, cancellationToken), static p => p.Version);

    private static async Task<ApiResult<Page<Site>>> ListSitesAsync(
        HttpContext http, Sites sites, [AsParameters] PageRequest page, string? tenant, CancellationToken cancellationToken) =>
        page.After("sites", "", out var after) is { } refusal
            ? refusal
            : Page.Of(await sites.ListAsync(http.GetCaller(), after, page.Size + 1, tenant, cancellationToken), page.Size, "sites", static s => s.Id);

    private static async Task<ApiCreated<Site>> AddSiteAsync(HttpContext http, Sites sites, NewSite wanted, CancellationToken cancellationToken) =>
        ApiResult.Created(
            await sites.AddAsync(http.GetCaller(), wanted.TenantId, wanted.Name, wanted.Address, wanted.Latitude, wanted.Longitude, cancellationToken),
            static s => $"{ApiSetup.Prefix}/sites/{s.Id}", static s => s.Version);

    private static async Task<ApiResult<Site>> ChangeSiteAsync(
        HttpContext http, Sites sites, string site, SiteFields wanted, IfMatch ifMatch, CancellationToken cancellationToken) =>
        ApiResult.From(
            await sites.ChangeAsync(http.GetCaller(), site, wanted.Name, wanted.Address, wanted.Latitude, wanted.Longitude, ifMatch.Version, cancellationToken), static s => s.Version);

    private static async Task<ApiDone> RemoveSiteAsync(HttpContext http, Sites sites, string site, CancellationToken cancellationToken) =>
        ApiDone.From(await sites.RemoveAsync(http.GetCaller(), site, cancellationToken));

    private static async Task<ApiResult<Site>> FindSiteAsync(HttpContext http, Sites sites, string site, CancellationToken cancellationToken) =>
        ApiResult.Found(await sites.FindAsync(http.GetCaller(), site, cancellationToken), "site", site, static s => s.Version);
}

/// <summary>The request to claim a domain.</summary>
public sealed record DomainClaim([property: MaxLength(40)] string TenantId, [property: MaxLength(253)] string Name);

/// <summary>The request to claim an address block.</summary>
public sealed record PrefixClaim([property: MaxLength(40)] string TenantId, [property: MaxLength(50)] string Cidr);

/// <summary>An operator's word, with the reason that the audit keeps.</summary>
public sealed record Approval([property: MinLength(3), MaxLength(500)] string Reason);

/// <summary>The request to add a site.</summary>
public sealed record NewSite([property: MaxLength(40)] string TenantId, [property: MaxLength(200)] string Name, [property: MaxLength(500)] string? Address = null, double? Latitude = null, double? Longitude = null);

/// <summary>The request to replace a site's fields.</summary>
public sealed record SiteFields([property: MaxLength(200)] string Name, [property: MaxLength(500)] string? Address = null, double? Latitude = null, double? Longitude = null);
