using System.Security.Cryptography;

namespace Tsunagi.Connectivity.Contract;

/// <summary>How a password is kept. The name of the attribute that FreeRADIUS keeps it in stands beside each.</summary>
public enum LinePasswordForm
{
    /// <summary>There is none: nothing that needs a password succeeds.</summary>
    None,

    /// <summary>Cleartext-Password.</summary>
    Clear,

    /// <summary>NT-Password: 16 bytes, MD4 of the UTF-16LE password.</summary>
    NtHash,

    /// <summary>Crypt-Password: what crypt(3) made ("$6$…", "$2b$…", "$1$…", 13 characters of DES).</summary>
    Crypt,

    /// <summary>MD5-Password: 16 bytes.</summary>
    Md5,

    /// <summary>SMD5-Password: 16 bytes, then the salt.</summary>
    Smd5,

    /// <summary>SHA-Password or SHA1-Password: 20 bytes.</summary>
    Sha1,

    /// <summary>SSHA-Password: 20 bytes, then the salt.</summary>
    Ssha1,

    /// <summary>SHA2-256: 32 bytes.</summary>
    Sha256,

    /// <summary>SSHA2-256: 32 bytes, then the salt.</summary>
    Ssha256,

    /// <summary>SHA2-512: 64 bytes.</summary>
    Sha512,

    /// <summary>SSHA2-512: 64 bytes, then the salt.</summary>
    Ssha512,
}

/// <summary>What a password may be proved by.</summary>
[Flags]
public enum PasswordProofs
{
    None = 0,
    Pap = 1,
    Chap = 2,
    MsChap = 4,
    MsChapV2 = 8,
    All = Pap | Chap | MsChap | MsChapV2,
}

/// <summary>
/// A password in the form it was imported in: <see cref="Value"/> is the UTF-8 text of a clear password or of a crypt string, else the raw bytes of hash and salt.
/// Never printed.
/// </summary>
public sealed class LinePassword : IEquatable<LinePassword>
{
    public static readonly LinePassword None = new(LinePasswordForm.None, []);

    private readonly byte[] _value;

    public LinePassword(LinePasswordForm form, ReadOnlySpan<byte> value)
    {
        Form = form;
        _value = value.ToArray();
    }

    public LinePasswordForm Form { get; }

    public ReadOnlySpan<byte> Value => _value;

    /// <summary>CHAP needs the clear text; MS-CHAP the clear text or its NT hash; a salted or one-way form serves PAP alone.</summary>
    public PasswordProofs Serves => Form switch
    {
        LinePasswordForm.None => PasswordProofs.None,
        LinePasswordForm.Clear => PasswordProofs.All,
        LinePasswordForm.NtHash => PasswordProofs.Pap | PasswordProofs.MsChap | PasswordProofs.MsChapV2,
        _ => PasswordProofs.Pap,
    };

    public static LinePassword Clear(string password) => new(LinePasswordForm.Clear, System.Text.Encoding.UTF8.GetBytes(password));

    /// <summary>True when the bytes have the length their form needs: 16 for NT and MD5, more than that for the salted, and so on.</summary>
    public bool IsWhole => Form switch
    {
        LinePasswordForm.None => _value.Length == 0,
        LinePasswordForm.Clear => _value.Length <= 253,
        LinePasswordForm.NtHash or LinePasswordForm.Md5 => _value.Length == 16,
        LinePasswordForm.Smd5 => _value.Length > 16,
        LinePasswordForm.Sha1 => _value.Length == 20,
        LinePasswordForm.Ssha1 => _value.Length > 20,
        LinePasswordForm.Sha256 => _value.Length == 32,
        LinePasswordForm.Ssha256 => _value.Length > 32,
        LinePasswordForm.Sha512 => _value.Length == 64,
        LinePasswordForm.Ssha512 => _value.Length > 64,
        LinePasswordForm.Crypt => _value.Length is >= 13 and <= 384,
        _ => false,
    };

    public bool Equals(LinePassword? other) => other is not null && Form == other.Form && CryptographicOperations.FixedTimeEquals(_value, other._value);

    public override bool Equals(object? obj) => Equals(obj as LinePassword);

    /// <summary>Of the form alone: a hash of the value would say something of it.</summary>
    public override int GetHashCode() => HashCode.Combine(Form, _value.Length);

    public override string ToString() => Form.ToString();
}
