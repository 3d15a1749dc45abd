namespace Tsunagi.Mail.Checks;

/// <summary>What a check needs (a scanner, a resolver) is away; the message says what was being done and to whom.</summary>
internal sealed class CheckUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
