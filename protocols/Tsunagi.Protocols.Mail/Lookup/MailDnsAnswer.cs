using System.Collections.Immutable;

namespace Tsunagi.Protocols.Mail.Lookup;

/// <summary>How a lookup ended.</summary>
public enum MailDnsStatus
{
    /// <summary>There are records of the type.</summary>
    Found,
    /// <summary>The name exists and has none of the type (RCODE 0 without an answer).</summary>
    NoData,
    /// <summary>The name does not exist (RCODE 3).</summary>
    NameError,
    /// <summary>No usable answer: a time-out, a server failure, a loop of CNAMEs. Asking again later may help.</summary>
    TempError,
}

/// <summary>What a lookup gave.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Values">The records; none unless something was found.</param>
public readonly record struct MailDnsAnswer<T>(MailDnsStatus Status, ImmutableArray<T> Values)
{
    /// <summary>The records, or that there are none of the type.</summary>
    public MailDnsAnswer(params ImmutableArray<T> values)
        : this(values.IsDefaultOrEmpty ? MailDnsStatus.NoData : MailDnsStatus.Found, values.IsDefault ? [] : values)
    {
    }

    /// <summary>An end without records.</summary>
    public MailDnsAnswer(MailDnsStatus status)
        : this(status, [])
    {
    }

    /// <summary>An answer came and held nothing: what RFC 7208 section 4.6.4 calls a void lookup.</summary>
    public bool IsVoid => Status is MailDnsStatus.NoData or MailDnsStatus.NameError;
}

/// <summary>One MX record.</summary>
/// <param name="Preference">Lower is asked first.</param>
/// <param name="Host">The name without its last dot; empty for the null MX of RFC 7505.</param>
public readonly record struct MailExchange(int Preference, string Host);
