namespace Tsunagi.Connectivity.Import.FreeRadius;

/// <summary>One attribute of a user or group, to be checked or to be replied.</summary>
/// <param name="Of">The user or the group.</param>
/// <param name="Operator">"==", ":=", "+=", "=", …</param>
internal sealed record RadiusItem(string File, int Line, string Of, string Attribute, string Operator, string Value);

/// <summary>A user in a group; the lowest priority comes first.</summary>
internal sealed record RadiusMembership(string File, int Line, string User, string Group, int Priority);

/// <summary>A client of clients.conf, or a row of nas.</summary>
internal sealed record RadiusClient(string File, int Line, string Name, IReadOnlyList<string> Sources, string Secret, string Kind, bool? RequiresMessageAuthenticator, string CoaServer);

/// <summary>An address of radippool.</summary>
internal sealed record RadiusPoolAddress(string File, int Line, string Pool, string Address, string User);

/// <summary>A session of radacct without an end.</summary>
internal sealed record RadiusOpenSession(
    string File, int Line, string SessionId, string UserName, string NasAddress, string Port, string V4, string V6, string LinkPrefix, string DelegatedPrefix, string StartedAt, string UpdatedAt, long Seconds, long OctetsIn,
    long OctetsOut, string Station);

/// <summary>Everything that was read of a FreeRADIUS installation.</summary>
internal sealed class RadiusConfiguration
{
    public List<RadiusItem> UserChecks { get; } = [];

    public List<RadiusItem> UserReplies { get; } = [];

    public List<RadiusItem> GroupChecks { get; } = [];

    public List<RadiusItem> GroupReplies { get; } = [];

    public List<RadiusMembership> Memberships { get; } = [];

    public List<RadiusClient> Clients { get; } = [];

    public List<RadiusPoolAddress> PoolAddresses { get; } = [];

    public List<RadiusOpenSession> OpenSessions { get; } = [];

    public List<ImportProblem> Problems { get; } = [];
}
