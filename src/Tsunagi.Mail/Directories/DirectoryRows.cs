using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Inbound;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Protocols.Net.Ldap;

namespace Tsunagi.Mail.Directories;

/// <summary>
/// Makes a list of recipients of a directory's objects, handed in one by one: an address in the contract's domains each, its other addresses as aliases of it, its groups by their first name. An object's own address is the one
/// of <see cref="DirectorySettings.AddressAttribute"/>, or else the first of the others, "SMTP:" before "smtp:" (Active Directory's sign of the first). What cannot be a recipient is passed over and counted, never guessed.
/// </summary>
internal sealed class DirectoryRows(DirectorySettings settings, IReadOnlySet<string> domains)
{
    private const string Smtp = "smtp:";
    private const int MaxGroups = 50;
    private const int MaxGroupText = 2_000;

    private readonly Dictionary<string, RecipientListRow> _rows = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, RecipientListRow> Rows => _rows;

    /// <summary>Objects looked at.</summary>
    public int Objects { get; private set; }

    /// <summary>Objects without an address in the contract's domains, and addresses that another object has already.</summary>
    public int PassedOver { get; private set; }

    /// <exception cref="DirectoryException">More addresses than a list takes.</exception>
    public void Add(LdapEntry entry)
    {
        Objects++;
        var addresses = AddressesOf(entry);
        if (addresses.Count == 0)
        {
            PassedOver++;
            return;
        }

        // Its own address may be somebody else's by a mistake in the directory: then the first that is free stands for it.
        var own = addresses.FirstOrDefault(address => !_rows.ContainsKey(address));
        var groups = GroupsOf(entry);
        foreach (var address in addresses)
        {
            if (!_rows.TryAdd(address, new RecipientListRow(address, address == own ? "" : own!, address == own ? groups : "")))
            {
                PassedOver++;
            }
        }

        if (_rows.Count > RecipientListBook.MaxEntries)
        {
            throw new DirectoryException($"the directory has more than {RecipientListBook.MaxEntries} addresses below '{settings.BaseDn}': narrow the filter");
        }
    }

    private List<string> AddressesOf(LdapEntry entry)
    {
        var aliases = settings.AliasAttribute.Length == 0 ? [] : entry.Texts(settings.AliasAttribute).Select(AliasOf).Where(static alias => alias.Text.Length > 0);
        return [.. entry.Texts(settings.AddressAttribute).Concat(aliases.OrderByDescending(static alias => alias.IsFirst).Select(static alias => alias.Text)).Select(Served).OfType<string>().Distinct(StringComparer.Ordinal)];
    }

    // "SMTP:own@x", "smtp:other@x", "other@x"; "X500:/o=…" and "sip:…" are addresses of other systems.
    private static (string Text, bool IsFirst) AliasOf(string value) =>
        value.StartsWith(Smtp, StringComparison.OrdinalIgnoreCase) ? (value[Smtp.Length..], value.StartsWith("SMTP:", StringComparison.Ordinal)) : value.Contains(':', StringComparison.Ordinal) ? ("", false) : (value, false);

    private string? Served(string text) => Mailbox.TryParse(text.Trim(), out var mailbox) && domains.Contains(mailbox!.Domain) ? mailbox.ToString().ToLowerInvariant() : null;

    private string GroupsOf(LdapEntry entry)
    {
        if (settings.GroupAttribute.Length == 0)
        {
            return "";
        }

        var names = entry.Texts(settings.GroupAttribute).Select(FirstName).Where(RecipientGroup.IsName).Select(static name => name.ToLowerInvariant()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(MaxGroups).ToList();
        while (names.Sum(static name => name.Length + 1) > MaxGroupText)
        {
            names.RemoveAt(names.Count - 1);
        }

        return string.Join(';', names);
    }

    // CN=Sales\, East,OU=Groups,DC=customer,DC=example is "Sales, East" (RFC 4514 section 2.4); what is no DN is a name.
    private static string FirstName(string value)
    {
        var start = value.IndexOf('=', StringComparison.Ordinal) + 1;
        var name = new System.Text.StringBuilder();
        for (var i = start; i < value.Length && (start == 0 || value[i] is not (',' or '+')); i++)
        {
            if (value[i] == '\\' && i + 1 < value.Length)
            {
                i++;
            }

            name.Append(value[i]);
        }

        return name.ToString().Trim();
    }
}
