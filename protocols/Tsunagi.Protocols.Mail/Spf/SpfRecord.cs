using System.Collections.Immutable;

namespace Tsunagi.Protocols.Mail.Spf;

/// <summary>A published policy, read whole before any of it is used (RFC 7208 section 4.6).</summary>
public sealed record SpfRecord
{
    /// <summary>The directives in their order.</summary>
    public ImmutableArray<SpfMechanism> Mechanisms { get; init; } = [];

    /// <summary>redirect= (section 6.1).</summary>
    public SpfMacroString? Redirect { get; init; }

    /// <summary>exp= (section 6.2).</summary>
    public SpfMacroString? Explanation { get; init; }

    /// <summary>Modifiers without a meaning, as published; they change nothing (section 6).</summary>
    public ImmutableArray<string> OtherModifiers { get; init; } = [];

    /// <summary>As published.</summary>
    public string Text { get; init; } = "";

    /// <summary>A TXT record is one of SPF: "v=spf1", then a space or the end (section 4.5).</summary>
    public static bool IsSpf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith("v=spf1", StringComparison.OrdinalIgnoreCase) && (text.Length == 6 || text[6] == ' ');
    }

    /// <summary>Reads a record; any error anywhere makes the whole a permanent error (section 4.6).</summary>
    /// <param name="text">The joined strings of the TXT record, one character an octet.</param>
    /// <param name="record">What was read.</param>
    /// <param name="reason">Which term is wrong, and how.</param>
    public static bool TryParse(string text, out SpfRecord? record, out string reason) => SpfRecordReader.TryRead(text, out record, out reason);
}
