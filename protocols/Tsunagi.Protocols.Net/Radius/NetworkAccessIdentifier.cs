using System.Text;

namespace Tsunagi.Protocols.Net.Radius;

/// <summary>
/// A name of a user as networks exchange it (RFC 7542): "user@realm", either part alone allowed. What people really type is split all the same; <see cref="IsValid"/> says whether
/// it keeps to the grammar.
/// </summary>
/// <param name="User">In front of the last "@"; the whole name when there is none. Empty for "@realm".</param>
/// <param name="Realm">Behind the last "@"; null when there is none.</param>
public readonly record struct NetworkAccessIdentifier(string User, string? Realm)
{
    /// <summary>RFC 7542 section 2.3: implementations take up to 253 octets.</summary>
    public const int LongestOctets = 253;

    /// <summary>Splits a name at its last "@". Never fails.</summary>
    public static NetworkAccessIdentifier Split(string name)
    {
        int at = name.LastIndexOf('@');
        return at < 0 ? new(name, null) : new(name[..at], name[(at + 1)..]);
    }

    /// <summary>
    /// nai = utf8-username / "@" utf8-realm / utf8-username "@" utf8-realm; username = dot-string; realm = label *("." label), at least one dot, labels of letters, digits and inner
    /// hyphens (RFC 7542 section 2.2).
    /// </summary>
    public bool IsValid =>
        Encoding.UTF8.GetByteCount(User) + (Realm is null ? 0 : 1 + Encoding.UTF8.GetByteCount(Realm)) is > 0 and <= LongestOctets
        && (Realm is null ? IsDotString(User) : (User.Length == 0 || IsDotString(User)) && IsRealm(Realm));

    /// <summary>The name as it is written.</summary>
    public override string ToString() => Realm is null ? User : User + "@" + Realm;

    private static bool IsDotString(string text) =>
        text.Length > 0 && text[0] != '.' && text[^1] != '.' && !text.Contains("..", StringComparison.Ordinal)
        && text.All(static each => each == '.' || char.IsAsciiLetterOrDigit(each) || "!#$%&'*+-/=?^_`{|}~".Contains(each, StringComparison.Ordinal) || each >= 0x80);

    private static bool IsRealm(string realm) =>
        realm.Contains('.', StringComparison.Ordinal)
        && realm.Split('.').All(static label => label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-' && label.All(static each => char.IsAsciiLetterOrDigit(each) || each == '-' || each >= 0x80));
}
