using Tsunagi.Protocols.Net.Ldap;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Net.Ldap;

/// <summary>Answers of a directory: nothing throws, a frame never reaches past its octets, and who refuses says why.</summary>
public sealed class LdapMessageFuzz : FuzzTarget
{
    public override string Name => "ldap.message";

    public override IReadOnlyList<Type> Parsers => [typeof(LdapReader)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("\u0030\u000c\u0002\u0001\u0001\u0061\u0007\n\u0001\0\u0004\0\u0004\0", "\u00a3\u0002\u0004\0", "\u008a\u0001x", "\u0030\u0084\0\0\0", "1.2.840.113556.1.4.319", "\u0001\u0001\u00ff");

    public override byte[] Generate(Random random) => Convert.FromHexString(Pick(
        random,
        "300c02010161070a013104000400",
        "301802010161130a010a04000400a30a04086c6461703a2f2f79",
        "303502010265070a010004000400a02730250416312e322e3834302e3131333535362e312e342e333139040b300902010004046e657874",
        "302302010264" + "1e0404636e3d61301630140404" + "6d61696c310c0403614078040562" + "40782e79",
        "300f02010273" + "0a04086c6461703a2f2f78",
        "301102010078" + "0c0a0134040004008a03312e32"));

    public override void Run(byte[] input)
    {
        var frame = LdapReader.TryFrame(input, null, out var octets);
        Promise(frame != LdapFrame.Complete || octets is > 1 && octets <= input.Length, "a whole message lies within its octets");
        if (!LdapReader.TryRead(input, new LdapLimits { Attributes = 3, Values = 3 }, out var response, out var error))
        {
            Promise(error.Length > 0 && response is null, "a refusal says why");
            return;
        }

        Promise(response!.MessageId >= 0, "numbers are in range");
        if (response is LdapSearchEntry entry)
        {
            Promise(entry.Entry.Attributes.Keys.All(name => entry.Entry.Texts(name).Count() <= 6), "values are within their limit");
        }
    }
}
