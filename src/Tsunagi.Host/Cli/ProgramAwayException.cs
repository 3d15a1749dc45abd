namespace Tsunagi.Host.Cli;

/// <summary>The program did not answer: exit code 3.</summary>
internal sealed class ProgramAwayException(string message, Exception inner) : Exception(message, inner);
