using System.Text;
using Tsunagi.Connectivity.Contract;

namespace Tsunagi.Connectivity.Import.FreeRadius;

/// <summary>Passwords in the forms rlm_pap knows: by their attribute, or by a header before the value ("{SSHA}…").</summary>
internal static class RadiusPasswords
{
    private static readonly Dictionary<string, LinePasswordForm> Attributes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Cleartext-Password"] = LinePasswordForm.Clear, ["User-Password"] = LinePasswordForm.Clear, ["NT-Password"] = LinePasswordForm.NtHash, ["Crypt-Password"] = LinePasswordForm.Crypt,
        ["MD5-Password"] = LinePasswordForm.Md5, ["SMD5-Password"] = LinePasswordForm.Smd5, ["SHA-Password"] = LinePasswordForm.Sha1, ["SHA1-Password"] = LinePasswordForm.Sha1,
        ["SSHA-Password"] = LinePasswordForm.Ssha1, ["SSHA1-Password"] = LinePasswordForm.Ssha1, ["SHA2-256-Password"] = LinePasswordForm.Sha256, ["SHA2-512-Password"] = LinePasswordForm.Sha512,
        ["SSHA2-256-Password"] = LinePasswordForm.Ssha256, ["SSHA2-512-Password"] = LinePasswordForm.Ssha512,
    };

    private static readonly Dictionary<string, LinePasswordForm> Headers = new(StringComparer.OrdinalIgnoreCase)
    {
        ["clear"] = LinePasswordForm.Clear, ["cleartext"] = LinePasswordForm.Clear, ["nt"] = LinePasswordForm.NtHash, ["nthash"] = LinePasswordForm.NtHash, ["x-nthash"] = LinePasswordForm.NtHash,
        ["crypt"] = LinePasswordForm.Crypt, ["md5"] = LinePasswordForm.Md5, ["smd5"] = LinePasswordForm.Smd5, ["sha"] = LinePasswordForm.Sha1, ["sha1"] = LinePasswordForm.Sha1, ["ssha"] = LinePasswordForm.Ssha1,
        ["sha256"] = LinePasswordForm.Sha256, ["ssha256"] = LinePasswordForm.Ssha256, ["sha512"] = LinePasswordForm.Sha512, ["ssha512"] = LinePasswordForm.Ssha512,
    };

    public static bool IsPassword(string attribute) => Attributes.ContainsKey(attribute) || attribute.Equals("Password-With-Header", StringComparison.OrdinalIgnoreCase) || attribute.Equals("SHA2-Password", StringComparison.OrdinalIgnoreCase)
        || attribute.Equals("SSHA2-Password", StringComparison.OrdinalIgnoreCase);

    /// <summary>Null, with the reason, when the value is not what its form needs.</summary>
    public static LinePassword? TryRead(string attribute, string value, out string? whyNot)
    {
        whyNot = null;
        if (attribute.Equals("Password-With-Header", StringComparison.OrdinalIgnoreCase))
        {
            return WithHeader(value, mayBeEncoded: true, out whyNot);
        }

        if (attribute.Equals("SHA2-Password", StringComparison.OrdinalIgnoreCase))
        {
            return Octets(value) is { } sha ? Whole(sha.Length == 64 ? LinePasswordForm.Sha512 : LinePasswordForm.Sha256, sha, out whyNot) : Refuse(attribute, out whyNot);
        }

        return Attributes.TryGetValue(attribute, out var form) ? Of(form, value, attribute, out whyNot) : Refuse(attribute, out whyNot);
    }

    private static LinePassword? Of(LinePasswordForm form, string value, string what, out string? whyNot)
    {
        if (form is LinePasswordForm.Clear or LinePasswordForm.Crypt)
        {
            return value.Length == 0 ? Refuse(what, out whyNot) : Whole(form, Encoding.UTF8.GetBytes(value), out whyNot);
        }

        return Octets(value) is { } octets ? Whole(form, octets, out whyNot) : Refuse(what, out whyNot);
    }

    private static LinePassword? WithHeader(string value, bool mayBeEncoded, out string? whyNot)
    {
        if (value.Length > 2 && value[0] == '{' && value.IndexOf('}', StringComparison.Ordinal) is > 1 and var end)
        {
            return Headers.TryGetValue(value[1..end], out var form) ? Of(form, value[(end + 1)..], $"{{{value[1..end]}}}", out whyNot) : Refuse($"{{{value[1..end]}}}", out whyNot);
        }

        // rlm_pap: the whole may be base64 once more; without a header it is clear.
        if (mayBeEncoded && FromBase64(value) is { Length: > 2 } decoded && decoded[0] == '{')
        {
            return WithHeader(Encoding.UTF8.GetString(decoded), mayBeEncoded: false, out whyNot);
        }

        return Of(LinePasswordForm.Clear, value, "Password-With-Header", out whyNot);
    }

    private static LinePassword? Whole(LinePasswordForm form, byte[] octets, out string? whyNot)
    {
        var password = new LinePassword(form, octets);
        whyNot = password.IsWhole ? null : $"a {form} password cannot have {octets.Length} octets";
        return password.IsWhole ? password : null;
    }

    /// <summary>Hex (with or without 0x), else base64.</summary>
    private static byte[]? Octets(string value)
    {
        var text = value.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? value[2..] : value;
        if (text.Length > 0 && text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit))
        {
            return Convert.FromHexString(text);
        }

        return FromBase64(value);
    }

    private static byte[]? FromBase64(string value)
    {
        var buffer = new byte[value.Length];
        return value.Length > 0 && Convert.TryFromBase64String(value, buffer, out var written) ? buffer[..written] : null;
    }

    private static LinePassword? Refuse(string what, out string? whyNot)
    {
        whyNot = $"the value of {what} is none that can be read";
        return null;
    }
}
