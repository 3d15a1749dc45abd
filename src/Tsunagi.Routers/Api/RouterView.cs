using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Tasks;

namespace Tsunagi.Routers.Api;

/// <summary>A router as the API tells it.</summary>
/// <param name="State">unclaimed; adopting (is to be read) or observed (read; nothing is written to it); with ARMS waiting (for its first pull), given (its site's configuration) or configured (runs it).</param>
/// <param name="DataModel">Tr098, Tr181, Unknown, or Arms.</param>
/// <param name="LastRequest">What became of the last connection request.</param>
public sealed record RouterView(
    string Id, string? TenantId, string? SubscriptionId, string? SiteId, string? Site, string Identity, string Manufacturer, string Oui, string ProductClass, string Serial, string Model, string Hardware,
    string Software, string DataModel, string? Address, string State, bool Silent, IReadOnlyList<string> Tags, long FirstAt, long? InformedAt, string Events, long? AdoptedAt, long? ReadAt, long Parameters,
    string? LastRequest)
{
    internal static RouterView Of(RouterDevice row, long now) => new(
        row.Id, Some(row.SiteId) is null ? null : row.TenantId, Some(row.SubscriptionId), Some(row.SiteId), Some(row.SiteName), row.Identity, row.Manufacturer, row.Oui, row.ProductClass, row.Serial, row.Model,
        row.Hardware, row.Software, row.Root, Some(row.Address), row.State, row.IsSilent(now), row.Tags.Split(',', StringSplitOptions.RemoveEmptyEntries), row.FirstAt, Some(row.InformedAt), row.Events,
        Some(row.AdoptedAt), Some(row.ReadAt), row.Parameters, Some(row.Waked));

    private static string? Some(string text) => text.Length > 0 ? text : null;

    private static long? Some(long at) => at > 0 ? at : null;
}

/// <summary>One parameter of a router.</summary>
/// <param name="Value">Absent for a secret.</param>
/// <param name="At">When it was read.</param>
public sealed record RouterValue(string Path, string? Value, string Type, bool Writable, bool Secret, long At)
{
    internal static RouterValue Of(TreeEntry entry) => new(entry.Path, entry.IsSecret ? null : entry.Value, entry.Type, entry.Writable, entry.IsSecret, entry.At);
}

/// <summary>Something done on a router.</summary>
/// <param name="State">queued, sent (its effect was asked for, the router's word is awaited), ready, done, fault or expired.</param>
/// <param name="Result">What came out; absent while there is nothing.</param>
public sealed record RouterTaskView(
    string Id, string DeviceId, string Kind, string? Argument, string State, long? FaultCode, string? FaultText, string MadeBy, long MadeAt, long ExpiresAt, long? EndedAt, System.Text.Json.JsonElement? Result)
{
    internal static RouterTaskView Of(RouterTask row, System.Text.Json.JsonElement? result) => new(
        row.Id, row.DeviceId, row.Kind, row.Argument.Length > 0 ? row.Argument : null, row.State, row.FaultCode > 0 ? row.FaultCode : null, row.FaultText.Length > 0 ? row.FaultText : null, row.MadeBy, row.MadeAt,
        row.ExpiresAt, row.EndedAt > 0 ? row.EndedAt : null, result);
}

/// <summary>An open helpdesk call.</summary>
public sealed record HelpCallView(string Id, string DeviceId, long OpenedAt, long ExpiresAt);

/// <summary>What an import did.</summary>
/// <param name="Known">Left as they are: known already.</param>
/// <param name="Problems">Entries that could not be read.</param>
public sealed record ImportResult(int Imported, int Known, int WithCredentials, IReadOnlyList<string> Problems);

/// <summary>How far a router with ARMS is.</summary>
/// <param name="Given">The version of its site's configuration that it was given last.</param>
/// <param name="Taken">The version it runs.</param>
/// <param name="Newest">The site's newest version; a router that runs another takes it at its next pull.</param>
/// <param name="Tunnel">Whether its tunnel is there, on the node that answers: it can be asked to pull.</param>
public sealed record RouterArmsView(long? Given, long? GivenAt, long? Taken, long? TakenAt, long? Newest, bool Tunnel);

/// <summary>Something a router with ARMS asked.</summary>
/// <param name="Kind">rs-solicitation (of the location server), config-solicitation (of the resource server), push-method-query (it runs what it was given).</param>
/// <param name="Cause">Why it asked, in its own words ("power on boot").</param>
/// <param name="Code">100: answered. Else the protocol's code, or 401: its key was another one.</param>
/// <param name="Number">The version of the site's configuration that it was given, or runs.</param>
public sealed record RouterPullView(string Id, long At, string Kind, string Cause, string Firmware, string Address, long Code, string Meaning, long? Number)
{
    internal static RouterPullView Of(Arms.ArmsPullRow row) => new(row.Id, row.At, row.Kind, row.Cause, row.Firmware, row.Address, row.Code, Arms.ArmsPull.WhyOf((int)row.Code), row.Number > 0 ? row.Number : null);
}

/// <summary>A version of a site's configuration.</summary>
/// <param name="Modules">Absent in lists.</param>
/// <param name="Lines">By which lines the box reaches the resource server, in order; absent in lists.</param>
public sealed record SiteConfigurationView(
    string SiteId, long Number, long At, string MadeBy, string Why, long ModuleCount, long Octets, IReadOnlyList<SiteModuleView>? Modules, IReadOnlyList<SiteLineView>? Lines)
{
    internal static SiteConfigurationView Of(Arms.ConfigurationVersion row, Arms.SiteConfiguration? content) => new(
        row.SiteId, row.Number, row.At, row.MadeBy, row.Why, row.Modules, row.Octets,
        content?.Modules.Select(static module => new SiteModuleView { Id = module.Id, Version = module.Version, Info = module.Info, CommitOrder = module.CommitOrder, Text = module.Text, Base64 = module.Base64 }).ToList(),
        content?.Lines.Select(static line => new SiteLineView { Type = line.Type, Parameters = line.Parameters.ToDictionary(static p => p.Key, static p => p.Value) }).ToList());
}

/// <summary>What routers with ARMS are told to trust: the file of path-root-ca.</summary>
public sealed record ArmsAuthorityView(string Certificate);
