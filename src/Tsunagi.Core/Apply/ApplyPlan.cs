using System.Text.Json.Nodes;

namespace Tsunagi.Core.Apply;

/// <summary>What applying a file would do: shown first, then done as shown or not at all.</summary>
/// <param name="Hash">Names exactly these changes; give it back to have them done.</param>
/// <param name="Problems">What is wrong with the file; with any of them nothing can be applied.</param>
public sealed record ApplyPlan(string Hash, IReadOnlyList<ApplyChange> Changes, IReadOnlyList<ApplyProblem> Problems);

/// <summary>One change.</summary>
/// <param name="Act">"create", "adopt" (it is there already and is managed from now on), "change", "remove", or "forget" (its record stays, the file no longer manages it).</param>
/// <param name="Key">The file's name for it.</param>
/// <param name="Consequence">What else follows, in a sentence.</param>
public sealed record ApplyChange(
    string Act, string Kind, string Key, string? Id, string Path, IReadOnlyList<ApplyFieldChange> Fields, string? Consequence = null);

/// <summary>One field of a change.</summary>
/// <param name="Drift">Someone changed it since the file was last applied; applying sets it back.</param>
public sealed record ApplyFieldChange(string Field, JsonNode? Before, JsonNode? After, bool Drift);

/// <summary>What is wrong at one place of the file.</summary>
public sealed record ApplyProblem(string Path, string Message, string? Allowed);

/// <summary>What was done.</summary>
/// <param name="Done">The changes that were made, with their ids.</param>
/// <param name="Failed">The change that could not be made, after which nothing more was tried; null when all were.</param>
/// <param name="Links">One-time links of users that were made, by address.</param>
/// <param name="Kept">Things the file no longer names, left as they are because removing was not asked for.</param>
public sealed record ApplyResult(
    IReadOnlyList<ApplyChange> Done, ApplyFailure? Failed, IReadOnlyDictionary<string, string> Links, int Kept);

/// <summary>A change that could not be made, and why.</summary>
public sealed record ApplyFailure(ApplyChange Change, string Code, string? Field, string Message, string? Allowed);

/// <summary>The request to plan or apply a file.</summary>
/// <param name="Document">The file as JSON.</param>
/// <param name="Prune">Remove what the file managed and no longer names.</param>
/// <param name="ExpectedPlan">The hash of the plan that was shown; applying another is refused.</param>
public sealed record ApplyRequest(JsonObject Document, bool Prune = false, string? ExpectedPlan = null);
