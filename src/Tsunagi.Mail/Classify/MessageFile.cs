namespace Tsunagi.Mail.Classify;

/// <summary>One message of files on disk.</summary>
/// <param name="Name">The file's name from where the search began; behind it, for one of several in an mbox, "#" and its number.</param>
/// <param name="Content">Header section and body, without the line an mbox puts before it.</param>
internal readonly record struct MessageFile(string Name, byte[] Content);
