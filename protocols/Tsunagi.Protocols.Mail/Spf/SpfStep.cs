using System.Collections.Immutable;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.Spf;

/// <summary>How a step ended.</summary>
public enum SpfStepOutcome
{
    /// <summary>A record was found and read.</summary>
    Record,
    /// <summary>The term matched.</summary>
    Match,
    /// <summary>The term did not match.</summary>
    NoMatch,
    /// <summary>The check went on at the domain of a redirect.</summary>
    Redirect,
    /// <summary>There is no record.</summary>
    None,
    /// <summary>The check ended here with an error.</summary>
    Error,
}

/// <summary>One step of a check, for people who ask why.</summary>
/// <param name="Depth">0 for the domain that was asked about, 1 and more within includes and redirects.</param>
/// <param name="Domain">Whose record it is.</param>
/// <param name="Term">The term as published; for a record the whole text.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Lookups">What was asked of the DNS and what came.</param>
/// <param name="Detail">More, where there is more to say: what matched, or what was wrong.</param>
public sealed record SpfStep(int Depth, string Domain, string Term, SpfStepOutcome Outcome, ImmutableArray<SpfLookup> Lookups, string Detail);

/// <summary>One question.</summary>
/// <param name="Type">TXT, A, AAAA, MX or PTR.</param>
/// <param name="Name">What was asked for.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Answers">What came, as text.</param>
public sealed record SpfLookup(string Type, string Name, MailDnsStatus Status, ImmutableArray<string> Answers);
