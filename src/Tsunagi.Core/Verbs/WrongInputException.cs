namespace Tsunagi.Core.Verbs;

/// <summary>A verb was asked something it cannot do: the message is printed, the exit code is 2.</summary>
public sealed class WrongInputException(string message) : Exception(message);
