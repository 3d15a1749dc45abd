using System.Text.Json;

namespace Tsunagi.Core.Identity;

/// <summary>Sets of permissions, where "mail.*" stands for every permission that begins with "mail." and "*" for all.</summary>
internal static class PermissionSet
{
    public const int MaxPermissions = 200;

    public static readonly IReadOnlySet<string> None = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>True when whoever holds these also holds <paramref name="permission"/>, which may be a wildcard itself.</summary>
    public static bool Covers(IReadOnlySet<string> held, string permission)
    {
        if (held.Contains(permission) || held.Contains("*"))
        {
            return true;
        }

        for (var dot = permission.LastIndexOf('.'); dot > 0; dot = permission.LastIndexOf('.', dot - 1))
        {
            if (held.Contains(permission[..dot] + ".*"))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What both hold: a token never does more than its maker may at this moment.</summary>
    public static IReadOnlySet<string> Intersect(IReadOnlySet<string> one, IReadOnlySet<string> other)
    {
        var both = new HashSet<string>(one.Where(permission => Covers(other, permission)), StringComparer.Ordinal);
        both.UnionWith(other.Where(permission => Covers(one, permission)));
        return both;
    }

    /// <summary>True for "*", "mail.*" and "mail.trace.read" shapes of lower-case words.</summary>
    public static bool IsWellFormed(string permission) =>
        permission.Length is > 0 and <= 100
        && permission.Split('.') is var parts
        && parts.Index().All(part => part.Item == "*" ? part.Index == parts.Length - 1 : part.Item.Length > 0 && part.Item.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'));

    public static string ToJson(IEnumerable<string> permissions) => JsonSerializer.Serialize(permissions.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    public static IReadOnlySet<string> FromJson(string json) => new HashSet<string>(JsonSerializer.Deserialize<string[]>(json) ?? [], StringComparer.Ordinal);
}
