namespace Tsunagi.Protocols.Net.Ldap;

/// <summary>Which objects a search looks at (RFC 4511 section 4.5.1.2).</summary>
public enum LdapScope
{
    /// <summary>baseObject: the base alone.</summary>
    Base = 0,

    /// <summary>singleLevel: what lies directly below the base.</summary>
    One = 1,

    /// <summary>wholeSubtree: the base and everything below it.</summary>
    Subtree = 2,
}
