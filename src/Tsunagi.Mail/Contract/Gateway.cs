namespace Tsunagi.Mail.Contract;

/// <summary>One subscription as the data path sees it. Immutable: a change of the contract makes a new one.</summary>
internal sealed class Gateway
{
    public required string Subscription { get; init; }

    public required string TenantId { get; init; }

    public required string TenantPath { get; init; }

    public required GatewaySettings Settings { get; init; }

    public required IReadOnlyList<string> Domains { get; init; }

    public required NextHop NextHop { get; init; }

    /// <summary>Where the customer's own servers send from.</summary>
    public IReadOnlyList<System.Net.IPNetwork> Relays { get; init; } = [];

    /// <summary>Kinds of the holds in force. Under any hold mail is accepted and kept; nothing is refused and nothing is delivered.</summary>
    public required IReadOnlyList<string> Holds { get; init; }

    public required long Revision { get; init; }

    public bool IsHeld => Holds.Count > 0;
}
