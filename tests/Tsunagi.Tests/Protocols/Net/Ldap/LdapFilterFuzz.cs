using System.Text;
using Tsunagi.Protocols.Net.Ldap;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Net.Ldap;

/// <summary>Texts of filters: nothing throws, and what is read is written so that it is read back the same.</summary>
public sealed class LdapFilterFuzz : FuzzTarget
{
    public override string Name => "ldap.filter";

    public override IReadOnlyList<Type> Parsers => [typeof(LdapFilterText)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("(", ")", "(&", "(|", "(!", "=*", ":dn:", ":=", "\\28", ">=", "~=", "*");

    public override byte[] Generate(Random random) => Encoding.UTF8.GetBytes(Pick(
        random, "(&(objectClass=person)(|(mail=*)(proxyAddresses=smtp:*)))", "(!(userAccountControl:1.2.840.113556.1.4.803:=2))", "(cn:dn:2.4.6:=a)", "(a>=b)", "(o=univ*of*mich*)", "(sn=営\U0001F600)", "(:1.2:=x)"));

    public override void Run(byte[] input)
    {
        if (!LdapFilter.TryParse(Encoding.UTF8.GetString(input), out var filter, out var error))
        {
            Promise(error.Length > 0 && filter is null, "a refusal says why");
            return;
        }

        var text = filter!.ToString()!;
        Promise(text.Length > LdapFilter.LongestText || (LdapFilter.TryParse(text, out var again, out _) && filter.Equals(again)), "what is written is read back the same");
        LdapRequestWriter.Search(1, "", LdapScope.Subtree, filter, [], 0, 0, default);
    }
}
