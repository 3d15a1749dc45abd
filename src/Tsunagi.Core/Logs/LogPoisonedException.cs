namespace Tsunagi.Core.Logs;

/// <summary>
/// A write or fsync of the log failed. What was being appended may or may not be on the disk; nothing more is written to this log, because after
/// a failed fsync the kernel forgets what it could not write and a second fsync would lie. Open the log again to recover.
/// </summary>
public sealed class LogPoisonedException(string message, Exception? cause = null) : IOException(message, cause);
