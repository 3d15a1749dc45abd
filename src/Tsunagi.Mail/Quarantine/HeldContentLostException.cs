namespace Tsunagi.Mail.Quarantine;

/// <summary>The content of a held message no longer opens: its file is gone or was changed, or its key was destroyed. Trying again does not help.</summary>
internal sealed class HeldContentLostException(string message, Exception? inner = null) : Exception(message, inner);
