using System.Collections.Frozen;
using Tsunagi.Mail.Pending;

namespace Tsunagi.Mail.Contract;

/// <summary>Every gateway that runs on this node, by domain and by subscription. Readers take one table and keep it for a whole decision.</summary>
internal sealed class GatewayTable
{
    public static readonly GatewayTable Empty = new([], new());

    private readonly FrozenDictionary<string, Gateway> _byDomain;
    private readonly FrozenDictionary<string, Gateway>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

    // Each tenant's domains by what they may be taken for, worked out when a message first asks.
    private readonly Lazy<FrozenDictionary<string, LookAlikes>> _alike;

    public GatewayTable(IReadOnlyCollection<Gateway> gateways, RelayTable relays)
    {
        Relays = relays;
        BySubscription = gateways.ToFrozenDictionary(gateway => gateway.Subscription, StringComparer.Ordinal);
        _byDomain = gateways.SelectMany(gateway => gateway.Domains.Select(domain => (domain, gateway)))
            .ToFrozenDictionary(pair => pair.domain, pair => pair.gateway, StringComparer.OrdinalIgnoreCase);
        _alike = new(() => gateways.GroupBy(static gateway => gateway.TenantPath, StringComparer.Ordinal).ToFrozenDictionary(
            static group => group.Key, static group => new LookAlikes([.. group.SelectMany(static gateway => gateway.Domains)]), StringComparer.Ordinal));
        _bySpan = _byDomain.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public FrozenDictionary<string, Gateway> BySubscription { get; }

    /// <summary>Whose servers send from which addresses.</summary>
    public RelayTable Relays { get; }

    /// <summary>
    /// The domain of the tenant that a name belongs to: itself, or the nearest above it that is served. Null when it is nobody's, or, nearer still, another tenant's.
    /// </summary>
    public string? DomainOf(string name, string tenantPath)
    {
        for (var at = 0; at >= 0 && at < name.Length;)
        {
            if (ForDomain(name.AsSpan(at)) is { } gateway)
            {
                return gateway.TenantPath == tenantPath ? name[at..].ToLowerInvariant() : null;
            }

            var dot = name.IndexOf('.', at);
            at = dot < 0 ? -1 : dot + 1;
        }

        return null;
    }

    /// <summary>Somebody here has the name, or one above it.</summary>
    public bool IsServed(ReadOnlySpan<char> name)
    {
        while (ForDomain(name) is null)
        {
            if (name.IndexOf('.') is var dot && dot < 0)
            {
                return false;
            }

            name = name[(dot + 1)..];
        }

        return true;
    }

    /// <summary>The tenant's own domain that another name, one above it, or the beginning of it ("own.example.evil.test") may be taken for; empty when there is none.</summary>
    /// <param name="name">Lower case, A-labels.</param>
    public string LikeOwn(string name, string tenantPath) => _alike.Value.TryGetValue(tenantPath, out var own) ? own.Find(name) : "";

    /// <summary>The gateway that serves a recipient's domain, as written in the command; null when none does.</summary>
    public Gateway? ForDomain(ReadOnlySpan<char> domain)
    {
        if (_bySpan.TryGetValue(domain, out var gateway))
        {
            return gateway;
        }

        // U-labels (RFC 6531 section 3.2) and a closing dot are rare: they take the slow way.
        return !System.Text.Ascii.IsValid(domain) && MailDomain.Normalize(domain.ToString()) is { } normal ? _byDomain.GetValueOrDefault(normal) : null;
    }
}
