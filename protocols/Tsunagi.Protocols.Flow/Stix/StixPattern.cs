using System.Collections.Immutable;
using System.Text;

namespace Tsunagi.Protocols.Flow.Stix;

/// <summary>
/// A pattern of STIX 2.1 section 9, as far as it is written in the field for traffic: one or more observations in brackets, joined by OR, each of comparisons joined by AND and OR, in
/// parentheses or not. Sequences (FOLLOWEDBY), AND between observations and qualifiers (WITHIN, REPEATS, START STOP) are not read; <see cref="TryParse"/> then says so and the caller keeps the text.
/// </summary>
/// <param name="Observations">Any of them is enough.</param>
public sealed record StixPattern(ImmutableArray<StixComparison> Observations)
{
    /// <summary>Reads a pattern.</summary>
    /// <param name="text">The text of an indicator.</param>
    /// <param name="limits">Null for the usual ones.</param>
    /// <param name="pattern">Null when it is not read.</param>
    /// <param name="problem">Why not, as one sentence without a stop, with the place in the text.</param>
    public static bool TryParse(string text, StixLimits? limits, out StixPattern? pattern, out string problem)
    {
        var parser = new StixPatternParser(text, limits ?? StixLimits.Default);
        pattern = parser.Parse();
        problem = parser.Problem ?? "";
        return pattern is not null;
    }

    /// <summary>As it is written; reads back as the same.</summary>
    public override string ToString() => string.Join(" OR ", Observations.Select(static each => $"[{each}]"));

    /// <summary>The same observations in the same order.</summary>
    public bool Equals(StixPattern? other) => other is not null && Observations.SequenceEqual(other.Observations);

    /// <inheritdoc/>
    public override int GetHashCode() => Observations.Length == 0 ? 0 : Observations[0].GetHashCode();
}

/// <summary>What stands in the brackets of an observation.</summary>
public abstract record StixComparison;

/// <summary>One comparison: <c>network-traffic:src_port = 53</c>.</summary>
/// <param name="Type">"network-traffic".</param>
/// <param name="Path">"src_ref.value", as it stands there.</param>
/// <param name="Operator">=, !=, &lt;, &lt;=, &gt;, &gt;=, IN, LIKE, MATCHES, ISSUBSET or ISSUPERSET.</param>
/// <param name="IsNegated">NOT stands before the operator.</param>
/// <param name="Values">One, or those of IN.</param>
public sealed record StixTest(string Type, string Path, string Operator, bool IsNegated, ImmutableArray<StixLiteral> Values) : StixComparison
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Type}:{Path} {(IsNegated ? "NOT " : "")}{Operator} {(Operator == "IN" ? $"({string.Join(", ", Values)})" : Values[0].ToString())}";

    /// <summary>The same values in the same order.</summary>
    public bool Equals(StixTest? other) =>
        other is not null && Type == other.Type && Path == other.Path && Operator == other.Operator && IsNegated == other.IsNegated && Values.SequenceEqual(other.Values);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Path, Operator);
}

/// <summary>Comparisons that hold together (AND) or of which one is enough (OR).</summary>
/// <param name="IsAny">OR.</param>
/// <param name="Parts">Two or more.</param>
public sealed record StixJunction(bool IsAny, ImmutableArray<StixComparison> Parts) : StixComparison
{
    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var part in Parts)
        {
            text.Append(text.Length == 0 ? "" : IsAny ? " OR " : " AND ");
            text.Append(part is StixJunction ? $"({part})" : part.ToString());
        }

        return text.ToString();
    }

    /// <summary>The same parts in the same order.</summary>
    public bool Equals(StixJunction? other) => other is not null && IsAny == other.IsAny && Parts.SequenceEqual(other.Parts);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(IsAny, Parts.Length);
}

/// <summary>A constant of a pattern.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The text without quotes and escapes; of a number or another constant, as it stands there.</param>
public readonly record struct StixLiteral(StixLiteralKind Kind, string Text)
{
    /// <summary>A text.</summary>
    public static StixLiteral Of(string text) => new(StixLiteralKind.Text, text);

    /// <summary>A whole number.</summary>
    public static StixLiteral Of(int number) => new(StixLiteralKind.Number, number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        StixLiteralKind.Text => Quote(Text),
        StixLiteralKind.Time => "t" + Quote(Text),
        StixLiteralKind.Binary => "b" + Quote(Text),
        StixLiteralKind.Hex => "h" + Quote(Text),
        _ => Text,
    };

    private static string Quote(string text) => "'" + text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal) + "'";
}

/// <summary>What a constant of a pattern is.</summary>
public enum StixLiteralKind
{
    /// <summary>'text'.</summary>
    Text,

    /// <summary>1, -1 or 1.5.</summary>
    Number,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>t'2026-01-01T00:00:00Z'.</summary>
    Time,

    /// <summary>b'…' in Base64.</summary>
    Binary,

    /// <summary>h'…'.</summary>
    Hex,
}
