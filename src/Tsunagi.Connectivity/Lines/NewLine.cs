using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tsunagi.Connectivity.Contract;

namespace Tsunagi.Connectivity.Lines;

/// <summary>The request to set up a line. A user name, a circuit id or a remote id is needed.</summary>
public sealed record NewLine
{
    [Required, MaxLength(40), Description("Whose it is: an active subscription to broadband or a dedicated line.")]
    public string SubscriptionId { get; init; } = "";

    [MaxLength(200), Description("What people call it; the subscription's name without it.")]
    public string? Name { get; init; }

    [MaxLength(253)]
    public string? UserName { get; init; }

    [MaxLength(253), Description("Agent-Circuit-Id as the access server tells it.")]
    public string? CircuitId { get; init; }

    [MaxLength(253), Description("Agent-Remote-Id as the access server tells it.")]
    public string? RemoteId { get; init; }

    [Description("True: circuit and remote id prove the line, and no password is asked.")]
    public bool CircuitProves { get; init; }

    [MaxLength(100), Description("Where it ends: rack, switch and port, in your own words.")]
    public string? Port { get; init; }

    [MaxLength(40)]
    public string? SiteId { get; init; }

    [MaxLength(253), Description("In clear; without it, and with a user name, one is made and shown once.")]
    public string? Password { get; init; }

    [MaxLength(50), Description("A fixed IPv4 address or block.")]
    public string? V4 { get; init; }

    [MaxLength(50), Description("A fixed IPv6 address.")]
    public string? V6 { get; init; }

    [MaxLength(50), Description("A fixed prefix of the link itself.")]
    public string? LinkPrefix { get; init; }

    [MaxLength(50), Description("A fixed prefix that is delegated to the customer's router.")]
    public string? DelegatedPrefix { get; init; }

    [MaxLength(64), Description("Framed-Route and Framed-IPv6-Route texts.")]
    public IReadOnlyList<string>? Routes { get; init; }

    [MaxLength(64), Description("Further attributes of the answer by their dictionary names.")]
    public IReadOnlyList<LineReply>? Replies { get; init; }

    [MaxLength(20)]
    public IReadOnlyDictionary<string, string>? ExternalRefs { get; init; }
}

/// <summary>The request to change a line. What is absent stays; an empty text takes the thing away.</summary>
public sealed record LineChange
{
    [MaxLength(200)]
    public string? Name { get; init; }

    [MaxLength(253)]
    public string? UserName { get; init; }

    [MaxLength(253)]
    public string? CircuitId { get; init; }

    [MaxLength(253)]
    public string? RemoteId { get; init; }

    public bool? CircuitProves { get; init; }

    [MaxLength(100)]
    public string? Port { get; init; }

    [MaxLength(40)]
    public string? SiteId { get; init; }

    [MaxLength(50)]
    public string? V4 { get; init; }

    [MaxLength(50)]
    public string? V6 { get; init; }

    [MaxLength(50)]
    public string? LinkPrefix { get; init; }

    [MaxLength(50)]
    public string? DelegatedPrefix { get; init; }

    [MaxLength(64)]
    public IReadOnlyList<string>? Routes { get; init; }

    [MaxLength(64)]
    public IReadOnlyList<LineReply>? Replies { get; init; }
}

/// <summary>The request to set a password anew.</summary>
public sealed record NewLinePassword
{
    [MaxLength(253), Description("In clear; without it one is made.")]
    public string? Password { get; init; }
}

/// <summary>A password that is shown once.</summary>
/// <param name="Password">Null when the caller gave it itself.</param>
public sealed record LinePasswordMade(string LineId, string? Password);

/// <summary>A line that was set up.</summary>
/// <param name="Password">Shown this once; null when the caller gave it, or none is asked.</param>
public sealed record LineMade(LineRow Line, string? Password);
