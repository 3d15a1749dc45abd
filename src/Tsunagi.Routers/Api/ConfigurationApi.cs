using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Proof;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Arms;

namespace Tsunagi.Routers.Api;

/// <summary>/api/v1/routers/sites and …/arms: what sites' boxes are given when they pull, and whom boxes trust.</summary>
internal static class ConfigurationApi
{
    private const string VersionList = "routers-versions";

    public static void Map(RouteGroupBuilder routers)
    {
        routers.MapGet("/sites/{site}/configuration", FindAsync).Requires(RoutersPermissions.ConfigurationRead).WithName("getSiteConfiguration").WithSummary("What the box of a site is given when it pulls: the newest version, or the one of a number");
        routers.MapPut("/sites/{site}/configuration", SetAsync).Requires(RoutersPermissions.ConfigurationWrite).WithName("setSiteConfiguration").WithSummary("Make a new version of a site's configuration; its box takes it at its next pull");
        routers.MapGet("/sites/{site}/versions", ListAsync).Requires(RoutersPermissions.DeviceRead).WithName("listSiteVersions").WithSummary("The versions of a site's configuration, newest first, without their content");
        routers.MapPost("/sites/{site}/rollback", GoBackAsync).Requires(RoutersPermissions.ConfigurationWrite).WithName("rollBackSite").WithSummary("Make a new version that is equal to an earlier one");
        routers.MapGet("/arms/authority", AuthorityAsync).Requires(RoutersPermissions.DeviceRead).WithName("getArmsAuthority").WithSummary("The certificate that routers with ARMS are told to trust (the provider's operators only)");
    }

    private static async Task<ApiResult<SiteConfigurationView>> FindAsync(HttpContext http, Sites sites, SiteConfigurations configurations, string site, [AsParameters] SiteVersionQuery query, CancellationToken cancellationToken) =>
        await sites.FindAsync(http.GetCaller(), site, cancellationToken) is null || await configurations.FindAsync(http.GetCaller(), site, query.Number ?? 0, cancellationToken) is not { } version
            ? Refusal.NotFound("configuration of site", site) : SiteConfigurationView.Of(version, await configurations.OpenAsync(version, cancellationToken));

    private static async Task<ApiResult<SiteConfigurationView>> SetAsync(HttpContext http, Sites sites, SiteConfigurations configurations, string site, SiteConfigurationRequest request, CancellationToken cancellationToken)
    {
        if (await sites.FindAsync(http.GetCaller(), site, cancellationToken) is not { } found)
        {
            return Refusal.NotFound("site", site);
        }

        var content = new SiteConfiguration(
            [.. request.Modules.Select(static module => new ConfigurationModule(module.Id, module.Version, module.Info, module.CommitOrder, module.Text, module.Base64))],
            [.. request.Lines?.Select(static line => new LocationLine(line.Type, [.. line.Parameters ?? new Dictionary<string, string>()])) ?? []]);
        var made = await configurations.SetAsync(http.GetCaller(), found, content, request.BasedOn, request.Why ?? "", cancellationToken);
        return made.Ok ? SiteConfigurationView.Of(made.Value, content) : made.Refusal;
    }

    private static async Task<ApiResult<Page<SiteConfigurationView>>> ListAsync(HttpContext http, Sites sites, SiteConfigurations configurations, string site, [AsParameters] PageRequest page, CancellationToken cancellationToken)
    {
        if (page.After(VersionList, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        if (await sites.FindAsync(http.GetCaller(), site, cancellationToken) is null)
        {
            return Refusal.NotFound("site", site);
        }

        var from = long.TryParse(before, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;
        var rows = await configurations.ListAsync(http.GetCaller(), site, from, page.Size + 1, cancellationToken);
        return Page.Of([.. rows.Select(static row => SiteConfigurationView.Of(row, null))], page.Size, VersionList, static view => view.Number.ToString(CultureInfo.InvariantCulture));
    }

    private static async Task<ApiResult<SiteConfigurationView>> GoBackAsync(HttpContext http, Sites sites, SiteConfigurations configurations, string site, SiteRollbackRequest request, CancellationToken cancellationToken)
    {
        if (await sites.FindAsync(http.GetCaller(), site, cancellationToken) is not { } found)
        {
            return Refusal.NotFound("site", site);
        }

        var made = await configurations.GoBackAsync(http.GetCaller(), found, request.Number, cancellationToken);
        return made.Ok ? SiteConfigurationView.Of(made.Value, null) : made.Refusal;
    }

    private static async Task<ApiResult<ArmsAuthorityView>> AuthorityAsync(HttpContext http, ArmsAuthority authority, CancellationToken cancellationToken) =>
        http.GetCaller().IsOperator ? new ArmsAuthorityView(await authority.RootAsync(cancellationToken) + "\n") : Refusal.NotFound("authority", "of location servers");
}

/// <summary>Which version.</summary>
public sealed record SiteVersionQuery([property: Range(1, long.MaxValue), Description("The number of a version; the newest without it.")] long? Number);

/// <summary>A new version of a site's configuration.</summary>
public sealed record SiteConfigurationRequest
{
    [Required, MaxLength(1_000), Description("The modules; one that was there before and is not any more is stopped and removed on the box.")]
    public IReadOnlyList<SiteModuleView> Modules { get; init; } = [];

    [MaxLength(5), Description("By which lines the box reaches the resource server, tried in order; the first interface by DHCP without any.")]
    public IReadOnlyList<SiteLineView>? Lines { get; init; }

    [Range(0, long.MaxValue), Description("The number that was seen, 0 for none: when there is another one meanwhile, nothing is changed.")]
    public long? BasedOn { get; init; }

    [MaxLength(300), Description("Why, for whoever reads the versions.")]
    public string? Why { get; init; }
}

/// <summary>A module of a configuration: either text or base64.</summary>
public sealed record SiteModuleView
{
    [Range(0, 4_294_967_295), Description("The number by which the model knows the module.")]
    public long Id { get; init; }

    [Required, MaxLength(256), Description("The module's version, as the model wants it.")]
    public string Version { get; init; } = "1";

    [MaxLength(256), Description("Where the module comes from, as the model wants it.")]
    public string Info { get; init; } = "";

    [Range(0, 65_535), Description("In which order modules are committed.")]
    public int? CommitOrder { get; init; }

    [MaxLength(16_777_216), Description("The configuration.")]
    public string? Text { get; init; }

    [MaxLength(22_369_624), Description("The configuration, where it is no text.")]
    public string? Base64 { get; init; }
}

/// <summary>A line of a site.</summary>
public sealed record SiteLineView
{
    [Required, AllowedValues("line-dhcp", "line-pppoe", "line-pppoe-ipv6", "line-mobile", "line-ra", "line-static"), Description("line-dhcp, line-pppoe, line-pppoe-ipv6, line-mobile, line-ra or line-static.")]
    public string Type { get; init; } = "line-dhcp";

    [Description("ifindex, account, password, ipaddress, cid, apn, pdp-type, telno.")]
    public IReadOnlyDictionary<string, string>? Parameters { get; init; }
}

/// <summary>Which version to go back to.</summary>
public sealed record SiteRollbackRequest([property: Required, Range(1, long.MaxValue), Description("The number of one of the site's versions.")] long Number);
