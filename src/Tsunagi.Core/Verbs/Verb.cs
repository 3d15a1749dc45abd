namespace Tsunagi.Core.Verbs;

/// <summary>
/// One CLI verb: <c>tsunagi mail trace list --recipient x</c>. Online verbs call the API through <see cref="VerbContext.Api"/>; offline verbs
/// run in place. Exit codes: 0 done, 1 failed, 2 wrong input, 3 cannot reach the program.
/// </summary>
public sealed record Verb(
    string Path,
    string Summary,
    IReadOnlyList<VerbParameter> Parameters,
    Func<VerbContext, CancellationToken, Task<int>> RunAsync);

/// <summary>
/// One parameter of a verb: positional when <paramref name="Name"/> has no dashes ("FILE"), else an option ("--recipient").
/// </summary>
/// <param name="IsFlag">An option without a value.</param>
/// <param name="Allowed">The only values allowed, or null for any.</param>
/// <param name="Many">It may be given several times; the positional one takes the rest.</param>
/// <param name="Value">What its value is read as.</param>
/// <param name="Alias">A short form of an option ("-f").</param>
/// <param name="Least">The least a whole number may be, or null.</param>
/// <param name="Most">The most it may be, or null.</param>
public sealed record VerbParameter(
    string Name, string Summary, bool Required = false, bool IsFlag = false, IReadOnlyList<string>? Allowed = null, bool Many = false,
    VerbValue Value = VerbValue.Text, string? Alias = null, long? Least = null, long? Most = null);

/// <summary>What the value of a parameter is read as. Wrong ones end the verb with exit code 2 before it runs.</summary>
public enum VerbValue
{
    Text,
    Whole,
    Number,

    /// <summary>"key=value".</summary>
    Pair,
}
