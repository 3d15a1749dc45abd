namespace Tsunagi.Core.Logs;

/// <summary>
/// The log takes nothing new for now: the disk is below its floor of free space, a limit is reached, or a consumer lags too far behind.
/// The message says which. The sender is asked to come back later (SMTP 452); what is already in the log goes on.
/// </summary>
public sealed class LogFullException(string message) : IOException(message);
