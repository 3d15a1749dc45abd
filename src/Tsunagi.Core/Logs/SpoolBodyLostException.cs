namespace Tsunagi.Core.Logs;

/// <summary>The body of an item is gone or its checksum does not agree: the disk lost it. The item's facts are still there.</summary>
public sealed class SpoolBodyLostException(string message, Exception? inner = null) : IOException(message, inner);
