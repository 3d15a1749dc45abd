using System.ComponentModel.DataAnnotations;
using Tsunagi.Connectivity.Account;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Authenticate;
using Tsunagi.Connectivity.Dhcp4;
using Tsunagi.Connectivity.Dhcp6;
using Tsunagi.Connectivity.Import;
using Tsunagi.Connectivity.Lines;
using Tsunagi.Connectivity.Probes;
using Tsunagi.Connectivity.Proxy;
using Tsunagi.Connectivity.RadSec;
using Tsunagi.Connectivity.Sessions;

namespace Tsunagi.Connectivity;

/// <summary>The section <c>connectivity</c> of the program's configuration. What a customer bought is not here: that is the contract (BroadbandSettings, DedicatedSettings).</summary>
public sealed record ConnectivityOptions
{
    public LineOptions Lines { get; init; } = new();

    public AddressOptions Addresses { get; init; } = new();

    public ImportOptions Import { get; init; } = new();

    public AuthenticateOptions Authenticate { get; init; } = new();

    public AccountOptions Account { get; init; } = new();

    public ProxyOptions Proxy { get; init; } = new();

    public RadSecOptions RadSec { get; init; } = new();

    public Dhcp4ServerOptions Dhcp4 { get; init; } = new();

    public Dhcp6ServerOptions Dhcp6 { get; init; } = new();

    public SessionOptions Sessions { get; init; } = new();

    public ProbeOptions Probes { get; init; } = new();

    /// <summary>The realms of user names that are ours, and which of them are taken off before a line is looked for.</summary>
    [MaxLength(1_000)]
    public IReadOnlyList<RealmOption> Realms { get; init; } = [];

    /// <summary>Added to a user name that has no realm; empty adds none.</summary>
    [MaxLength(200)]
    public string DefaultRealm { get; init; } = "";
}

/// <summary>A realm (RFC 7542).</summary>
public sealed record RealmOption
{
    /// <summary>The part behind the last "@": "isp.example".</summary>
    [Required, MaxLength(200)]
    public string Name { get; init; } = "";

    /// <summary>True: lines are kept without it.</summary>
    public bool Strip { get; init; }
}
