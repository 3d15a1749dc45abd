namespace Tsunagi.Core.Logs;

/// <summary>The consumer was dropped at its lag limit; what it has not read may be gone. Its owner starts again from what it can derive otherwise.</summary>
public sealed class LogConsumerDroppedException(string message) : InvalidOperationException(message);
