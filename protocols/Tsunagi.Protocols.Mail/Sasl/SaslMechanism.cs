namespace Tsunagi.Protocols.Mail.Sasl;

/// <summary>The mechanisms a server of mail may offer; none sends a secret in the clear unless TLS is around it.</summary>
public enum SaslMechanism
{
    /// <summary>PLAIN (RFC 4616): name and secret in one message.</summary>
    Plain,
    /// <summary>LOGIN (draft-murchison-sasl-login): name and secret asked for one after the other; old, and all that some devices know.</summary>
    Login,
    /// <summary>SCRAM-SHA-256 (RFC 7677): the secret is proved and never sent.</summary>
    ScramSha256,
    /// <summary>SCRAM-SHA-256-PLUS: the same, bound to the TLS connection (RFC 5802 section 6).</summary>
    ScramSha256Plus,
}

/// <summary>The names of mechanisms as they stand on the wire.</summary>
public static class SaslMechanisms
{
    private static readonly (SaslMechanism Mechanism, string Name)[] Names =
    [
        (SaslMechanism.ScramSha256Plus, "SCRAM-SHA-256-PLUS"), (SaslMechanism.ScramSha256, "SCRAM-SHA-256"), (SaslMechanism.Plain, "PLAIN"), (SaslMechanism.Login, "LOGIN"),
    ];

    /// <summary>All of them, the strongest first.</summary>
    public static IReadOnlyList<SaslMechanism> All { get; } = Array.ConvertAll(Names, static one => one.Mechanism);

    /// <summary>"SCRAM-SHA-256" and the like.</summary>
    public static string NameOf(SaslMechanism mechanism) => Array.Find(Names, one => one.Mechanism == mechanism).Name;

    /// <summary>Finds a mechanism by its name; letters of either case (RFC 4954 section 4 sends them in upper case, clients do not always).</summary>
    public static bool TryFind(ReadOnlySpan<char> name, out SaslMechanism mechanism)
    {
        foreach ((SaslMechanism one, string known) in Names)
        {
            if (name.Equals(known, StringComparison.OrdinalIgnoreCase))
            {
                mechanism = one;
                return true;
            }
        }

        mechanism = default;
        return false;
    }
}
