using System.ComponentModel.DataAnnotations;
using System.Net;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Outcomes;
using Tsunagi.Protocols.Flow.Stix;

namespace Tsunagi.Ddos.Sharing;

/// <summary>With whom incidents are exchanged and how. Without an organisation nothing is shared, served or asked.</summary>
public sealed record SharingOptions : ICheckedSettings
{
    /// <summary>Who we are to the others, best a domain name: it stands in what is shared, and the identifiers of our objects follow from it. Never changed later.</summary>
    [MaxLength(120)]
    public string Organisation { get; init; } = "";

    [MaxLength(64)]
    public IReadOnlyList<SharingGroup> Groups { get; init; } = [];

    [MaxLength(64)]
    public IReadOnlyList<SharingPeer> Peers { get; init; } = [];

    /// <summary>What is shared without being asked.</summary>
    [MaxLength(200)]
    public IReadOnlyList<SharingRule> Rules { get; init; } = [];

    /// <summary>Networks that are never taken for a source of attacks, beside our own, those of nobody, and public resolvers.</summary>
    [MaxLength(1_000)]
    public IReadOnlyList<IPNetwork> Warn { get; init; } = [];

    /// <summary>Networks that may be named although they are special (documentation, private): for trials.</summary>
    [MaxLength(100)]
    public IReadOnlyList<IPNetwork> Allow { get; init; } = [];

    /// <summary>The shortest prefixes that may be named as a source.</summary>
    [Range(8, 32)]
    public int ShortestPrefix4 { get; init; } = 24;

    [Range(16, 128)]
    public int ShortestPrefix6 { get; init; } = 48;

    /// <summary>In this time a confidence falls by half.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan HalfLife { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Below this confidence, 0 to 100, what was received says nothing any more.</summary>
    [Range(0, 100)]
    public int LeastConfidence { get; init; } = 15;

    /// <summary>The confidence of what comes without one.</summary>
    [Range(0, 100)]
    public int UsualConfidence { get; init; } = 50;

    /// <summary>How long received indicators are kept at most, whatever they say of themselves, and incidents.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long what we share names a source: addresses change hands.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "90.00:00:00")]
    public TimeSpan ValidFor { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Octets of a request to our server.</summary>
    [Range(65_536, 16_777_216)]
    public int MaxRequestBytes { get; init; } = 4_194_304;

    /// <summary>Objects of one answer of our server.</summary>
    [Range(1, 2_000)]
    public int MaxPage { get; init; } = 500;

    /// <summary>Objects that one collection holds, and indicators that are kept of one peer.</summary>
    [Range(100, 10_000_000)]
    public int MaxObjects { get; init; } = 200_000;

    public bool IsOn => Organisation.Length > 0;

    /// <inheritdoc/>
    public Refusal? Check()
    {
        if (!IsOn && (Groups.Count > 0 || Peers.Count > 0 || Rules.Count > 0))
        {
            return Refusal.Invalid("ddos.sharing.organisation", "organisation", "groups, peers and rules need an organisation");
        }

        return Groups.GroupBy(static group => group.Name, StringComparer.Ordinal).FirstOrDefault(static same => same.Count() > 1 || same.Key.Length == 0) is { } twice ? Refusal.Invalid("ddos.sharing.group", "groups", $"two groups are called '{twice.Key}', or one has no name")
            : Peers.GroupBy(static peer => peer.Name, StringComparer.Ordinal).FirstOrDefault(static same => same.Count() > 1 || same.Key.Length == 0) is { } again ? Refusal.Invalid("ddos.sharing.peer", "peers", $"two peers are called '{again.Key}', or one has no name")
            : Peers.Select(CheckPeer).FirstOrDefault(static wrong => wrong is not null) ?? Rules.Select(CheckRule).FirstOrDefault(static wrong => wrong is not null);
    }

    /// <summary>A group by its name.</summary>
    public SharingGroup? Group(string name) => Groups.FirstOrDefault(group => group.Name == name);

    private Refusal? CheckPeer(SharingPeer peer) =>
        Group(peer.Group) is null ? Refusal.Invalid("ddos.sharing.peer", "peers", $"peer {peer.Name} is of the group '{peer.Group}', which is not there", string.Join(", ", Groups.Select(static group => group.Name)))
        : Uri.TryCreate(peer.Url, UriKind.Absolute, out var url) && (url.Scheme == "https" || (url.Scheme == "http" && IPAddress.TryParse(url.Host, out var host) && IPAddress.IsLoopback(host))) && url.Query.Length == 0 ? null
        : Refusal.Invalid("ddos.sharing.peer", "peers", $"the URL of peer {peer.Name} is no address of an API root", "https://…/; http only to this machine itself");

    private Refusal? CheckRule(SharingRule rule) =>
        Group(rule.Group) is not { } group ? Refusal.Invalid("ddos.sharing.rule", "rules", $"a rule shares with the group '{rule.Group}', which is not there")
        : TlpMarkings.FromWord(rule.Tlp) is not { } level || level > OutboundGate.Most(group.Audience) ? Refusal.Invalid("ddos.sharing.rule", "rules", $"TLP '{rule.Tlp}' may not go to the group {group.Name}", "at most " + TlpMarkings.WordOf(OutboundGate.Most(group.Audience)))
        : null;
}

/// <summary>A sharing group: one collection of our TAXII server, and the peers that are of it.</summary>
public sealed record SharingGroup
{
    /// <summary>In lower case: the collection's alias.</summary>
    [RegularExpression("[a-z][a-z0-9-]{0,39}")]
    public string Name { get; init; } = "";

