using System.Text.Json.Nodes;

namespace Tsunagi.Core.Verbs;

/// <summary>What a running verb has: its parameters, the API, and the two ways to print (a table for people, JSON for programs).</summary>
public abstract class VerbContext
{
    /// <summary>True under <c>--json</c>: print one JSON document and nothing else on standard output.</summary>
    public abstract bool Json { get; }

    /// <summary>The value of a parameter by its declared name, or null.</summary>
    public abstract string? this[string parameter] { get; }

    /// <summary>Every value of a parameter that may be given several times.</summary>
    public abstract IReadOnlyList<string> Values(string parameter);

    public abstract bool Flag(string parameter);

    /// <summary>
    /// The API of the running program, signed in as the CLI's token. An answer that is no success ends the verb: it is thrown as
    /// <see cref="ApiFailedException"/>, printed, and becomes the exit code.
    /// </summary>
    public abstract HttpClient Api { get; }

    public abstract TextWriter Out { get; }

    public abstract TextWriter Error { get; }

    /// <summary>Prints rows as a table, or the same rows as a JSON array.</summary>
    public abstract void Print(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows, JsonNode? json);

    /// <summary>Prints one line for people, in a colour when they see colours. Nothing under <c>--json</c>.</summary>
    public abstract void Say(string text, VerbTone tone = VerbTone.Plain);

    /// <summary>Asks the person at the terminal; null when there is none.</summary>
    /// <param name="secret">What is typed is not shown.</param>
    public abstract string? Ask(string question, bool secret = false);

    /// <summary>
    /// Something of this machine that a verb in place needs and its module does not make, such as the resolver; null when the program has none of the kind. It lives as long as the program.
    /// </summary>
    public abstract T? Service<T>()
        where T : class;

    /// <summary>The CLI's own file and place: where it finds the program and its token.</summary>
    public abstract VerbHome Home { get; }
}

/// <summary>How a line is meant.</summary>
public enum VerbTone
{
    Plain,
    Title,
    Added,
    Changed,
    Removed,
    Muted,
    Warning,
}

/// <summary>Where the CLI keeps what it knows, for verbs that change it.</summary>
/// <param name="ConfigFile">~/.config/tsunagi/cli.yaml.</param>
/// <param name="DataDirectory">The data directory of a program on this machine.</param>
/// <param name="Directory">Where the person stands: relative file names begin here.</param>
public sealed record VerbHome(string ConfigFile, string DataDirectory, string Directory)
{
    /// <exception cref="WrongInputException">It is no name of a file.</exception>
    public string File(string name) =>
        name.Length == 0 || name.Contains('\0', StringComparison.Ordinal) ? throw new WrongInputException("this is no name of a file") : Path.GetFullPath(name, Directory);
}
