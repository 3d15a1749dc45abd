using System.Text.Json.Nodes;

namespace Tsunagi.Core.Verbs;

/// <summary>The API answered a verb's call with a problem. The command line prints it and ends with its exit code; a verb that knows better catches it.</summary>
/// <param name="problem">The problem+json of the answer, or null when there was none.</param>
public sealed class ApiFailedException(int status, JsonObject? problem, string message) : Exception(message)
{
    public int Status => status;

    public JsonObject? Problem => problem;

    /// <summary>2 when what was asked, or the token, was wrong; 1 when it could not be done.</summary>
    public int ExitCode => status is 400 or 401 or 413 or 415 ? 2 : 1;
}