    [MaxLength(300)]
    public string Description { get; init; } = "";

    /// <summary>Who is in it, which says what TLP may go to it: public (clear), community (green), listed (amber), own (amber+strict: our own organisation and nobody else).</summary>
    public Audience Audience { get; init; } = Audience.Listed;

    /// <summary>API tokens, by name or id, that may read the collection. They are made by our operators and sent as Bearer, or as the password of Basic.</summary>
    [MaxLength(200)]
    public IReadOnlyList<string> Readers { get; init; } = [];

    /// <summary>API tokens that may add to it.</summary>
    [MaxLength(200)]
    public IReadOnlyList<string> Writers { get; init; } = [];
}

/// <summary>Who is in a group.</summary>
public enum Audience
{
    /// <summary>Anybody.</summary>
    Public,

    /// <summary>A community that is not listed.</summary>
    Community,

    /// <summary>Organisations that are known one by one.</summary>
    Listed,

    /// <summary>Our own organisation.</summary>
    Own,
}

/// <summary>Another's TAXII 2.1 server.</summary>
public sealed record SharingPeer
{
    [MaxLength(60)]
    public string Name { get; init; } = "";

    /// <summary>What comes from it is of this group, and what is shared with this group goes to it.</summary>
    [MaxLength(40)]
    public string Group { get; init; } = "";

    /// <summary>Of its API root: https://taxii.example/api1/.</summary>
    [MaxLength(500)]
    public string Url { get; init; } = "";

    /// <summary>Id or alias of the collection there.</summary>
    [RegularExpression("[A-Za-z0-9._-]{1,100}")]
    public string Collection { get; init; } = "";

    /// <summary>For Basic authentication; without it the secret is a Bearer token.</summary>
    [MaxLength(200)]
    public string User { get; init; } = "";

    /// <summary>A file whose first line is the token or password. Empty asks without.</summary>
    [MaxLength(1_000)]
    public string SecretFile { get; init; } = "";

    /// <summary>We ask it for what is new.</summary>
    public bool Poll { get; init; } = true;

    /// <summary>We send it what we share.</summary>
    public bool Push { get; init; }

    /// <summary>How often it is asked.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>Incidents that are shared by themselves.</summary>
public sealed record SharingRule
{
    [MaxLength(40)]
    public string Group { get; init; } = "";

    /// <summary>Only of this tenant; empty for all.</summary>
    [MaxLength(60)]
    public string Tenant { get; init; } = "";

    /// <summary>With this level.</summary>
    [MaxLength(20)]
    public string Tlp { get; init; } = "amber";

    /// <summary>When it has lasted so long.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan After { get; init; } = TimeSpan.FromSeconds(30);
}
