using System.Globalization;
using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Push;

namespace Tsunagi.Routers.Arms;

/// <summary>The versions of sites' configurations: each is kept whole, encrypted under the tenant's key, and never changed; going back makes a new version that is equal to the old one.</summary>
internal sealed class SiteConfigurations(Stores stores, ISecretBox secrets, RoutersOptions options, ChangeRecorder changes, TimeProvider time)
{
    private const string Purpose = "routers.configuration";

    public static readonly TenantQuery ByNumber = new("routers.configuration.by-number", $$"""
        SELECT {{ConfigurationVersion.Columns}} FROM router_configuration WHERE {tenant} AND site_id = @Site AND (@Number = 0 OR number = @Number) ORDER BY number DESC LIMIT 1
        """);

    public static readonly TenantQuery List = new("routers.configuration.list", $$"""
        SELECT {{ConfigurationVersion.Columns}} FROM router_configuration WHERE {tenant} AND site_id = @Site AND number < @Before ORDER BY number DESC LIMIT @Limit
        """);

    /// <summary>The version of a number, or the newest with 0.</summary>
    public ValueTask<ConfigurationVersion?> FindAsync(Caller caller, string site, long number, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<ConfigurationVersion>(ByNumber, new { Site = site, Number = number }, cancellationToken);

    public ValueTask<IReadOnlyList<ConfigurationVersion>> ListAsync(Caller caller, string site, long before, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<ConfigurationVersion>(List, new { Site = site, Before = before, Limit = (long)limit }, cancellationToken);

    /// <summary>
    /// What a router that pulls is given, for the resource server itself: the router's site has been found by the router's own key. It is the newest version, but none that waits for its push or failed in it,
    /// unless there is no other.
    /// </summary>
    public ValueTask<ConfigurationVersion?> NewestAsync(RouterDevice device, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<ConfigurationVersion>(
            $"""
            SELECT {ConfigurationVersion.Columns} FROM router_configuration WHERE site_id = @SiteId AND tenant_path = @TenantPath
            ORDER BY CASE WHEN number IN (SELECT b.number FROM router_push_box b WHERE {PushBook.Held}) THEN 1 ELSE 0 END, number DESC LIMIT 1
            """,
            new { device.SiteId, device.TenantPath }),
        cancellationToken);

    /// <summary>One version, for a push: its site and whose it is are those of the push's own row.</summary>
    public ValueTask<ConfigurationVersion?> VersionAsync(string site, string tenantPath, long number, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<ConfigurationVersion>(
            $"SELECT {ConfigurationVersion.Columns} FROM router_configuration WHERE site_id = @Site AND tenant_path = @TenantPath AND number = @Number", new { Site = site, TenantPath = tenantPath, Number = number }),
        cancellationToken);

    public async ValueTask<SiteConfiguration> OpenAsync(ConfigurationVersion version, CancellationToken cancellationToken) =>
        await secrets.UnprotectAsync(version.TenantPath, Purpose, version.Box, cancellationToken) is { } plain
            ? JsonSerializer.Deserialize<SiteConfiguration>(plain)!
            : throw new InvalidOperationException($"configuration {version.Number} of site {version.SiteId} does not open: its key was destroyed");

    /// <summary>Makes a version.</summary>
    /// <param name="basedOn">The number the caller has seen, 0 when there was none; another one meanwhile is refused. Null does not look.</param>
    public async ValueTask<Outcome<ConfigurationVersion>> SetAsync(Caller caller, Site site, SiteConfiguration configuration, long? basedOn, string why, CancellationToken cancellationToken)
    {
        if (configuration.Check(options.Arms) is { } wrong)
        {
            return wrong;
        }

        var box = await secrets.ProtectAsync(site.TenantPath, Purpose, JsonSerializer.SerializeToUtf8Bytes(configuration), cancellationToken);
        var id = Id.New("rc", time);
        return await stores.Control.WriteAsync<Outcome<ConfigurationVersion>>(
            async transaction =>
            {
                var newest = await transaction.FirstOrDefaultAsync<long>("SELECT coalesce(max(number), 0) FROM router_configuration WHERE site_id = @Id", new { site.Id });
                if (basedOn is { } seen && seen != newest)
                {
                    return Refusal.Stale(newest);
                }

                var version = new ConfigurationVersion(id, site.TenantPath, site.Id, newest + 1, time.NowMicros(), caller.ActorName, why, configuration.Modules.Count, configuration.Octets, box);
                await transaction.ExecuteAsync($"INSERT INTO router_configuration ({ConfigurationVersion.Columns}) VALUES (@Id, @TenantPath, @SiteId, @Number, @At, @MadeBy, @Why, @Modules, @Octets, @Box)", version);
                await changes.RecordAsync(
                    transaction, caller, RouterEvents.ConfigurationSet, site.Id, site.TenantPath, new { number = newest }, new { number = version.Number, modules = version.Modules, octets = version.Octets },
                    JsonSerializer.Serialize(new { site = site.Id, number = version.Number }), why);
                return version;
            },
            cancellationToken);
    }

    /// <summary>Makes a version that is equal to an earlier one.</summary>
    public async ValueTask<Outcome<ConfigurationVersion>> GoBackAsync(Caller caller, Site site, long number, CancellationToken cancellationToken) =>
        number < 1 || await FindAsync(caller, site.Id, number, cancellationToken) is not { } version
            ? Refusal.Invalid("routers.configuration.number", "number", $"the site has no version {number}", "the number of one of its versions")
            : await SetAsync(caller, site, await OpenAsync(version, cancellationToken), null, string.Create(CultureInfo.InvariantCulture, $"back to version {number}"), cancellationToken);
}

/// <summary>One version of a site's configuration.</summary>
public sealed record ConfigurationVersion(string Id, string TenantPath, string SiteId, long Number, long At, string MadeBy, string Why, long Modules, long Octets, byte[] Box)
{
    public const string Columns = "id, tenant_path, site_id, number, at, made_by, why, modules, octets, box";
}
