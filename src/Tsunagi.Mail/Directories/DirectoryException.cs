namespace Tsunagi.Mail.Directories;

/// <summary>A directory could not be read: its silence, its refusal, or nonsense. The message says what was being done, for its owner.</summary>
internal sealed class DirectoryException(string message, Exception? inner = null) : Exception(message, inner);
