using System.Text;

namespace Tsunagi.Protocols.Net.Ldap;

/// <summary>One object of a directory.</summary>
/// <param name="Dn">Its distinguished name, as the server writes it (RFC 4514).</param>
/// <param name="Attributes">Values by the name of their attribute, whose case does not count. Options of a name (";binary") belong to it.</param>
public sealed record LdapEntry(string Dn, IReadOnlyDictionary<string, IReadOnlyList<ReadOnlyMemory<byte>>> Attributes)
{
    /// <summary>The values of an attribute that are UTF-8 text; empty when the object has none. Others are passed over.</summary>
    public IEnumerable<string> Texts(string attribute)
    {
        if (!Attributes.TryGetValue(attribute, out var values))
        {
            yield break;
        }

        foreach (var value in values)
        {
            if (LdapText.TryRead(value.Span, out var text))
            {
                yield return text;
            }
        }
    }
}

/// <summary>Text of the protocol: UTF-8 (RFC 4511 section 4.1.2), where anything else is no text.</summary>
internal static class LdapText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static bool TryRead(ReadOnlySpan<byte> octets, out string text)
    {
        if (!System.Text.Unicode.Utf8.IsValid(octets))
        {
            text = "";
            return false;
        }

        text = Strict.GetString(octets);
        return true;
    }
}
