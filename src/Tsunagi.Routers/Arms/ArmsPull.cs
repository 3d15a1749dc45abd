using Tsunagi.Protocols.Cpe.Arms;

namespace Tsunagi.Routers.Arms;

/// <summary>Something a router asked, and what it was answered.</summary>
/// <param name="Kind">The message: rs-solicitation, config-solicitation, push-method-query.</param>
/// <param name="Cause">Its trigger; empty where it told none.</param>
/// <param name="Code">The result of the protocol, or <see cref="WrongKey"/>.</param>
/// <param name="Number">The version of the site's configuration that it was given, or runs; 0 for none.</param>
internal sealed record ArmsPull(string Kind, string Cause, string Firmware, string Address, int Code, long Number)
{
    public const string Location = "rs-solicitation";
    public const string Configuration = "config-solicitation";
    public const string Methods = "push-method-query";

    /// <summary>HTTP's own refusal: the key was another one.</summary>
    public const int WrongKey = 401;

    public static string WhyOf(int code) => code == WrongKey ? "wrong key" : ArmsResult.NameOf(code);
}

/// <summary>A pull as it is kept.</summary>
public sealed record ArmsPullRow(string Id, string TenantPath, string DeviceId, string SiteId, long At, string Kind, string Cause, string Firmware, string Address, long Code, long Number)
{
    public const string Columns = "id, tenant_path, device_id, site_id, at, kind, cause, firmware, address, code, number";
}

/// <summary>How far a router with ARMS is: the version it was given last, the one it runs, and its way for pushes.</summary>
public sealed record ArmsState(string DeviceId, long Given, long GivenAt, long Taken, long TakenAt, string Push, long PushAt)
{
    public const string Columns = "device_id, given, given_at, taken, taken_at, push, push_at";
}
