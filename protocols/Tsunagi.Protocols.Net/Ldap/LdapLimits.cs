namespace Tsunagi.Protocols.Net.Ldap;

/// <summary>What a reader takes at most.</summary>
public sealed record LdapLimits
{
    /// <summary>The limits where a caller names none.</summary>
    public static readonly LdapLimits Default = new();

    /// <summary>Octets of one message.</summary>
    public int MessageOctets { get; init; } = 8 * 1024 * 1024;

    /// <summary>Attributes of one object.</summary>
    public int Attributes { get; init; } = 256;

    /// <summary>Values of one attribute. Active Directory hands out 1,500 at a time.</summary>
    public int Values { get; init; } = 5_000;
}
