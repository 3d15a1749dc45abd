using System.Text.Json.Nodes;

namespace Tsunagi.Core.Verbs;

/// <summary>What a running verb has: its parameters, the API, and the two ways to print (a table for people, JSON for programs).</summary>
public abstract class VerbContext
{
    /// <summary>True under <c>--json</c>: print one JSON document and nothing else on standard output.</summary>
    public abstract bool Json { get; }

    /// <summary>The value of a parameter by its declared name, or null.</summary>
    public abstract string? this[string parameter] { get; }

    public abstract bool Flag(string parameter);

    /// <summary>The API of the running program, signed in as the CLI's token. Its failures print themselves and end the verb.</summary>
    public abstract HttpClient Api { get; }

    public abstract TextWriter Out { get; }

    public abstract TextWriter Error { get; }

    /// <summary>Prints rows as a table, or the same rows as a JSON array.</summary>
    public abstract void Print(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows, JsonNode? json);
}
