namespace Tsunagi.Connectivity.Contract;

/// <summary>What is done with a realm (RFC 7542): the part of a User-Name behind the last "@".</summary>
/// <param name="Name">Compared without regard to case, as domain names are.</param>
/// <param name="IsStripped">True: lines are kept without it ("alice@isp.example" is line "alice").</param>
public sealed record Realm(string Name, bool IsStripped);

/// <summary>
/// The realms of this provider. A name is looked for as it came; then, when its realm is one of these and stripped, without it; a name without a realm is looked for
/// with the default realm added, when there is one. No rule ever makes two lines of one name: the first found wins, in this order.
/// </summary>
public sealed record RealmRules
{
    public static readonly RealmRules None = new();

    private readonly Dictionary<string, Realm> _byName = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<Realm> Realms
    {
        get => [.. _byName.Values];
        init
        {
            _byName = new(StringComparer.OrdinalIgnoreCase);
            foreach (var realm in value)
            {
                _byName[realm.Name] = realm;
            }
        }
    }

    /// <summary>Those that the node's file names.</summary>
    internal static RealmRules Of(ConnectivityOptions options) => new()
    {
        Realms = [.. options.Realms.Select(static realm => new Realm(realm.Name, realm.Strip))], Default = options.DefaultRealm.Length > 0 ? options.DefaultRealm : null,
    };

    /// <summary>Added to a name that has none; null when such names are looked for as they are only.</summary>
    public string? Default { get; init; }

    /// <summary>Whether it is one of this provider's.</summary>
    internal bool IsOurs(ReadOnlySpan<char> realm) =>
        realm.Equals(Default, StringComparison.OrdinalIgnoreCase) || (_byName.Count > 0 && _byName.GetAlternateLookup<ReadOnlySpan<char>>().ContainsKey(realm));

    internal bool IsStripped(ReadOnlySpan<char> realm) =>
        _byName.Count > 0 && _byName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(realm, out var rule) && rule.IsStripped;

    public bool Equals(RealmRules? other) => other is not null && Default == other.Default && Realms.SequenceEqual(other.Realms);

    public override int GetHashCode() => HashCode.Combine(Default, _byName.Count);
}
