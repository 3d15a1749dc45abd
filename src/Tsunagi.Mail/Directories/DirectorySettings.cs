using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tsunagi.Core.Outcomes;
using Tsunagi.Protocols.Net.Ldap;

namespace Tsunagi.Mail.Directories;

/// <summary>Where a customer's directory is and what of it are recipients. The defaults suit Active Directory; its JSON is what is stored.</summary>
public sealed record DirectorySettings
{
    /// <summary>Leaves disabled accounts of Active Directory out (userAccountControl, bit 2).</summary>
    public const string DefaultFilter = "(&(|(mail=*)(proxyAddresses=*))(!(userAccountControl:1.2.840.113556.1.4.803:=2)))";

    private const string UrlAllowed = "ldaps://HOST[:636], or ldap://HOST[:389], which turns to TLS before anything is said";

    [Required, MaxLength(300)]
    [Description("ldaps://HOST[:PORT] or ldap://HOST[:PORT]; the latter turns to TLS (STARTTLS) unless clearText is true.")]
    public string Url { get; init; } = "";

    [Description("True: ldap:// is spoken in the clear, the password too. Only for a network that nobody else is on.")]
    public bool ClearText { get; init; }

    [MaxLength(20_000)]
    [Description("PEM of the authority that the server's certificate comes from, when it is the customer's own; empty: those that this system trusts.")]
    public string Authority { get; init; } = "";

    [MaxLength(500)]
    [Description("Name to sign in with (a DN, or user@domain for Active Directory); empty for nobody.")]
    public string BindName { get; init; } = "";

    [Required, MaxLength(500)]
    [Description("Where the search begins, such as OU=Staff,DC=customer,DC=example.")]
    public string BaseDn { get; init; } = "";

    [MaxLength(LdapFilter.LongestText)]
    [Description("Which objects are recipients (RFC 4515).")]
    public string Filter { get; init; } = DefaultFilter;

    [Required, MaxLength(100)]
    [Description("Attribute with the mailbox's address.")]
    public string AddressAttribute { get; init; } = "mail";

    [MaxLength(100)]
    [Description("Attribute with its other addresses; values may begin with smtp:, others with a kind of their own are passed over.")]
    public string AliasAttribute { get; init; } = "proxyAddresses";

    [MaxLength(100)]
    [Description("Attribute with its groups; of a DN the first name counts.")]
    public string GroupAttribute { get; init; } = "memberOf";

    [Range(5, 24 * 60)]
    [Description("Minutes between two readings.")]
    public int EveryMinutes { get; init; } = 15;

    [Range(1, 10_000)]
    [Description("Objects asked for at once (RFC 2696). Active Directory gives 1,000 at most.")]
    public int PageSize { get; init; } = 500;

    /// <summary>The host, its port, and whether TLS comes first (ldaps).</summary>
    internal bool TryReadUrl(out string host, out int port, out bool isTlsFirst)
    {
        (host, port, isTlsFirst) = ("", 0, false);
        if (!Uri.TryCreate(Url.Trim(), UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.AbsolutePath is not ("" or "/"))
        {
            return false;
        }

        isTlsFirst = uri.Scheme == "ldaps";
        (host, port) = (uri.IdnHost.Trim('[', ']'), uri.Port > 0 ? uri.Port : isTlsFirst ? 636 : 389);
        return isTlsFirst || uri.Scheme == "ldap";
    }

    internal Refusal? Check()
    {
        if (!TryReadUrl(out _, out _, out var isTlsFirst))
        {
            return Refusal.Invalid("mail.directory.url", "url", $"'{Url}' is no address of a directory", UrlAllowed);
        }

        if (isTlsFirst && ClearText)
        {
            return Refusal.Invalid("mail.directory.clear-text", "clearText", "ldaps:// is never in the clear", "false, or an address with ldap://");
        }

        if (!LdapFilter.TryParse(Filter, out _, out var error))
        {
            return Refusal.Invalid("mail.directory.filter", "filter", $"the filter cannot be read: {error}", "a filter such as " + DefaultFilter);
        }

        return Authority.Trim().Length > 0 && ReadAuthority() is null
            ? Refusal.Invalid("mail.directory.authority", "authority", "this is no certificate", "one or more blocks -----BEGIN CERTIFICATE-----")
            : null;
    }

    /// <summary>Null when there is none, or it cannot be read.</summary>
    internal X509Certificate2Collection? ReadAuthority()
    {
        if (Authority.Trim().Length == 0)
        {
            return null;
        }

        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(Authority);
            return certificates.Count > 0 ? certificates : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
