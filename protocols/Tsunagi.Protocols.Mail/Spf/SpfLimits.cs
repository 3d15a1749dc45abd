namespace Tsunagi.Protocols.Mail.Spf;

/// <summary>How much work one check may make (RFC 7208 section 4.6.4).</summary>
public sealed record SpfLimits
{
    /// <summary>The defaults of the RFC.</summary>
    public static SpfLimits Default { get; } = new();

    /// <summary>Terms that ask the DNS: include, a, mx, ptr, exists, redirect. One more is a permanent error.</summary>
    public int Lookups { get; init; } = 10;

    /// <summary>Terms whose question found nothing. One more is a permanent error.</summary>
    public int VoidLookups { get; init; } = 2;

    /// <summary>Hosts of one mx term whose addresses are asked for. One more is a permanent error.</summary>
    public int ExchangesPerTerm { get; init; } = 10;

    /// <summary>Names of the client that are looked up for ptr and %{p}; those beyond are passed over.</summary>
    public int ClientNames { get; init; } = 10;

    /// <summary>Characters of a record; a longer one is a permanent error.</summary>
    public int RecordCharacters { get; init; } = 8192;

    /// <summary>Characters that a macro-string may grow to; a longer name matches nothing and a longer explanation is passed over.</summary>
    public int ExpandedCharacters { get; init; } = 16 * 1024;

    /// <summary>Steps kept for the explanation of the result.</summary>
    public int Steps { get; init; } = 500;
}
