namespace Tsunagi.Core.Disk;

/// <summary>The file system has no room left (ENOSPC, EDQUOT). What was being written is in the message.</summary>
public sealed class DiskFullException(string message, Exception? inner = null) : IOException(message, inner);
